//! The short result of a service in the list of services.

use crate::diagnose::{Finding, FindingVerdict, diagnose};
use crate::evidence::{Caller, Query, needs};
use crate::model::{Snapshot, Workload};

/// Numbers of the application's destinations, by verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Badge {
    /// Blocked destinations.
    pub blocked: usize,
    /// Intermittent destinations.
    pub intermittent: usize,
    /// Destinations with an unknown verdict.
    pub unknown: usize,
    /// All destinations.
    pub all: usize,
}

impl Badge {
    /// Whether all destinations are reachable.
    #[must_use]
    pub fn is_reachable(self) -> bool {
        self.blocked + self.intermittent + self.unknown == 0
    }

    /// Diagnoses the service. This may take longer than a frame: `update` must not call it.
    #[must_use]
    pub fn of(snapshot: &Snapshot, workload: &Workload, query: &Query) -> Self {
        let diagnosis = diagnose(snapshot, workload, &needs(snapshot, workload, query));
        let own = diagnosis.findings.iter().filter(|finding| finding.need.caller == Caller::Application);
        let verdicts: Vec<FindingVerdict> = own.map(Finding::verdict).collect();
        let count = |verdict| verdicts.iter().filter(|other| **other == verdict).count();
        Self {
            blocked: count(FindingVerdict::Blocked),
            intermittent: count(FindingVerdict::Intermittent),
            unknown: count(FindingVerdict::Unknown),
            all: verdicts.len(),
        }
    }
}
