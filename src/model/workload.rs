//! What runs: an App Runner service, or any other source of packets, with its way into a VPC.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ConnectorArn, Keyed, Region, SecurityGroupId, SubnetId, WorkloadId, is_default};

/// A source of connections. The engine needs only its subnets and groups, so other kinds can join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Its ARN.
    pub id: WorkloadId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: WorkloadKind,
    /// AWS's status, as it came (`RUNNING`, `OPERATION_IN_PROGRESS` …).
    pub status: String,
    /// How its traffic leaves.
    pub egress: Egress,
    /// Whether it speaks IPv6 beside IPv4 (`IpAddressType` `DUAL_STACK`), where its subnets do.
    #[serde(default, skip_serializing_if = "is_default")]
    pub dual_stack: bool,
    /// Whether it can be called from the internet.
    pub ingress: Ingress,
    /// `ServiceUrl`, without a scheme.
    pub url: Option<String>,
    /// Path of its health check, when it is HTTP.
    pub health_path: Option<String>,
    /// What its configuration tells about its destinations.
    pub environment: Environment,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl Keyed for Workload {
    type Key = WorkloadId;
    fn key(&self) -> &WorkloadId {
        &self.id
    }
}

/// The kinds of source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkloadKind {
    /// An App Runner service.
    AppRunner,
    /// Subnets and groups given by hand, for instance a connector that does not exist yet.
    AdHoc,
}

/// How a workload's own traffic leaves. App Runner's pulls, logs and secret injection never take this way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Egress {
    /// By App Runner's own way out: the public internet, no VPC.
    Default,
    /// Through a connector into the VPC: all of it.
    Vpc(ConnectorArn),
    /// Into the given subnets directly.
    Direct {
        /// The subnets.
        subnets: Vec<SubnetId>,
        /// The groups on its interfaces.
        security_groups: Vec<SecurityGroupId>,
    },
    /// The service could not be described, or says something this version does not know.
    Unknown(String),
}

/// Who may call the workload. It does not change how its own traffic leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ingress {
    /// Anybody on the internet.
    Public,
    /// Only through a VPC ingress connection.
    Private,
    /// Not read.
    Unknown,
}

/// What a service's configuration tells about its destinations. Values are read, never kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Plain variables.
    pub variables: Vec<EnvironmentVariable>,
    /// `RuntimeEnvironmentSecrets`: App Runner fetches them, outside the VPC.
    pub secrets: Vec<EnvironmentSecret>,
    /// The registry that App Runner pulls the image from, by host.
    #[serde(default, skip_serializing_if = "is_default")]
    pub image_registry: Option<String>,
    /// The instance role, by ARN: what the application may call AWS with.
    #[serde(default, skip_serializing_if = "is_default")]
    pub role: Option<String>,
    /// What the role permits, by the services' hosts; `None` when it was not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub permits: Option<Vec<Permit>>,
    /// The settings live in the repository's `apprunner.yaml`, so the API does not show them.
    pub in_repository: bool,
}

/// A service that the instance role lets the application call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permit {
    /// The first action that permits it, `s3:GetObject`.
    pub action: String,
    /// The service's host, or the bucket's.
    pub host: String,
}

/// A variable: its name and the hosts that its value named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentVariable {
    /// Its name.
    pub name: String,
    /// `host` or `host:port`, lower case; nothing else of the value is kept.
    pub hosts: Vec<String>,
}

/// A secret that App Runner injects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentSecret {
    /// The variable's name.
    pub name: String,
    /// The store that holds it, `secretsmanager` or `ssm`.
    pub store: String,
    /// The store's region, where it is another one than the service's.
    #[serde(default, skip_serializing_if = "is_default")]
    pub region: Option<Region>,
}

/// An App Runner VPC connector. It cannot be changed, only replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connector {
    /// Its ARN.
    pub arn: ConnectorArn,
    /// Its name.
    pub name: String,
    /// AWS's status, as it came (`ACTIVE`, `INACTIVE`).
    pub status: String,
    /// Instances are spread over these.
    pub subnets: Vec<SubnetId>,
    /// Guard what leaves.
    pub security_groups: Vec<SecurityGroupId>,
}

impl Keyed for Connector {
    type Key = ConnectorArn;
    fn key(&self) -> &ConnectorArn {
        &self.arn
    }
}
