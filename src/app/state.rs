//! Everything the screen shows.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::{
    Action, Badge, Choice, Choose, Context, Dialog, Done, Effect, Pick, PickRow, Plan, Preview, Proof,
    Question, Reading, Run, TraceView,
};
use crate::case::Case;
use crate::discover::{LiveRequest, ServiceLog};
use crate::evidence::{LogFinding, Query};
use crate::model::{Snapshot, WorkloadId};
use crate::terraform::Answers;

/// The application.
#[derive(Debug)]
pub struct App {
    /// Where the snapshot comes from.
    pub origin: Origin,
    /// Which step is shown. Its state is there: only [`App::enter`] sets it.
    step: Step,
    /// The progress of discovery.
    pub reading: Reading,
    /// Step one.
    pub pick: Pick,
    /// Step two.
    pub trace: Option<TraceView>,
    /// Step three.
    pub choose: Option<Choose>,
    /// Step four.
    pub preview: Option<Preview>,
    /// Step five.
    pub done: Option<Done>,
    /// What stands over the screen.
    pub dialog: Option<Dialog>,
    /// A line to the user.
    pub notice: Option<Notice>,
    /// Whether the demo's captions are shown.
    pub captions: bool,
    /// The folder to edit.
    pub terraform: Option<PathBuf>,
    /// What was said of ids that the code in it does not tell.
    pub(super) answers: Answers,
    pub(super) query: Query,
    /// The services' own logs, as far as they were read.
    pub(super) logs: BTreeMap<WorkloadId, ServiceLog>,
    /// The service whose log is being read.
    pub(super) log_reading: Option<(Run, WorkloadId)>,
    /// The number given out last.
    last: Run,
    /// The discovery that is waited for.
    pub(super) discovery: Run,
    /// The plan, and its checks, that are waited for.
    pub(super) planning: Run,
}

/// What the application begins with.
#[derive(Debug)]
pub struct Start {
    /// Where the snapshot comes from.
    pub origin: Origin,
    /// The snapshot, unless it is still to be read from AWS.
    pub snapshot: Option<Snapshot>,
    /// What the user brings along.
    pub query: Query,
    /// The folder to edit, where it is known.
    pub terraform: Option<PathBuf>,
    /// The files of an earlier write in that folder that was cut short; empty where there is none.
    pub interrupted: Vec<PathBuf>,
}

/// Where the snapshot comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Live AWS.
    Live(LiveRequest),
    /// A file.
    File(PathBuf),
    /// A scenario of the demo.
    Scenario(&'static str),
}

/// The five steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Which service.
    Pick,
    /// What is wrong.
    Trace,
    /// Which fix.
    Choose,
    /// The diff.
    Preview,
    /// What was written.
    Done,
}

impl Step {
    /// All, in order.
    pub const ALL: &[Self] = &[Self::Pick, Self::Trace, Self::Choose, Self::Preview, Self::Done];

    /// Its name in the breadcrumb.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Pick => "Pick",
            Self::Trace => "Trace",
            Self::Choose => "Choose",
            Self::Preview => "Preview",
            Self::Done => "Done",
        }
    }
}

/// A line to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It goes with the next key.
    Said(String),
    /// It stays until dismissed.
    Error(String),
}

impl App {
    /// The application at its beginning, and what to do first.
    #[must_use]
    pub fn start(start: Start, now: Instant) -> (Self, Vec<Effect>) {
        let interrupted = start.terraform.clone().filter(|_| !start.interrupted.is_empty()).map(|root| {
            let question = Question::Interrupted { root, files: start.interrupted.clone() };
            Dialog::Question(Choice::Cancel, question)
        });
        let mut app = Self {
            captions: matches!(start.origin, Origin::Scenario(_)),
            origin: start.origin,
            step: Step::Pick,
            reading: Reading::recorded(),
            pick: Pick::default(),
            trace: None,
            choose: None,
            preview: None,
            done: None,
            dialog: interrupted,
            notice: None,
            terraform: start.terraform,
            answers: Answers::new(),
            query: start.query,
            logs: BTreeMap::new(),
            log_reading: None,
            last: Run(0),
            discovery: Run(0),
            planning: Run(0),
        };
        let effects = match start.snapshot {
            Some(snapshot) => {
                app.pick.fill(Arc::new(snapshot), &app.query);
                Vec::new()
            }
            None => app.read(now),
        };
        (app, effects)
    }

    /// The step shown.
    #[must_use]
    pub fn step(&self) -> Step {
        self.step
    }

    /// Where keys go.
    #[must_use]
    pub fn context(&self) -> Context {
        match (&self.dialog, self.step) {
            (Some(dialog), _) => dialog.context(),
            (None, Step::Pick) => Context::Pick,
            (None, Step::Trace) => Context::Trace,
            (None, Step::Choose) => Context::Choose,
            (None, Step::Preview) => Context::Preview,
            (None, Step::Done) => Context::Done,
        }
    }

    /// Whether something runs, so that the screen moves by itself.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let planning = self.preview.as_ref().is_some_and(|preview| match &preview.plan {
            Plan::Running => true,
            Plan::Ready(ready) => ready.verification.is_none(),
            Plan::Failed(_) => false,
        });
        self.reading.is_running() || self.log_reading.is_some() || planning
    }

    /// Whether the action does something now. The footer shows only what does.
    #[must_use]
    pub fn can(&self, action: Action) -> bool {
        match (action, self.step) {
            _ if self.dialog.is_some() => true,
            (Action::Forward, Step::Pick) => self.pick.snapshot.is_some() && self.pick.current().is_some(),
            (Action::Forward, Step::Trace) => {
                self.trace.as_ref().is_some_and(|view| !view.case.proposals.is_empty())
            }
            (Action::Forward, Step::Choose) => self
                .choose
                .as_ref()
                .and_then(Choose::effective)
                .is_some_and(|proposal| !proposal.fixes.is_empty()),
            (Action::LeaveOut, _) => {
                self.trace.as_ref().is_some_and(|view| view.case.diagnosis.findings.len() > 1)
            }
            (Action::Write | Action::NextHunk | Action::PreviousHunk, _) => self.ready().is_some(),
            (Action::Undo, _) => self.done.as_ref().is_some_and(|done| !done.undone),
            (Action::Filter, Step::Pick) => self.pick.rows.len() > 1,
            (Action::Toggle, _) => self.choose.as_ref().is_some_and(|choose| choose.case.proposals.len() > 1),
            (Action::Profile | Action::Region, _) | (Action::Reread, Step::Pick | Step::Trace) => {
                self.is_live()
            }
            (Action::Reread, Step::Done) => self
                .done
                .as_ref()
                .is_some_and(|done| !done.undone && !matches!(done.after, Some(Proof::Running))),
            (Action::Calls, _) => !self.reading.calls.is_empty(),
            (Action::Caption, _) => matches!(self.origin, Origin::Scenario(_)),
            _ => true,
        }
    }

    /// Whether live AWS is behind it.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.origin, Origin::Live(_))
    }

    /// The planned edit.
    #[must_use]
    pub fn ready(&self) -> Option<&super::Ready> {
        match &self.preview.as_ref()?.plan {
            Plan::Ready(ready) => Some(ready),
            Plan::Running | Plan::Failed(_) => None,
        }
    }

    pub(super) fn ready_mut(&mut self) -> Option<&mut super::Ready> {
        match &mut self.preview.as_mut()?.plan {
            Plan::Ready(ready) => Some(ready),
            Plan::Running | Plan::Failed(_) => None,
        }
    }

    /// The case that the steps after the first are about.
    #[must_use]
    pub fn case(&self) -> Option<&Arc<Case>> {
        self.trace.as_ref().map(|view| &view.case)
    }

    /// Shows a step, if there is something to show.
    pub(super) fn enter(&mut self, step: Step) {
        let there = match step {
            Step::Pick => true,
            Step::Trace => self.trace.is_some(),
            Step::Choose => self.choose.is_some(),
            Step::Preview => self.preview.is_some(),
            Step::Done => self.done.is_some(),
        };
        if there {
            self.step = step;
        }
    }

    /// Begins to read live AWS.
    pub(super) fn read(&mut self, now: Instant) -> Vec<Effect> {
        let Origin::Live(request) = &self.origin else { return Vec::new() };
        let request = request.clone();
        self.reading = Reading::begun(now);
        self.discovery = self.next_run();
        vec![Effect::Discover(self.discovery, request)]
    }

    pub(super) fn next_run(&mut self) -> Run {
        self.last = Run(self.last.0 + 1);
        self.last
    }

    /// What the log says could not be reached.
    pub fn findings_in_log(&self) -> impl Iterator<Item = &LogFinding> {
        self.query.log.iter()
    }

    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice::Said(text.into()));
    }

    pub(super) fn fail(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice::Error(text.into()));
    }

    /// Services whose network is still being read.
    pub(super) fn show_services(&mut self, workloads: Vec<crate::model::Workload>) {
        let badge: Option<Badge> = None;
        self.pick.rows = workloads.into_iter().map(|workload| PickRow { workload, badge }).collect();
    }
}
