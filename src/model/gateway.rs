//! NAT gateways, internet gateways and egress-only internet gateways.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    AvailabilityZone, EgressOnlyInternetGatewayId, InternetGatewayId, NatGatewayId, RouteTableId, SubnetId,
    VpcId, is_default,
};

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
    /// Whether a firewall proxy is attached to it, which answers only those who address it
    /// (<https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-inspect-traffic.html>).
    #[serde(default, skip_serializing_if = "is_default")]
    pub has_appliance: bool,
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
        /// Zones in which it has an address, when told.
        #[serde(default, skip_serializing_if = "is_default")]
        zones: Vec<AvailabilityZone>,
        /// Whether AWS adds zones by itself; until then the traffic of a new zone crosses into another.
        #[serde(default, skip_serializing_if = "is_default")]
        expands: bool,
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

/// An egress-only internet gateway: lets IPv6 connections out, and none in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EgressOnlyInternetGateway {
    /// Its id.
    pub id: EgressOnlyInternetGatewayId,
    /// The VPC it is attached to (state `available` or `attached`), if any.
    pub attached_to: Option<VpcId>,
}
