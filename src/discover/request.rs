//! The interface of live discovery: the request of the caller, the progress reports, and the log of a
//! service.
//!
//! These types exist without the feature `live` too, so that the application compiles without the AWS SDKs.

use std::time::Duration;

use crate::evidence::LogFinding;
use crate::model::{Call, Gap, Workload};

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
    /// The services were read. Their network is read next.
    Workloads(Vec<Workload>),
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
