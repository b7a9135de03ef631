//! The diagnosis as data.

use crate::evidence::Need;
use crate::model::{ResourceId, SubnetId, WorkloadId};
use crate::reach::{Code, Layer, Trace};

/// Everything found out about one workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Which workload.
    pub workload: WorkloadId,
    /// The subnets its packets start from, in matrix order; empty for DEFAULT egress.
    pub subnets: Vec<SubnetId>,
    /// One line: how bad it is.
    pub headline: String,
    /// One for each need, in the order of the needs.
    pub findings: Vec<Finding>,
    /// What is behind the blocked ones, the one that explains most first.
    pub causes: Vec<Cause>,
    /// What to bear in mind about the verdicts: the service's state, what could not be looked at; whole sentences.
    pub remarks: Vec<String>,
    /// What does *not* explain the failure, and what misleads people; whole sentences.
    pub misleading: Vec<String>,
}

/// One destination judged from every subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is needed, by whom, and how we know.
    pub need: Need,
    /// One for each subnet, in the diagnosis's order; a single one without a subnet when no VPC is involved.
    pub traces: Vec<Trace>,
    /// The verdict over the subnets.
    pub coverage: Coverage,
    /// In plain words.
    pub explanation: String,
}

/// How the verdicts coverage over the workload's subnets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Reachable from all.
    All,
    /// Intermittent: instances land in different subnets, or a subnet reaches only part of the addresses.
    Some {
        /// Subnets from which it works.
        working: Vec<SubnetId>,
        /// Subnets from which it does not, or not for all addresses.
        broken: Vec<SubnetId>,
    },
    /// Blocked from all.
    None,
    /// Not to be told.
    Unknown,
}

/// The verdict on one destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FindingVerdict {
    /// From every subnet.
    Reachable,
    /// From no subnet.
    Blocked,
    /// From some.
    Intermittent,
    /// It cannot be told.
    Unknown,
}

impl FindingVerdict {
    /// The word in JSON and on the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::Blocked => "blocked",
            Self::Intermittent => "intermittent",
            Self::Unknown => "unknown",
        }
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

/// A blocker with everything it explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Which layer.
    pub layer: Layer,
    /// Why packets stop.
    pub code: Code,
    /// At what.
    pub component: ResourceId,
    /// Hosts it stops.
    pub destinations: Vec<String>,
    /// Subnets it stops them from.
    pub subnets: Vec<SubnetId>,
    /// Two sentences for a person at 03:00.
    pub explanation: String,
}

impl Diagnosis {
    /// How many destinations have this verdict.
    #[must_use]
    pub fn count(&self, verdict: FindingVerdict) -> usize {
        self.findings.iter().filter(|finding| finding.verdict() == verdict).count()
    }
}
