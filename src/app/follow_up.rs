//! What follows after a write: the result, then the fixes for the destinations that are still blocked, until none is left.

use std::sync::Arc;
use std::time::Instant;

use super::diagnosing::Purpose;
use super::{Action, After, App, Choose, Effect, RunId, Step, TraceView};
use crate::case::Case;
use crate::diagnose::{Finding, FindingVerdict};
use crate::evidence::Caller;
use crate::model::Snapshot;
use crate::remedy::{NoFixReason, NothingToDo};

impl App {
    /// Shows the result of the write; if it is known, diagnoses the network again to propose fixes for the rest.
    pub(super) fn continue_from_done(&mut self, now: Instant) -> Vec<Effect> {
        let Some(done) = &self.done else { return Vec::new() };
        if done.undone {
            if let Some(reason) = self.why_not(Action::Forward) {
                self.inform(reason);
            }
            return Vec::new();
        }
        match done.after {
            None => return self.read_again(now),
            Some(After::Running) => return Vec::new(),
            Some(After::Read(_) | After::Simulated(_)) => {}
        }
        if self.changing.is_some() || self.diagnosing.is_some() {
            self.inform_of_delay("The diagnosis is still running");
            return Vec::new();
        }
        self.diagnose_after_fix(now)
    }

    /// Diagnoses the network after the fix on Done.
    fn diagnose_after_fix(&mut self, now: Instant) -> Vec<Effect> {
        let Some(done) = &self.done else { return Vec::new() };
        let id = done.case.workload.id.clone();
        // The lines of the log about these destinations are older than the fix.
        let fixed = done.fixed();
        let Some(snapshot) = self.pick.snapshot.clone() else { return Vec::new() };
        let Some(workload) = snapshot.workloads.get(&id).cloned() else {
            self.report_error("The service no longer exists");
            return Vec::new();
        };
        self.query.fixed.extend(fixed);
        self.diagnose(snapshot, workload, Purpose::Continue, now)
    }

    /// Replaces the fixes on Choose that are those before a fix whose result is known.
    pub(super) fn renew_fixes(&mut self, now: Instant) -> Vec<Effect> {
        let (Some(done), Some(choose)) = (&self.done, &self.choose) else { return Vec::new() };
        let is_known = matches!(done.after, Some(After::Read(_) | After::Simulated(_)));
        let is_before = Arc::ptr_eq(&done.case.snapshot, &choose.case.snapshot);
        if done.undone || !is_known || !is_before || self.changing.is_some() || self.diagnosing.is_some() {
            return Vec::new();
        }
        self.diagnose_after_fix(now)
    }

    /// The network of a demo or a saved file, with the changes of the written fix.
    pub(super) fn network_changed(
        &mut self,
        run: RunId,
        result: Result<Arc<Snapshot>, String>,
        now: Instant,
    ) -> Vec<Effect> {
        if self.changing != Some(run) {
            return Vec::new();
        }
        self.changing = None;
        match result {
            Ok(snapshot) => {
                let mut effects = self.show_snapshot(snapshot, now);
                if self.step() == Step::Choose {
                    effects.extend(self.renew_fixes(now));
                }
                effects
            }
            Err(reason) => {
                self.report_error(reason);
                Vec::new()
            }
        }
    }

    /// Shows the fixes for the rest, or says why there is none.
    pub(super) fn continue_with(&mut self, view: TraceView) -> Vec<Effect> {
        let case: Arc<Case> = view.case.clone();
        let nothing = case.nothing_to_do().filter(|_| case.proposals.is_empty());
        self.show_case(view);
        if let Some(nothing) = nothing {
            self.enter(Step::Trace);
            self.say_why_no_fix(&nothing);
            return Vec::new();
        }
        self.choose = Some(Choose::new(case, self.preferences.traffic));
        self.enter(Step::Choose);
        self.try_plans()
    }

    /// Why there is no fix. If only some destinations are unknown, Trace shows the first of them: its explanation says what decides it.
    pub(super) fn say_why_no_fix(&mut self, nothing: &NothingToDo) {
        let view = self.trace.as_mut().filter(|_| nothing.reason == NoFixReason::Unknown);
        if let Some(view) = view {
            let case = Arc::clone(&view.case);
            let is_unknown = |finding: &&Finding| finding.verdict() == FindingVerdict::Unknown;
            let own = || case.diagnosis.findings.iter().filter(|one| one.need.caller == Caller::Application);
            let count = own().filter(is_unknown).count();
            if let Some(first) = own().find(is_unknown).filter(|_| count < own().count()) {
                if !view.finding().is_some_and(|finding| is_unknown(&finding)) {
                    view.select(&first.need.destination);
                }
                let text = match count {
                    1 => {
                        let name = first.need.short_name(&case.snapshot.region);
                        format!("{name} is unknown: Explanation shows what decides it")
                    }
                    _ => format!("{count} are unknown: Explanation shows what decides the selected one"),
                };
                return self.inform(text);
            }
        }
        self.inform(nothing.text());
    }

    /// After the files are restored, the log is up to date again. The network of a demo or a saved file is again the one before the
    /// fix.
    pub(super) fn restore_network(&mut self, now: Instant) -> Vec<Effect> {
        let Some(done) = &self.done else { return Vec::new() };
        let fixed = done.fixed();
        let before = done.case.snapshot.clone();
        self.query.fixed.retain(|destination| !fixed.contains(destination));
        self.changing = None;
        if self.is_live() || self.pick.snapshot.as_ref().is_some_and(|present| Arc::ptr_eq(present, &before))
        {
            return Vec::new();
        }
        // The fixes of another network are outdated.
        if self.choose.as_ref().is_some_and(|choose| !Arc::ptr_eq(&choose.case.snapshot, &before)) {
            self.choose = None;
            self.preview = None;
        }
        self.pick.snapshot = Some(before);
        self.refresh(None, now)
    }
}
