//! The state change of each message.

use std::sync::Arc;
use std::time::Instant;

use super::{
    Action, After, App, ByHandFix, Confirmation, Context, Dialog, DiscoveryState, Effect, Filter, Key,
    Message, Notice, Origin, Pane, Plan, PlanFailure, PlannedEdit, RunId, SMALLEST_SCREEN, Scroll, Step,
    TraceView,
};
use crate::discover::{Progress, ServiceLog};
use crate::evidence::distinct_names;
use crate::model::{Destination, Snapshot, WorkloadId, WorkloadKind};
use crate::terraform::PlannedFix;

impl App {
    /// Changes the state and returns the effects that `terminal` must carry out.
    pub fn update(&mut self, message: Message, now: Instant) -> Vec<Effect> {
        match message {
            Message::Key(key) => return self.with_seen_first(|app| app.key(key, now)),
            Message::Act(action) => {
                return self.with_seen_first(|app| app.react(Key::NONE, Some(action), now));
            }
            Message::Select(row) => {
                return self.with_seen_first(|app| app.selected(row));
            }
            Message::Click(hit) => return self.with_seen_first(|app| app.clicked(hit)),
            Message::Wheel(pane, action) => {
                return self.with_seen_first(|app| app.turned(pane, action, now));
            }
            Message::TourIsDue => return self.continue_tour(now),
            Message::Paste(text) => {
                self.end_tour();
                return self.paste(&text, now);
            }
            Message::Progress(run, progress)
                if self.expects_log(run) || self.expects_prices(run) || self.history_run == Some(run) =>
            {
                self.discovery.record(progress);
            }
            Message::Progress(run, progress) if run == self.discovery_run => match progress {
                Progress::Workloads(list) if self.pick.snapshot.is_none() => self.pick.show(list),
                Progress::Part(snapshot) => return self.part_read(snapshot, now),
                Progress::Network(snapshot) => return self.network_read(snapshot, now),
                progress => self.discovery.record(progress),
            },
            Message::Discovered(run, result) if run == self.discovery_run => {
                return self.discovered(result, now);
            }
            Message::Badge(run, id, badge) if self.pick.expects(run) => self.pick.set_badge(&id, badge),
            Message::BadgesDone(run, result) if self.pick.expects(run) => self.badges_done(result),
            Message::Changed(run, result) => return self.network_changed(run, result, now),
            Message::Diagnosed(run, result) => return self.diagnosed(run, result, now),
            Message::Planned(run, result) if run == self.planning_run => return self.planned(result),
            Message::ConsentRead(run, result) if run == self.checking_run => {
                return self.consent_read(result);
            }
            Message::Checked(run, verification) if run == self.checking_run => {
                if let Some(edit) = self.planned_edit_mut() {
                    edit.verification = Some(verification);
                }
                self.update_confirmation();
            }
            Message::LogRead(run, id, result) if self.expects_log(run) => {
                return self.log_read(id, result, now);
            }
            Message::PricesRead(run, result) if self.expects_prices(run) => {
                return self.prices_read(result.ok().flatten(), now);
            }
            Message::StartLogRead(run, result) => return self.start_log_read(run, result, now),
            Message::Resolved(answers) => return self.resolved(answers, now),
            Message::HistoryRead(run, result) if self.history_run == Some(run) => self.history_read(result),
            Message::PlansTried(run, results) => self.plans_tried(run, results),
            Message::Simulated(run, result) => self.simulated(run, result),
            Message::FolderRead(run, result) => return self.folder_read(run, result),
            Message::Resized(columns, rows) => {
                self.is_too_small = columns < SMALLEST_SCREEN.0 || rows < SMALLEST_SCREEN.1;
            }
            // A reply with another run id is stale and is dropped.
            Message::LogRead(..)
            | Message::PricesRead(..)
            | Message::HistoryRead(..)
            | Message::Progress(..)
            | Message::Discovered(..)
            | Message::Badge(..)
            | Message::BadgesDone(..)
            | Message::Planned(..)
            | Message::ConsentRead(..)
            | Message::Checked(..)
            | Message::ConsentSaved(Ok(())) => {}
            Message::Written(result) => self.written(result),
            Message::Undone(Ok(undone)) => return self.undone(&undone, now),
            Message::Recovered(result) => {
                self.file_change = None;
                match result {
                    Ok(text) => self.inform(text),
                    Err(reason) => self.report_error(reason),
                }
            }
            Message::Undone(Err(reason)) => {
                self.file_change = None;
                self.report_error(reason);
            }
            Message::ProfilesRead(run, result) => self.profiles_read(run, result),
            Message::ScenarioOpened(run, result) => return self.scenario_opened(run, result, now),
            Message::Edited(result) => return self.edited(result),
            Message::WatchIsDue => return self.watch_is_due(now),
            Message::CopiedToTmux(is_copied) => self.copied_to_tmux(is_copied),
            Message::Exported(Ok(path)) => self.inform(format!("Report saved to {}", path.display())),
            Message::ConsentSaved(Err(reason)) | Message::Exported(Err(reason)) => self.report_error(reason),
        }
        Vec::new()
    }

    /// The user turned the wheel over a pane.
    fn turned(&mut self, pane: Option<Pane>, action: Action, now: Instant) -> Vec<Effect> {
        if let Some(pane) = pane.filter(|_| self.dialog.is_none()) {
            self.focus(pane);
        }
        self.react(Key::NONE, Some(action), now)
    }

    fn selected(&mut self, row: usize) -> Vec<Effect> {
        self.select_row(row);
        Vec::new()
    }

    fn key(&mut self, key: Key, now: Instant) -> Vec<Effect> {
        let action = self.preferences.keymap.action(self.context(), key);
        if self.key_of_tour(key, action) {
            return Vec::new();
        }
        self.react(key, action, now)
    }

    /// The effect of a key and its action.
    pub(super) fn react(&mut self, key: Key, action: Option<Action>, now: Instant) -> Vec<Effect> {
        let context = self.context();
        self.opens_next = None;
        if self.is_too_small && !self.works_unseen(action) {
            return Vec::new();
        }
        if matches!(self.notice, Some(Notice::Error(_)))
            && self.dialog.is_none()
            && matches!(action, Some(Action::Back | Action::Forward))
        {
            self.notice = None;
            return Vec::new();
        }
        if matches!(self.notice, Some(Notice::Info(_) | Notice::Delayed(_))) {
            self.notice = None;
        }
        match (context, action) {
            (_, Some(Action::QuitNow)) if self.is_asking_to_quit() => vec![Effect::Quit],
            (_, Some(Action::QuitNow)) => self.quit(),
            (_, Some(Action::Suspend)) => vec![Effect::Suspend],
            (Context::Input, action) => self.input_key(key, action, now),
            (Context::Picker, action) => self.picker_key(key, action, now),
            (Context::Filter, action) => {
                self.filter_key(key, action);
                Vec::new()
            }
            (
                Context::Reader
                | Context::Map
                | Context::Explain
                | Context::Confirmation
                | Context::Owner
                | Context::Checks,
                Some(action),
            ) => {
                if self.can(action) {
                    self.dialog_action(action)
                } else {
                    Vec::new()
                }
            }
            (_, Some(Action::CopyCommand)) => self.copy_command(key),
            (_, Some(action)) => self.perform(action, now),
            (Context::Pick | Context::Trace | Context::Choose | Context::Preview | Context::Done, None) => {
                self.notice = self.preferences.keymap.works_elsewhere(key).map(Notice::Info);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Whether an action works while the terminal is too small to show its effect: only those that end or suspend the program.
    fn works_unseen(&self, action: Option<Action>) -> bool {
        match action {
            Some(Action::Quit | Action::QuitNow | Action::Suspend) => true,
            Some(Action::Yes | Action::No | Action::Back) => self.is_asking_to_quit(),
            _ => false,
        }
    }

    fn is_asking_to_quit(&self) -> bool {
        matches!(self.dialog, Some(Dialog::Confirm { confirmation: Confirmation::Quit { .. }, .. }))
    }

    fn discovered(&mut self, result: Result<Box<Snapshot>, String>, now: Instant) -> Vec<Effect> {
        let since = match self.discovery.state {
            DiscoveryState::Running(since) => Some(now.saturating_duration_since(since)),
            _ => None,
        };
        let snapshot = match result {
            Ok(snapshot) => snapshot,
            Err(reason) => {
                self.discovery.state = DiscoveryState::Failed(reason.clone());
                if let Some(done) = &mut self.done {
                    done.forget_result();
                }
                self.report_error(reason);
                return Vec::new();
            }
        };
        self.discovery.state = DiscoveryState::Finished(since);
        if let Some(done) = self.done.as_mut().filter(|done| matches!(done.after, Some(After::Running))) {
            let snapshot: Arc<Snapshot> = Arc::from(snapshot);
            let id = done.case.workload.id.clone();
            let mut effects = self.show_snapshot(snapshot.clone(), now);
            match snapshot.workloads.get(&id).cloned() {
                Some(workload) => effects.push(self.compare(snapshot, workload)),
                None => self.forget_comparison(),
            }
            return effects;
        }
        self.use_snapshot(snapshot, now)
    }

    /// Ends a comparison without a result.
    pub(super) fn forget_comparison(&mut self) {
        self.comparing = None;
        if let Some(done) = self.done.as_mut().filter(|done| matches!(done.after, Some(After::Running))) {
            done.forget_result();
        }
    }

    fn planned(&mut self, result: Result<PlannedFix, PlanFailure>) -> Vec<Effect> {
        let is_visible = self.step() == Step::Preview && self.dialog.is_none();
        let Some(preview) = &mut self.preview else { return Vec::new() };
        match result {
            Ok(PlannedFix::ByHand(parts)) => {
                preview.plan = Plan::ByHand(Box::new(ByHandFix { parts, scroll: Scroll::default() }));
                Vec::new()
            }
            Ok(PlannedFix::Files(changes)) => {
                // The user may have begun to type the search.
                let search = match &mut preview.plan {
                    Plan::Running(search) => std::mem::take(search),
                    Plan::Ready(_) | Plan::ByHand(_) | Plan::Failed(_) => Filter::default(),
                };
                preview.proposal = changes.as_planned(preview.proposal.clone());
                preview.plan = Plan::Ready(Box::new(PlannedEdit { search, ..PlannedEdit::new(*changes) }));
                self.with_edit(PlannedEdit::search_from_here);
                self.start_checks()
            }
            Err(PlanFailure { reason, question }) => {
                preview.plan = Plan::Failed(reason);
                if is_visible {
                    self.dialog = question.map(|question| Dialog::Owner {
                        question,
                        selected: 0,
                        filter: Filter::default(),
                    });
                }
                Vec::new()
            }
        }
    }

    fn expects_log(&self, run: RunId) -> bool {
        self.log_run.as_ref().is_some_and(|(expected, _)| *expected == run)
    }

    /// Reads the log of the App Runner service on Trace, unless it was read before or the user gave a log.
    pub(super) fn read_log(&mut self) -> Vec<Effect> {
        let Some(workload) = self.case().map(|case| case.workload.clone()) else { return Vec::new() };
        let Origin::Live(request) = &self.origin else { return Vec::new() };
        let is_known = self.logs.contains_key(&workload.id) || !self.query.log.is_empty();
        if is_known || workload.kind != WorkloadKind::AppRunner {
            return Vec::new();
        }
        let request = request.clone();
        let run = self.next_run();
        self.log_run = Some((run, workload.id.clone()));
        vec![Effect::ReadLog(run, *request, workload.id)]
    }

    fn log_read(&mut self, id: WorkloadId, result: Result<ServiceLog, String>, now: Instant) -> Vec<Effect> {
        self.log_run = None;
        let log = match result {
            Ok(log) => log,
            Err(reason) => {
                self.report_error(reason);
                return Vec::new();
            }
        };
        if let Some(gap) = log.gaps.first() {
            self.inform(format!("The log of the service could not be read: {gap}"));
        } else {
            let failures = match log.findings.len() {
                1 => "1 failure".to_owned(),
                count => format!("{count} different failures"),
            };
            self.inform(format!("Read {} lines of {}: {failures}", log.lines, log.group));
        }
        self.logs.insert(id, log);
        // A later step keeps its case. When the user returns to Trace, the service is diagnosed again.
        if self.step() <= Step::Trace { self.refresh_outdated(now) } else { Vec::new() }
    }

    /// Hides the selected destination.
    pub(super) fn hide(&mut self, now: Instant) -> Vec<Effect> {
        let finding = self.trace.as_ref().and_then(TraceView::finding);
        let Some(destination) = finding.map(|finding| finding.need.destination.clone()) else {
            return Vec::new();
        };
        if self.query.hidden.contains(&destination) {
            return Vec::new();
        }
        self.inform(format!(
            "{} is hidden; press {{unhide}} to show it again",
            self.short_name(&destination)
        ));
        self.query.hidden.push(destination);
        self.refresh(None, now)
    }

    /// Shows the destination again that was hidden last.
    pub(super) fn unhide(&mut self, now: Instant) -> Vec<Effect> {
        let Some(destination) = self.query.hidden.pop() else { return Vec::new() };
        let rest = match self.query.hidden.len() {
            0 => String::new(),
            count => format!("; {count} more hidden"),
        };
        self.inform(format!("{} is shown again{rest}", self.short_name(&destination)));
        self.refresh(Some(destination), now)
    }

    /// The short name of a destination, `Secrets Manager`.
    pub(super) fn short_name(&self, destination: &Destination) -> String {
        self.short_names(&[destination]).concat()
    }

    /// The short names of destinations, different from each other and from those of the diagnosis.
    pub(super) fn short_names(&self, destinations: &[&Destination]) -> Vec<String> {
        let Some(snapshot) = &self.pick.snapshot else {
            return destinations.iter().map(ToString::to_string).collect();
        };
        let findings = self.case().into_iter().flat_map(|case| &case.diagnosis.findings);
        let shown = findings.map(|finding| &finding.need.destination);
        let all: Vec<&Destination> = destinations.iter().copied().chain(shown).collect();
        let mut names = distinct_names(&all, &snapshot.region);
        names.truncate(destinations.len());
        names
    }
}
