//! The result of a trace: hops, each with the rule that applies, and the verdict.

use std::sync::Arc;

use super::acl_rules::Direction;
use super::deciding::Deciding;
use crate::model::{
    AddressFamily, Addresses, Destination, EndpointId, NatGatewayId, NetworkInterfaceId, PortRange,
    ResourceId, RouteTarget, SubnetId, is_planned,
};

/// The checks of one connection, from one subnet to one destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The subnet that the packets come from; `None` when they never enter a VPC (DEFAULT egress, or App
    /// Runner itself).
    pub subnet: Option<SubnetId>,
    /// The destination.
    pub destination: Arc<Destination>,
    /// Every layer in order. A layer after a block is checked as if the packets had arrived there, so that
    /// all blockers are in the trace.
    pub hops: Vec<Hop>,
    /// The verdict that follows from the hops.
    pub verdict: Verdict,
}

/// The decision of one layer about all addresses of the destination, or about the part of them in
/// `rule`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The layer.
    pub layer: Layer,
    /// The component that contains the rule.
    pub component: ResourceId,
    /// The part of the path that the component belongs to.
    pub owner: Owner,
    /// What the rule is about: the component, packets in one direction, or a route.
    pub subject: Subject,
    /// The decision.
    pub outcome: Outcome,
    /// The exact rule that applies, for a comparison with the AWS console:
    /// `rtb-0d4: no route to 52.218.0.0/17`.
    pub rule: Arc<str>,
}

/// The part of the path that a component belongs to: whose subnet, security group or route table it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Owner {
    /// The source of the packets: the connector, or DEFAULT egress.
    #[default]
    Source,
    /// A NAT gateway.
    Nat(NatGatewayId),
    /// A NAT instance or other appliance: a network interface that is the target of a route.
    Appliance(NetworkInterfaceId),
    /// An interface endpoint.
    Endpoint(EndpointId),
    /// The network interface that has the destination's address.
    Destination(NetworkInterfaceId),
    /// The resource that has the destination's name, if its network interfaces were not read.
    Resource(ResourceId),
    /// An attachment of a transit gateway: its subnets in the attached VPC.
    Attachment(ResourceId),
}

/// What the rule of a hop is about.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Subject {
    /// The component as a whole: its state, its type, its VPC.
    #[default]
    Component,
    /// TCP packets in one direction. `Inbound` enters the owner's subnet or network interface.
    Packets {
        /// The direction.
        direction: Direction,
        /// Whether the packets are the replies of the connection.
        is_reply: bool,
        /// The destination ports of the packets.
        ports: PortRange,
        /// The sources of inbound and the destinations of outbound packets.
        remote: Addresses,
    },
    /// The addresses of one family, of a destination that can have addresses of both.
    Family(AddressFamily),
    /// A route.
    Route {
        /// The destinations of the route: `0.0.0.0/0`.
        destination: Arc<str>,
        /// Its target.
        target: RouteTarget,
        /// Whether the route is for the replies.
        is_return: bool,
    },
}

/// The decision of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The packets pass.
    Pass,
    /// The packets are dropped.
    Block(Code),
    /// Unknown: data is missing, or the trace cannot check a component.
    Unknown(Deciding),
}

/// Whether the destination is reachable.
#[derive(Clone, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Verdict {
    /// All its addresses are reachable, and no layer is unknown.
    Reachable(Via),
    /// Some of its addresses are certainly blocked, others are not.
    Partial {
        /// The blocked addresses.
        stopped: Addresses,
    },
    /// All its addresses are blocked.
    Blocked,
    /// Unknown: data is missing, or the trace cannot check a component.
    Unknown,
}

/// The last component of the path before the destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// Its kind.
    pub kind: ViaKind,
    /// Its id; `None` for local traffic, and for traffic that App Runner sends outside the VPC.
    pub id: Option<ResourceId>,
}

/// The kinds of path to a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum ViaKind {
    /// Inside the VPC.
    Local,
    /// A gateway endpoint's route.
    GatewayEndpoint,
    /// An interface endpoint's address.
    InterfaceEndpoint,
    /// A NAT gateway.
    Nat,
    /// An internet gateway, with IPv6 or from a public IPv4 address.
    Internet,
    /// An egress-only internet gateway.
    EgressOnly,
    /// A VPC peering connection.
    Peering,
    /// DEFAULT egress: App Runner's own internet access.
    DefaultEgress,
    /// App Runner itself, outside the VPC.
    AppRunner,
}

impl Via {
    /// The component in a sentence: `the NAT gateway nat-1`, `the new NAT gateway`, `the local route`.
    #[must_use]
    pub fn described(&self) -> String {
        let noun = match self.kind {
            ViaKind::Local => "local route",
            ViaKind::GatewayEndpoint => "gateway endpoint",
            ViaKind::InterfaceEndpoint => "interface endpoint",
            ViaKind::Nat => "NAT gateway",
            ViaKind::Internet => "internet gateway",
            ViaKind::EgressOnly => "egress-only internet gateway",
            ViaKind::Peering => "VPC peering connection",
            ViaKind::DefaultEgress | ViaKind::AppRunner => {
                return "App Runner's own internet access".to_owned();
            }
        };
        match self.id.as_ref().map(ResourceId::as_str) {
            Some(id) if is_planned(id) => format!("the new {noun}"),
            Some(id) if self.kind == ViaKind::Nat && id.starts_with("eni-") => {
                format!("the NAT instance {id}")
            }
            Some(id) => format!("the {noun} {id}"),
            None => format!("the {noun}"),
        }
    }
}

impl ViaKind {
    /// The value in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

impl Trace {
    /// The hops that block packets.
    pub fn blockers(&self) -> impl Iterator<Item = (&Hop, Code)> {
        self.hops.iter().filter_map(|hop| match hop.outcome {
            Outcome::Block(code) => Some((hop, code)),
            Outcome::Pass | Outcome::Unknown(_) => None,
        })
    }

    /// The hops whose outcome is unknown, each with what decides it.
    pub fn unknowns(&self) -> impl Iterator<Item = (&Hop, Deciding)> {
        self.hops.iter().filter_map(|hop| match hop.outcome {
            Outcome::Unknown(deciding) => Some((hop, deciding)),
            Outcome::Pass | Outcome::Block(_) => None,
        })
    }

    /// Whether the destination is certainly reachable.
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        matches!(self.verdict, Verdict::Reachable(_))
    }
}

impl Verdict {
    /// The value in JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.into()
    }
}

/// The layers, in the order in which a connection passes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum::Display, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Layer {
    /// The service's egress mode and its connector.
    Egress,
    /// DNS resolution.
    Dns,
    /// Security groups.
    SecurityGroup,
    /// Network ACLs, for the request and the reply.
    Nacl,
    /// Route tables.
    Route,
    /// NAT gateways, with the network ACL and the route table of their own subnet.
    Nat,
    /// VPC endpoints.
    Endpoint,
    /// Internet gateways and egress-only internet gateways, with VPC Block Public Access.
    Internet,
    /// The destination itself.
    Target,
}

impl Hop {
    /// The layer on the screen and in reports; the network ACL and the route table of the NAT gateway's own subnet have labels of their
    /// own.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match (self.layer, self.component.as_str().split('-').next()) {
            (Layer::Nat, Some("acl")) => "nat-nacl",
            (Layer::Nat, Some("rtb")) => "nat-route",
            (layer, _) => layer.word(),
        }
    }
}

impl Layer {
    /// The value in JSON and on the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// The reason why packets are blocked: the code of VPC Reachability Analyzer if it has one
/// (<https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html>), else a code of
/// egress-doctor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum::Display, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// The route table has no route to the destination.
    NoRouteToDestination,
    /// The most specific route is a blackhole: its target was deleted.
    BadStateRoute,
    /// The component does not work in its present state.
    BadState,
    /// The internet gateway is not attached to this VPC.
    BadStateAttachment,
    /// The route's target is an internet gateway, and the network interface of the source has no public IPv4
    /// address.
    IgwPublicIpAssociationForEgress,
    /// No outbound rule of the source's security groups allows the packet.
    EniSgRulesMismatch,
    /// The source's security groups have no outbound rules.
    SgHasNoRules,
    /// A network ACL denies the request or the reply.
    SubnetAclRestriction,
    /// The NAT gateway is in another VPC.
    NgwRequiresSourceInVpc,
    /// The regional NAT gateway is not in the source's AZ and does not expand to it.
    RegionalNgwRouteAzRestriction,
    /// VPC Block Public Access.
    VpcBlockPublicAccessEnabled,
    /// The network interface has the source/destination check on: it drops packets that it does not send or
    /// receive itself.
    EniSourceDestCheckRestriction,
    /// A peering connection carries only addresses of the peer VPC.
    PcxRequiresAddressInVpcCidr,
    /// The destination is an IPv6 address, and the source has IPv4 only.
    #[strum(to_string = "EGRESS_SOURCE_HAS_NO_IPV6")]
    SourceHasNoIpv6,
    /// DNS is off in the VPC (`enableDnsSupport`).
    DnsSupportDisabled,
    /// DEFAULT egress has no access to the VPC.
    EgressNotInVpc,
    /// The connector was deleted (status `INACTIVE`).
    EgressConnectorInactive,
    /// The NAT gateway is private: it has no internet access.
    NatPrivate,
    /// The NAT gateway's own subnet has no working route to the destination.
    NatNoRouteOnwards,
    /// The network interface is not attached: nothing listens there.
    TargetUnattached,
    /// The destination accepts no connections in its present state: a stopped database.
    TargetNotAvailable,
    /// The destination is in another VPC, to which no route leads.
    EgressTargetInOtherVpc,
    /// The destination listens on another port.
    TargetPortMismatch,
    /// The VPC peering connection is not active.
    EgressPeeringNotActive,
    /// The peer VPC has no route back to the source.
    EgressNoReturnRoute,
    /// The attachment of the transit gateway has no subnet in the AZ of the packets.
    TgwRouteAzRestriction,
    /// The attachment of the transit gateway has no route table.
    TgwAttachMissingTgwRtbAssociation,
    /// The route table of the transit gateway has no route to the destination.
    TgwRtbCannotRoute,
    /// The most specific route of the transit gateway's route table is a blackhole.
    TgwRtbBadStateRoute,
    /// The transit gateway does not carry packets of the attachment in its present state.
    EgressAttachmentNotAvailable,
    /// The subnet through which the transit gateway sends the packets has no working route to a NAT gateway.
    EgressNoRouteFromTransitGateway,
    /// No route leads the replies to the transit gateway, or from there back to the VPC of the source.
    EgressNoReturnRouteOverTransitGateway,
    /// No inbound rule of the endpoint's security groups allows the connection.
    EndpointSgRulesMismatch,
    /// No inbound rule of the security groups of the destination's network interface allows the connection.
    TargetSgRulesMismatch,
    /// No inbound rule of the security groups of the NAT instance allows the connection.
    NatInstanceSgRulesMismatch,
    /// The route table of the NAT instance's subnet routes the packets to the NAT instance itself.
    NatInstanceRouteLoop,
    /// The NAT instance has no public IPv4 address.
    NatInstanceNoPublicIp,
    /// No inbound rule of the security groups of the destination's network interface allows the public address
    /// that the packets come from, that of the NAT gateway. The destination is the public address of that
    /// network interface.
    TargetSgPublicAddressMismatch,
    /// No inbound rule of the security groups of the destination's network interface allows the private address of the NAT gateway
    /// that the packets come from.
    TargetSgNatAddressMismatch,
    /// The destination is the public address of a network interface in a subnet without a route to an internet gateway.
    TargetSubnetNotPublic,
    /// No outbound rule of the source's security groups allows queries to the custom DNS servers of the VPC.
    DnsServersSgRulesMismatch,
    /// Queries do not arrive at the custom DNS servers of the VPC.
    EgressDnsServersUnreachable,
    /// The destination is a private address, and the most specific route goes to the internet.
    EgressNoRouteToPrivateAddress,
    /// The route's target needs public IPv6 addresses, and the source's subnet has none.
    #[strum(to_string = "EGRESS_NO_PUBLIC_IPV6")]
    EgressNoPublicIpv6,
}

impl Code {
    /// The value in JSON and on the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}
