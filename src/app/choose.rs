//! The third step: which fix.

use std::collections::BTreeSet;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::case::Case;
use crate::remedy::{CostRange, Estimate, Proposal, RemedyId};

/// The proposals.
#[derive(Debug)]
pub struct Choose {
    /// What was found.
    pub case: Arc<Case>,
    /// The proposal under the cursor.
    pub selected: usize,
    /// What is combined; empty means the proposal under the cursor.
    pub chosen: BTreeSet<RemedyId>,
    /// The combination, proved together.
    combined: Option<Proposal>,
    /// GB per month that the cost is reckoned with.
    pub traffic: u32,
    /// First line of the details shown.
    pub scroll: usize,
}

impl Choose {
    pub(super) fn new(case: Arc<Case>) -> Self {
        Self { case, selected: 0, chosen: BTreeSet::new(), combined: None, traffic: 100, scroll: 0 }
    }

    /// The proposal under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&Proposal> {
        self.case.proposals.get(self.selected)
    }

    /// What the next step would do: the combination, or the proposal under the cursor.
    #[must_use]
    pub fn effective(&self) -> Option<&Proposal> {
        self.combined.as_ref().or_else(|| self.current())
    }

    /// Puts the proposal under the cursor into the set, or takes it out.
    pub(super) fn toggle(&mut self) {
        let Some(remedies) = self.current().map(|proposal| proposal.remedies.clone()) else { return };
        let inside = remedies.iter().all(|remedy| self.chosen.contains(remedy));
        for remedy in remedies {
            if inside {
                self.chosen.remove(&remedy);
            } else {
                self.chosen.insert(remedy);
            }
        }
        let set: Vec<RemedyId> = self.chosen.iter().copied().collect();
        self.combined = if set.is_empty() { None } else { self.case.compose(&set) };
    }

    /// $/month with the assumed traffic; `None` when a price is not known.
    #[must_use]
    pub fn monthly(&self, estimate: &Estimate) -> Option<CostRange> {
        estimate.per_month(Decimal::from(self.traffic))
    }
}
