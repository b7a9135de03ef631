//! One workload, looked at to the end: what reports print and what the screen shows.

use std::sync::Arc;

use crate::diagnose::{Diagnosis, diagnose, remarks_on_log};
use crate::evidence::{Query, needs};
use crate::model::{Snapshot, Workload};
use crate::remedy::{BreakEven, FollowUp, Futile, PriceBook, Proposal, RemedyId, compose, futile, propose};

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
    /// What one might try and what would not help.
    pub futile: Vec<Futile>,
}

impl Case {
    /// Diagnoses and proposes for what the workload is known to need.
    #[must_use]
    pub fn open(snapshot: Arc<Snapshot>, workload: Workload, query: &Query) -> Self {
        let needs = needs(&snapshot, &workload, query);
        let mut diagnosis = diagnose(&snapshot, &workload, &needs);
        diagnosis.remarks.extend(remarks_on_log(&query.log));
        let proposals = propose(&snapshot, &workload, &diagnosis, &PriceBook::of(&snapshot));
        let futile = futile(&snapshot, &workload, &diagnosis);
        Self { snapshot, workload, diagnosis, proposals, futile }
    }

    /// How to test a proposal once it is applied, and how to go back.
    #[must_use]
    pub fn follow_up(&self, proposal: &Proposal, taken_over: &[String]) -> FollowUp {
        FollowUp::of(&self.snapshot, &self.workload, &self.diagnosis, proposal).letting_go(taken_over)
    }

    /// Proposals that do at least as much as this one, with the traffic from which on one or the other is cheaper.
    #[must_use]
    pub fn alternatives(&self, proposal: &Proposal) -> Vec<(&Proposal, BreakEven)> {
        let does_as_much = |other: &&Proposal| {
            other.is_possible()
                && other.remedies != proposal.remedies
                && proposal.cures.iter().all(|host| other.cures.contains(host))
        };
        let others = self.proposals.iter().filter(does_as_much);
        others.filter_map(|other| Some((other, proposal.estimate.break_even(&other.estimate)?))).collect()
    }

    /// One proposal of several remedies, proved together. `None` when one of them does not fit here at all.
    #[must_use]
    pub fn compose(&self, remedies: &[RemedyId]) -> Option<Proposal> {
        let known = self.proposals.iter().find(|proposal| proposal.remedies == remedies);
        known.cloned().or_else(|| {
            compose(&self.snapshot, &self.workload, &self.diagnosis, &PriceBook::of(&self.snapshot), remedies)
        })
    }
}
