//! The interface of live discovery: the request of the caller, the progress reports, and the log of a
//! service.
//!
//! These types exist without the feature `live` too, so that the application compiles without the AWS SDKs.

use std::time::Duration;

use crate::evidence::LogFinding;
use crate::model::{Call, Gap, Snapshot, Workload};

/// The time limit of one call, with its retries. A call without an answer is a gap.
pub const CALL_LIMIT: Duration = Duration::from_secs(10);
/// The time limit of a discovery. The calls without an answer are gaps.
pub const DISCOVERY_LIMIT: Duration = Duration::from_mins(1);

/// The input of live discovery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveRequest {
    /// AWS profile; `None` for the default credential chain.
    pub profile: Option<String>,
    /// AWS region; `None` for the default region chain.
    pub region: Option<String>,
    /// Endpoint URL that replaces the endpoint of every AWS service, for tests.
    pub endpoint_url: Option<String>,
    /// Read only this service (name or ARN).
    pub service: Option<String>,
    /// Subnets to read in addition to those of the connectors.
    pub subnets: Vec<String>,
    /// Time limit of the discovery; `None` for [`DISCOVERY_LIMIT`].
    pub timeout: Option<Duration>,
    /// Whether to skip the permissions of the instance roles.
    pub skip_roles: bool,
    /// The age of the oldest line to read from the log of the service, if only one service is read; `None` to read no log.
    pub log: Option<Duration>,
    /// Whether to read the list prices, in parallel. Discovery does not wait for them unless they are renewed.
    pub prices: bool,
    /// Whether to read the list prices again although the cache has them.
    pub renew_prices: bool,
    /// How long the facts that only refine an answer (roles, log, endpoint services) may take after the facts that verdicts
    /// need; `None` for the time limits of the calls.
    pub patience: Option<Duration>,
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
    /// All pages of a call arrived.
    Finished {
        /// The call.
        call: Call,
        /// The resource that it read.
        scope: String,
        /// Number of items.
        items: usize,
        /// Number of pages.
        pages: usize,
        /// Duration.
        elapsed: Duration,
    },
    /// A call failed. The other calls continue.
    Failed {
        /// The call and the reason.
        gap: Gap,
        /// The resource that it could not read.
        scope: String,
        /// Duration.
        elapsed: Duration,
    },
    /// The services that are known so far. A service that is listed but not described yet has an unknown egress.
    Workloads(Vec<Workload>),
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
