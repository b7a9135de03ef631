//! Reads the resources of the VPCs with concurrent calls.

use super::reader::Reader;
use super::vpc::{self, VpcAnswers};
use super::{ec2, endpoints};
use crate::discover::{interpret, wire};
use crate::model::{self, Call, EgressOnlyInternetGateway, Region, VpcId};

/// The network of the VPCs. It still needs the resources of the Region, and the endpoint services.
#[derive(Default)]
pub(super) struct Network {
    pub tables: model::Network,
    vpcs: VpcAnswers,
    endpoints: Vec<wire::VpcEndpoint>,
    has_vpcs: bool,
}

/// Resources whose call has no filter for the VPC, so that it does not wait for the ids of the VPCs.
#[derive(Default)]
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

/// The answer of a call that is wanted; nothing otherwise.
pub(super) async fn when<T: Default>(is_wanted: bool, call: impl Future<Output = T>) -> T {
    if is_wanted { call.await } else { T::default() }
}

impl Network {
    /// Reads the resources of the VPCs `own` and `peers` whose call is `wanted`. Names are resolved only in `own`.
    pub async fn read(
        reader: &Reader,
        own: &[VpcId],
        peers: &[VpcId],
        region: &Region,
        wanted: &impl Fn(Call) -> bool,
    ) -> Self {
        let ids = &[own, peers].concat();
        if ids.is_empty() {
            return Self::default();
        }
        let (vpcs, subnets, tables, groups, acls, endpoints, nats, gateways, interfaces) = futures::join!(
            when(wanted(Call::DescribeVpcs), VpcAnswers::read(reader, ids, own, region)),
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
        Self { tables, vpcs, endpoints, has_vpcs: true }
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
