//! Diagnoses that the application requests: of one service, and of all services for the list.
//!
//! A diagnosis may take longer than a frame, so `update` only requests it as an [`Effect`] with a run id.
//! `terminal` carries out the effect and replies. A reply with another run id is stale and is dropped.
//! While a diagnosis runs, keys still work.

use std::sync::Arc;
use std::time::Instant;

use super::diagnosing::{Diagnosing, Purpose};
use super::{After, App, Effect, Notice, Opening, RunId, Step, TraceView};
use crate::case::Case;
use crate::diagnose::{Finding, FindingVerdict};
use crate::evidence::Query;
use crate::model::{Destination, Snapshot, Workload, WorkloadId};

impl App {
    /// The query for a service: the user's destinations and log, and the service's own log.
    pub(super) fn query_of(&self, id: &WorkloadId) -> Query {
        let mut query = self.query.clone();
        query.log.extend(self.logs.get(id).iter().flat_map(|log| log.findings.iter().cloned()));
        query
    }

    /// Shows the services of a snapshot, and diagnoses each of them.
    pub(super) fn show_snapshot(&mut self, snapshot: Arc<Snapshot>, now: Instant) -> Vec<Effect> {
        let mut effects = vec![self.fill(snapshot, now, false)];
        effects.extend(self.open_by_option(now));
        effects
    }

    /// Shows the services of a snapshot, and diagnoses those without a current badge.
    pub(super) fn fill(&mut self, snapshot: Arc<Snapshot>, now: Instant, is_part: bool) -> Effect {
        let run = self.next_run();
        self.pick.fill(snapshot.clone(), run, now, is_part);
        Effect::DiagnoseAll(run, snapshot, self.query.clone(), self.pick.waiting())
    }

    /// Reacts to the user. If another service is selected then, the services that the user looks at are diagnosed before the others.
    pub(super) fn with_seen_first(&mut self, react: impl FnOnce(&mut Self) -> Vec<Effect>) -> Vec<Effect> {
        let before = (self.pick.diagnosing, self.pick.current().map(|workload| workload.id.clone()));
        let mut effects = react(self);
        let after = (self.pick.diagnosing, self.pick.current().map(|workload| workload.id.clone()));
        if let (Some((_, since)), Some(snapshot)) = (after.0, &self.pick.snapshot)
            && before.0 == after.0
            && before.1 != after.1
        {
            let (snapshot, run) = (snapshot.clone(), self.next_run());
            self.pick.diagnosing = Some((run, since));
            effects.push(Effect::DiagnoseAll(run, snapshot, self.query.clone(), self.pick.waiting()));
        }
        effects
    }

    /// Diagnoses a service, then shows it on Trace.
    pub(super) fn open(&mut self, snapshot: Arc<Snapshot>, workload: Workload, now: Instant) -> Vec<Effect> {
        self.diagnose(snapshot, workload, Purpose::Open, now)
    }

    /// Diagnoses all services after a change of the snapshot or the query. The service that Trace shows, or
    /// that is being opened, is diagnosed again too. Trace then selects the destination `select`.
    pub(super) fn refresh(&mut self, select: Option<Destination>, now: Instant) -> Vec<Effect> {
        let Some(snapshot) = self.pick.snapshot.clone() else { return Vec::new() };
        let mut effects = self.show_snapshot(snapshot.clone(), now);
        let opening = self.diagnosing.take().filter(Diagnosing::is_open).map(|running| running.workload);
        let (id, purpose) = match (opening, &self.trace) {
            (Some(id), _) => (id, Purpose::Open),
            (None, Some(view)) => (view.case.workload.id.clone(), Purpose::Refresh(select)),
            (None, None) => return effects,
        };
        if let Some(workload) = snapshot.workloads.get(&id).cloned() {
            effects.extend(self.diagnose(snapshot, workload, purpose, now));
        }
        effects
    }

    /// Diagnoses the service again if its query or the snapshot changed since the last diagnosis: a log or destination was
    /// added, or facts arrived.
    pub(super) fn refresh_outdated(&mut self, now: Instant) -> Vec<Effect> {
        let is_outdated = |id: &WorkloadId, query: &Query| *query != self.query_of(id);
        let is_latest = |snapshot: &Arc<Snapshot>| {
            self.pick.snapshot.as_ref().is_none_or(|latest| Arc::ptr_eq(latest, snapshot))
        };
        let outdated = match (&self.diagnosing, &self.trace) {
            (Some(running), _) => is_outdated(&running.workload, &running.query),
            (None, Some(view)) => {
                is_outdated(&view.case.workload.id, &view.query) || !is_latest(&view.case.snapshot)
            }
            (None, None) => false,
        };
        if outdated { self.refresh(None, now) } else { Vec::new() }
    }

    /// Diagnoses a service for the comparison on Done.
    pub(super) fn compare(&mut self, snapshot: Arc<Snapshot>, workload: Workload) -> Effect {
        let query = self.query_of(&workload.id);
        let run = self.next_run();
        self.comparing = Some(run);
        Effect::Diagnose(run, snapshot, Box::new(workload), query)
    }

    pub(super) fn diagnose(
        &mut self,
        snapshot: Arc<Snapshot>,
        workload: Workload,
        purpose: Purpose,
        now: Instant,
    ) -> Vec<Effect> {
        let query = self.query_of(&workload.id);
        let run = self.next_run();
        self.diagnosing = Some(Diagnosing {
            since: now,
            service: workload.name.clone(),
            run,
            workload: workload.id.clone(),
            query: query.clone(),
            purpose,
        });
        vec![Effect::Diagnose(run, snapshot, Box::new(workload), query)]
    }

    pub(super) fn badges_done(&mut self, result: Result<(), String>) {
        self.pick.diagnosing = None;
        if let Err(reason) = result {
            self.report_error(format!("The services could not be diagnosed: {reason}"));
        }
    }

    /// Uses the result of a diagnosis; drops a stale result.
    pub(super) fn diagnosed(
        &mut self,
        run: RunId,
        result: Result<Arc<Case>, String>,
        now: Instant,
    ) -> Vec<Effect> {
        if self.comparing == Some(run) {
            self.comparing = None;
            self.compared(result);
            self.continue_to_watch(now);
            return Vec::new();
        }
        let Some(diagnosing) = self.diagnosing.take_if(|diagnosing| diagnosing.run == run) else {
            return Vec::new();
        };
        self.notice.take_if(|notice| matches!(notice, Notice::Delayed(_)));
        let case = match result {
            Ok(case) => case,
            Err(reason) => {
                self.opens_next = None;
                self.report_error(format!("{} could not be diagnosed: {reason}", diagnosing.service));
                return Vec::new();
            }
        };
        match diagnosing.purpose {
            // The typed text belongs to the case shown. Opening the service diagnoses it again.
            Purpose::Open if self.is_typing() && self.step() > Step::Pick => {
                self.opening = Opening::default();
                self.inform(format!("{} is diagnosed: select it on Pick to open it", diagnosing.service));
                Vec::new()
            }
            // When the user returns to Trace, the service is diagnosed again.
            Purpose::Refresh(_) if self.is_typing() && self.step() > Step::Trace => Vec::new(),
            Purpose::Open => {
                self.show_case(TraceView::new(case.clone(), diagnosing.query));
                let mut effects = Vec::new();
                if self.is_typing() {
                    self.opening = Opening::default();
                    self.inform(format!("{} is diagnosed; press {{forward}} to open it", diagnosing.service));
                } else {
                    self.enter(Step::Trace);
                    effects.extend(self.read_log());
                }
                effects.extend(self.read_prices(&case));
                effects.extend(self.resolve(&case));
                effects.extend(self.continue_opening(now));
                effects
            }
            Purpose::Continue => match self.step() {
                Step::Choose if self.is_typing() => Vec::new(),
                Step::Done | Step::Choose => {
                    // If Trace follows, it shows what the fix leaves.
                    let is_left = |finding: &Finding| finding.verdict() != FindingVerdict::Reachable;
                    let row = case.diagnosis.findings.iter().position(is_left).unwrap_or_default();
                    self.continue_with(TraceView { row, ..TraceView::new(case, diagnosing.query) })
                }
                Step::Trace => {
                    self.show_again(case, diagnosing.query, None);
                    Vec::new()
                }
                // The user opened another step meanwhile.
                Step::Pick | Step::Preview => Vec::new(),
            },
            // Done keeps the case of the written fix, so this result is dropped.
            Purpose::Refresh(_) if self.step() == Step::Done => Vec::new(),
            Purpose::Refresh(select) => {
                let mut effects = self.resolve(&case);
                self.show_again(case, diagnosing.query, select.as_ref());
                let opens = self.opens_next.take().is_some() && self.dialog.is_none() && !self.is_typing();
                if opens && self.step() == Step::Trace {
                    self.notice = None;
                    effects.extend(self.forward(now));
                }
                effects
            }
        }
    }

    /// Replaces the case of Trace by a newer one and keeps the selection.
    fn show_again(&mut self, case: Arc<Case>, query: Query, select: Option<&Destination>) {
        let (row, column) = self.trace.as_ref().map_or((0, 0), |view| (view.row, view.column));
        let findings = &case.diagnosis.findings;
        let selected =
            select.and_then(|select| findings.iter().position(|finding| finding.need.destination == *select));
        let row = selected.unwrap_or(row).min(findings.len().saturating_sub(1));
        let filter = self.trace.as_mut().map(|view| std::mem::take(&mut view.filter)).unwrap_or_default();
        let view = TraceView { filter, ..TraceView::new(case, query) };
        let column = column.min(view.columns.len().saturating_sub(1));
        self.show_case(TraceView { row, column, ..view });
        if self.step() > Step::Trace {
            self.enter(Step::Trace);
        }
    }

    /// Shows a case on Trace; the choice and the diff of the previous case are discarded. A written fix stays, because its undo
    /// must be available.
    pub(super) fn show_case(&mut self, view: TraceView) {
        self.trace = Some(view);
        self.choose = None;
        self.preview = None;
    }

    fn compared(&mut self, result: Result<Arc<Case>, String>) {
        let Some(done) = &mut self.done else { return };
        match result {
            Ok(case) => done.set_after(Some(After::Read(Arc::new(case.diagnosis.clone())))),
            Err(reason) => {
                done.forget_result();
                self.report_error(format!("The result could not be diagnosed: {reason}"));
            }
        }
    }
}
