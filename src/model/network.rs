//! The parts of a VPC that decide whether a packet arrives.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::{
    AvailabilityZone, Connector, EndpointId, InternetGatewayId, Keyed, NatGatewayId, NetworkAclId,
    NetworkInterfaceId, PrefixListId, ResourceId, RouteTableId, SecurityGroupId, SubnetId, Table, VpcId,
};

/// Everything that discovery read about the network. A table that could not be read is empty and its call is
/// among the snapshot's gaps: absence here proves nothing without asking [`super::Snapshot::gap`].
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
    /// Endpoint services that the region offers.
    pub endpoint_services: Vec<EndpointService>,
    /// NAT gateways.
    pub nat_gateways: Table<NatGateway>,
    /// Internet gateways.
    pub internet_gateways: Table<InternetGateway>,
    /// Network interfaces of the VPC.
    pub network_interfaces: Table<NetworkInterface>,
    /// Prefix lists, with their ranges.
    pub prefix_lists: Table<PrefixList>,
    /// App Runner VPC connectors.
    pub connectors: Table<Connector>,
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
    NetworkInterface by id: NetworkInterfaceId,
    PrefixList by id: PrefixListId,
);

/// A VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    /// Its id.
    pub id: VpcId,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// All IPv4 ranges, the primary one first.
    pub cidrs: Vec<Ipv4Net>,
    /// How it resolves names.
    pub dns: DnsSettings,
}

/// A VPC's name resolution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DnsSettings {
    /// `enableDnsSupport`; `None` when the call failed.
    pub support: Option<bool>,
    /// `enableDnsHostnames`; `None` when the call failed.
    pub hostnames: Option<bool>,
    /// The DHCP options' `domain-name-servers`.
    pub resolver: DhcpResolver,
}

/// Which resolver the DHCP options hand out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DhcpResolver {
    /// `AmazonProvidedDNS`.
    Amazon,
    /// The VPC's own resolvers, by address.
    Custom(Vec<String>),
    /// The DHCP options could not be read.
    Unknown,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    /// Its id.
    pub id: SubnetId,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// Its zone.
    pub zone: AvailabilityZone,
    /// Its IPv4 range; `None` for an IPv6-only subnet.
    pub cidr: Option<Ipv4Net>,
    /// Free IPv4 addresses, when read.
    pub free_addresses: Option<u32>,
    /// `MapPublicIpOnLaunch`. It says nothing about routes.
    pub map_public_ip: bool,
    /// The account that owns it; another one than the snapshot's means that it is shared.
    pub owner: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// A route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteTable {
    /// Its id.
    pub id: RouteTableId,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// Whether subnets without an association of their own use it.
    pub main: bool,
    /// Subnets associated explicitly. AWS does not list the implicit ones.
    pub subnets: Vec<SubnetId>,
    /// Its routes.
    pub routes: Vec<Route>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// One route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// What it matches.
    pub destination: RouteDestination,
    /// Where it leads.
    pub target: RouteTarget,
    /// Whether it is in effect.
    pub state: RouteState,
    /// How it came about; decides between routes of one prefix.
    pub origin: RouteOrigin,
}

/// What a route matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteDestination {
    /// An IPv4 range.
    Ipv4(Ipv4Net),
    /// An IPv6 range, as AWS wrote it.
    Ipv6(String),
    /// Every range of a prefix list.
    PrefixList(PrefixListId),
    /// A form this version does not know, as AWS wrote it.
    Other(String),
}

impl fmt::Display for RouteDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4(net) => net.fmt(f),
            Self::PrefixList(id) => id.fmt(f),
            Self::Ipv6(text) | Self::Other(text) => f.write_str(text),
        }
    }
}

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteTarget {
    /// Inside the VPC.
    Local,
    /// An internet gateway.
    InternetGateway(InternetGatewayId),
    /// A NAT gateway.
    NatGateway(NatGatewayId),
    /// A gateway endpoint, or a Gateway Load Balancer endpoint.
    Endpoint(EndpointId),
    /// Anything else, by its id: transit gateway, peering, virtual private gateway, interface, instance, or a kind
    /// that AWS adds later.
    Other(ResourceId),
}

impl fmt::Display for RouteTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::InternetGateway(id) => id.fmt(f),
            Self::NatGateway(id) => id.fmt(f),
            Self::Endpoint(id) => id.fmt(f),
            Self::Other(id) => id.fmt(f),
        }
    }
}

/// Whether a route is in effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteState {
    /// It carries packets.
    Active,
    /// Its target is gone: it wins and drops.
    Blackhole,
    /// Anything AWS adds later, kept as it came (`filtered` is not in effect).
    #[serde(untagged)]
    Other(String),
}

/// How a route came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteOrigin {
    /// Created with the table (the local routes).
    Table,
    /// Written by somebody.
    Static,
    /// Learnt from a virtual private gateway.
    Propagated,
    /// Anything AWS adds later.
    #[serde(untagged)]
    Other(String),
}

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroup {
    /// Its id.
    pub id: SecurityGroupId,
    /// Its name.
    pub name: String,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// Inbound rules: a union of allowances.
    pub ingress: Vec<SecurityGroupRule>,
    /// Outbound rules: a union of allowances. None at all means that nothing may leave.
    pub egress: Vec<SecurityGroupRule>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// One allowance of a security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroupRule {
    /// Which protocol.
    pub protocol: Protocol,
    /// Which ports; ignored where the protocol has none.
    pub ports: PortRange,
    /// The other side.
    pub peer: Peer,
}

/// The other side of a security group's rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    /// An IPv4 range.
    Ipv4(Ipv4Net),
    /// An IPv6 range, as AWS wrote it.
    Ipv6(String),
    /// The ranges of a prefix list.
    PrefixList(PrefixListId),
    /// The private addresses of the interfaces in that group; never a public address.
    Group(SecurityGroupId),
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4(net) => net.fmt(f),
            Self::Ipv6(text) => f.write_str(text),
            Self::PrefixList(id) => id.fmt(f),
            Self::Group(id) => id.fmt(f),
        }
    }
}

/// An IP protocol as rules name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// `-1`: every protocol and every port.
    All,
    /// Number 6.
    Tcp,
    /// Number 17.
    Udp,
    /// Any other, by its number.
    Number(u8),
}

impl Protocol {
    /// Whether a rule for this protocol speaks of TCP.
    #[must_use]
    pub fn includes_tcp(self) -> bool {
        matches!(self, Self::All | Self::Tcp | Self::Number(6))
    }
}

/// Ports from `from` to `to`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortRange {
    /// The lowest.
    pub from: u16,
    /// The highest.
    pub to: u16,
}

impl PortRange {
    /// Every port.
    pub const ALL: Self = Self { from: 0, to: u16::MAX };

    /// One port.
    #[must_use]
    pub fn one(port: u16) -> Self {
        Self { from: port, to: port }
    }

    /// Whether the port is in it.
    #[must_use]
    pub fn contains(self, port: u16) -> bool {
        self.from <= port && port <= self.to
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ALL => f.write_str("all"),
            Self { from, to } if from == to => write!(f, "{from}"),
            Self { from, to } => write!(f, "{from}-{to}"),
        }
    }
}

/// A network ACL: stateless, rules in ascending order, the first match decides, the end denies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkAcl {
    /// Its id.
    pub id: NetworkAclId,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// Whether subnets start with it.
    pub default: bool,
    /// The subnets it guards.
    pub subnets: Vec<SubnetId>,
    /// Rules for packets that enter a subnet.
    pub inbound: Vec<AclRule>,
    /// Rules for packets that leave a subnet.
    pub outbound: Vec<AclRule>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// One rule of a network ACL. IPv6 rules are left out: they never match an IPv4 packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AclRule {
    /// Its place; 32767 is the final `*`.
    pub number: u16,
    /// Which protocol.
    pub protocol: Protocol,
    /// Which destination ports; with protocol `-1` all.
    pub ports: PortRange,
    /// The remote range: source for inbound, destination for outbound.
    pub remote: Ipv4Net,
    /// What it does.
    pub action: AclAction,
}

/// What an ACL's rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AclAction {
    /// The packet goes on.
    Allow,
    /// The packet is dropped.
    Deny,
}

/// A VPC endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// Full service name, `com.amazonaws.us-west-2.s3`.
    pub service: String,
    /// AWS's state, as it came; only `available` carries packets.
    pub state: String,
    /// What kind it is.
    pub kind: EndpointKind,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl Endpoint {
    /// Whether it carries packets. AWS writes the state in either case.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.state.eq_ignore_ascii_case("available")
    }
}

/// The kinds of VPC endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointKind {
    /// Routes in route tables.
    Gateway {
        /// The tables that carry its route.
        route_tables: Vec<RouteTableId>,
    },
    /// An interface in each chosen subnet.
    Interface {
        /// `PrivateDnsEnabled`: the service's names resolve to it in the whole VPC.
        private_dns: bool,
        /// `PrivateDnsOnlyForInboundResolverEndpoint` (S3): names in the VPC stay public.
        private_dns_only_inbound: bool,
        /// The names that private DNS switches, `secretsmanager.us-west-2.amazonaws.com`.
        private_names: Vec<String>,
        /// Guards its interfaces.
        security_groups: Vec<SecurityGroupId>,
        /// One for each subnet.
        interfaces: Vec<EndpointInterface>,
    },
    /// `GatewayLoadBalancer`, `Resource`, `ServiceNetwork` and whatever comes.
    #[serde(untagged)]
    Other(String),
}

/// One foot of an interface endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointInterface {
    /// The subnet it stands in.
    pub subnet: SubnetId,
    /// Its IPv4 address; `None` when the interface could not be read, or does not exist yet.
    pub address: Option<Ipv4Addr>,
}

/// An endpoint service that exists in the region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointService {
    /// Full name, `com.amazonaws.us-west-2.secretsmanager`.
    pub name: String,
    /// `Gateway`, `Interface` or whatever AWS adds.
    pub kind: String,
    /// Zones it can be created in.
    pub zones: Vec<AvailabilityZone>,
    /// The names private DNS would switch.
    pub private_names: Vec<String>,
}

/// A NAT gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NatGateway {
    /// Its id.
    pub id: NatGatewayId,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// AWS's state, as it came; only `available` carries packets.
    pub state: String,
    /// Public or private.
    pub connectivity: NatConnectivity,
    /// Where it stands.
    pub placement: NatPlacement,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// Whether a NAT gateway leads to the internet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NatConnectivity {
    /// It has a public address.
    Public,
    /// It only translates between private networks.
    Private,
    /// A kind AWS adds later.
    #[serde(untagged)]
    Other(String),
}

/// Where a NAT gateway stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NatPlacement {
    /// In one subnet, with that subnet's routes and ACL.
    Subnet(SubnetId),
    /// Regional (since November 2025): no subnet, a route table of its own.
    Regional {
        /// Its own route table, when read.
        route_table: Option<RouteTableId>,
    },
}

/// An internet gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InternetGateway {
    /// Its id.
    pub id: InternetGatewayId,
    /// The VPC it is attached to (state `available` or `attached`), if any.
    pub attached_to: Option<VpcId>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkInterface {
    /// Its id.
    pub id: NetworkInterfaceId,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// The subnet it is in.
    pub subnet: SubnetId,
    /// All its private IPv4 addresses.
    pub addresses: Vec<Ipv4Addr>,
    /// Guards it.
    pub security_groups: Vec<SecurityGroupId>,
    /// AWS's `InterfaceType`, as it came.
    pub kind: String,
    /// AWS's description: says whose it is.
    pub description: String,
    /// Whether it has a public address.
    pub public_address: bool,
}

/// A prefix list, AWS's or the account's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrefixList {
    /// Its id.
    pub id: PrefixListId,
    /// Its name, `com.amazonaws.us-west-2.s3` for AWS's own.
    pub name: String,
    /// Its IPv4 ranges; `None` when they could not be read.
    pub cidrs: Option<Vec<Ipv4Net>>,
}
