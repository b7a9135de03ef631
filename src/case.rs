//! One workload, looked at to the end: what reports print and what the screen shows.

use std::sync::Arc;

use crate::diagnose::{Diagnosis, diagnose, remarks_on_log};
use crate::evidence::{Inquiry, needs};
use crate::model::{Snapshot, Workload};
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
    /// Diagnoses and proposes for what the workload is known to need.
    #[must_use]
    pub fn open(snapshot: Arc<Snapshot>, workload: Workload, inquiry: &Inquiry) -> Self {
        let needs = needs(&snapshot, &workload, inquiry);
        let mut diagnosis = diagnose(&snapshot, &workload, &needs);
        diagnosis.remarks.extend(remarks_on_log(&inquiry.log));
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
