//! The destination of a connection: host, port and kind of host.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{PUBLIC, Region};

/// The global name of S3.
const GLOBAL_S3: &str = "s3.amazonaws.com";

/// Ports of databases, caches, file systems and brokers, which are usually in a private network.
pub const PRIVATE_PORTS: &[u16] =
    &[1433, 1521, 2049, 3306, 5432, 5439, 6379, 6380, 8182, 9092, 9094, 9096, 9098, 11211, 27017];

/// A host and a TCP port, with the kind of host, which follows from the name; for a global S3 name, also from the addresses in
/// a log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Destination {
    /// Lower case, without scheme, port or final dot.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The kind of host.
    pub kind: DestinationKind,
}

/// The kind of host, by its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum DestinationKind {
    /// A public AWS API. An endpoint may exist for it.
    AwsApi(AwsHost),
    /// A host inside a VPC: a database, a cache, an endpoint by its own name, or a private name
    /// (`db.internal`).
    AwsVpc(AwsHost),
    /// A public host of AWS without an endpoint.
    AwsPublic(AwsHost),
    /// Any other host on the internet. No VPC endpoint serves it.
    ThirdParty {
        /// Its owner, if known: `Okta`.
        name: Option<String>,
    },
    /// An IP address instead of a name.
    Address(IpAddr),
}

/// An AWS host.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AwsHost {
    /// Short name of the service, `s3`.
    pub service: Option<String>,
    /// The region in the name; `None` for global names.
    pub region: Option<Region>,
    /// The endpoint service for exactly this name, if there is one.
    pub endpoint: Option<EndpointOffer>,
}

/// An endpoint service for a host.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EndpointOffer {
    /// Full name, `com.amazonaws.us-west-2.s3`.
    pub service_name: String,
    /// Whether a gateway endpoint serves the host (free of charge, by routes).
    pub gateway: bool,
    /// Whether the private DNS of an interface endpoint resolves the host.
    pub interface: bool,
}

/// The kinds of address records of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// IPv4 only.
    A,
    /// IPv6 only.
    Aaaa,
    /// Both.
    Both,
    /// IPv4, and possibly IPv6.
    Unknown,
}

impl Destination {
    /// The endpoint service for this host, if there is one.
    #[must_use]
    pub fn endpoint(&self) -> Option<&EndpointOffer> {
        self.aws().and_then(|aws| aws.endpoint.as_ref())
    }

    /// The AWS host, if the destination is one.
    #[must_use]
    pub fn aws(&self) -> Option<&AwsHost> {
        match &self.kind {
            DestinationKind::AwsApi(aws) | DestinationKind::AwsVpc(aws) | DestinationKind::AwsPublic(aws) => {
                Some(aws)
            }
            DestinationKind::ThirdParty { .. } | DestinationKind::Address(_) => None,
        }
    }

    /// The bucket in a global S3 name (`reports.s3.amazonaws.com`) whose region is not known.
    ///
    /// S3 resolves the name to addresses of the bucket's region, or to addresses of us-east-1
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#deprecated-global-endpoint>).
    #[must_use]
    pub fn bucket_of_unknown_region(&self) -> Option<&str> {
        self.aws().filter(|aws| aws.region.is_none())?;
        self.host.strip_suffix(GLOBAL_S3)?.strip_suffix('.')
    }

    /// The bucket in a name of S3, `reports.s3.us-west-2.amazonaws.com`. `None` if the bucket is in the path of the URL.
    #[must_use]
    pub fn bucket(&self) -> Option<&str> {
        self.aws().filter(|aws| aws.service.as_deref() == Some("s3"))?;
        let end = [".s3.", ".s3-"].iter().filter_map(|part| self.host.find(part)).min()?;
        self.host.get(..end).filter(|bucket| !bucket.is_empty())
    }

    /// Whether it is a global S3 name: `s3.amazonaws.com`, `reports.s3.amazonaws.com`.
    #[must_use]
    pub fn is_global_s3(&self) -> bool {
        self.host.strip_suffix(GLOBAL_S3).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// Whether it is certainly outside a VPC.
    #[must_use]
    pub fn is_outside_vpc(&self) -> bool {
        match &self.kind {
            DestinationKind::AwsVpc(_) => false,
            DestinationKind::Address(address) => PUBLIC.contains(*address),
            DestinationKind::AwsApi(_)
            | DestinationKind::AwsPublic(_)
            | DestinationKind::ThirdParty { .. } => true,
        }
    }

    /// The kinds of address records that the host has.
    ///
    /// AWS's API hosts are IPv4 unless their name is a dual-stack one
    /// (<https://docs.aws.amazon.com/vpc/latest/userguide/aws-ipv6-support.html>). For other hosts it is
    /// unknown.
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

    /// A short name for a narrow column: the AWS service (`s3`), or the host.
    #[must_use]
    pub fn label(&self) -> &str {
        self.aws().and_then(|aws| aws.service.as_deref()).unwrap_or(&self.host)
    }
}

impl DestinationKind {
    /// The value in JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for Destination {
    /// `host`, with the port if it is not 443.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.port, &self.kind) {
            (443, _) => f.write_str(&self.host),
            (port, DestinationKind::Address(IpAddr::V6(_))) => write!(f, "[{}]:{port}", self.host),
            (port, _) => write!(f, "{}:{port}", self.host),
        }
    }
}
