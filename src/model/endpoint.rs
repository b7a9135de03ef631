//! VPC endpoints, and the services that they can serve.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::{AvailabilityZone, EndpointId, RouteTableId, SecurityGroupId, SubnetId, VpcId, is_default};

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
    /// Whether its private DNS answers names in the VPC, as far as is known.
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
        /// `PrivateDnsOnlyForInboundResolverEndpoint` (S3): names in the VPC stay public. `None` when not told.
        private_dns_only_inbound: Option<bool>,
        /// The names that private DNS switches, `secretsmanager.us-west-2.amazonaws.com`.
        private_names: Vec<String>,
        /// Whether private DNS answers with IPv6 addresses too (`DnsRecordIpType` dualstack or ipv6).
        #[serde(default, skip_serializing_if = "is_default")]
        ipv6_records: bool,
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
    /// Its IPv6 address, where it has one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ipv6_address: Option<Ipv6Addr>,
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
