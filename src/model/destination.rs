//! Where a workload wants to connect to.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Region;

/// A host and port, with what is known of the host by its name alone. TCP is meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Destination {
    /// Lower case, without scheme, port or final dot.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// What kind of host it is.
    pub kind: DestinationKind,
}

/// What a host is, by its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DestinationKind {
    /// A public AWS API; an endpoint may answer it.
    AwsApi(AwsHost),
    /// An AWS resource inside a VPC (a database, a cache): routes and groups decide, no endpoint helps.
    AwsVpc(AwsHost),
    /// An AWS-run public host that no endpoint answers.
    AwsPublic(AwsHost),
    /// Anybody else on the internet: needs a NAT gateway or DEFAULT egress.
    ThirdParty {
        /// Whose it is, where known: `Okta`.
        name: Option<String>,
    },
    /// An address instead of a name.
    Address(IpAddr),
}

/// An AWS host.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AwsHost {
    /// Short name of the service, `s3`.
    pub service: Option<String>,
    /// Region in the name; `None` for global names.
    pub region: Option<Region>,
    /// The endpoint service that answers this very name, if one does.
    pub endpoint: Option<EndpointOffer>,
}

/// An endpoint service that would answer a host.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EndpointOffer {
    /// Full name, `com.amazonaws.us-west-2.s3`.
    pub service_name: String,
    /// Whether a gateway endpoint answers the host (free, by routes).
    pub gateway: bool,
    /// Whether an interface endpoint's private DNS answers the host.
    pub interface: bool,
}

/// Kinds of address records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// IPv4 only.
    A,
    /// IPv6 only.
    Aaaa,
    /// Both.
    Both,
    /// IPv4, and IPv6 perhaps.
    Unknown,
}

impl Destination {
    /// The endpoint service that answers this host, if one does.
    #[must_use]
    pub fn endpoint(&self) -> Option<&EndpointOffer> {
        self.aws().and_then(|aws| aws.endpoint.as_ref())
    }

    /// What AWS runs behind the name, if AWS does.
    #[must_use]
    pub fn aws(&self) -> Option<&AwsHost> {
        match &self.kind {
            DestinationKind::AwsApi(aws) | DestinationKind::AwsVpc(aws) | DestinationKind::AwsPublic(aws) => {
                Some(aws)
            }
            DestinationKind::ThirdParty { .. } | DestinationKind::Address(_) => None,
        }
    }

    /// Which kinds of address records the host has.
    ///
    /// AWS's API hosts are IPv4 unless their name is a dual-stack one
    /// (<https://docs.aws.amazon.com/vpc/latest/userguide/aws-ipv6-support.html>); of anybody else's it is not known.
    #[must_use]
    pub fn records(&self) -> Records {
        match &self.kind {
            DestinationKind::Address(IpAddr::V6(_)) => Records::Aaaa,
            DestinationKind::AwsApi(_)
                if self.host.contains(".dualstack.") || self.host.ends_with(".api.aws") =>
            {
                Records::Both
            }
            DestinationKind::AwsApi(_) | DestinationKind::Address(IpAddr::V4(_)) => Records::A,
            DestinationKind::AwsVpc(_)
            | DestinationKind::AwsPublic(_)
            | DestinationKind::ThirdParty { .. } => Records::Unknown,
        }
    }

    /// A short name for a narrow column: `S3`-like service name where AWS runs it, else the host.
    #[must_use]
    pub fn label(&self) -> &str {
        self.aws().and_then(|aws| aws.service.as_deref()).unwrap_or(&self.host)
    }
}

impl DestinationKind {
    /// The word in JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::AwsApi(_) => "aws-api",
            Self::AwsVpc(_) => "aws-vpc",
            Self::AwsPublic(_) => "aws-public",
            Self::ThirdParty { .. } => "third-party",
            Self::Address(_) => "address",
        }
    }
}

impl fmt::Display for Destination {
    /// `host`, with the port when it is not 443.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.port, &self.kind) {
            (443, _) => f.write_str(&self.host),
            (port, DestinationKind::Address(IpAddr::V6(_))) => write!(f, "[{}]:{port}", self.host),
            (port, _) => write!(f, "{}:{port}", self.host),
        }
    }
}
