//! AWS resources with host names and network interfaces in a VPC: databases, caches, proxies and load balancers.

use serde::{Deserialize, Serialize};

use super::default_value::is_default;
use super::{AvailabilityZone, ResourceId, SecurityGroupId, SubnetId, VpcId};

/// An AWS resource that clients reach by a host name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedResource {
    /// Its ARN, or its kind and name.
    pub id: ResourceId,
    /// Its kind.
    pub kind: NamedResourceKind,
    /// Its identifier, `orders`.
    pub name: String,
    /// Its host names.
    pub hosts: Vec<ResourceHost>,
    /// Its engine, as AWS writes it: `aurora-postgresql`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub engine: Option<String>,
    /// Its state, as AWS writes it: `available`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub state: Option<String>,
    /// Its VPC, if read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub vpc: Option<VpcId>,
    /// The subnets that its network interfaces can be in; empty when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub subnets: Vec<SubnetId>,
    /// Its present AZ, if it has one AZ.
    #[serde(default, skip_serializing_if = "is_default")]
    pub zone: Option<AvailabilityZone>,
    /// Its security groups; empty for a load balancer without security groups, or when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub security_groups: Vec<SecurityGroupId>,
    /// Whether its names have public addresses outside its VPC; `None` when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub public: Option<bool>,
    /// Whether it refuses connections without TLS; `None` when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub requires_tls: Option<bool>,
    /// The descriptions of its network interfaces, if they contain its name: `ElastiCache orders-001`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub descriptions: Vec<String>,
}

/// A host name of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceHost {
    /// Lower case, without final dot.
    pub name: String,
    /// The TCP port that it listens on; `None` if it has several, or when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub port: Option<u16>,
}

/// The kinds of named resources.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::Display,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
pub enum NamedResourceKind {
    /// An instance of RDS, Aurora, `DocumentDB` or Neptune.
    #[strum(to_string = "DB instance")]
    DbInstance,
    /// A cluster of Aurora, `DocumentDB` or Neptune, or a Multi-AZ DB cluster of RDS.
    #[strum(to_string = "DB cluster")]
    DbCluster,
    /// An RDS Proxy.
    #[strum(to_string = "RDS Proxy")]
    DbProxy,
    /// An `ElastiCache` cluster.
    #[strum(to_string = "cache cluster")]
    CacheCluster,
    /// An `ElastiCache` replication group.
    #[strum(to_string = "replication group")]
    ReplicationGroup,
    /// An `ElastiCache` serverless cache.
    #[strum(to_string = "serverless cache")]
    ServerlessCache,
    /// An Application, Network or Gateway Load Balancer.
    #[strum(to_string = "load balancer")]
    LoadBalancer,
}

/// Whether a resource accepts connections in its present state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It accepts connections.
    Available,
    /// It accepts no connections.
    NotAvailable,
    /// The state does not show it.
    Unknown,
}

/// States in which a resource accepts connections
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html>,
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerState.html>).
const AVAILABLE: &[&str] = &[
    "available",
    "active",
    "active_impaired",
    "backing-up",
    "configuring-enhanced-monitoring",
    "configuring-iam-database-auth",
    "configuring-log-exports",
    "delete-precheck",
    "maintenance",
    "modifying",
    "resetting-master-credentials",
    "snapshotting",
    "storage-config-upgrade",
    "storage-initialization",
    "storage-optimization",
];
/// States in which a resource accepts no connections.
const NOT_AVAILABLE: &[&str] = &[
    "create-failed",
    "creating",
    "deleted",
    "deleting",
    "failed",
    "inaccessible-encryption-credentials",
    "incompatible-restore",
    "provisioning",
    "restore-error",
    "stopped",
    "stopping",
    "suspended",
];

impl NamedResource {
    /// The host name, if it is one of this resource.
    #[must_use]
    pub fn host(&self, name: &str) -> Option<&ResourceHost> {
        self.hosts.iter().find(|host| host.name == name)
    }

    /// Whether it accepts connections in its present state. A state that was not read counts as available: the
    /// state is a note, and the network decides.
    #[must_use]
    pub fn availability(&self) -> Availability {
        match self.state.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None => Availability::Available,
            Some(state) if AVAILABLE.contains(&state) => Availability::Available,
            Some(state) if NOT_AVAILABLE.contains(&state) => Availability::NotAvailable,
            Some(_) => Availability::Unknown,
        }
    }

    /// `orders (DB instance, postgres)`
    #[must_use]
    pub fn described(&self) -> String {
        match &self.engine {
            Some(engine) => format!("{} ({}, {engine})", self.name, self.kind),
            None => format!("{} ({})", self.name, self.kind),
        }
    }
}
