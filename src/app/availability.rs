//! Whether an action has an effect now, its hint in the footer, and the notice for a key without an effect.

use std::borrow::Cow;

use super::{Action, After, App, Binding, Button, Dialog, Filter, MarkedSet, Origin, Step, TraceView};
use crate::remedy::Proposal;

impl App {
    /// Whether the action has an effect now. The footer shows only such actions.
    #[must_use]
    pub fn can(&self, action: Action) -> bool {
        if let Some(dialog) = &self.dialog {
            return match (dialog, action) {
                (Dialog::Confirm { confirmation, .. }, Action::Yes | Action::No) => {
                    confirmation.is_yes_or_no()
                }
                (Dialog::Explain { hop, .. }, Action::Left) => *hop > 0,
                (Dialog::Explain { hop, .. }, Action::Copy) => {
                    let explanation = self.trace.as_ref().and_then(|view| view.explanation(*hop));
                    explanation.is_some_and(|explanation| explanation.command.is_some())
                }
                (Dialog::Explain { hop, .. }, Action::Right) => {
                    let trace = self.trace.as_ref().and_then(TraceView::trace);
                    trace.is_some_and(|trace| hop + 1 < trace.hops.len())
                }
                _ => true,
            };
        }
        match (action, self.step()) {
            (Action::Forward, Step::Pick) => {
                self.diagnosing.is_none() && self.pick.snapshot.is_some() && self.pick.current().is_some()
            }
            (Action::Forward, Step::Trace) => {
                self.diagnosing.is_none()
                    && self.trace.as_ref().is_some_and(|view| !view.case.proposals.is_empty())
            }
            (Action::Forward, Step::Choose) => self
                .choose
                .as_ref()
                .and_then(|choose| choose.planned())
                .is_some_and(|proposal| !proposal.fixes.is_empty() || !proposal.unknown_after.is_empty()),
            (Action::Forward, Step::Done) => self.done.as_ref().is_some_and(|done| {
                !done.undone
                    && match &done.after {
                        None => true,
                        Some(After::Running) => false,
                        Some(After::Read(_) | After::Simulated(_)) => done.remaining() > 0,
                    }
            }),
            (Action::Hide, _) => {
                self.trace.as_ref().is_some_and(|view| view.case.diagnosis.findings.len() > 1)
            }
            (Action::Unhide, _) => self.has_hidden(),
            (Action::Forward | Action::Write | Action::Copy | Action::CopyList, Step::Preview) => {
                self.planned_edit().is_some() || self.by_hand_fix().is_some()
            }
            (Action::Filter, Step::Preview) => self.filter().is_some(),
            (action, step) if needs_edit(action, step) => self.planned_edit().is_some(),
            (Action::Copy, Step::Choose) => {
                self.choose.as_ref().is_some_and(|choose| choose.planned().is_some())
            }
            (Action::Undo, _) => self.undoable().is_some() && self.file_change.is_none(),
            (Action::Filter | Action::Sort, Step::Pick) => self.pick.rows.len() > 1,
            (Action::Filter, Step::Trace) => {
                self.trace.as_ref().is_some_and(|view| view.case.diagnosis.findings.len() > 1)
            }
            (Action::Filter, _) => self.choose.as_ref().is_some_and(|choose| choose.case.proposals.len() > 1),
            (Action::Scenarios | Action::NextScenario | Action::PreviousScenario, _) => {
                matches!(self.origin, Origin::Scenario(_))
            }
            (Action::Mark, _) => self.choose.as_ref().is_some_and(|choose| {
                choose.case.proposals.len() > 1 && choose.current().is_some_and(Proposal::is_possible)
            }),
            (Action::Profile | Action::Region, _) | (Action::Refresh, Step::Pick | Step::Trace) => {
                self.is_live()
            }
            (Action::Refresh, Step::Preview) => self.preview.is_some() && !self.is_written(),
            (Action::Refresh, Step::Done) => self.done.as_ref().is_some_and(|done| {
                !done.undone && !matches!(done.after, Some(After::Running | After::Simulated(_)))
            }),
            (Action::Watch, _) => {
                self.is_live() && self.done.as_ref().is_some_and(|done| !done.undone && !done.is_complete())
            }
            (Action::CopyList, Step::Choose) => {
                self.choose.as_ref().is_some_and(|choose| choose.planned().is_some())
            }
            (Action::CopyCommand | Action::CopyList, Step::Done) => {
                self.done.as_ref().is_some_and(|done| !done.undone)
            }
            (Action::Calls, _) => !self.discovery.calls.is_empty(),
            (Action::Map | Action::Explain | Action::CopyList, Step::Trace) => {
                self.case().is_some_and(|case| !case.diagnosis.findings.is_empty())
            }
            (Action::NextCause, _) => {
                self.trace.as_ref().is_some_and(|view| !view.case.diagnosis.causes.is_empty())
            }
            (Action::History, _) => self.can_read_history(),
            (Action::Caption, _) => matches!(self.origin, Origin::Scenario(_)),
            _ => true,
        }
    }

    /// Whether the user hid destinations.
    #[must_use]
    pub fn has_hidden(&self) -> bool {
        !self.query.hidden.is_empty()
    }

    /// Why an action of the step has no effect now.
    pub(super) fn why_not(&self, action: Action) -> Option<&'static str> {
        Some(match (action, self.step()) {
            (Action::Forward, Step::Preview) => {
                "This fix cannot be written in this folder: press {back} for the other fixes"
            }
            (Action::Forward, Step::Done) => match self.done.as_ref().map(|done| done.undone) {
                Some(true) => "The write is undone: press {back} to go back",
                _ if self.done.as_ref().is_some_and(|done| matches!(done.after, Some(After::Running))) => {
                    "AWS is being read"
                }
                _ => "All destinations are reachable: press {quit} to quit",
            },
            (Action::Filter, Step::Preview) => "No edit is planned: there is no diff to search",
            (Action::Hide, _) => "The last destination cannot be hidden",
            (Action::NextCause, _) => "No cause is known that could be selected",
            (Action::Unhide, _) => "No destination is hidden",
            (Action::Undo, _) if self.file_change.is_some() => "The files are being changed",
            (Action::Undo, _)
                if self.done.as_ref().is_some_and(|done| done.undone && done.written.is_some()) =>
            {
                "All writes of this session are undone"
            }
            (Action::Undo, _) => "Nothing is written that can be undone",
            (Action::Filter, _) => "There is nothing to filter: the list has one row",
            (Action::Sort, _) => "There is nothing to sort: the list has one row",
            (Action::Scenarios | Action::NextScenario | Action::PreviousScenario, _) => {
                "Only the demo has scenarios: start egress-doctor demo"
            }
            (Action::Mark, _)
                if self.choose.as_ref().is_some_and(|choose| choose.case.proposals.len() > 1) =>
            {
                "The selected fix is not possible here, so it cannot be marked"
            }
            (Action::Mark, _) => "There is only one fix",
            (Action::Profile | Action::Region, _) | (Action::Refresh, Step::Pick | Step::Trace) => {
                "This data is not from live AWS: start egress-doctor without a subcommand to read an account"
            }
            (Action::Refresh, Step::Preview) => "This diff is written; press {undo} to undo it",
            (Action::Refresh, Step::Done) => match &self.done {
                Some(done) if done.undone => "The write is undone: there is no result to read",
                Some(done) if matches!(done.after, Some(After::Simulated(_))) => {
                    "The result is simulated: only a live account is read again"
                }
                _ => "AWS is being read",
            },
            (Action::Watch, _) if !self.is_live() => "Only a live account is read again",
            (Action::Watch, _) if self.done.as_ref().is_some_and(|done| done.undone) => {
                "The write is undone: there is no result to read"
            }
            (Action::Watch, _) => "All destinations are reachable",
            (Action::Calls, _) => "This snapshot has no record of its AWS calls",
            (Action::Map | Action::Explain | Action::CopyList, Step::Trace) => {
                "No destination is known: there is no path to show"
            }
            (Action::History, _) if self.is_live() => "Nothing blocks the selected destination",
            (Action::History, _) => "AWS CloudTrail is read only of a live account",
            (Action::Caption, _) => "Only the demo has captions",
            (action, step) if needs_edit(action, step) => "No edit is planned",
            (Action::Copy, Step::Preview) => "No edit is planned",
            (Action::CopyList, Step::Done) => "The write is undone: there is no command to copy",
            (Action::Copy | Action::CopyList, _) => "The marked fixes are not one fix that can be copied",
            _ => return None,
        })
    }

    /// One or two words about a key for the footer; they name what the key does now.
    #[must_use]
    pub fn hint(&self, binding: &Binding) -> Cow<'static, str> {
        if let Some(Dialog::Confirm { button, confirmation, .. }) = &self.dialog {
            return match binding.action {
                Action::Forward => confirmation.label(*button),
                Action::Yes => confirmation.label(Button::Proceed),
                Action::No => confirmation.label(Button::Cancel),
                _ => binding.hint,
            }
            .into();
        }
        if self.dialog.is_some() {
            return binding.hint.into();
        }
        match (binding.action, self.step()) {
            (Action::Forward, Step::Choose) if self.is_by_hand() => "steps by hand".into(),
            (Action::Forward, Step::Choose)
                if self.choose.as_ref().is_some_and(|choose| choose.on_steps && choose.set().is_none()) =>
            {
                "diff of step 1".into()
            }
            (Action::Forward, Step::Choose) => match &self.choose {
                Some(choose) if matches!(choose.set(), Some(MarkedSet::Simulated(_))) => {
                    match choose.count_marked() {
                        1 => "diff of the marked fix".into(),
                        count => format!("diff of the {count} marked").into(),
                    }
                }
                _ => binding.hint.into(),
            },
            (Action::Zoom, _) if self.is_zoomed() => "all panes".into(),
            (Action::NextHunk, Step::Preview) if self.filter().is_some_and(Filter::is_on) => {
                "next match".into()
            }
            // In the demo, Enter alone goes through the scenario.
            (Action::Write, Step::Preview) if self.own_copy && self.planned_edit().is_some() => "".into(),
            (Action::Forward, Step::Preview) if self.own_copy && self.planned_edit().is_some() => {
                if self.is_written() { "result" } else { "write" }.into()
            }
            (Action::Write, Step::Preview) if self.is_written() => "result".into(),
            // The key that writes does the same as that of the next step, which the footer has.
            (Action::Write, Step::Preview) if self.by_hand_fix().is_some() => "".into(),
            (Action::Forward, Step::Preview) if self.by_hand_fix().is_some() => {
                if self.is_live() { "after the change" } else { "simulated result" }.into()
            }
            (Action::Forward, Step::Done) => {
                match self.done.as_ref().map(|done| (done.to_fix(), done.remaining())) {
                    Some((0, 1..)) => "check the rest".into(),
                    Some((to_fix, remaining)) if to_fix == remaining && remaining > 0 => {
                        format!("fix the other {remaining}").into()
                    }
                    Some((to_fix @ 1.., remaining)) => {
                        format!("fix {to_fix} of the other {remaining}").into()
                    }
                    _ => binding.hint.into(),
                }
            }
            _ => binding.hint.into(),
        }
    }
}

/// Whether an action has an effect only with a planned edit.
fn needs_edit(action: Action, step: Step) -> bool {
    match action {
        Action::Write
        | Action::Checks
        | Action::NextHunk
        | Action::PreviousHunk
        | Action::MoreContext
        | Action::LessContext
        | Action::Editor
        | Action::SideBySide => true,
        Action::NextPane | Action::Zoom | Action::Filter => step == Step::Preview,
        _ => false,
    }
}
