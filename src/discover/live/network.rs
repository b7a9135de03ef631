//! Reads the resources of the VPCs with concurrent calls.

use futures::future::join_all;

use super::reader::Reader;
use super::vpc::{self, VpcAnswers, VpcDns};
use super::{ec2, endpoints};
use crate::discover::{interpret, wire};
use crate::model::{self, Call, EgressOnlyInternetGateway, Region, VpcId};

/// Number of VPCs in one call. AWS throttles many small calls, and the answer of a call for all VPCs of a large account comes late.
const GROUP: usize = 8;

/// The network of the VPCs. It still needs the resources of the Region, and the endpoint services.
#[derive(Clone, Default)]
pub(super) struct Network {
    pub tables: model::Network,
    vpcs: VpcAnswers,
    endpoints: Vec<wire::VpcEndpoint>,
    has_vpcs: bool,
}

/// Resources whose call has no filter for the VPC, so that it does not wait for the ids of the VPCs.
#[derive(Clone, Default)]
pub(super) struct Regional {
    dhcp_options: Vec<wire::DhcpOptions>,
    egress_only: Vec<EgressOnlyInternetGateway>,
}

impl Regional {
    /// Reads the resources whose call is `wanted`.
    pub async fn read(reader: &Reader, wanted: &impl Fn(Call) -> bool) -> Self {
        let (dhcp_options, egress_only) = futures::join!(
            when(wanted(Call::DescribeDhcpOptions), vpc::dhcp_options(reader)),
            when(
                wanted(Call::DescribeEgressOnlyInternetGateways),
                ec2::egress_only_internet_gateways(reader)
            ),
        );
        Self { dhcp_options, egress_only }
    }
}

/// Gets the parts of a network as soon as they are read.
pub(super) trait Arrivals {
    /// Adds the resources of these VPCs.
    fn add_tables(&self, vpcs: &[VpcId], tables: &Network);

    /// Adds what affects name resolution in a VPC.
    fn add_dns(&self, vpc: &VpcId, dns: &VpcDns);
}

/// The answer of a call that is wanted; nothing otherwise.
pub(super) async fn when<T: Default>(is_wanted: bool, call: impl Future<Output = T>) -> T {
    if is_wanted { call.await } else { T::default() }
}

impl Network {
    /// Reads the resources of the VPCs `own` and `peers` whose call is `wanted`. Names are resolved only in `own`. `arrived` gets each
    /// part as soon as it is there.
    pub async fn read(
        reader: &Reader,
        (own, peers): (&[VpcId], &[VpcId]),
        region: &Region,
        wanted: &impl Fn(Call) -> bool,
        arrived: Option<&(dyn Arrivals + Sync)>,
    ) -> Self {
        let ids = &[own, peers].concat();
        let groups = ids.chunks(GROUP).map(|group| async move {
            let tables = async {
                let tables = Box::pin(Self::read_group(reader, group, wanted)).await;
                if let Some(arrived) = arrived {
                    arrived.add_tables(group, &tables);
                }
                tables
            };
            let own = group.iter().filter(|vpc| wanted(Call::DescribeVpcs) && own.contains(vpc));
            let dns = join_all(own.map(|vpc| async move {
                let dns = Box::pin(VpcDns::read(reader, vpc, region)).await;
                if let Some(arrived) = arrived {
                    arrived.add_dns(vpc, &dns);
                }
                dns
            }));
            let (mut network, dns) = futures::join!(tables, dns);
            for dns in dns {
                network.add_dns(dns);
            }
            network
        });
        let mut network = Self::default();
        for group in join_all(groups).await {
            network.extend(group);
        }
        network
    }

    /// Reads the resources of a group of VPCs, without what affects name resolution in them.
    async fn read_group(reader: &Reader, ids: &[VpcId], wanted: &impl Fn(Call) -> bool) -> Self {
        let (vpcs, subnets, tables, groups, acls, endpoints, nats, gateways, interfaces) = futures::join!(
            when(wanted(Call::DescribeVpcs), vpc::vpcs(reader, ids)),
            when(wanted(Call::DescribeSubnets), ec2::subnets(reader, ids)),
            when(wanted(Call::DescribeRouteTables), ec2::route_tables(reader, ids)),
            when(wanted(Call::DescribeSecurityGroups), ec2::security_groups(reader, ids)),
            when(wanted(Call::DescribeNetworkAcls), ec2::network_acls(reader, ids)),
            when(wanted(Call::DescribeVpcEndpoints), endpoints::endpoints(reader, ids)),
            when(wanted(Call::DescribeNatGateways), ec2::nat_gateways(reader, ids)),
            when(wanted(Call::DescribeInternetGateways), ec2::internet_gateways(reader, ids)),
            when(wanted(Call::DescribeNetworkInterfaces), ec2::network_interfaces(reader, ids)),
        );
        let tables = model::Network {
            subnets: subnets.into_iter().collect(),
            route_tables: tables.into_iter().collect(),
            security_groups: groups.into_iter().collect(),
            network_acls: acls.into_iter().collect(),
            nat_gateways: nats.into_iter().collect(),
            internet_gateways: gateways.into_iter().collect(),
            network_interfaces: interfaces.into_iter().collect(),
            ..model::Network::default()
        };
        Self { tables, vpcs: VpcAnswers::of(vpcs), endpoints, has_vpcs: true }
    }

    /// Adds what affects name resolution in one of the VPCs.
    pub fn add_dns(&mut self, dns: VpcDns) {
        self.vpcs.add_dns(dns);
    }

    /// Adds another group of VPCs.
    pub fn extend(&mut self, group: Self) {
        let (own, new) = (&mut self.tables, group.tables);
        own.subnets.extend(new.subnets);
        own.route_tables.extend(new.route_tables);
        own.security_groups.extend(new.security_groups);
        own.network_acls.extend(new.network_acls);
        own.nat_gateways.extend(new.nat_gateways);
        own.internet_gateways.extend(new.internet_gateways);
        own.network_interfaces.extend(new.network_interfaces);
        self.vpcs.extend(group.vpcs);
        self.endpoints.extend(group.endpoints);
        self.has_vpcs |= group.has_vpcs;
    }

    /// Adds the resources of the Region that belong to the VPCs.
    pub fn add_regional(&mut self, regional: Regional) {
        let vpcs = std::mem::take(&mut self.vpcs).into_vpcs(&regional.dhcp_options);
        self.tables.vpcs = vpcs.into_iter().collect();
        if self.has_vpcs {
            self.tables.egress_only_internet_gateways = regional.egress_only.into_iter().collect();
        }
    }

    /// Adds the resources of other VPCs, which were read with the same credentials.
    pub fn absorb(&mut self, other: Self) {
        other.add_egress(&mut self.tables);
        self.endpoints.extend(other.endpoints);
    }

    /// Adds the resources of a central egress VPC to a network.
    pub fn add_egress(&self, network: &mut model::Network) {
        let new = &self.tables;
        network.vpcs.extend(new.vpcs.iter().cloned());
        network.subnets.extend(new.subnets.iter().cloned());
        network.route_tables.extend(new.route_tables.iter().cloned());
        network.network_acls.extend(new.network_acls.iter().cloned());
        network.nat_gateways.extend(new.nat_gateways.iter().cloned());
        network.internet_gateways.extend(new.internet_gateways.iter().cloned());
    }

    /// Adds the endpoints to a network with the endpoint services that are known.
    pub fn add_endpoints(&self, network: &mut model::Network) {
        let endpoints = self.endpoints.iter().cloned();
        let endpoints = endpoints.filter_map(|endpoint| interpret::endpoint(endpoint, network)).collect();
        network.endpoints = endpoints;
    }
}
