//! The interface of live discovery: the request of the caller, the progress reports, and the log of a
//! service.
//!
//! These types exist without the feature `live` too, so that the application compiles without the AWS SDKs.

use std::sync::Arc;
use std::time::Duration;

use crate::evidence::LogFinding;
use crate::model::{Call, CallRecord, ComponentHistory, Gap, Snapshot, Workload};

/// The time limits of a discovery. A call without an answer is a gap.
///
/// A discovery that may take longer than a minute also gives each call more time, because the user asks for it where the network
/// or AWS is slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeLimits {
    discovery: Duration,
}

impl TimeLimits {
    /// The limits of a discovery with this limit.
    #[must_use]
    pub const fn of(discovery: Duration) -> Self {
        Self { discovery }
    }

    /// The limit of the whole discovery: a minute, if the user gives none.
    #[must_use]
    pub const fn discovery(self) -> Duration {
        self.discovery
    }

    /// The limit of one call with its retries: a sixth of the discovery, at least 10 s.
    #[must_use]
    pub fn call(self) -> Duration {
        (self.discovery / 6).max(Duration::from_secs(10))
    }

    /// How long a command waits for facts that only refine an answer after those that the verdict needs: a twentieth of the
    /// discovery, at least 3 s.
    #[must_use]
    pub fn refinement(self) -> Duration {
        (self.discovery / 20).max(Duration::from_secs(3))
    }
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self::of(Duration::from_mins(1))
    }
}

/// The input of live discovery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "options that do not depend on each other")]
pub struct LiveRequest {
    /// AWS profile; `None` for the default credential chain.
    pub profile: Option<String>,
    /// AWS region; `None` for the default region chain.
    pub region: Option<String>,
    /// Profiles of other accounts. They are read for facts about VPCs that the account of the service knows: the VPC of its subnets
    /// if that is shared, and peer VPCs. With them, the credentials of `profile` come from the profile alone.
    pub more_profiles: Vec<String>,
    /// Other Regions, which are read for peer VPCs.
    pub more_regions: Vec<String>,
    /// Endpoint URL that replaces the endpoint of every AWS service, for tests.
    pub endpoint_url: Option<String>,
    /// Read only this service (name or ARN).
    pub service: Option<String>,
    /// The snapshot to refresh: only `service` is read again, or without it only the calls that failed. `None` reads everything.
    pub base: Option<Arc<Snapshot>>,
    /// Subnets to read in addition to those of the connectors.
    pub subnets: Vec<String>,
    /// Destinations of the user, as `host` or `host:port`. Databases, caches and load balancers are read if one of these, or one in
    /// the settings of a service, has such a name.
    pub hosts: Vec<String>,
    /// Time limits of the discovery and its calls.
    pub limits: TimeLimits,
    /// Whether the destinations in the settings of the services are not needed: the instance roles, and the resources that the
    /// settings name, are not read.
    pub skip_settings: bool,
    /// The age of the oldest line to read from the log of the service, if only one service is read; `None` to read no log.
    pub log: Option<Duration>,
    /// Whether this machine's resolver is not asked for the addresses of destinations.
    pub no_resolve: bool,
    /// Whether to read the list prices, in parallel. Discovery does not wait for them unless they are renewed.
    pub prices: bool,
    /// Whether to read the list prices again although the cache has them.
    pub renew_prices: bool,
    /// Whether the facts that only refine an answer (roles, log, endpoint services) have less time after the facts that verdicts
    /// need: [`TimeLimits::refinement`].
    pub is_urgent: bool,
}

/// The result of a discovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// The network state.
    pub snapshot: Snapshot,
    /// The log of the service, if it was requested and only one service was read.
    pub log: Option<ServiceLog>,
}

/// A step of discovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The account and region that are read.
    Account {
        /// Account number; `None` if it could not be read.
        account: Option<String>,
        /// Region.
        region: String,
    },
    /// A call was sent.
    Started {
        /// The call.
        call: Call,
        /// The resource that it reads, `vpc-…`; empty for the whole region.
        scope: String,
    },
    /// All pages of a call arrived, or it failed. The other calls continue.
    Ended(CallRecord),
    /// The services that are known so far. A service that is listed but not described yet has an unknown egress.
    Workloads(Vec<Workload>),
    /// All facts that the verdicts of some services need were read. The other services have an unknown egress.
    Part(Box<Snapshot>),
    /// All facts that verdicts need were read. Facts that refine the answer can follow.
    Network(Box<Snapshot>),
}

/// The failures that were read from the application log of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceLog {
    /// The log group; empty if the ARN is not that of an App Runner service.
    pub group: String,
    /// The failures in the log.
    pub findings: Vec<LogFinding>,
    /// Number of lines that were read.
    pub lines: usize,
    /// Whether the log has more lines than the limit.
    pub is_cut: bool,
    /// The gap if the call was denied or failed.
    pub gaps: Vec<Gap>,
}

/// The last changes of resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadHistory {
    /// The resources whose changes were read.
    pub history: Vec<ComponentHistory>,
    /// The gap if a call was denied or failed.
    pub gaps: Vec<Gap>,
}
