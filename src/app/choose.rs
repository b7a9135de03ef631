//! The third step: the list of fixes.

use std::collections::BTreeSet;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::case::Case;
use crate::remedy::{CostRange, Estimate, Proposal, RemedyId};

/// The fixes.
#[derive(Debug)]
pub struct Choose {
    /// The diagnosis and the fixes of the service.
    pub case: Arc<Case>,
    /// Index of the selected fix.
    pub selected: usize,
    /// The remedies of the marked fixes.
    pub marked: BTreeSet<RemedyId>,
    /// The marked fixes as one proposal, simulated together; `None` if no fix is marked.
    combined: Option<Proposal>,
    /// Expected traffic in GB per month, for the cost.
    pub traffic: u32,
    /// The first line of the details shown.
    pub scroll: usize,
}

impl Choose {
    pub(super) fn new(case: Arc<Case>) -> Self {
        Self { case, selected: 0, marked: BTreeSet::new(), combined: None, traffic: 100, scroll: 0 }
    }

    /// The selected fix.
    #[must_use]
    pub fn current(&self) -> Option<&Proposal> {
        self.case.proposals.get(self.selected)
    }

    /// The fix that the next step plans: the marked fixes combined, or the selected fix if none is marked.
    #[must_use]
    pub fn effective(&self) -> Option<&Proposal> {
        self.combined.as_ref().or_else(|| self.current())
    }

    /// Marks the selected fix, or removes its mark.
    pub(super) fn toggle_mark(&mut self) {
        let Some(remedies) = self.current().map(|proposal| proposal.remedies.clone()) else { return };
        let is_marked = remedies.iter().all(|remedy| self.marked.contains(remedy));
        for remedy in remedies {
            if is_marked {
                self.marked.remove(&remedy);
            } else {
                self.marked.insert(remedy);
            }
        }
        let set: Vec<RemedyId> = self.marked.iter().copied().collect();
        self.combined = if set.is_empty() { None } else { self.case.compose(&set) };
    }

    /// $/month with the expected traffic; `None` if a price is unknown.
    #[must_use]
    pub fn monthly(&self, estimate: &Estimate) -> Option<CostRange> {
        estimate.per_month(Decimal::from(self.traffic))
    }
}
