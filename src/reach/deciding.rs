//! What decides an unknown check.
//!
//! Owns the kinds of missing facts. The sentences about them are in `diagnose/next_step.rs`.

use std::net::IpAddr;

use crate::model::{Call, RouteTarget, Snapshot};

/// The one thing that decides an unknown check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deciding {
    /// The answer of a call, which is missing or incomplete.
    Answer(Call),
    /// The answer of a call does not contain the component: another account owns it, or it was created or
    /// deleted while AWS was read.
    NotInAnswer(Call),
    /// The answer contains a value that this version does not support, or lacks a value.
    Value(Call),
    /// The address of the destination.
    Address,
    /// Which network interface has this address of the destination: no call read one.
    Interface(IpAddr),
    /// The answer of the custom DNS servers of the VPC.
    CustomResolver,
    /// The proxy to which the settings send the traffic.
    Proxy,
    /// The region of the bucket in a global S3 name.
    BucketRegion,
    /// Whether the destination has IPv6 addresses.
    Ipv6Address,
    /// The addresses of the source's network interfaces.
    SourceAddress,
    /// The public address that the packets come from.
    PublicSourceAddress,
    /// The subnets and security groups of the source.
    Source,
    /// Whether a component outside the model forwards the packets.
    Forwarding(Forwarder),
    /// Which of two routes with equal priority AWS uses.
    EqualRoutes,
    /// Whether the client encrypts the traffic.
    Encryption,
    /// Whether VPC Block Public Access excludes the subnet of the source.
    Exclusion,
}

/// The kinds of components that forward packets and that egress-doctor does not check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forwarder {
    /// A network interface: a NAT instance or a firewall.
    Interface,
    /// An instance as a route target.
    Instance,
    /// A transit gateway.
    TransitGateway,
    /// A virtual private gateway.
    VirtualPrivateGateway,
    /// A VPC peering connection.
    Peering,
    /// A Gateway Load Balancer endpoint.
    LoadBalancerEndpoint,
    /// An endpoint of AWS Network Firewall.
    NetworkFirewall,
    /// A NAT gateway in front of a VPC peering connection.
    NatGateway,
    /// The proxy of AWS Network Firewall at a NAT gateway.
    FirewallProxy,
    /// A target of another type.
    Other,
}

impl Deciding {
    /// The missing answer of this call; if there is no gap, the component is not in the answer.
    pub(super) fn absent(snapshot: &Snapshot, call: Call) -> Self {
        snapshot.gap(call).map_or(Self::NotInAnswer(call), |gap| Self::Answer(gap.call))
    }

    /// The missing answer of this call; if there is no gap, the answer lacks a value.
    pub(super) fn value(snapshot: &Snapshot, call: Call) -> Self {
        snapshot.gap(call).map_or(Self::Value(call), |gap| Self::Answer(gap.call))
    }

    /// The call whose answer is missing, if that is the reason.
    #[must_use]
    pub fn missing_call(self) -> Option<Call> {
        match self {
            Self::Answer(call) => Some(call),
            _ => None,
        }
    }
}

impl Forwarder {
    /// The kind of the component with this id.
    pub(super) fn of_id(id: &str) -> Self {
        match id.split('-').next().unwrap_or_default() {
            "eni" => Self::Interface,
            "i" => Self::Instance,
            "tgw" => Self::TransitGateway,
            "vgw" => Self::VirtualPrivateGateway,
            "pcx" => Self::Peering,
            "vpce" => Self::LoadBalancerEndpoint,
            _ => Self::Other,
        }
    }

    /// The kind of a route target.
    pub(super) fn of(target: &RouteTarget) -> Self {
        Self::of_id(&target.to_string())
    }
}
