//! The state of the application, and queries that the screens and the keys share.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::discovery::Discovery;
use super::file_change::FileChange;
use super::prices::Prices;
use super::{
    Choose, Confirmation, Context, Diagnosing, Dialog, Done, Effect, Filter, Keymap, OpenedScenario, Opening,
    Pick, Plan, PlannedEdit, Preview, ReadingLog, RunId, StartLog, Step, Tour, TraceView,
};
use crate::case::Case;
use crate::discover::{LiveRequest, ServiceLog, TimeLimits};
use crate::evidence::{LogFinding, Query};
use crate::model::{Snapshot, Workload, WorkloadId, WorkloadKind};
use crate::terraform::{CheckLevel, OwnerChoices};

/// The smallest terminal on which the application is drawn: columns, rows.
pub const SMALLEST_SCREEN: (u16, u16) = (60, 20);

/// The application.
#[derive(Clone, Debug)]
pub struct App {
    /// The source of the snapshot.
    pub origin: Origin,
    /// The step shown. Only [`App::enter`] changes it, and only to a step whose state exists.
    step: Step,
    /// The progress of discovery.
    pub discovery: Discovery,
    /// The first step.
    pub pick: Pick,
    /// The second step.
    pub trace: Option<TraceView>,
    /// The third step.
    pub choose: Option<Choose>,
    /// The fourth step.
    pub preview: Option<Preview>,
    /// The fifth step.
    pub done: Option<Done>,
    /// The fixes that were written before, and are not undone; the oldest first.
    pub(super) former: Vec<Done>,
    /// The change of the user's files that runs.
    pub(super) file_change: Option<FileChange>,
    /// The tour, while it runs.
    pub(super) tour: Option<Tour>,
    /// The dialog in front of the step.
    pub dialog: Option<Dialog>,
    /// A message to the user.
    pub notice: Option<Notice>,
    /// The panes that are drawn.
    pub(super) panes: Panes,
    /// Whether the captions of the demo are shown.
    pub captions: bool,
    /// The keys and the defaults of the user.
    pub preferences: Preferences,
    /// The Terraform folder to edit.
    pub terraform: Option<PathBuf>,
    /// Whether that folder is the program's own copy, so that its code may be executed without a question.
    pub(super) own_copy: bool,
    /// What opens by itself, until it is open.
    pub(super) opening: Opening,
    /// The option `--check`, until the user chooses on the screen.
    pub(super) check: Option<CheckLevel>,
    /// The user's answers: which checks may run, by canonical folder.
    pub(super) answers_on_checks: BTreeMap<PathBuf, CheckLevel>,
    /// The user's answers: which resources of that folder manage which AWS resources.
    pub(super) answers: OwnerChoices,
    /// The user's destinations and log.
    pub(super) query: Query,
    /// The query at the start; the difference is the user's work, which quitting loses.
    pub(super) initial_query: Query,
    /// Whether the terminal is smaller than [`SMALLEST_SCREEN`], so that the user does not see the effect of a key.
    pub(super) is_too_small: bool,
    /// The logs of the services that were read so far.
    pub(super) logs: BTreeMap<WorkloadId, ServiceLog>,
    /// The hosts that this machine's resolver was asked for.
    pub(super) asked_hosts: BTreeSet<String>,
    /// The service whose log is being read.
    pub(super) log_run: Option<(RunId, WorkloadId)>,
    /// The reading of the log of the start.
    pub(super) reading_log: Option<ReadingLog>,
    /// The reading of the last changes.
    pub(super) history_run: Option<RunId>,
    /// The list prices of the Region.
    pub(super) prices: Prices,
    /// The last run id that was assigned.
    last_run: RunId,
    /// The run id of the latest opening of a scenario.
    pub(super) scenario_run: RunId,
    /// The run id of the latest discovery.
    pub(super) discovery_run: RunId,
    /// The diagnosis of one service, while it runs.
    pub(super) diagnosing: Option<Diagnosing>,
    /// The step that opens after the running diagnosis: the fixes, if the user asked for them meanwhile. The next key withdraws the
    /// request.
    pub(super) opens_next: Option<Step>,
    /// The changes of a written fix on a copy of the snapshot, while they are made.
    pub(super) changing: Option<RunId>,
    /// The diagnosis for the comparison on Done, while it runs.
    pub(super) comparing: Option<RunId>,
    /// The run id of the latest plan.
    pub(super) planning_run: RunId,
    /// The run id of the latest checks, or of the reading of the user's answer before them.
    pub(super) checking_run: RunId,
}

/// The panes that are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Panes {
    /// All panes of the step.
    #[default]
    All,
    /// The focused one, on the whole screen.
    Focused,
}

/// The initial input of the application.
#[derive(Debug)]
pub struct Start {
    /// The source of the snapshot.
    pub origin: Origin,
    /// The snapshot; `None` if it must be read from AWS.
    pub snapshot: Option<Snapshot>,
    /// The user's destinations and log.
    pub query: Query,
    /// The log that is read behind the first frame.
    pub log: Option<StartLog>,
    /// The Terraform folder to edit, if it is known.
    pub terraform: Option<PathBuf>,
    /// Whether that folder is the program's own copy of a scenario.
    pub own_copy: bool,
    /// The option `--check`: the highest check that runs.
    pub check: Option<CheckLevel>,
    /// The files of an interrupted write in that folder; empty if there is none.
    pub interrupted: Vec<PathBuf>,
    /// What opens by itself.
    pub opening: Opening,
    /// The keys and the defaults of the user.
    pub preferences: Preferences,
}

impl Start {
    /// The start of a scenario of the demo.
    #[must_use]
    pub fn scenario(opened: OpenedScenario, preferences: Preferences) -> Self {
        Self {
            origin: Origin::Scenario(opened.name),
            snapshot: Some(opened.snapshot),
            query: Query::default(),
            log: Some(StartLog::Scenario(opened.log)),
            terraform: Some(opened.terraform),
            own_copy: true,
            check: None,
            interrupted: Vec::new(),
            opening: Opening::default(),
            preferences,
        }
    }
}

/// The keys and the defaults of the user.
#[derive(Clone, Debug)]
pub struct Preferences {
    /// The keys in force.
    pub keymap: Keymap,
    /// The traffic that Choose expects at first, in GB per month.
    pub traffic: u32,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { keymap: Keymap::default(), traffic: 100 }
    }
}

/// The source of the snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Live AWS.
    Live(Box<LiveRequest>),
    /// A file.
    File(PathBuf),
    /// A scenario of the demo.
    Scenario(&'static str),
}

/// A message to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Information; the next key removes it.
    Info(String),
    /// What the running diagnosis delays; the end of the diagnosis or the next key removes it.
    Delayed(String),
    /// An error; it stays until the user dismisses it.
    Error(String),
}

impl App {
    /// The initial state and the first effects.
    #[must_use]
    pub fn start(start: Start, now: Instant) -> (Self, Vec<Effect>) {
        Self::begin(start, RunId(0), now)
    }

    /// Starts again with other input. The run ids go on, so that no reply to an earlier effect is used.
    pub(super) fn restart(&mut self, start: Start, now: Instant) -> Vec<Effect> {
        let (app, effects) = Self::begin(start, self.last_run, now);
        let (captions, is_too_small) = (self.captions, self.is_too_small);
        *self = Self { captions, is_too_small, ..app };
        effects
    }

    fn begin(start: Start, last_run: RunId, now: Instant) -> (Self, Vec<Effect>) {
        let interrupted = start.terraform.clone().filter(|_| !start.interrupted.is_empty());
        let dialog = interrupted
            .map(|root| Dialog::confirm(Confirmation::Interrupted { root, files: start.interrupted }));
        let mut app = Self {
            captions: matches!(start.origin, Origin::Scenario(_)),
            origin: start.origin,
            step: Step::Pick,
            discovery: Discovery::recorded(start.snapshot.as_ref().map_or(&[], |snapshot| &snapshot.calls)),
            pick: Pick::default(),
            trace: None,
            choose: None,
            preview: None,
            done: None,
            former: Vec::new(),
            file_change: None,
            tour: start.opening.plays_tour.then(Tour::begin),
            dialog,
            notice: None,
            panes: Panes::All,
            preferences: start.preferences,
            terraform: start.terraform,
            own_copy: start.own_copy,
            check: start.check,
            opening: start.opening,
            answers_on_checks: BTreeMap::new(),
            answers: OwnerChoices::new(),
            initial_query: start.query.clone(),
            is_too_small: false,
            query: start.query,
            logs: BTreeMap::new(),
            asked_hosts: BTreeSet::new(),
            log_run: None,
            reading_log: None,
            history_run: None,
            prices: Prices::NotNeeded,
            last_run,
            discovery_run: RunId(0),
            scenario_run: RunId(0),
            diagnosing: None,
            opens_next: None,
            comparing: None,
            changing: None,
            planning_run: RunId(0),
            checking_run: RunId(0),
        };
        let effects = match start.snapshot {
            Some(snapshot) => {
                let effects = app.show_snapshot(Arc::new(snapshot), now);
                match start.log {
                    // The services are diagnosed with it.
                    Some(log) => vec![app.read_start_log(log, now)],
                    None => effects,
                }
            }
            None => match start.log {
                // The discovery reads the facts about its hosts too.
                Some(log) => {
                    app.discovery = Discovery::started(now);
                    vec![app.read_start_log(log, now)]
                }
                None => app.discover(now),
            },
        };
        if app.opening.lists_scenarios && app.dialog.is_none() {
            app.open_scenarios();
        }
        (app, effects)
    }

    /// The step shown.
    #[must_use]
    pub fn step(&self) -> Step {
        self.step
    }

    /// The context of the next key.
    #[must_use]
    pub fn context(&self) -> Context {
        if self.filter().is_some_and(Filter::is_typing) {
            return Context::Filter;
        }
        self.dialog.as_ref().map_or(Context::from(self.step), Dialog::context)
    }

    /// Whether characters are text now: the step must not change under it, because the rest of the text would be keys.
    pub(super) fn is_typing(&self) -> bool {
        self.context().takes_text()
    }

    /// Whether the focused pane has the whole screen.
    #[must_use]
    pub fn is_zoomed(&self) -> bool {
        self.panes == Panes::Focused
    }

    /// Whether work runs, so that the spinner moves.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let planning = self.preview.as_ref().is_some_and(|preview| match &preview.plan {
            Plan::Running(_) => true,
            Plan::Ready(edit) => edit.verification.is_none(),
            Plan::ByHand(_) | Plan::Failed(_) => false,
        });
        self.discovery.is_running()
            || self.diagnosing.is_some()
            || self.pick.diagnosing.is_some()
            || self.comparing.is_some()
            || self.changing.is_some()
            || self.file_change.is_some()
            || self.log_run.is_some()
            || self.reading_log.is_some()
            || self.history_run.is_some()
            || self.choose.as_ref().is_some_and(Choose::is_simulating)
            || planning
    }

    /// The diagnosis of one service, while it runs.
    #[must_use]
    pub fn diagnosing(&self) -> Option<&Diagnosing> {
        self.diagnosing.as_ref()
    }

    /// Whether the snapshot comes from live AWS.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.origin, Origin::Live(_))
    }

    /// The time after which a call without a reply is given up.
    #[must_use]
    pub fn call_limit(&self) -> Duration {
        match &self.origin {
            Origin::Live(request) => request.limits,
            Origin::File(_) | Origin::Scenario(_) => TimeLimits::default(),
        }
        .call()
    }

    /// The planned edit, if planning succeeded.
    #[must_use]
    pub fn planned_edit(&self) -> Option<&PlannedEdit> {
        match &self.preview.as_ref()?.plan {
            Plan::Ready(edit) => Some(edit),
            Plan::Running(_) | Plan::ByHand(_) | Plan::Failed(_) => None,
        }
    }

    pub(super) fn planned_edit_mut(&mut self) -> Option<&mut PlannedEdit> {
        match &mut self.preview.as_mut()?.plan {
            Plan::Ready(edit) => Some(edit),
            Plan::Running(_) | Plan::ByHand(_) | Plan::Failed(_) => None,
        }
    }

    /// Whether the edit on Preview is written.
    #[must_use]
    pub fn is_written(&self) -> bool {
        let Some(edit) = self.planned_edit() else { return false };
        let written = self.done.as_ref().filter(|done| !done.undone).and_then(|done| done.written.as_ref());
        written.is_some_and(|written| written.changes == edit.changes)
    }

    /// The case of the steps after the first one.
    #[must_use]
    pub fn case(&self) -> Option<&Arc<Case>> {
        match (&self.done, &self.trace) {
            (Some(done), _) if self.step == Step::Done => Some(&done.case),
            (_, view) => view.as_ref().map(|view| &view.case),
        }
    }

    /// Shows a step if its state exists.
    pub(super) fn enter(&mut self, step: Step) {
        let exists = match step {
            Step::Pick => true,
            Step::Trace => self.trace.is_some(),
            Step::Choose => self.choose.is_some(),
            Step::Preview => self.preview.is_some(),
            Step::Done => self.done.is_some(),
        };
        if exists {
            let is_other = step != self.step;
            if let Some(filter) = self.filter_mut().filter(|_| is_other) {
                filter.end();
            }
            if is_other {
                self.panes = Panes::All;
            }
            self.step = step;
        }
    }

    /// Starts to read live AWS.
    pub(super) fn discover(&mut self, now: Instant) -> Vec<Effect> {
        let Origin::Live(request) = &self.origin else { return Vec::new() };
        let mut request = request.clone();
        let in_logs = self.query.log.iter().chain(self.logs.values().flat_map(|log| &log.findings));
        let in_logs = in_logs.filter_map(|finding| finding.destination.as_ref());
        request.hosts =
            self.query.requested.iter().chain(in_logs).map(|destination| destination.host.clone()).collect();
        self.discovery = Discovery::started(now);
        self.discovery_run = self.next_run();
        vec![Effect::Discover(self.discovery_run, *request)]
    }

    /// Starts to read one service again into the snapshot; everything if there is no complete snapshot of an App Runner service.
    pub(super) fn discover_service(&mut self, workload: &Workload, now: Instant) -> Vec<Effect> {
        let base = self.pick.snapshot.clone().filter(|_| !self.discovery.is_running() && !self.pick.is_part);
        let mut effects = self.discover(now);
        if let (Some(base), WorkloadKind::AppRunner) = (base, &workload.kind) {
            for effect in &mut effects {
                if let Effect::Discover(_, request) = effect {
                    request.service = Some(workload.id.to_string());
                    request.base = Some(base.clone());
                }
            }
        }
        effects
    }

    pub(super) fn next_run(&mut self) -> RunId {
        self.last_run = RunId(self.last_run.0 + 1);
        self.last_run
    }

    /// The failed connections in the user's log.
    pub fn findings_in_log(&self) -> impl Iterator<Item = &LogFinding> {
        self.query.log.iter()
    }

    pub(super) fn inform(&mut self, text: impl Into<String>) {
        let text: String = text.into();
        self.notice = Some(Notice::Info(self.preferences.keymap.fill(&text)));
    }

    /// Says what waits for the running diagnosis.
    pub(super) fn inform_of_delay(&mut self, text: &str) {
        self.notice = Some(Notice::Delayed(self.preferences.keymap.fill(text)));
    }

    pub(super) fn report_error(&mut self, text: impl Into<String>) {
        let text: String = text.into();
        self.notice = Some(Notice::Error(self.preferences.keymap.fill(&text)));
    }
}
