//! Route tables and prefix lists.

use std::collections::BTreeMap;
use std::fmt;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
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
    /// An IPv6 range.
    Ipv6(Ipv6Net),
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
            Self::Ipv6(net) => net.fmt(f),
            Self::Other(text) => f.write_str(text),
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
    /// An egress-only internet gateway: IPv6, outwards only.
    EgressOnlyInternetGateway(EgressOnlyInternetGatewayId),
    /// A network interface: a NAT instance, or an appliance.
    NetworkInterface(NetworkInterfaceId),
    /// A peering connection.
    Peering(ResourceId),
    /// Anything else, by its id: transit gateway, virtual private gateway, core network, local or carrier gateway, or a
    /// kind that AWS adds later.
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
    /// The target that an id as AWS writes it stands for.
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

/// A prefix list, AWS's or the account's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrefixList {
    /// Its id.
    pub id: PrefixListId,
    /// Its name, `com.amazonaws.us-west-2.s3` for AWS's own.
    pub name: String,
    /// Its ranges; `None` when they could not be read.
    pub cidrs: Option<Vec<IpNet>>,
}
