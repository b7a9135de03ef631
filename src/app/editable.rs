//! Whether the edit of each fix can be written in the Terraform folder. Choose shows it before the user selects a fix.

use std::collections::BTreeMap;

use super::{App, Effect, RunId};

/// Whether the edit of a fix can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Editable {
    /// It changes or adds this number of files.
    Files(usize),
    /// The user must first answer which resource of the code manages an AWS resource.
    AfterQuestion,
    /// It must be made by hand, for this reason.
    ByHand(String),
}

/// The edits of all fixes in one Terraform folder, by the id of the fix.
#[derive(Debug, Default)]
pub(super) struct Editables {
    run: RunId,
    pub results: BTreeMap<String, Editable>,
}

impl App {
    /// Plans all fixes of Choose, to know which can be written. Without a Terraform folder, nothing is known.
    pub(super) fn try_plans(&mut self) -> Vec<Effect> {
        let run = self.next_run();
        let (Some(choose), Some(folder)) = (&mut self.choose, &self.terraform) else { return Vec::new() };
        choose.editables = Editables { run, results: BTreeMap::new() };
        vec![Effect::TryPlans(run, folder.clone(), choose.case.clone(), self.answers.clone())]
    }

    /// Uses the results; drops those of an earlier folder or case.
    pub(super) fn plans_tried(&mut self, run: RunId, results: BTreeMap<String, Editable>) {
        if let Some(choose) = self.choose.as_mut().filter(|choose| choose.editables.run == run) {
            choose.editables.results = results;
        }
    }
}
