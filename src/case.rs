//! One workload, looked at to the end: what reports print and what the screen shows.

use std::sync::Arc;

use crate::diagnose::{Diagnosis, diagnose};
use crate::evidence::{Evidence, LogFinding, Need, needs};
use crate::model::{Destination, Snapshot, Workload};
use crate::remedy::{PriceBook, Proposal, RemedyId, compose, propose};

/// What was read, what was found, and what can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What was read.
    pub snapshot: Arc<Snapshot>,
    /// Whom it is about.
    pub workload: Workload,
    /// What was found.
    pub diagnosis: Diagnosis,
    /// What can be done, best first.
    pub proposals: Vec<Proposal>,
}

impl Case {
    /// Diagnoses and proposes for what the workload is known to need: what was asked for, what the log says, and what
    /// its configuration names.
    #[must_use]
    pub fn open(
        snapshot: Arc<Snapshot>,
        workload: Workload,
        asked: &[Destination],
        log: &[LogFinding],
    ) -> Self {
        let needs = needs(&snapshot, &workload, asked, log);
        Self::of_needs(snapshot, workload, &needs)
    }

    /// As [`Case::open`], but about nothing else than what was asked for and what the log says.
    #[must_use]
    pub fn open_narrowly(
        snapshot: Arc<Snapshot>,
        workload: Workload,
        asked: &[Destination],
        log: &[LogFinding],
    ) -> Self {
        let mut needs = needs(&snapshot, &workload, asked, log);
        needs.retain(|need| {
            need.evidence.iter().any(|evidence| matches!(evidence, Evidence::Asked | Evidence::Log { .. }))
        });
        Self::of_needs(snapshot, workload, &needs)
    }

    fn of_needs(snapshot: Arc<Snapshot>, workload: Workload, needs: &[Need]) -> Self {
        let diagnosis = diagnose(&snapshot, &workload, needs);
        let proposals = propose(&snapshot, &workload, &diagnosis, PriceBook::builtin());
        Self { snapshot, workload, diagnosis, proposals }
    }

    /// One proposal of several remedies, proved together. `None` when one of them does not fit here at all.
    #[must_use]
    pub fn compose(&self, remedies: &[RemedyId]) -> Option<Proposal> {
        let known = self.proposals.iter().find(|proposal| proposal.remedies == remedies);
        known.cloned().or_else(|| {
            compose(&self.snapshot, &self.workload, &self.diagnosis, PriceBook::builtin(), remedies)
        })
    }
}
