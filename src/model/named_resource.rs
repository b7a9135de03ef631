//! AWS resources with host names and network interfaces in a VPC: databases, caches, proxies and load balancers.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

use super::default_value::is_default;
use super::{AvailabilityZone, Call, ResourceId, SecurityGroupId, SubnetId, VpcId};

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
    /// The AZ of its standby instance, which gets its name after a failover.
    #[serde(default, skip_serializing_if = "is_default")]
    pub standby: Option<AvailabilityZone>,
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
    /// The ARN of the secret that RDS manages for its master user.
    #[serde(default, skip_serializing_if = "is_default")]
    pub secret: Option<ResourceId>,
    /// Whether its names have IPv4 and IPv6 addresses (`NetworkType` `DUAL`); `None` when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub dual_stack: Option<bool>,
}

/// A host name of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceHost {
    /// Lower case, without final dot.
    pub name: String,
    /// The TCP port that it listens on; `None` if it has several, or when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub port: Option<u16>,
    /// The AZs of the instances that the name means at present, if it means only a part of the resource: the writer of a cluster.
    #[serde(default, skip_serializing_if = "is_default")]
    pub zones: Vec<AvailabilityZone>,
    /// The descriptions of the network interfaces that the name means at present, if it means only a part of the resource: the
    /// primary node of a replication group.
    #[serde(default, skip_serializing_if = "is_default")]
    pub descriptions: Vec<String>,
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
    strum::VariantArray,
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

/// The calls whose answers describe the resource with a host name, as [`NamedResourceKind::calls`]; empty for names of other
/// services. `DocumentDB` and Neptune are in the answers of RDS too.
#[must_use]
pub fn calls_for_host(host: &str) -> &'static [Call] {
    let has = |part: &str| host.contains(part);
    if !host.ends_with(".amazonaws.com") && !host.ends_with(".amazonaws.com.cn") {
        &[]
    } else if has(".rds.") && has(".proxy-") {
        NamedResourceKind::DbProxy.calls()
    } else if has(".rds.") || has(".docdb.") || has(".neptune.") {
        let is_cluster = has(".cluster-");
        if is_cluster { NamedResourceKind::DbCluster } else { NamedResourceKind::DbInstance }.calls()
    } else if has(".serverless.") && has(".cache.") {
        NamedResourceKind::ServerlessCache.calls()
    } else if has(".cache.") {
        NamedResourceKind::ReplicationGroup.calls()
    } else if has(".elb.") {
        NamedResourceKind::LoadBalancer.calls()
    } else {
        &[]
    }
}

/// The calls whose answers describe the resource that an ARN names; empty for other ARNs. A secret that RDS manages names the database of its master user
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html>).
#[must_use]
pub fn calls_for_arn(arn: &str) -> &'static [Call] {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (Some(service), Some(resource)) = (parts.next(), parts.nth(2)) else { return &[] };
    let kind = match (service, resource.split([':', '/']).next().unwrap_or_default()) {
        ("rds", "db") => NamedResourceKind::DbInstance,
        ("rds", "cluster") => NamedResourceKind::DbCluster,
        ("rds", "db-proxy" | "db-proxy-endpoint") => NamedResourceKind::DbProxy,
        ("secretsmanager", "secret") if resource.starts_with("secret:rds!db-") => {
            NamedResourceKind::DbInstance
        }
        ("secretsmanager", "secret") if resource.starts_with("secret:rds!cluster-") => {
            NamedResourceKind::DbCluster
        }
        ("elasticache", "cluster") => NamedResourceKind::CacheCluster,
        ("elasticache", "replicationgroup") => NamedResourceKind::ReplicationGroup,
        ("elasticache", "serverlesscache") => NamedResourceKind::ServerlessCache,
        ("elasticloadbalancing", "loadbalancer") => NamedResourceKind::LoadBalancer,
        _ => return &[],
    };
    kind.calls()
}

/// Whether no resource with such a host name can be publicly accessible: an RDS Proxy
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-planning.html>), a cluster of `DocumentDB`
/// (<https://docs.aws.amazon.com/documentdb/latest/developerguide/connect-from-outside-a-vpc.html>), a cache
/// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/accessing-elasticache.html>).
#[must_use]
pub fn is_never_public(host: &str) -> bool {
    host.contains(".proxy-") && host.contains(".rds.")
        || [".docdb.", ".cache."].iter().any(|part| host.contains(part))
}

impl NamedResourceKind {
    /// Every kind.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The calls whose answers describe a resource of this kind. The first one has its name, the others its network: a cluster
    /// has no subnets of its own (<https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html>), nor has a
    /// cache (<https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CacheCluster.html>).
    #[must_use]
    pub fn calls(self) -> &'static [Call] {
        match self {
            Self::DbInstance => &[Call::DescribeDBInstances],
            Self::DbCluster => &[Call::DescribeDBClusters, Call::DescribeDBInstances],
            Self::DbProxy => &[Call::DescribeDBProxies, Call::DescribeDBProxyEndpoints],
            Self::CacheCluster => &[Call::DescribeCacheClusters, Call::DescribeCacheSubnetGroups],
            Self::ReplicationGroup => &[
                Call::DescribeReplicationGroups,
                Call::DescribeCacheClusters,
                Call::DescribeCacheSubnetGroups,
            ],
            Self::ServerlessCache => &[Call::DescribeServerlessCaches],
            Self::LoadBalancer => &[Call::DescribeLoadBalancers],
        }
    }
}

impl NamedResource {
    /// The host name, if it is one of this resource.
    #[must_use]
    pub fn host(&self, name: &str) -> Option<&ResourceHost> {
        self.hosts.iter().find(|host| host.name == name)
    }

    /// The TCP ports that it listens on at a host name; empty if one of them was not read. An endpoint for reading can have the name of
    /// the endpoint for writing and a port of its own
    /// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ServerlessCache.html>).
    #[must_use]
    pub fn ports(&self, name: &str) -> Vec<u16> {
        let own = self.hosts.iter().filter(|host| host.name == name);
        let ports: Option<BTreeSet<u16>> = own.map(|host| host.port).collect();
        ports.into_iter().flatten().collect()
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

    /// As [`Self::described`], or that secret of it which has the ARN.
    #[must_use]
    pub fn described_by(&self, arn: &ResourceId) -> String {
        if *arn == self.id { self.described() } else { format!("the secret of {}", self.described()) }
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
