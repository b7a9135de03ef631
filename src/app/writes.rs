//! The changes of the user's files, of which one at a time runs, and the written fixes. The newest write is undone first, then the one
//! before it.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Instant;

use super::file_change::{FileChange, Writing};
use super::{After, App, Confirmation, Dialog, Done, Effect, Scroll, Step, Written};
use crate::case::Case;
use crate::model::Snapshot;
use crate::report::{EditStatus, IncidentProgress, ReportedEdit};
use crate::terraform::write::{Receipt, Undone};

impl App {
    /// Writes the planned edit.
    pub(super) fn write(&mut self) -> Vec<Effect> {
        let (Some(case), Some(preview), Some(edit), None) =
            (self.case(), &self.preview, self.planned_edit(), &self.file_change)
        else {
            return Vec::new();
        };
        let (case, proposal, changes) = (case.clone(), preview.proposal.clone(), edit.changes.clone());
        let effect = Effect::Write(changes.clone());
        self.file_change = Some(FileChange::Write(Box::new(Writing { case, proposal, changes })));
        vec![effect]
    }

    /// Shows the written fix, although the user may be on another step by now.
    pub(super) fn written(&mut self, result: Result<Receipt, String>) {
        let change = self.file_change.take();
        let receipt = match result {
            Ok(receipt) => receipt,
            Err(reason) => return self.report_error(reason),
        };
        let Some(FileChange::Write(writing)) = change else { return };
        let Writing { case, proposal, changes } = *writing;
        let done = Done {
            case,
            proposal,
            by_hand: changes.by_hand.clone(),
            written: Some(Written { changes, receipt }),
            undone: false,
            after: None,
            maps: OnceCell::new(),
            watch: None,
            scroll: Scroll::default(),
        };
        self.show_done(done);
        if self.is_typing() {
            self.inform("The fix is written; press {write} on Preview for the result");
        } else {
            self.enter(Step::Done);
        }
    }

    /// The write that an undo restores: the newest one that is not undone.
    #[must_use]
    pub fn undoable(&self) -> Option<&Done> {
        self.done.as_ref().filter(|done| done.is_undoable()).or(self.former.last())
    }

    /// The writes that the undos after the next one restore, the newest first.
    pub fn undoable_later(&self) -> impl Iterator<Item = &Done> {
        let newest = self.done.as_ref().is_some_and(Done::is_undoable);
        self.former.iter().rev().skip(usize::from(!newest))
    }

    /// The written fixes that are not undone, oldest first.
    pub(super) fn written_fixes(&self) -> impl Iterator<Item = &Done> {
        self.former.iter().chain(self.done.as_ref().filter(|done| !done.undone))
    }

    /// The titles of the written fixes that are simulated in the network of a case: without an account, the result of a written fix is
    /// a changed copy of the snapshot.
    #[must_use]
    pub fn simulated_fixes(&self, case: &Case) -> Vec<String> {
        self.simulated_in(&case.snapshot)
    }

    /// The same for a network.
    #[must_use]
    pub fn simulated_in(&self, snapshot: &Arc<Snapshot>) -> Vec<String> {
        let is_simulated = |done: &&Done| matches!(done.after, Some(After::Simulated(_)));
        let fixes = self.written_fixes().filter(is_simulated);
        let before_case = fixes.take_while(|done| !Arc::ptr_eq(&done.case.snapshot, snapshot));
        before_case.map(|done| done.proposal.title.clone()).collect()
    }

    /// The edit of the step for the report.
    fn reported_edit(&self) -> Option<ReportedEdit> {
        let written = self.done.as_ref().filter(|_| self.step() == Step::Done || self.is_written());
        if let Some(done) = written {
            let status = match &done.after {
                _ if done.undone => EditStatus::Undone,
                None | Some(After::Running) => EditStatus::Written,
                Some(After::Read(after)) => EditStatus::Read(after.clone()),
                Some(After::Simulated(after)) => EditStatus::Simulated(after.clone()),
            };
            let changes = done.written.as_ref().map(|written| written.changes.clone());
            let (fix, by_hand) = (done.proposal.clone(), done.by_hand.clone());
            return Some(ReportedEdit { fix, changes, by_hand, status });
        }
        let fix = self.preview.as_ref()?.proposal.clone();
        let changes = self.planned_edit().map(|edit| edit.changes.clone());
        let by_hand = match &changes {
            Some(changes) => changes.by_hand.clone(),
            None => self.by_hand_fix()?.parts.clone(),
        };
        Some(ReportedEdit { fix, changes, by_hand, status: EditStatus::NotWritten })
    }

    /// Saves the incident report of the case shown.
    pub(super) fn export(&self) -> Vec<Effect> {
        let Some(case) = self.case() else { return Vec::new() };
        let to_file_name = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' };
        let service: String = case.workload.name.chars().map(to_file_name).collect();
        let progress = IncidentProgress { simulated: self.simulated_fixes(case), edit: self.reported_edit() };
        vec![Effect::Export(format!("egress-doctor-{service}.md"), case.clone(), Box::new(progress))]
    }

    pub(super) fn undo(&mut self, now: Instant) -> Vec<Effect> {
        let Some(done) = self.undoable() else { return Vec::new() };
        let Some(written) = &done.written else { return self.withdraw(now) };
        let root = written.changes.root.clone();
        // Done shows the write; Preview shows it if its diff is the written one.
        if self.step() == Step::Done || self.is_written() {
            return self.restore(Effect::Undo(root));
        }
        let (fix, files) = (done.proposal.title.clone(), written.receipt.files.clone());
        self.dialog = Some(Dialog::confirm(Confirmation::Undo { root, fix, files }));
        Vec::new()
    }

    /// Restores files, unless files are being changed.
    pub(super) fn restore(&mut self, effect: Effect) -> Vec<Effect> {
        if self.file_change.is_some() {
            return Vec::new();
        }
        self.file_change = Some(FileChange::Restore);
        vec![effect]
    }

    /// The files are restored. A diff that was planned on the written files is planned again.
    pub(super) fn undone(&mut self, undone: &Undone, now: Instant) -> Vec<Effect> {
        self.file_change = None;
        let is_outdated = self.planned_edit().is_some() && !self.is_written();
        self.select_undone();
        let mut effects =
            if is_outdated && self.step() == Step::Preview { self.plan_again() } else { Vec::new() };
        effects.extend(self.restore_network(now));
        let files = undone.files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ");
        let next = self.undoable().map_or(String::new(), |former| {
            format!("; press {{undo}} again to undo the write before it: {}", former.proposal.title)
        });
        match undone.warning() {
            // An error notice, because it must stay until the user has read it.
            Some(warning) => self.report_error(format!("{warning}{next}")),
            None => self.inform(format!("{files} restored byte for byte{next}")),
        }
        effects
    }
}
