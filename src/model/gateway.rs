//! NAT gateways, internet gateways, egress-only internet gateways and VPC peering connections.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::default_value::is_default;
use super::open_enum::open_enum;
use super::{
    AvailabilityZone, EgressOnlyInternetGatewayId, InternetGatewayId, NatGatewayId, Place, ResourceId,
    RouteTableId, SubnetId, VpcId,
};

/// A NAT gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NatGateway {
    /// Its id.
    pub id: NatGatewayId,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// Its state; only an available gateway carries packets.
    pub state: NatState,
    /// Why AWS could not create it, in the state `failed`: its failure code and message.
    #[serde(default, skip_serializing_if = "is_default")]
    pub failure: Option<String>,
    /// Whether it is public or private.
    pub connectivity: NatConnectivity,
    /// Whether a firewall proxy is attached to it
    /// (<https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-inspect-traffic.html>).
    #[serde(default, skip_serializing_if = "is_default")]
    pub has_appliance: bool,
    /// Its location: a subnet, or the region.
    pub placement: NatPlacement,
    /// Its public IPv4 addresses: the source of its packets on the internet. Empty for a private NAT gateway,
    /// and in a snapshot of an older version of egress-doctor.
    #[serde(default, skip_serializing_if = "is_default")]
    pub public_addresses: Vec<Ipv4Addr>,
    /// Its private IPv4 addresses: the source of its packets inside VPCs. Empty in a snapshot of an older version of egress-doctor.
    #[serde(default, skip_serializing_if = "is_default")]
    pub private_addresses: Vec<Ipv4Addr>,
    /// The status of an address, `failed`, if it has addresses and none of them has the status `succeeded`
    /// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGatewayAddress.html>).
    #[serde(default, skip_serializing_if = "is_default")]
    pub unusable_addresses: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

open_enum! {
    /// The state of a NAT gateway
    /// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html>).
    NatState {
        /// AWS creates it.
        Pending => "pending",
        /// AWS could not create it.
        Failed => "failed",
        /// It carries packets.
        Available => "available",
        /// AWS deletes it.
        Deleting => "deleting",
        /// It no longer exists.
        Deleted => "deleted",
    }
}

/// Whether a NAT gateway has a public address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NatConnectivity {
    /// Public: it has internet access.
    Public,
    /// Private: it translates only between private networks.
    Private,
    /// A type that this version does not support, as AWS wrote it.
    #[serde(untagged)]
    Other(String),
}

/// The location of a NAT gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NatPlacement {
    /// Zonal: in one subnet, with that subnet's route table and network ACL.
    Subnet(SubnetId),
    /// Regional (since November 2025): in no subnet, with its own route table.
    Regional {
        /// Its own route table, if read.
        route_table: Option<RouteTableId>,
        /// The AZs in which it has an address; empty when not read.
        #[serde(default, skip_serializing_if = "is_default")]
        zones: Vec<AvailabilityZone>,
        /// Whether AWS adds AZs automatically. Until AWS adds an AZ, traffic from that AZ uses the gateway in
        /// another AZ.
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

/// An egress-only internet gateway: it allows outbound IPv6 connections only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EgressOnlyInternetGateway {
    /// Its id.
    pub id: EgressOnlyInternetGatewayId,
    /// The VPC it is attached to (state `available` or `attached`), if any.
    pub attached_to: Option<VpcId>,
}

/// A VPC peering connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeeringConnection {
    /// Its id.
    pub id: ResourceId,
    /// The VPCs of the requester and the accepter.
    pub vpcs: [VpcId; 2],
    /// The account and Region of each VPC; `None` when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub places: [Option<Place>; 2],
    /// Whether the public names of instances in each VPC resolve to private addresses in the other VPC
    /// (`AllowDnsResolutionFromRemoteVpc`); `None` when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub resolves_names: [Option<bool>; 2],
    /// Its state.
    pub state: PeeringState,
}

impl PeeringConnection {
    /// The other VPC, as seen from one of the two.
    #[must_use]
    pub fn peer_of(&self, vpc: &VpcId) -> Option<&VpcId> {
        match &self.vpcs {
            [one, two] if one == vpc => Some(two),
            [one, two] if two == vpc => Some(one),
            _ => None,
        }
    }

    /// The account and Region of a VPC, if they were read.
    #[must_use]
    pub fn place_of(&self, vpc: &VpcId) -> Option<&Place> {
        let mut sides = self.vpcs.iter().zip(&self.places);
        sides.find(|(own, _)| *own == vpc).and_then(|(_, place)| place.as_ref())
    }

    /// Whether the public names of instances in a VPC resolve to private addresses in the other VPC
    /// (<https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html>); `None` when not read.
    #[must_use]
    pub fn resolves_names_of(&self, vpc: &VpcId) -> Option<bool> {
        let mut sides = self.vpcs.iter().zip(&self.resolves_names);
        sides.find(|(own, _)| *own == vpc).and_then(|(_, resolves)| *resolves)
    }
}

open_enum! {
    /// The state of a VPC peering connection
    /// (<https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-lifecycle>).
    PeeringState {
        /// It carries packets.
        Active => "active",
        /// The owner of the accepter VPC must accept it.
        PendingAcceptance => "pending-acceptance",
        /// AWS provisions it.
        Provisioning => "provisioning",
        /// It could not be created.
        Failed => "failed",
        /// It was not accepted in time.
        Expired => "expired",
        /// The owner of the accepter VPC rejected it.
        Rejected => "rejected",
        /// AWS deletes it.
        Deleting => "deleting",
        /// It no longer exists.
        Deleted => "deleted",
    }
}
