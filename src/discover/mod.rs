//! Where a snapshot comes from: live AWS (feature `live`), a saved file, or what the AWS CLI printed.
//!
//! Owns the plan of calls, paging, concurrency, and turning AWS's answers into the model. Judges nothing. Every call
//! reads; a call that fails becomes a gap and the rest goes on.

mod aws_json;
mod interpret;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "live")]
mod price_list;
mod recorded;
mod whole;
mod wire;

use std::time::Duration;

pub use aws_json::{AwsJsonError, load_aws_json};
#[cfg(feature = "live")]
pub use live::{discover, read_service_log};
pub use recorded::{FileError, load_snapshot, save_snapshot};

use crate::evidence::LogFinding;
use crate::model::{Call, Gap, Workload};

/// What live discovery reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveRequest {
    /// Profile; the usual chain when `None`.
    pub profile: Option<String>,
    /// Region; the usual chain when `None`.
    pub region: Option<String>,
    /// Another address for every service.
    pub endpoint_url: Option<String>,
    /// Only this service, by name or ARN.
    pub service: Option<String>,
    /// Subnets that are sources of their own.
    pub subnets: Vec<String>,
}

/// What discovery is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Whose account, where.
    Account {
        /// Account number, when it could be learnt.
        account: Option<String>,
        /// Region.
        region: String,
    },
    /// A call was sent.
    Started {
        /// Which.
        call: Call,
        /// For what, `vpc-…`.
        scope: String,
    },
    /// All its pages came.
    Finished {
        /// Which.
        call: Call,
        /// For what.
        scope: String,
        /// How many items.
        items: usize,
        /// In how many pages.
        pages: usize,
        /// How long it took.
        elapsed: Duration,
    },
    /// It failed; the rest goes on.
    Missed {
        /// Which, and why.
        gap: Gap,
        /// For what.
        scope: String,
        /// How long it took.
        elapsed: Duration,
    },
    /// The services are known; their network is read next.
    Workloads(Vec<Workload>),
}

/// What a service's own log says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceLog {
    /// The log group.
    pub group: String,
    /// What failed in it.
    pub findings: Vec<LogFinding>,
    /// How many lines came.
    pub lines: usize,
    /// Whether there were more lines than are read.
    pub is_cut: bool,
    /// The call, when it was denied or failed.
    pub gaps: Vec<Gap>,
}

/// Why nothing could be read at all.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// The chain ended without a region.
    #[error("no AWS region: give --region, or set AWS_REGION, or a region in the profile")]
    NoRegion,
    /// The chain ended without credentials, or they are refused.
    #[error(
        "AWS does not accept the credentials ({0}): set AWS_PROFILE or --profile, or log in again with `aws sso login`"
    )]
    Credentials(String),
    /// No address answered.
    #[error("AWS cannot be reached from here ({0}): check the network, the region and --endpoint-url")]
    Unreachable(String),
}

/// The least-privilege policy that discovery needs, as JSON.
#[must_use]
pub fn iam_policy() -> String {
    let mut actions: Vec<&str> = Call::ALL.iter().filter_map(|call| call.iam_action()).collect();
    actions.sort_unstable();
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Sid": "EgressDoctorReadOnly", "Effect": "Allow", "Action": actions, "Resource": "*" }],
    });
    format!("{policy:#}\n")
}
