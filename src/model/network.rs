//! The network part of a snapshot.

use serde::{Deserialize, Serialize};

use super::default_value::is_default;
use super::{
    AttachmentState, Connector, EgressOnlyInternetGateway, EgressOnlyInternetGatewayId, Endpoint, EndpointId,
    EndpointService, InternetGateway, InternetGatewayId, Keyed, NamedResource, NatGateway, NatGatewayId,
    NetworkAcl, NetworkAclId, NetworkInterface, NetworkInterfaceId, PeeringConnection, PrefixList,
    PrefixListId, ResourceId, RouteTable, RouteTableId, SecurityGroup, SecurityGroupId, Subnet, SubnetId,
    Table, TransitAttachment, TransitRouteTable, Vpc, VpcId,
};

/// Everything that discovery read about the network. A table that could not be read is empty, and its call
/// is among the snapshot's gaps: before concluding that a resource does not exist, check
/// [`super::Snapshot::gap`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// VPCs, with their DNS settings.
    pub vpcs: Table<Vpc>,
    /// Subnets.
    pub subnets: Table<Subnet>,
    /// Route tables.
    pub route_tables: Table<RouteTable>,
    /// Security groups.
    pub security_groups: Table<SecurityGroup>,
    /// Network ACLs.
    pub network_acls: Table<NetworkAcl>,
    /// VPC endpoints of any kind.
    pub endpoints: Table<Endpoint>,
    /// Endpoint services of the region.
    pub endpoint_services: Vec<EndpointService>,
    /// NAT gateways.
    pub nat_gateways: Table<NatGateway>,
    /// Internet gateways.
    pub internet_gateways: Table<InternetGateway>,
    /// Egress-only internet gateways.
    #[serde(default)]
    pub egress_only_internet_gateways: Table<EgressOnlyInternetGateway>,
    /// Network interfaces of the VPC.
    pub network_interfaces: Table<NetworkInterface>,
    /// Prefix lists, with their ranges.
    pub prefix_lists: Table<PrefixList>,
    /// App Runner VPC connectors.
    pub connectors: Table<Connector>,
    /// Databases, caches, proxies and load balancers with their host names.
    #[serde(default, skip_serializing_if = "is_default")]
    pub named_resources: Table<NamedResource>,
    /// VPC peering connections.
    #[serde(default, skip_serializing_if = "is_default")]
    pub peering_connections: Table<PeeringConnection>,
    /// Attachments of the transit gateways that routes lead to.
    #[serde(default, skip_serializing_if = "is_default")]
    pub transit_attachments: Table<TransitAttachment>,
    /// Route tables of these transit gateways. A route table is here only with all its routes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub transit_route_tables: Table<TransitRouteTable>,
}

impl Network {
    /// The attachment of a VPC to a transit gateway. Rejected and failed attachments may be there beside a new one.
    #[must_use]
    pub fn transit_attachment(&self, gateway: &ResourceId, vpc: &VpcId) -> Option<&TransitAttachment> {
        let of_vpc = |one: &&TransitAttachment| one.gateway == *gateway && one.vpc.as_ref() == Some(vpc);
        let all = || self.transit_attachments.iter().filter(of_vpc);
        all().find(|one| one.state == AttachmentState::Available).or_else(|| all().next())
    }

    /// The resource that has the host name. An instance comes before its cluster.
    #[must_use]
    pub fn resource_of(&self, host: &str) -> Option<&NamedResource> {
        let resources = self.named_resources.iter().filter(|resource| resource.host(host).is_some());
        resources.min_by_key(|resource| resource.kind)
    }

    /// The resource with this ARN, or whose master user has the secret with this ARN. The random end of the ARN of a secret can be
    /// missing (<https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen>).
    #[must_use]
    pub fn resource_of_arn(&self, arn: &ResourceId) -> Option<&NamedResource> {
        let is_secret = |secret: &ResourceId| {
            let end = secret.as_str().strip_prefix(arn.as_str());
            end.is_some_and(|end| end.is_empty() || end.len() == 7 && end.starts_with('-'))
        };
        let is_meant = |resource: &&NamedResource| {
            resource.id == *arn || resource.secret.as_ref().is_some_and(is_secret)
        };
        self.named_resources.iter().find(is_meant)
    }
}

macro_rules! keyed {
    ($($type:ident by $key:ident: $id:ty),+ $(,)?) => {$(
        impl Keyed for $type {
            type Key = $id;
            fn key(&self) -> &$id {
                &self.$key
            }
        }
    )+};
}

keyed!(
    Vpc by id: VpcId,
    Subnet by id: SubnetId,
    RouteTable by id: RouteTableId,
    SecurityGroup by id: SecurityGroupId,
    NetworkAcl by id: NetworkAclId,
    Endpoint by id: EndpointId,
    NatGateway by id: NatGatewayId,
    InternetGateway by id: InternetGatewayId,
    EgressOnlyInternetGateway by id: EgressOnlyInternetGatewayId,
    NetworkInterface by id: NetworkInterfaceId,
    PrefixList by id: PrefixListId,
    NamedResource by id: ResourceId,
    PeeringConnection by id: ResourceId,
    TransitAttachment by id: ResourceId,
    TransitRouteTable by id: ResourceId,
);
