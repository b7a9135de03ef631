//! VPC endpoints and endpoint services.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::default_value::is_default;
use super::open_enum::open_enum;
use super::{AvailabilityZone, EndpointId, RouteTableId, SecurityGroupId, SubnetId, VpcId};

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
    /// Its state; only an available endpoint carries packets.
    pub state: EndpointState,
    /// Its kind.
    pub kind: EndpointKind,
    /// What its policy allows; `None` when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub policy: Option<EndpointPolicy>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// What the policy of an endpoint allows. A policy decides about requests, after the TCP connection
/// (<https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointPolicy {
    /// All requests: the default policy.
    FullAccess,
    /// Only requests to these buckets of S3, whose names can contain `*`.
    Buckets(Vec<String>),
    /// Some requests.
    Restricted,
    /// No request.
    DeniesAll,
}

impl EndpointPolicy {
    /// Whether it certainly allows no request to a bucket.
    #[must_use]
    pub fn denies_bucket(&self, bucket: &str) -> bool {
        match self {
            Self::Buckets(names) => !names.iter().any(|name| matches_name(name, bucket)),
            Self::DeniesAll => true,
            Self::FullAccess | Self::Restricted => false,
        }
    }
}

/// Whether a name matches a pattern in which `*` stands for any text and `?` for one character.
fn matches_name(pattern: &str, name: &str) -> bool {
    match pattern.split_once(['*', '?']) {
        None => pattern == name,
        Some((start, rest)) => {
            let Some(after) = name.strip_prefix(start) else { return false };
            let is_star = pattern.as_bytes().get(start.len()) == Some(&b'*');
            let mut places = after.char_indices().map(|(at, _)| at).chain([after.len()]);
            if is_star {
                places.any(|at| after.get(at..).is_some_and(|end| matches_name(rest, end)))
            } else {
                places.nth(1).is_some_and(|at| after.get(at..).is_some_and(|end| matches_name(rest, end)))
            }
        }
    }
}

impl Endpoint {
    /// Whether its private DNS resolves names in the VPC. `PrivateDnsOnlyForInboundResolverEndpoint` counts
    /// as off when it was not read.
    #[must_use]
    pub fn answers_names(&self) -> bool {
        self.is_available()
            && matches!(
                self.kind,
                EndpointKind::Interface {
                    private_dns: true,
                    private_dns_only_inbound: None | Some(false),
                    ..
                }
            )
    }

    /// Whether it carries packets.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.state == EndpointState::Available
    }
}

open_enum! {
    /// The state of a VPC endpoint
    /// (<https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html>).
    EndpointState {
        /// The provider of the service must accept it first.
        PendingAcceptance => "pendingAcceptance",
        /// AWS creates it.
        Pending => "pending",
        /// It carries packets.
        Available => "available",
        /// AWS deletes it.
        Deleting => "deleting",
        /// It no longer exists.
        Deleted => "deleted",
        /// The provider of the service rejected it.
        Rejected => "rejected",
        /// AWS could not create it.
        Failed => "failed",
        /// The provider did not accept it in time.
        Expired => "expired",
        /// Only some of its subnets work.
        Partial => "partial",
    }
}

open_enum! {
    /// The kind of endpoint that an endpoint service accepts. The order is alphabetical.
    EndpointServiceKind {
        /// A gateway endpoint.
        Gateway => "Gateway",
        /// A Gateway Load Balancer endpoint.
        GatewayLoadBalancer => "GatewayLoadBalancer",
        /// An interface endpoint.
        Interface => "Interface",
        /// A resource endpoint (VPC Lattice).
        Resource => "Resource",
        /// A service network endpoint (VPC Lattice).
        ServiceNetwork => "ServiceNetwork",
    }
}

/// The kinds of VPC endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointKind {
    /// A gateway endpoint: routes in route tables.
    Gateway {
        /// The route tables with its route.
        route_tables: Vec<RouteTableId>,
    },
    /// An interface endpoint: a network interface in each chosen subnet.
    Interface {
        /// `PrivateDnsEnabled`: the service's names resolve to it in the whole VPC.
        private_dns: bool,
        /// `PrivateDnsOnlyForInboundResolverEndpoint` (S3): names resolve to public addresses in the VPC.
        /// `None` when not read.
        private_dns_only_inbound: Option<bool>,
        /// Its private DNS names, `secretsmanager.us-west-2.amazonaws.com`.
        private_names: Vec<String>,
        /// Whether private DNS also returns IPv6 addresses (`DnsRecordIpType` dualstack or ipv6).
        #[serde(default, skip_serializing_if = "is_default")]
        ipv6_records: bool,
        /// The security groups of its network interfaces.
        security_groups: Vec<SecurityGroupId>,
        /// Its network interfaces, one in each subnet.
        interfaces: Vec<EndpointInterface>,
    },
    /// Another kind, as AWS wrote it: `GatewayLoadBalancer`, `Resource`, `ServiceNetwork` …
    #[serde(untagged)]
    Other(String),
}

/// An endpoint network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointInterface {
    /// Its subnet.
    pub subnet: SubnetId,
    /// Its IPv4 address; `None` when the network interface was not read or does not exist yet.
    pub address: Option<Ipv4Addr>,
    /// Its IPv6 address, if it has one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ipv6_address: Option<Ipv6Addr>,
}

/// An endpoint service that exists in the region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointService {
    /// Full name, `com.amazonaws.us-west-2.secretsmanager`.
    pub name: String,
    /// The kind of endpoint that it accepts.
    pub kind: EndpointServiceKind,
    /// The AZs in which an endpoint can be created.
    pub zones: Vec<AvailabilityZone>,
    /// Its private DNS names.
    pub private_names: Vec<String>,
}
