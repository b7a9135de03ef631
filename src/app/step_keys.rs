//! The state change of each action on the five steps.

use std::sync::Arc;
use std::time::Instant;

use super::movement::PAGE;
use super::{
    Action, After, App, Choose, Confirmation, Dialog, DiscoveryState, Effect, InputPurpose, Plan,
    PlannedEdit, Preview, Step,
};
use crate::remedy::{NoFixReason, PreconditionStatus};
use crate::report;
use crate::terraform::diff::patch;

impl App {
    /// Carries out an action on the step shown.
    pub(super) fn act(&mut self, action: Action, now: Instant) -> Vec<Effect> {
        match action {
            Action::Forward => return self.forward(now),
            Action::Back => return self.back(now),
            Action::Write => self.confirm_write(),
            Action::Undo => {
                return self.done.iter().map(|done| Effect::Undo(done.changes.root.clone())).collect();
            }
            Action::Refresh => return self.read_again(now),
            Action::Quit => {
                let written = self.done.as_ref().is_some_and(|done| !done.undone);
                let unwritten = self.step() == Step::Preview && self.planned_edit().is_some() && !written;
                if !unwritten {
                    return vec![Effect::Quit];
                }
                self.dialog = Some(Dialog::confirm(Confirmation::Quit));
            }
            Action::Help => self.dialog = Some(Dialog::Help { filter: String::new(), scroll: 0 }),
            Action::Calls => self.dialog = Some(Dialog::Calls { filter: String::new(), scroll: 0 }),
            Action::Filter => {
                self.dialog = Some(Dialog::input(InputPurpose::ServiceFilter, &self.pick.filter.clone()));
            }
            Action::Add => self.dialog = Some(Dialog::input(InputPurpose::Destination, "")),
            Action::Hide => return self.hide(now),
            Action::Profile => self.dialog = Some(Dialog::input(InputPurpose::Profile, "")),
            Action::Region => self.dialog = Some(Dialog::input(InputPurpose::Region, "")),
            Action::Folder => self.ask_folder(),
            Action::Traffic => {
                let traffic =
                    self.choose.as_ref().map(|choose| choose.traffic.to_string()).unwrap_or_default();
                self.dialog = Some(Dialog::input(InputPurpose::Traffic, &traffic));
            }
            Action::Mark => {
                if let Some(choose) = &mut self.choose {
                    choose.toggle_mark();
                }
            }
            Action::Checks => self.choose_checks(),
            Action::NextHunk => self.with_edit(PlannedEdit::next_hunk),
            Action::PreviousHunk => self.with_edit(PlannedEdit::previous_hunk),
            Action::Caption => self.captions = !self.captions,
            Action::Copy => return self.copy(),
            Action::Export => return self.export(),
            Action::NextPane => match self.step() {
                Step::Trace => {
                    if let Some(view) = &mut self.trace {
                        view.pane = view.pane.other();
                    }
                }
                _ => self.with_edit(|edit| edit.pane = edit.pane.other()),
            },
            Action::Up => self.move_rows(-1),
            Action::Down => self.move_rows(1),
            Action::PageUp | Action::PageDown if self.step() == Step::Choose => {
                let by = if action == Action::PageUp { -5 } else { 5 };
                if let Some(choose) = &mut self.choose {
                    choose.scroll = choose.scroll.saturating_add_signed(by).min(PAGE * 4);
                }
            }
            Action::PageUp => self.move_rows(-PAGE.cast_signed()),
            Action::PageDown => self.move_rows(PAGE.cast_signed()),
            Action::First => self.move_rows(isize::MIN),
            Action::Last => self.move_rows(isize::MAX),
            Action::Left => self.move_columns(-1),
            Action::Right => self.move_columns(1),
            Action::QuitNow | Action::Suspend => {}
        }
        Vec::new()
    }

    fn confirm_write(&mut self) {
        let Some(edit) = self.planned_edit() else { return };
        let files = edit.changes.files.iter().map(|file| file.path.clone()).collect();
        let warnings = match &edit.verification {
            Some(verification) => {
                [verification.objections(), verification.not_run(), verification.warnings.clone()].concat()
            }
            None => vec!["The checks are still running.".to_owned()],
        };
        self.dialog = Some(Dialog::confirm(Confirmation::Write { files, warnings }));
    }

    fn forward(&mut self, now: Instant) -> Vec<Effect> {
        match self.step() {
            Step::Pick => return self.open_selected(now),
            Step::Trace => {
                let Some(case) = self.case().cloned() else { return Vec::new() };
                if self.diagnosing.is_some() {
                    self.inform("The diagnosis is still running");
                } else if let Some(nothing) = case.nothing_to_do().filter(|_| case.proposals.is_empty()) {
                    self.inform(match nothing.reason {
                        NoFixReason::NothingAsked => {
                            "No destination is known: press a to add one, or paste the lines of the errors"
                                .to_owned()
                        }
                        _ => nothing.text(),
                    });
                } else {
                    if self.choose.is_none() {
                        self.choose = Some(Choose::new(case));
                    }
                    self.enter(Step::Choose);
                }
            }
            Step::Choose => return self.plan(),
            Step::Preview | Step::Done => {}
        }
        Vec::new()
    }

    /// Opens the selected service. If its diagnosis is up to date, Trace shows it without a new diagnosis.
    fn open_selected(&mut self, now: Instant) -> Vec<Effect> {
        let Some(snapshot) = self.pick.snapshot.clone() else {
            self.inform("The network is still being read");
            return Vec::new();
        };
        let Some(workload) = self.pick.current().cloned() else { return Vec::new() };
        if self.diagnosing.as_ref().is_some_and(|diagnosing| diagnosing.opens(&workload.id)) {
            self.inform("The diagnosis is still running; press esc to stop it");
            return Vec::new();
        }
        let query = self.query_of(&workload.id);
        let is_current = self.trace.as_ref().is_some_and(|view| {
            view.case.workload.id == workload.id
                && Arc::ptr_eq(&view.case.snapshot, &snapshot)
                && view.query == query
        });
        if !is_current {
            return self.open(snapshot, workload, now);
        }
        self.diagnosing = None;
        self.enter(Step::Trace);
        self.read_log()
    }

    fn back(&mut self, now: Instant) -> Vec<Effect> {
        match self.step() {
            Step::Trace if self.log_run.is_some() => {
                self.log_run = None;
                self.inform("Stopped reading the log of the service");
                return vec![Effect::CancelLog];
            }
            Step::Pick if self.diagnosing.take_if(|diagnosing| diagnosing.is_open()).is_some() => {
                self.inform("Stopped the diagnosis");
            }
            Step::Pick if self.discovery.is_running() => {
                self.discovery.state = DiscoveryState::Cancelled;
                self.discovery_run = self.next_run();
                self.forget_comparison();
                return vec![Effect::CancelDiscovery];
            }
            Step::Pick => self.pick.filter.clear(),
            Step::Trace => self.enter(Step::Pick),
            Step::Choose => {
                self.enter(Step::Trace);
                return self.refresh_outdated(now);
            }
            Step::Preview => self.enter(Step::Choose),
            Step::Done => self.enter(Step::Preview),
        }
        Vec::new()
    }

    /// Plans the edit of the marked fixes, or of the selected fix.
    pub(super) fn plan(&mut self) -> Vec<Effect> {
        let Some((case, proposal)) =
            self.choose.as_ref().and_then(|choose| Some((choose.case.clone(), choose.effective()?.clone())))
        else {
            return Vec::new();
        };
        if let Some(unmet) =
            proposal.preconditions.iter().find(|condition| condition.status == PreconditionStatus::NotMet)
        {
            self.report_error(format!("{} is not possible here: {}", proposal.title, unmet.text));
            return Vec::new();
        }
        let Some(folder) = self.terraform.clone() else {
            self.ask_folder();
            return Vec::new();
        };
        let run = self.next_run();
        self.planning_run = run;
        self.preview = Some(Preview { proposal: proposal.clone(), plan: Plan::Running });
        self.enter(Step::Preview);
        vec![Effect::Plan(run, folder, case, Box::new(proposal), self.answers.clone())]
    }

    /// Reads AWS again; without an account, Done shows the simulated result.
    fn read_again(&mut self, now: Instant) -> Vec<Effect> {
        let live = self.is_live();
        if self.step() == Step::Done
            && let Some(done) = &mut self.done
        {
            done.after = Some(if live {
                After::Running
            } else {
                After::Simulated(Arc::new(done.proposal.after.clone()))
            });
        }
        if live { self.discover(now) } else { Vec::new() }
    }

    fn copy(&mut self) -> Vec<Effect> {
        let copied = match self.step() {
            Step::Trace => self
                .trace
                .as_ref()
                .and_then(|view| Some((report::finding_text(view.finding()?), "the destination".to_owned()))),
            Step::Choose => self
                .choose
                .as_ref()
                .and_then(Choose::effective)
                .map(|proposal| (report::proposal_text(proposal), "the fix".to_owned())),
            Step::Preview => {
                self.planned_edit().map(|edit| (patch(&edit.changes), "the diff as a patch".to_owned()))
            }
            Step::Done => self.done.as_ref().map(|done| (done.commands(), "the next commands".to_owned())),
            Step::Pick => None,
        };
        let Some((text, what)) = copied else { return Vec::new() };
        self.inform(format!("Copied {what} (if the terminal supports OSC 52)"));
        vec![Effect::Copy(text)]
    }

    fn export(&mut self) -> Vec<Effect> {
        let Some(case) = self.case() else { return Vec::new() };
        let mut text = report::diagnosis_markdown(case);
        if let (Some(preview), Some(edit)) = (&self.preview, self.planned_edit()) {
            text.push('\n');
            text.push_str(&report::fix_markdown(case, &preview.proposal, &edit.changes));
        }
        let to_file_name = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' };
        let service: String = case.workload.name.chars().map(to_file_name).collect();
        vec![Effect::Export(format!("egress-doctor-{service}.md"), text)]
    }
}
