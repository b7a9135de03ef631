//! The state changes of Choose: marks, and the results of work on its fixes.

use std::collections::BTreeMap;
use std::time::Instant;

use super::{App, Editable, Effect, RunId};
use crate::remedy::{PreconditionStatus, Proposal};

/// Why a fix is not possible, with its title; `None` if it is possible.
pub(super) fn not_possible(proposal: &Proposal) -> Option<String> {
    let is_unmet = |status| status == PreconditionStatus::NotMet;
    let unmet = proposal.preconditions.iter().find(|condition| is_unmet(condition.status))?;
    Some(format!("{} is not possible here: {}", proposal.title, unmet.text))
}

impl App {
    /// Marks the selected fix, or removes its mark. A set that is not in the list is simulated.
    pub(super) fn mark(&mut self, now: Instant) -> Vec<Effect> {
        let run = self.next_run();
        let Some(choose) = &mut self.choose else { return Vec::new() };
        let Some(set) = choose.toggle_mark(run, now) else { return Vec::new() };
        vec![Effect::Simulate(run, choose.case.clone(), set)]
    }

    /// Whether the edit of the fix that Enter plans must be made by hand.
    pub(super) fn is_by_hand(&self) -> bool {
        let choose = self.choose.as_ref();
        let editable = choose.and_then(|choose| choose.editable(choose.planned()?));
        matches!(editable, Some(Editable::ByHand(_)))
    }

    pub(super) fn simulated(&mut self, run: RunId, result: Result<Box<Proposal>, String>) {
        if let Some(choose) = &mut self.choose {
            choose.simulated(run, result);
        }
    }

    /// Plans all fixes of Choose, to find which can be written. Without a Terraform folder, none is planned.
    pub(super) fn try_plans(&mut self) -> Vec<Effect> {
        let run = self.next_run();
        let (Some(choose), Some(folder)) = (&mut self.choose, &self.terraform) else { return Vec::new() };
        choose.editables = BTreeMap::new();
        choose.editables_run = run;
        vec![Effect::TryPlans(run, folder.clone(), choose.case.clone(), self.answers.clone())]
    }

    /// Uses the results; drops those of an earlier folder or case.
    pub(super) fn plans_tried(&mut self, run: RunId, results: BTreeMap<String, Editable>) {
        if let Some(choose) = self.choose.as_mut().filter(|choose| choose.editables_run == run) {
            choose.editables = results;
        }
    }
}
