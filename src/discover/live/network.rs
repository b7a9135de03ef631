//! Reads the resources of the VPCs with concurrent calls.

use super::reader::Reader;
use super::vpc::{self, VpcAnswers};
use super::{ec2, endpoints};
use crate::discover::{interpret, wire};
use crate::model::{self, EgressOnlyInternetGateway, Region, VpcId};

/// The network of the VPCs. It still needs the resources of the Region, and the endpoint services.
#[derive(Default)]
pub(super) struct Network {
    pub tables: model::Network,
    vpcs: VpcAnswers,
    endpoints: Vec<wire::VpcEndpoint>,
}

/// Resources whose call has no filter for the VPC, so that it does not wait for the ids of the VPCs.
pub(super) struct Regional {
    dhcp_options: Vec<wire::DhcpOptions>,
    egress_only: Vec<EgressOnlyInternetGateway>,
}

impl Regional {
    pub async fn read(reader: &Reader) -> Self {
        let (dhcp_options, egress_only) =
            futures::join!(vpc::dhcp_options(reader), ec2::egress_only_internet_gateways(reader));
        Self { dhcp_options, egress_only }
    }
}

impl Network {
    /// Reads all resources of the VPCs.
    pub async fn read(reader: &Reader, ids: &[VpcId], region: &Region) -> Self {
        if ids.is_empty() {
            return Self::default();
        }
        let (vpcs, subnets, tables, groups, acls, endpoints, nats, gateways, interfaces) = futures::join!(
            VpcAnswers::read(reader, ids, region),
            ec2::subnets(reader, ids),
            ec2::route_tables(reader, ids),
            ec2::security_groups(reader, ids),
            ec2::network_acls(reader, ids),
            endpoints::endpoints(reader, ids),
            ec2::nat_gateways(reader, ids),
            ec2::internet_gateways(reader, ids),
            ec2::network_interfaces(reader, ids),
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
        Self { tables, vpcs, endpoints }
    }

    /// Adds the resources of the Region that belong to the VPCs.
    pub fn add_regional(&mut self, regional: Regional) {
        let vpcs = std::mem::take(&mut self.vpcs).into_vpcs(&regional.dhcp_options);
        self.tables.vpcs = vpcs.into_iter().collect();
        if !self.tables.vpcs.is_empty() {
            self.tables.egress_only_internet_gateways = regional.egress_only.into_iter().collect();
        }
    }

    /// Adds the endpoints to a network with the endpoint services that are known.
    pub fn add_endpoints(&self, network: &mut model::Network) {
        let endpoints = self.endpoints.iter().cloned();
        let endpoints = endpoints.filter_map(|endpoint| interpret::endpoint(endpoint, network)).collect();
        network.endpoints = endpoints;
    }
}
