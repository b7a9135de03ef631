//! The diagnosis as data. Contains no rule and no wording.

use crate::evidence::Need;
use crate::model::{ResourceId, SubnetId, WorkloadId};
use crate::reach::{Code, Layer, Trace};

/// The result for one workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The workload.
    pub workload: WorkloadId,
    /// The subnets of the workload, in the order of the matrix; empty for DEFAULT egress.
    pub subnets: Vec<SubnetId>,
    /// One line: how many destinations are blocked, and why.
    pub headline: String,
    /// One per need, in the order of the needs.
    pub findings: Vec<Finding>,
    /// The causes of the blocked destinations; the one that blocks most paths first.
    pub causes: Vec<Cause>,
    /// Limits of the verdicts: the state of the service, log lines without a destination. Whole sentences.
    pub remarks: Vec<String>,
    /// Observations that are *not* the cause. Whole sentences.
    pub misleading: Vec<String>,
}

/// The result for one destination over all subnets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The destination, its caller and the evidence.
    pub need: Need,
    /// One per subnet, in the order of [`Diagnosis::subnets`]. Exactly one, without a subnet, if the path is outside a VPC.
    pub traces: Vec<Trace>,
    /// From how many subnets it is reachable.
    pub coverage: Coverage,
    /// Whole sentences.
    pub explanation: String,
}

/// From how many of the workload's subnets a destination is reachable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// From all.
    All,
    /// Intermittent: some subnets are blocked, or a subnet reaches only some addresses of the destination.
    Some {
        /// Subnets that reach all addresses.
        working: Vec<SubnetId>,
        /// Subnets that reach no address, or only some.
        broken: Vec<SubnetId>,
    },
    /// From none.
    None,
    /// The data does not decide.
    Unknown,
}

/// The verdict on one destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum FindingVerdict {
    /// Reachable from every subnet.
    Reachable,
    /// Blocked from every subnet.
    Blocked,
    /// Reachable from some subnets.
    Intermittent,
    /// The data does not decide.
    Unknown,
}

impl FindingVerdict {
    /// The word in JSON and on the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

impl Finding {
    /// The verdict over all subnets.
    #[must_use]
    pub fn verdict(&self) -> FindingVerdict {
        match self.coverage {
            Coverage::All => FindingVerdict::Reachable,
            Coverage::None => FindingVerdict::Blocked,
            Coverage::Some { .. } => FindingVerdict::Intermittent,
            Coverage::Unknown => FindingVerdict::Unknown,
        }
    }
}

/// A component that blocks traffic, with everything that it blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The layer that blocks.
    pub layer: Layer,
    /// Why it blocks.
    pub code: Code,
    /// The AWS resource that blocks.
    pub component: ResourceId,
    /// Hosts that it blocks.
    pub destinations: Vec<String>,
    /// Subnets whose traffic it blocks.
    pub subnets: Vec<SubnetId>,
    /// Whole sentences: what blocks, and what the client observes.
    pub explanation: String,
}

impl Diagnosis {
    /// The number of destinations with this verdict.
    #[must_use]
    pub fn count(&self, verdict: FindingVerdict) -> usize {
        self.findings.iter().filter(|finding| finding.verdict() == verdict).count()
    }
}
