//! The text of a confirmation: the fix and its warnings before a write, and what quitting loses.

use std::collections::BTreeSet;
use std::path::Path;

use super::{App, Button, Confirmation, Dialog, Scroll, Step};
use crate::report::{labels, money};

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
    pub(super) fn confirm_write(&mut self, button: Button) {
        let Some(confirmation) = self.confirmation_of_write() else { return };
        self.dialog = Some(Dialog::Confirm { button, confirmation, scroll: Scroll::default() });
    }

    /// An open question about the write has the results of the checks.
    pub(super) fn update_confirmation(&mut self) {
        let new = self.confirmation_of_write();
        if let (Some(Dialog::Confirm { confirmation, .. }), Some(new)) = (&mut self.dialog, new)
            && matches!(confirmation, Confirmation::Write { .. })
        {
            *confirmation = new;
        }
    }

    /// The question about the write of the planned edit.
    fn confirmation_of_write(&self) -> Option<Confirmation> {
        let (edit, fix) = (self.planned_edit()?, self.previewed_fix()?);
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
        let by_hand = edit.changes.by_hand.iter();
        warnings.extend(by_hand.map(|part| match part.other_root {
            Some(_) => format!("{} in a second run, not written now: {}.", part.title, part.reason),
            None => format!("{} by hand, not written: {}.", part.title, part.reason),
        }));
        let files = edit.changes.files.iter().map(|file| file.path.clone()).collect();
        let tally = edit.changes.tally();
        Some(Confirmation::Write { fix, tally, files, warnings })
    }

    /// What quitting loses, and what must still be done after a write. Empty if quitting needs no question.
    pub(super) fn losses(&self) -> Vec<String> {
        let mut lost = Vec::new();
        if self.step() == Step::Preview && self.planned_edit().is_some() && !self.is_written() {
            let fix = self.previewed_fix().unwrap_or_default();
            lost.push(format!("The diff is not written: {fix}."));
        }
        lost.extend(self.file_change.as_ref().map(|running| running.sentence().to_owned()));
        let roots: BTreeSet<&Path> = self
            .written_fixes()
            .filter(|done| done.is_unapplied())
            .filter_map(|done| Some(done.written.as_ref()?.changes.root.as_path()))
            .collect();
        lost.extend(roots.into_iter().map(|root| {
            let root = root.display();
            if self.own_copy {
                format!("The demo's Terraform folder {root} is deleted, with what is written in it.")
            } else {
                format!("What is written is not applied: terraform -chdir={root} apply")
            }
        }));
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
