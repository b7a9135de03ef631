//! Workloads: App Runner services and other sources of connections, with their egress.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::default_value::is_default;
use super::open_enum::open_enum;
use super::{ConnectorArn, Keyed, Region, ResourceId, SecurityGroupId, SubnetId, WorkloadId};

/// A source of connections. `reach` uses only its subnets and security groups, so that other kinds can be
/// added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Its ARN, or the name of an ad hoc source.
    pub id: WorkloadId,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: WorkloadKind,
    /// Its status.
    pub status: ServiceStatus,
    /// Its egress.
    pub egress: Egress,
    /// Whether it has IPv6 in addition to IPv4 (`IpAddressType` `DUAL_STACK`) in subnets with IPv6.
    #[serde(default, skip_serializing_if = "is_default")]
    pub dual_stack: bool,
    /// Whether it accepts requests from the internet.
    pub ingress: Ingress,
    /// `ServiceUrl`, without a scheme.
    pub url: Option<String>,
    /// The path of its health check, if that is HTTP.
    pub health_path: Option<String>,
    /// Its variables, secrets and role.
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

open_enum! {
    /// The status of an App Runner service
    /// (<https://docs.aws.amazon.com/apprunner/latest/api/API_Service.html>).
    ServiceStatus {
        /// It runs.
        Running => "RUNNING",
        /// An operation is in progress; App Runner refuses changes until it ends.
        OperationInProgress => "OPERATION_IN_PROGRESS",
        /// The user paused it: it has no instances.
        Paused => "PAUSED",
        /// AWS could not create it.
        CreateFailed => "CREATE_FAILED",
        /// It no longer exists.
        Deleted => "DELETED",
        /// AWS could not delete it.
        DeleteFailed => "DELETE_FAILED",
        /// The service could not be described.
        NotRead => "not read",
    }
}

open_enum! {
    /// The status of an App Runner VPC connector
    /// (<https://docs.aws.amazon.com/apprunner/latest/api/API_VpcConnector.html>).
    ConnectorStatus {
        /// It can be used.
        Active => "ACTIVE",
        /// It was deleted.
        Inactive => "INACTIVE",
    }
}

/// The kinds of workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkloadKind {
    /// An App Runner service.
    AppRunner,
    /// Subnets and security groups from the command line, for example of a connector that does not exist yet.
    AdHoc,
}

/// The egress of a workload's own traffic. Image pulls, logs and secret injection are App Runner's traffic
/// and never use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Egress {
    /// DEFAULT egress: the public internet, without access to the VPC.
    Default,
    /// VPC egress: all traffic goes through the connector.
    Vpc(ConnectorArn),
    /// From network interfaces in the given subnets.
    Direct {
        /// The subnets.
        subnets: Vec<SubnetId>,
        /// The security groups of its network interfaces.
        security_groups: Vec<SecurityGroupId>,
    },
    /// The service could not be described, or has an egress type that this version does not support.
    Unknown(String),
}

/// Who can send requests to the workload. It does not affect the egress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ingress {
    /// Any client on the internet.
    Public,
    /// Only through a VPC ingress connection.
    Private,
    /// Not read.
    Unknown,
}

/// The part of a service's configuration that shows its destinations. It never contains the value of a
/// variable or secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Plain variables.
    pub variables: Vec<EnvironmentVariable>,
    /// The hosts and domains in `NO_PROXY`: clients connect to them without the proxy.
    #[serde(default, skip_serializing_if = "is_default")]
    pub no_proxy: Vec<String>,
    /// `RuntimeEnvironmentSecrets`: App Runner fetches them, outside the VPC.
    pub secrets: Vec<EnvironmentSecret>,
    /// The host of the registry that App Runner pulls the image from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub image_registry: Option<String>,
    /// ARN of the instance role.
    #[serde(default, skip_serializing_if = "is_default")]
    pub role: Option<String>,
    /// The services that the role allows; `None` when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub permits: Option<Vec<Permit>>,
    /// Whether the settings are in the repository's `apprunner.yaml`, which the API does not return.
    pub in_repository: bool,
}

/// A service that the instance role allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permit {
    /// The first action that allows it, `s3:GetObject`.
    pub action: String,
    /// The host of the service or bucket. It begins with `*` if the role does not show the name.
    pub host: String,
}

/// A variable: its name and the hosts in its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentVariable {
    /// Its name.
    pub name: String,
    /// `host` or `host:port`, lower case. No other part of the value is kept.
    pub hosts: Vec<String>,
    /// The ARN in the value, if it names a resource that clients connect to: a database, a cache, a broker.
    #[serde(default, skip_serializing_if = "is_default")]
    pub resources: Vec<ResourceId>,
}

/// A secret that App Runner injects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentSecret {
    /// The variable's name.
    pub name: String,
    /// The store that contains it, `secretsmanager` or `ssm`.
    pub store: String,
    /// The store's region, if it is not the service's region.
    #[serde(default, skip_serializing_if = "is_default")]
    pub region: Option<Region>,
    /// The ARN of the secret, if RDS manages it: it names a database. The value of a secret is never read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rds_secret: Option<ResourceId>,
}

/// An App Runner VPC connector. It cannot be changed, only replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connector {
    /// Its ARN.
    pub arn: ConnectorArn,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: ConnectorStatus,
    /// The subnets over which App Runner distributes the instances.
    pub subnets: Vec<SubnetId>,
    /// Its security groups.
    pub security_groups: Vec<SecurityGroupId>,
}

impl Keyed for Connector {
    type Key = ConnectorArn;
    fn key(&self) -> &ConnectorArn {
        &self.arn
    }
}
