//! The answer of the engine: hops, each with the rule that decided, and the verdict they add up to.

use std::fmt;
use std::sync::Arc;

use crate::model::{Addresses, Call, Destination, ResourceId, SubnetId};

/// A path through the configuration, from one subnet to one destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Where the packets start; `None` when they never enter a VPC (DEFAULT egress, or App Runner itself).
    pub subnet: Option<SubnetId>,
    /// Where they want to go.
    pub destination: Arc<Destination>,
    /// Every layer in order. Layers behind a block are judged as if the packets had come that far, so that all
    /// blockers show.
    pub hops: Vec<Hop>,
    /// What the hops add up to.
    pub verdict: Verdict,
}

/// One layer's judgement over the destination's addresses, or over the part of them that `rule` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Which layer.
    pub layer: Layer,
    /// What decided.
    pub component: ResourceId,
    /// How it decided.
    pub outcome: Outcome,
    /// The very rule, so that a person can check it in the console: `rtb-0d4: no route matches 52.218.0.0/17`.
    pub rule: Arc<str>,
}

/// How a layer decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The packets go on.
    Pass,
    /// They are dropped.
    Block(Code),
    /// It cannot be told.
    Unknown {
        /// The call whose answer is missing, when that is why.
        missing: Option<Call>,
    },
}

/// Whether the destination is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All its addresses are, and nothing on the way is unknown.
    Reachable(Via),
    /// Some of its addresses are stopped for certain, others are not.
    Partial {
        /// The stopped ones.
        stopped: Addresses,
    },
    /// None of its addresses is.
    Blocked,
    /// It cannot be told.
    Unknown,
}

/// By which way the packets arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// The kind of way.
    pub kind: ViaKind,
    /// Its id; none for local traffic and for App Runner's own ways.
    pub id: Option<ResourceId>,
}

/// The kinds of way to a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ViaKind {
    /// Inside the VPC.
    Local,
    /// A gateway endpoint's route.
    GatewayEndpoint,
    /// An interface endpoint's address.
    InterfaceEndpoint,
    /// A NAT gateway.
    Nat,
    /// An internet gateway, with IPv6.
    Internet,
    /// An egress-only internet gateway.
    EgressOnly,
    /// App Runner's public way out.
    DefaultEgress,
    /// App Runner itself, outside the VPC.
    AppRunner,
}

impl ViaKind {
    /// The word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::GatewayEndpoint => "gateway-endpoint",
            Self::InterfaceEndpoint => "interface-endpoint",
            Self::Nat => "nat",
            Self::Internet => "internet",
            Self::EgressOnly => "egress-only",
            Self::DefaultEgress => "default-egress",
            Self::AppRunner => "app-runner",
        }
    }
}

impl Trace {
    /// The hops that stop packets.
    pub fn blockers(&self) -> impl Iterator<Item = (&Hop, Code)> {
        self.hops.iter().filter_map(|hop| match hop.outcome {
            Outcome::Block(code) => Some((hop, code)),
            Outcome::Pass | Outcome::Unknown { .. } => None,
        })
    }

    /// The hops that could not be decided.
    pub fn unknowns(&self) -> impl Iterator<Item = (&Hop, Option<Call>)> {
        self.hops.iter().filter_map(|hop| match hop.outcome {
            Outcome::Unknown { missing } => Some((hop, missing)),
            Outcome::Pass | Outcome::Block(_) => None,
        })
    }

    /// Whether the destination is reached for certain.
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        matches!(self.verdict, Verdict::Reachable(_))
    }
}

impl Verdict {
    /// The word in JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Reachable(_) => "reachable",
            Self::Partial { .. } => "partial",
            Self::Blocked => "blocked",
            Self::Unknown => "unknown",
        }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident => $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// The word in JSON and on the screen.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

words! {
    /// The layers, in the order in which a connection meets them.
    Layer {
        /// The service's egress mode and its connector.
        Egress => "egress",
        /// Name resolution.
        Dns => "dns",
        /// Security groups.
        SecurityGroup => "security-group",
        /// Network ACLs, both ways.
        Nacl => "nacl",
        /// Route tables.
        Route => "route",
        /// NAT gateways, with their own subnet, ACL and routes.
        Nat => "nat",
        /// VPC endpoints.
        Endpoint => "endpoint",
        /// Internet gateways.
        Internet => "internet",
        /// The destination itself.
        Target => "target",
    }
}

words! {
    /// Why packets are stopped: VPC Reachability Analyzer's codes where it has one
    /// (<https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html>), else our own.
    Code {
        /// No route covers the destination.
        NoRouteToDestination => "NO_ROUTE_TO_DESTINATION",
        /// The winning route's target is gone.
        BadStateRoute => "BAD_STATE_ROUTE",
        /// A component does not work in its present state.
        BadState => "BAD_STATE",
        /// The internet gateway is not attached to this VPC.
        BadStateAttachment => "BAD_STATE_ATTACHMENT",
        /// A route to an internet gateway, for an interface that has no public address.
        IgwPublicIpAssociationForEgress => "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
        /// The security groups have no rule for this packet.
        EniSgRulesMismatch => "ENI_SG_RULES_MISMATCH",
        /// The security groups have no rules at all.
        SgHasNoRules => "SG_HAS_NO_RULES",
        /// A network ACL denies the packet or its reply.
        SubnetAclRestriction => "SUBNET_ACL_RESTRICTION",
        /// The NAT gateway serves another VPC.
        NgwRequiresSourceInVpc => "NGW_REQUIRES_SOURCE_IN_VPC",
        /// The regional NAT gateway is not in the source's zone and does not expand.
        RegionalNgwRouteAzRestriction => "REGIONAL_NGW_ROUTE_AZ_RESTRICTION",
        /// VPC Block Public Access.
        VpcBlockPublicAccessEnabled => "VPC_BLOCK_PUBLIC_ACCESS_ENABLED",
        /// The interface refuses packets that are not its own.
        EniSourceDestCheckRestriction => "ENI_SOURCE_DEST_CHECK_RESTRICTION",
        /// A peering connection carries only the peer's addresses.
        PcxRequiresAddressInVpcCidr => "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",
        /// An IPv6 address, and a source that speaks IPv4 only.
        SourceHasNoIpv6 => "EGRESS_SOURCE_HAS_NO_IPV6",
        /// The VPC resolves no names.
        DnsSupportDisabled => "DNS_SUPPORT_DISABLED",
        /// DEFAULT egress cannot reach what is inside a VPC.
        EgressNotInVpc => "EGRESS_NOT_IN_VPC",
        /// The connector cannot be used.
        EgressConnectorInactive => "EGRESS_CONNECTOR_INACTIVE",
        /// The NAT gateway is private: it leads to no internet.
        NatPrivate => "NAT_PRIVATE",
        /// The NAT gateway's own subnet has no working route onwards.
        NatNoRouteOnwards => "NAT_NO_ROUTE_ONWARDS",
        /// The interface hangs on nothing.
        TargetUnattached => "TARGET_UNATTACHED",
        /// The endpoint's security groups do not admit the workload.
        EndpointSgRulesMismatch => "ENDPOINT_SG_RULES_MISMATCH",
    }
}
