//! What an action does on one of the five steps.

use std::sync::Arc;
use std::time::Instant;

use super::dialog::Wanted;
use super::{
    Action, App, Choice, Choose, Dialog, Done, Effect, Pane, Plan, Preview, Proof, Question, ReadingState,
    Ready, Step,
};
use crate::remedy::PreconditionStatus;
use crate::report;
use crate::terraform::diff::patch;

/// Lines that a page key moves.
pub(super) const PAGE: usize = 10;

impl App {
    /// An action on one of the five steps.
    pub(super) fn act(&mut self, action: Action, now: Instant) -> Vec<Effect> {
        match action {
            Action::Forward => return self.forward(),
            Action::Back => return self.back(),
            Action::Write => {
                if let Some(ready) = self.ready() {
                    let files = ready.changes.files.iter().map(|file| file.path.clone()).collect();
                    let warnings = match &ready.verification {
                        Some(proof) => [proof.objections(), proof.warnings.clone()].concat(),
                        None => vec!["The checks still run.".to_owned()],
                    };
                    let question = Question::Write { files, warnings };
                    self.dialog = Some(Dialog::Question(Choice::Cancel, question));
                }
            }
            Action::Undo => {
                return self.done.iter().map(|done| Effect::Undo(done.changes.root.clone())).collect();
            }
            Action::Reread => return self.reread(now),
            Action::Quit => {
                let written = self.done.as_ref().is_some_and(|done| !done.undone);
                let unwritten = self.step() == Step::Preview && self.ready().is_some() && !written;
                if !unwritten {
                    return vec![Effect::Quit];
                }
                self.dialog = Some(Dialog::Question(Choice::Cancel, Question::Quit));
            }
            Action::Help => self.dialog = Some(Dialog::Help { filter: String::new(), scroll: 0 }),
            Action::Calls => self.dialog = Some(Dialog::Calls { filter: String::new(), scroll: 0 }),
            Action::Filter => {
                self.dialog = Some(Dialog::input(Wanted::ServiceFilter, &self.pick.filter.clone()));
            }
            Action::Add => self.dialog = Some(Dialog::input(Wanted::Destination, "")),
            Action::LeaveOut => self.leave_out(),
            Action::Profile => self.dialog = Some(Dialog::input(Wanted::Profile, "")),
            Action::Region => self.dialog = Some(Dialog::input(Wanted::Region, "")),
            Action::Folder => self.ask_folder(),
            Action::Traffic => {
                let traffic =
                    self.choose.as_ref().map(|choose| choose.traffic.to_string()).unwrap_or_default();
                self.dialog = Some(Dialog::input(Wanted::Traffic, &traffic));
            }
            Action::Toggle => {
                if let Some(choose) = &mut self.choose {
                    choose.toggle();
                }
            }
            Action::NextHunk => self.with_ready(Ready::next_hunk),
            Action::PreviousHunk => self.with_ready(Ready::previous_hunk),
            Action::Caption => self.captions = !self.captions,
            Action::Copy => return self.copy(),
            Action::Export => return self.export(),
            Action::NextPane => match self.step() {
                Step::Trace => {
                    if let Some(view) = &mut self.trace {
                        view.pane = view.pane.other();
                    }
                }
                _ => self.with_ready(|ready| ready.pane = ready.pane.other()),
            },
            Action::Up => self.step_by(-1),
            Action::Down => self.step_by(1),
            Action::PageUp | Action::PageDown if self.step() == Step::Choose => {
                let by = if action == Action::PageUp { -5 } else { 5 };
                if let Some(choose) = &mut self.choose {
                    choose.scroll = choose.scroll.saturating_add_signed(by).min(PAGE * 4);
                }
            }
            Action::PageUp => self.step_by(-PAGE.cast_signed()),
            Action::PageDown => self.step_by(PAGE.cast_signed()),
            Action::First => self.step_by(isize::MIN),
            Action::Last => self.step_by(isize::MAX),
            Action::Left => self.sideways(-1),
            Action::Right => self.sideways(1),
            Action::Leave | Action::Suspend => {}
        }
        Vec::new()
    }

    fn with_ready(&mut self, change: impl FnOnce(&mut Ready)) {
        if let Some(ready) = self.ready_mut() {
            change(ready);
        }
    }

    fn forward(&mut self) -> Vec<Effect> {
        match self.step() {
            Step::Pick => {
                let Some(snapshot) = self.pick.snapshot.clone() else {
                    self.say("The network is still being read");
                    return Vec::new();
                };
                let Some(workload) = self.pick.current().cloned() else { return Vec::new() };
                let same = self.case().is_some_and(|case| {
                    case.workload.id == workload.id && Arc::ptr_eq(&case.snapshot, &snapshot)
                });
                if !same {
                    self.look_at(snapshot, workload);
                }
                self.enter(Step::Trace);
                return self.read_log();
            }
            Step::Trace => {
                let Some(case) = self.case().cloned() else { return Vec::new() };
                if case.proposals.is_empty() {
                    self.say(
                        "Nothing to fix: no destination is blocked for a reason that this version can cure",
                    );
                    return Vec::new();
                }
                if self.choose.is_none() {
                    self.choose = Some(Choose::new(case));
                }
                self.enter(Step::Choose);
            }
            Step::Choose => return self.plan(),
            Step::Preview | Step::Done => {}
        }
        Vec::new()
    }

    fn back(&mut self) -> Vec<Effect> {
        match self.step() {
            Step::Trace if self.log_reading.is_some() => {
                self.log_reading = None;
                self.say("Stopped reading the service's log");
                return vec![Effect::CancelLog];
            }
            Step::Pick if self.reading.is_running() => {
                self.reading.state = ReadingState::Cancelled;
                self.discovery = self.next_run();
                return vec![Effect::CancelDiscovery];
            }
            Step::Pick => self.pick.filter.clear(),
            Step::Trace => self.enter(Step::Pick),
            Step::Choose => self.enter(Step::Trace),
            Step::Preview => self.enter(Step::Choose),
            Step::Done => self.enter(Step::Preview),
        }
        Vec::new()
    }

    /// Plans the edit of the chosen proposal.
    pub(super) fn plan(&mut self) -> Vec<Effect> {
        let Some((case, proposal)) =
            self.choose.as_ref().and_then(|choose| Some((choose.case.clone(), choose.effective()?.clone())))
        else {
            return Vec::new();
        };
        if let Some(unmet) =
            proposal.preconditions.iter().find(|condition| condition.status == PreconditionStatus::NotMet)
        {
            self.fail(format!("{} cannot work here: {}", proposal.title, unmet.text));
            return Vec::new();
        }
        let Some(folder) = self.terraform.clone() else {
            self.ask_folder();
            return Vec::new();
        };
        let run = self.next_run();
        self.planning = run;
        self.preview = Some(Preview { proposal: proposal.clone(), plan: Plan::Running });
        self.enter(Step::Preview);
        vec![Effect::Plan(run, folder, case, Box::new(proposal), self.answers.clone())]
    }

    fn reread(&mut self, now: Instant) -> Vec<Effect> {
        let live = self.is_live();
        if self.step() == Step::Done
            && let Some(done) = &mut self.done
        {
            done.after = Some(if live {
                Proof::Running
            } else {
                Proof::Simulated(Arc::new(done.proposal.after.clone()))
            });
        }
        if live { self.read(now) } else { Vec::new() }
    }

    fn copy(&mut self) -> Vec<Effect> {
        let copied = match self.step() {
            Step::Trace => self
                .trace
                .as_ref()
                .and_then(|view| Some((report::finding_text(view.finding()?), "the finding".to_owned()))),
            Step::Choose => self
                .choose
                .as_ref()
                .and_then(Choose::effective)
                .map(|proposal| (report::proposal_text(proposal), "the proposal".to_owned())),
            Step::Preview => {
                self.ready().map(|ready| (patch(&ready.changes), "the diff as a patch".to_owned()))
            }
            Step::Done => self.done.as_ref().map(|done| (done.commands(), "the next commands".to_owned())),
            Step::Pick => None,
        };
        let Some((text, what)) = copied else { return Vec::new() };
        self.say(format!("Copied {what}, if the terminal takes OSC 52"));
        vec![Effect::Copy(text)]
    }

    fn export(&mut self) -> Vec<Effect> {
        let Some(case) = self.case() else { return Vec::new() };
        let mut text = report::diagnosis_markdown(case);
        if let (Some(preview), Some(ready)) = (&self.preview, self.ready()) {
            text.push('\n');
            text.push_str(&report::fix_markdown(case, &preview.proposal, &ready.changes));
        }
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' };
        let service: String = case.workload.name.chars().map(plain).collect();
        vec![Effect::Export(format!("egress-doctor-{service}.md"), text)]
    }

    fn step_by(&mut self, by: isize) {
        let by_line = |at: usize, count: usize| at.saturating_add_signed(by).min(count.saturating_sub(1));
        match self.step() {
            Step::Pick => {
                self.pick.selected = by_line(self.pick.selected, self.pick.shown().count());
            }
            Step::Trace => {
                if let Some(view) = &mut self.trace {
                    if view.pane == Pane::List {
                        view.row = by_line(view.row, view.case.diagnosis.findings.len());
                        view.scroll = 0;
                    } else {
                        let hops = view.trace().map_or(0, |trace| trace.hops.len());
                        view.scroll = by_line(view.scroll, hops);
                    }
                }
            }
            Step::Choose => {
                if let Some(choose) = &mut self.choose {
                    choose.selected = by_line(choose.selected, choose.case.proposals.len());
                    choose.scroll = 0;
                }
            }
            Step::Preview => self.with_ready(|ready| {
                if ready.pane == Pane::List {
                    ready.file = by_line(ready.file, ready.diffs.len());
                    ready.scroll = 0;
                } else {
                    ready.scroll = by_line(ready.scroll, ready.lines());
                }
            }),
            Step::Done => {
                if let Some(done) = &mut self.done {
                    done.scroll = by_line(done.scroll, PAGE * 3);
                }
            }
        }
    }

    fn sideways(&mut self, by: isize) {
        match self.step() {
            Step::Trace => {
                if let Some(view) = &mut self.trace {
                    let columns = view.finding().map_or(0, |finding| finding.traces.len());
                    view.column = view.column.min(columns.saturating_sub(1));
                    view.column = view.column.saturating_add_signed(by).min(columns.saturating_sub(1));
                    view.scroll = 0;
                }
            }
            Step::Preview => self.with_ready(|ready| {
                ready.file = ready.file.saturating_add_signed(by).min(ready.diffs.len().saturating_sub(1));
                ready.scroll = 0;
            }),
            Step::Pick | Step::Choose | Step::Done => {}
        }
    }
}

impl Done {
    /// What to type next, one command a line.
    #[must_use]
    pub fn commands(&self) -> String {
        let root = self.changes.root.display();
        format!("terraform -chdir={root} plan\nterraform -chdir={root} apply\n")
    }
}
