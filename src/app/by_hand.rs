//! A fix that the user makes by hand: its way from Preview to the result.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Instant;

use super::{App, ByHandFix, Done, Editable, Effect, Plan, Scroll, Step};
use crate::remedy::{AwsCommands, Proposal, RemedyId};
use crate::report::money;

impl App {
    /// The fix on Preview, if the whole of it must be made by hand.
    #[must_use]
    pub fn by_hand_fix(&self) -> Option<&ByHandFix> {
        match &self.preview.as_ref()?.plan {
            Plan::ByHand(fix) => Some(fix),
            Plan::Running(_) | Plan::Ready(_) | Plan::Failed(_) => None,
        }
    }

    /// The commands of the AWS CLI for the fix on Preview, if the whole of it must be made by hand.
    #[must_use]
    pub fn commands_of_preview(&self) -> AwsCommands {
        let (Some(preview), Some(fix), Some(case)) = (&self.preview, self.by_hand_fix(), self.case()) else {
            return AwsCommands::default();
        };
        let parts = fix.parts.iter().filter(|part| part.is_elsewhere);
        let remedies: Vec<RemedyId> = parts.flat_map(|part| part.remedies.clone()).collect();
        case.aws_commands(&preview.proposal, &remedies)
    }

    /// A fix that can be written instead of the one on Preview: the one that fixes the most destinations, as a sentence.
    #[must_use]
    pub fn written_instead(&self) -> Option<String> {
        let (choose, preview) = (self.choose.as_ref()?, self.preview.as_ref()?);
        let is_written = |proposal: &&Proposal| {
            proposal.is_possible()
                && proposal.breaks.is_empty()
                && !proposal.fixes.is_empty()
                && proposal.remedies != preview.proposal.remedies
                && matches!(choose.editable(proposal), Some(Editable::Files(_)))
        };
        let fixes = || choose.case.proposals.iter().filter(is_written);
        let safe = fixes().filter(|fix| fix.may_break().is_none()).rev().max_by_key(|fix| fix.fixes.len());
        let best = safe.or_else(|| fixes().max_by_key(|fix| fix.fixes.len()))?;
        let all = best.fixes.len() + best.still_blocked.len();
        Some(format!(
            "This fix can be written in this folder: {}. It fixes {} of {all}, {}. Press {{back}} for it.",
            best.title,
            best.fixes.len(),
            money(best.estimate.fixed_per_month, best.estimate.per_gb())
        ))
    }

    /// Whether Done shows the fix of Preview, which the user makes by hand.
    #[must_use]
    pub fn is_made_by_hand(&self) -> bool {
        let (Some(preview), Some(done), Some(case)) = (&self.preview, &self.done, &self.trace) else {
            return false;
        };
        self.by_hand_fix().is_some()
            && !done.undone
            && done.written.is_none()
            && done.proposal.remedies == preview.proposal.remedies
            && Arc::ptr_eq(&done.case, &case.case)
    }

    /// Shows Done for the fix on Preview. Without an account, the result is simulated at once; a live account is read when the user has
    /// made the change.
    pub(super) fn make_by_hand(&mut self, now: Instant) -> Vec<Effect> {
        if self.is_made_by_hand() {
            self.enter(Step::Done);
            return Vec::new();
        }
        let (Some(preview), Some(fix), Some(case)) = (&self.preview, self.by_hand_fix(), self.case()) else {
            return Vec::new();
        };
        let done = Done {
            case: case.clone(),
            proposal: preview.proposal.clone(),
            written: None,
            by_hand: fix.parts.clone(),
            undone: false,
            after: None,
            maps: OnceCell::new(),
            watch: None,
            scroll: Scroll::default(),
        };
        self.show_done(done);
        self.enter(Step::Done);
        if self.is_live() { Vec::new() } else { self.read_again(now) }
    }

    /// Shows a fix on Done; the one before it can be undone after it.
    pub(super) fn show_done(&mut self, done: Done) {
        self.former.extend(self.done.replace(done).filter(Done::is_undoable));
        self.comparing = None;
        self.changing = None;
    }

    /// Takes back the simulated change of a fix by hand.
    pub(super) fn withdraw(&mut self, now: Instant) -> Vec<Effect> {
        self.select_undone();
        let effects = self.restore_network(now);
        let title = self.done.as_ref().map(|done| done.proposal.title.clone()).unwrap_or_default();
        self.inform(format!("The simulated change by hand is undone: {title}"));
        effects
    }

    /// The newest fix that can be undone is undone, and Done shows it.
    pub(super) fn select_undone(&mut self) {
        if !self.done.as_ref().is_some_and(Done::is_undoable) {
            self.done = self.former.pop();
        }
        if let Some(done) = &mut self.done {
            done.undone = true;
            done.set_after(None);
        }
    }
}
