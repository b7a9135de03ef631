//! Route tables and prefix lists.

use std::collections::BTreeMap;
use std::fmt;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::{
    EgressOnlyInternetGatewayId, EndpointId, InternetGatewayId, NatGatewayId, NetworkInterfaceId,
    PrefixListId, ResourceId, RouteTableId, SubnetId, VpcId,
};

/// A route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteTable {
    /// Its id.
    pub id: RouteTableId,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// Whether it is the VPC's main route table: subnets without an explicit association use it.
    pub main: bool,
    /// Explicitly associated subnets. AWS does not list the implicit associations.
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
    /// Its destination.
    pub destination: RouteDestination,
    /// Its target.
    pub target: RouteTarget,
    /// Its state.
    pub state: RouteState,
    /// Its origin, which sets the precedence between routes with the same destination.
    pub origin: RouteOrigin,
}

/// The destination of a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", from = "SavedDestination")]
pub enum RouteDestination {
    /// An IPv4 range.
    Ipv4(Ipv4Net),
    /// An IPv6 range.
    Ipv6(Ipv6Net),
    /// Every range of a prefix list.
    PrefixList(PrefixListId),
    /// The answer of AWS has no destination that this version supports.
    Unspecified,
}

/// A destination in a saved snapshot.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SavedDestination {
    Ipv4(Ipv4Net),
    Ipv6(Ipv6Net),
    PrefixList(PrefixListId),
    Unspecified,
    /// An earlier version wrote this for `Unspecified`.
    Other(IgnoredAny),
}

impl From<SavedDestination> for RouteDestination {
    fn from(saved: SavedDestination) -> Self {
        match saved {
            SavedDestination::Ipv4(net) => Self::Ipv4(net),
            SavedDestination::Ipv6(net) => Self::Ipv6(net),
            SavedDestination::PrefixList(id) => Self::PrefixList(id),
            SavedDestination::Unspecified | SavedDestination::Other(IgnoredAny) => Self::Unspecified,
        }
    }
}

impl fmt::Display for RouteDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4(net) => net.fmt(f),
            Self::PrefixList(id) => id.fmt(f),
            Self::Ipv6(net) => net.fmt(f),
            Self::Unspecified => f.write_str("an unknown destination"),
        }
    }
}

/// The target of a route.
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
    /// An egress-only internet gateway: IPv6, outbound only.
    EgressOnlyInternetGateway(EgressOnlyInternetGatewayId),
    /// A network interface: a NAT instance, or an appliance.
    NetworkInterface(NetworkInterfaceId),
    /// A peering connection.
    Peering(ResourceId),
    /// Any other target, by its id: transit gateway, virtual private gateway, core network, local or carrier
    /// gateway …
    Other(ResourceId),
}

impl fmt::Display for RouteTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::InternetGateway(id) => id.fmt(f),
            Self::NatGateway(id) => id.fmt(f),
            Self::Endpoint(id) => id.fmt(f),
            Self::EgressOnlyInternetGateway(id) => id.fmt(f),
            Self::NetworkInterface(id) => id.fmt(f),
            Self::Peering(id) | Self::Other(id) => id.fmt(f),
        }
    }
}

impl RouteTarget {
    /// The target with this id.
    #[must_use]
    pub fn of(id: &str) -> Self {
        match id.split('-').next().unwrap_or_default() {
            "local" => Self::Local,
            "igw" => Self::InternetGateway(InternetGatewayId::new(id)),
            "nat" => Self::NatGateway(NatGatewayId::new(id)),
            "vpce" => Self::Endpoint(EndpointId::new(id)),
            "eigw" => Self::EgressOnlyInternetGateway(EgressOnlyInternetGatewayId::new(id)),
            "eni" => Self::NetworkInterface(NetworkInterfaceId::new(id)),
            "pcx" => Self::Peering(ResourceId::new(id)),
            _ => Self::Other(ResourceId::new(id)),
        }
    }
}

/// The state of a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteState {
    /// It carries packets.
    Active,
    /// Its target was deleted. AWS still selects the route, and drops the packets that it matches.
    Blackhole,
    /// A route server dropped it: it is not in effect.
    Filtered,
    /// A state that this version does not support, as AWS wrote it.
    #[serde(untagged)]
    Other(String),
}

/// The origin of a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteOrigin {
    /// Created with the route table (the local routes).
    Table,
    /// Static route.
    Static,
    /// Propagated from a virtual private gateway.
    Propagated,
    /// An origin that this version does not support, as AWS wrote it.
    #[serde(untagged)]
    Other(String),
}

/// A prefix list, managed by AWS or by the customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrefixList {
    /// Its id.
    pub id: PrefixListId,
    /// Its name; `com.amazonaws.us-west-2.s3` for a list of AWS.
    pub name: String,
    /// Its ranges; `None` when they could not be read.
    pub cidrs: Option<Vec<IpNet>>,
}
