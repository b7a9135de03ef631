//! The state change of each action on the five steps.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::choose_keys::not_possible;
use super::scroll::PAGE;
use super::state::Panes;
use super::{
    Action, After, App, Button, Choose, Confirmation, Dialog, DiscoveryState, Done, Effect, Filter,
    InputPurpose, MarkedSet, Opening, Plan, Preview, Scroll, Step,
};
use crate::case::Case;
use crate::remedy::{NoFixReason, Proposal};

impl App {
    /// Carries out an action on the step shown.
    pub(super) fn act(&mut self, action: Action, now: Instant) -> Vec<Effect> {
        match action {
            Action::Forward => return self.forward(now),
            Action::Back => return self.back(now),
            Action::Write => return self.write_or_show(now),
            Action::Undo => return self.undo(now),
            Action::Refresh if self.step() == Step::Preview => return self.plan_again(),
            Action::Refresh => return self.read_again(now),
            Action::Watch => return self.watch(now),
            Action::Quit => return self.quit(),
            Action::Help => {
                self.dialog = Some(Dialog::Help { filter: Filter::default(), scroll: Scroll::default() });
            }
            Action::Calls => {
                self.dialog = Some(Dialog::Calls { filter: Filter::default(), scroll: Scroll::default() });
            }
            Action::Explain => self.explain(),
            Action::History => return self.read_history(),
            Action::Map => {
                self.dialog = Some(Dialog::Map { scroll: Scroll::default(), column: Scroll::default() });
            }
            Action::Filter => {
                if let Some(filter) = self.filter_mut() {
                    filter.begin();
                }
            }
            Action::Palette => self.open_palette(),
            Action::Scenarios => self.open_scenarios(),
            Action::NextScenario => return self.neighbour_scenario(1),
            Action::PreviousScenario => return self.neighbour_scenario(-1),
            Action::Add => self.dialog = Some(Dialog::input(InputPurpose::Destination, "")),
            Action::Hide => return self.hide(now),
            Action::Unhide => return self.unhide(now),
            Action::Sort => self.pick.keep_selected(|pick| pick.order = pick.order.other()),
            Action::Profile => return self.open_profiles(),
            Action::Region => self.open_regions(),
            Action::Folder => self.ask_folder(),
            Action::Traffic => {
                let traffic =
                    self.choose.as_ref().map(|choose| choose.traffic.to_string()).unwrap_or_default();
                self.dialog = Some(Dialog::input(InputPurpose::Traffic, &traffic));
            }
            Action::MoreTraffic | Action::LessTraffic => {
                if let Some(choose) = &mut self.choose {
                    choose.change_traffic(action == Action::MoreTraffic);
                }
            }
            Action::Mark => return self.mark(now),
            Action::NextCause => self.select_next_cause(),
            Action::Checks => self.choose_checks(),
            Action::NextHunk | Action::PreviousHunk => self.with_edit(|edit| {
                let is_forward = action == Action::NextHunk;
                match (edit.search.is_on(), is_forward) {
                    (true, _) => edit.next_match(is_forward),
                    (false, true) => edit.next_hunk(),
                    (false, false) => edit.previous_hunk(),
                }
            }),
            Action::MoreContext => self.with_edit(|edit| edit.change_context(true)),
            Action::LessContext => self.with_edit(|edit| edit.change_context(false)),
            Action::Editor => return self.open_editor(),
            Action::SideBySide => self.with_edit(|edit| edit.is_side_by_side = !edit.is_side_by_side),
            Action::Caption => self.captions = !self.captions,
            Action::Copy => return self.copy(),
            Action::CopyList => self.open_copy_list(),
            Action::Export => return self.export(),
            Action::NextPane => {
                if let Some(pane) = self.focused() {
                    self.focus(if self.step() == Step::Preview { pane.other() } else { pane.next() });
                }
            }
            Action::Zoom => {
                self.panes = if self.is_zoomed() { Panes::All } else { Panes::Focused };
            }
            Action::Up => self.move_rows(-1),
            Action::Down => self.move_rows(1),
            Action::PageUp | Action::PageDown if self.focused_list() == Some(Step::Choose) => {
                let by = if action == Action::PageUp { -5 } else { 5 };
                if let Some(choose) = &mut self.choose {
                    choose.scroll.by(by);
                }
            }
            Action::PageUp => self.move_rows(-PAGE.cast_signed()),
            Action::PageDown => self.move_rows(PAGE.cast_signed()),
            Action::First => self.move_rows(isize::MIN),
            Action::Last => self.move_rows(isize::MAX),
            Action::Left => self.move_columns(-1),
            Action::Right => self.move_columns(1),
            Action::QuitNow | Action::Suspend | Action::Yes | Action::No | Action::CopyCommand => {}
        }
        Vec::new()
    }

    /// Quits; asks first if something would be lost.
    pub(super) fn quit(&mut self) -> Vec<Effect> {
        let lost = self.losses();
        if lost.is_empty() {
            return vec![Effect::Quit];
        }
        self.dialog = Some(Dialog::confirm(Confirmation::Quit { lost }));
        Vec::new()
    }

    /// Whether the fix on Preview cannot be written.
    fn has_no_edit(&self) -> bool {
        self.preview.as_ref().is_some_and(|preview| matches!(preview.plan, Plan::Failed(_)))
    }

    /// Asks before the edit is written; shows the result of an edit that is written. In the demo the folder is a copy, so that Write is
    /// selected: Enter alone goes through the scenario.
    fn write_or_show(&mut self, now: Instant) -> Vec<Effect> {
        if self.by_hand_fix().is_some() {
            return self.make_by_hand(now);
        }
        if self.is_written() {
            self.enter(Step::Done);
        } else if let Some(running) = &self.file_change {
            self.inform(running.sentence());
        } else {
            self.confirm_write(if self.own_copy { Button::Proceed } else { Button::Cancel });
        }
        Vec::new()
    }

    pub(super) fn forward(&mut self, now: Instant) -> Vec<Effect> {
        match self.step() {
            Step::Pick => return self.open_selected(now),
            Step::Trace => {
                let Some(case) = self.case().cloned() else { return Vec::new() };
                if self.diagnosing.is_some() {
                    self.opens_next = Some(Step::Choose);
                    self.inform_of_delay("The diagnosis is still running; the fixes open when it ends");
                } else if self.reading_log.is_some() {
                    // Fixes without the destinations of the log would be wrong.
                    self.opens_next = Some(Step::Choose);
                    self.inform("The log is still being read; the fixes open when it is diagnosed");
                } else if let Some(nothing) = case.nothing_to_do().filter(|_| case.proposals.is_empty()) {
                    match nothing.reason {
                        NoFixReason::NothingAsked => self.inform(
                            "No destination is known: press {add} to add one, or paste the lines of the errors",
                        ),
                        _ => self.say_why_no_fix(&nothing),
                    }
                } else {
                    let is_new = self.choose.is_none();
                    if is_new {
                        self.choose = Some(Choose::new(case, self.preferences.traffic));
                    }
                    self.enter(Step::Choose);
                    return if is_new { self.try_plans() } else { Vec::new() };
                }
            }
            Step::Choose => return self.plan(),
            Step::Preview if self.has_no_edit() => {
                if let Some(reason) = self.why_not(Action::Forward) {
                    self.inform(reason);
                }
            }
            Step::Preview => return self.write_or_show(now),
            Step::Done => return self.continue_from_done(now),
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
            self.inform_of_delay("The diagnosis is still running; press {back} to stop it");
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
        self.opening = Opening::default();
        // The first esc shows all panes again, and all rows.
        if std::mem::take(&mut self.panes) == Panes::Focused || self.clear_filter() {
            return Vec::new();
        }
        match self.step() {
            Step::Trace if self.log_run.is_some() => {
                self.log_run = None;
                self.inform("Stopped reading the log of the service");
                return vec![Effect::CancelLog];
            }
            Step::Pick if self.reading_log.as_ref().is_some_and(|log| log.name.is_some()) => {
                return self.stop_reading_log(now);
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
            Step::Pick => {}
            Step::Trace => self.enter(Step::Pick),
            Step::Preview => {
                self.enter(Step::Choose);
                return self.renew_fixes(now);
            }
            // Preview may show another fix than the written one. After the undo of an earlier write there are no fixes for its network.
            Step::Done if self.is_written() || self.is_made_by_hand() => self.enter(Step::Preview),
            Step::Done if self.choose.is_some() => {
                self.enter(Step::Choose);
                return self.renew_fixes(now);
            }
            Step::Choose | Step::Done => {
                self.enter(Step::Trace);
                return self.refresh_outdated(now);
            }
        }
        Vec::new()
    }

    /// Plans the edit of the marked fixes, or of the selected fix.
    pub(super) fn plan(&mut self) -> Vec<Effect> {
        let Some(choose) = &self.choose else { return Vec::new() };
        match choose.set() {
            Some(MarkedSet::Simulating(..)) => {
                self.inform("The marked fixes are still being simulated");
                return Vec::new();
            }
            Some(MarkedSet::Impossible(reason)) => {
                self.report_error(format!("The marked fixes cannot be combined: {reason}"));
                return Vec::new();
            }
            Some(MarkedSet::Simulated(_)) | None => {}
        }
        let case = choose.case.clone();
        let Some(proposal) = choose.planned().cloned() else { return Vec::new() };
        let is_written = |done: &Done| {
            !done.undone && Arc::ptr_eq(&done.case, &case) && done.proposal.remedies == proposal.remedies
        };
        if self.done.as_ref().is_some_and(is_written) {
            self.enter(Step::Done);
            let is_written = self.done.as_ref().is_some_and(|done| done.written.is_some());
            self.inform(if is_written {
                "This fix is written; press {undo} to undo it"
            } else {
                "This is the result of the change by hand"
            });
            return Vec::new();
        }
        if let Some(reason) = not_possible(&proposal) {
            self.report_error(reason);
            return Vec::new();
        }
        let Some(folder) = self.terraform.clone() else {
            self.ask_folder();
            return Vec::new();
        };
        self.start_plan(folder, case, proposal)
    }

    /// Plans the fix on Preview again, in the folder as it is now.
    pub(super) fn plan_again(&mut self) -> Vec<Effect> {
        let (Some(preview), Some(case), Some(folder)) = (&self.preview, self.case(), &self.terraform) else {
            return Vec::new();
        };
        let (folder, case, proposal) = (folder.clone(), case.clone(), preview.proposal.clone());
        self.start_plan(folder, case, proposal)
    }

    fn start_plan(&mut self, folder: PathBuf, case: Arc<Case>, proposal: Proposal) -> Vec<Effect> {
        let run = self.next_run();
        self.planning_run = run;
        self.preview = Some(Preview { proposal: proposal.clone(), plan: Plan::Running(Filter::default()) });
        self.enter(Step::Preview);
        vec![Effect::Plan(run, folder, case, Box::new(proposal), self.answers.clone())]
    }

    /// Reads AWS again; without an account, Done shows the simulated result.
    pub(super) fn read_again(&mut self, now: Instant) -> Vec<Effect> {
        let (live, is_done) = (self.is_live(), self.step() == Step::Done);
        let run = self.next_run();
        if let Some(done) = self.done.as_mut().filter(|_| is_done) {
            if !live {
                done.set_after(Some(After::Simulated(Arc::new(done.proposal.after.clone()))));
                self.changing = Some(run);
                return vec![Effect::Change(run, done.case.clone(), Box::new(done.proposal.clone()))];
            }
            done.set_after(Some(After::Running));
        }
        match self.case().map(|case| case.workload.clone()) {
            Some(workload) if live && self.step() != Step::Pick => self.discover_service(&workload, now),
            _ if live => self.discover(now),
            _ => Vec::new(),
        }
    }
}
