//! The confirmations: what the user confirms, and what they must know before.

use std::path::PathBuf;

use super::{App, Dialog, Step};
use crate::report::{labels, money};

/// The buttons of a confirmation. `Cancel` is selected when the dialog opens, because it is the safe choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    /// Cancel.
    Cancel,
    /// Proceed.
    Proceed,
}

/// The operation that the user confirms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Write the edit?
    Write {
        /// The fix and its price.
        fix: String,
        /// `1 file new, 1 changed; 1 to add, 0 to change, 0 to destroy`
        tally: String,
        /// The files.
        files: Vec<PathBuf>,
        /// What the fix breaks, failed checks, checks that did not run, and warnings.
        warnings: Vec<String>,
    },
    /// Finish or undo an earlier write that was interrupted?
    Interrupted {
        /// The folder.
        root: PathBuf,
        /// Its files.
        files: Vec<PathBuf>,
    },
    /// Quit although this would be lost?
    Quit {
        /// One sentence for each thing that is lost or must still be done.
        lost: Vec<String>,
    },
}

impl Confirmation {
    /// The name of a button: the action that it starts.
    #[must_use]
    pub fn label(&self, button: Button) -> &'static str {
        match (self, button) {
            (Self::Write { .. } | Self::Quit { .. }, Button::Cancel) => "Cancel",
            (Self::Write { .. }, Button::Proceed) => "Write",
            (Self::Interrupted { .. }, Button::Cancel) => "Undo",
            (Self::Interrupted { .. }, Button::Proceed) => "Finish",
            (Self::Quit { .. }, Button::Proceed) => "Quit",
        }
    }

    /// Whether the question has the answers yes and no.
    pub(super) fn is_yes_or_no(&self) -> bool {
        !matches!(self, Self::Interrupted { .. })
    }
}

impl App {
    /// The name of the fix on Preview and its price: `NAT gateway, $36.50/mo + $0.045/GB`.
    #[must_use]
    pub fn previewed_fix(&self) -> Option<String> {
        let proposal = &self.preview.as_ref()?.proposal;
        Some(format!(
            "{}, {}",
            proposal.title,
            money(proposal.estimate.fixed_per_month, proposal.estimate.per_gb())
        ))
    }

    /// What the fix on Preview breaks, or may break.
    #[must_use]
    pub fn preview_warnings(&self) -> Vec<String> {
        let Some(preview) = &self.preview else { return Vec::new() };
        let breaks = preview.proposal.breaks.iter().map(|broken| format!("{}: {broken}", labels::BREAKS));
        let may_break = preview.proposal.may_break();
        breaks.chain(may_break.map(|text| format!("{}: {text}", labels::MAY_BREAK))).collect()
    }

    /// Asks before the planned edit is written.
    pub(super) fn confirm_write(&mut self) {
        let (Some(edit), Some(fix)) = (self.planned_edit(), self.previewed_fix()) else { return };
        let mut warnings = self.preview_warnings();
        match &edit.verification {
            Some(verification) => {
                warnings.extend(verification.objections());
                warnings.extend(verification.not_run());
                warnings.extend(verification.warnings.iter().cloned());
            }
            None => warnings.push("The checks are still running.".to_owned()),
        }
        warnings.extend(edit.changes.notes.iter().cloned());
        let files = edit.changes.files.iter().map(|file| file.path.clone()).collect();
        let tally = edit.changes.tally();
        self.dialog = Some(Dialog::confirm(Confirmation::Write { fix, tally, files, warnings }));
    }

    /// What quitting loses, and what must still be done after a write. Empty if quitting needs no question.
    pub(super) fn losses(&self) -> Vec<String> {
        let mut lost = Vec::new();
        if self.step() == Step::Preview && self.planned_edit().is_some() && !self.is_written() {
            let fix = self.previewed_fix().unwrap_or_default();
            lost.push(format!("The diff is not written: {fix}."));
        }
        if let Some(done) = self.done.as_ref().filter(|done| done.is_unapplied()) {
            let root = done.changes.root.display();
            lost.push(if self.own_copy {
                format!(
                    "The demo's Terraform folder {root} is deleted, with the change that is written in it."
                )
            } else {
                format!("The change is written but not applied: terraform -chdir={root} apply")
            });
        }
        let is_new = |destination: &&_| !self.initial_query.requested.contains(destination);
        let added = self.query.requested.iter().filter(is_new).count();
        let hidden = self.query.hidden.len();
        let plural = |count: usize| {
            if count == 1 { "1 destination".to_owned() } else { format!("{count} destinations") }
        };
        if added > 0 {
            lost.push(format!("You added {}.", plural(added)));
        }
        if hidden > 0 {
            lost.push(format!("You hid {}.", plural(hidden)));
        }
        if self.query.log.len() > self.initial_query.log.len() {
            lost.push("You pasted a log.".to_owned());
        }
        lost
    }
}
