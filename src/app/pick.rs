//! The first step: which service.

use std::sync::Arc;

use crate::diagnose::{Finding, FindingVerdict, diagnose};
use crate::evidence::{Caller, Query, needs};
use crate::model::{Snapshot, Workload};

/// The services of the region.
#[derive(Debug, Default)]
pub struct Pick {
    /// What was read, once discovery is through.
    pub snapshot: Option<Arc<Snapshot>>,
    /// The services, as soon as they are known.
    pub rows: Vec<PickRow>,
    /// The row under the cursor, counted among those shown.
    pub selected: usize,
    /// Only names with this text.
    pub filter: String,
}

/// A service.
#[derive(Debug)]
pub struct PickRow {
    /// The service.
    pub workload: Workload,
    /// What is wrong with it, as soon as that is known.
    pub badge: Option<Badge>,
}

/// What is wrong with a service, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Badge {
    /// Destinations that are blocked or intermittent.
    pub blocked: usize,
    /// Destinations that cannot be judged.
    pub unknown: usize,
    /// The application's destinations.
    pub all: usize,
}

impl Pick {
    /// The rows that the filter leaves.
    pub fn shown(&self) -> impl Iterator<Item = &PickRow> {
        let wanted = self.filter.to_lowercase();
        self.rows.iter().filter(move |row| row.workload.name.to_lowercase().contains(&wanted))
    }

    /// The service under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&Workload> {
        self.shown().nth(self.selected).map(|row| &row.workload)
    }

    pub(super) fn fill(&mut self, snapshot: Arc<Snapshot>, query: &Query) {
        let badge = |workload: &Workload| {
            let diagnosis = diagnose(&snapshot, workload, &needs(&snapshot, workload, query));
            let own = diagnosis.findings.iter().filter(|finding| finding.need.caller == Caller::Application);
            let own: Vec<FindingVerdict> = own.map(Finding::verdict).collect();
            let count = |wanted| own.iter().filter(|verdict| **verdict == wanted).count();
            Badge {
                blocked: count(FindingVerdict::Blocked) + count(FindingVerdict::Intermittent),
                unknown: count(FindingVerdict::Unknown),
                all: own.len(),
            }
        };
        self.rows = snapshot
            .workloads
            .iter()
            .map(|workload| PickRow { workload: workload.clone(), badge: Some(badge(workload)) })
            .collect();
        self.snapshot = Some(snapshot);
        self.selected = self.selected.min(self.rows.len().saturating_sub(1));
    }
}
