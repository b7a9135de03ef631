//! What a message changes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::keymap::action;
use super::{
    Action, App, Context, Dialog, Done, Effect, Key, Message, Notice, Origin, Plan, Proof, ReadingState,
    Ready, Step, TraceView, Unplanned,
};
use crate::case::Case;
use crate::discover::{Progress, ServiceLog};
use crate::evidence::{LogReading, Query, read_log};
use crate::model::{Snapshot, WorkloadId, WorkloadKind};
use crate::terraform::write::Receipt;

impl App {
    /// Takes a message in and says what the edge is to do.
    pub fn update(&mut self, message: Message, now: Instant) -> Vec<Effect> {
        match message {
            Message::Key(key) => return self.key(key, now),
            Message::Paste(text) => self.paste(&text),
            Message::Progress(run, progress)
                if self.log_reading.as_ref().is_some_and(|(waited, _)| *waited == run) =>
            {
                self.reading.record(progress);
            }
            Message::Progress(run, progress) if run == self.discovery => match progress {
                Progress::Workloads(list) if self.pick.snapshot.is_none() => self.show_services(list),
                progress => self.reading.record(progress),
            },
            Message::Discovered(run, answer) if run == self.discovery => self.discovered(answer, now),
            Message::Planned(run, answer) if run == self.planning => return self.planned(answer),
            Message::Checked(run, verification) if run == self.planning => {
                if let Some(ready) = self.ready_mut() {
                    ready.verification = Some(verification);
                }
            }
            Message::LogRead(run, id, answer)
                if self.log_reading.as_ref().is_some_and(|(waited, _)| *waited == run) =>
            {
                self.log_read(id, answer);
            }
            Message::Resized
            | Message::LogRead(..)
            | Message::Progress(..)
            | Message::Discovered(..)
            | Message::Planned(..)
            | Message::Checked(..) => {}
            Message::Written(answer) => self.written(answer),
            Message::Undone(Ok(undone)) => {
                if let Some(done) = &mut self.done {
                    done.undone = true;
                    done.after = None;
                }
                match undone.warning() {
                    // It stays until it is read.
                    Some(warning) => self.fail(warning),
                    None => self.say(format!("{} restored byte for byte", list(&undone.files))),
                }
            }
            Message::Recovered(Ok(words)) => self.say(words),
            Message::Exported(Ok(path)) => self.say(format!("Report saved to {}", path.display())),
            Message::Undone(Err(why)) | Message::Recovered(Err(why)) | Message::Exported(Err(why)) => {
                self.fail(why);
            }
        }
        Vec::new()
    }

    fn key(&mut self, key: Key, now: Instant) -> Vec<Effect> {
        let context = self.context();
        let action = action(context, key);
        if matches!(self.notice, Some(Notice::Error(_)))
            && matches!(action, Some(Action::Back | Action::Forward))
        {
            self.notice = None;
            return Vec::new();
        }
        if matches!(self.notice, Some(Notice::Said(_))) {
            self.notice = None;
        }
        match (context, action) {
            (_, Some(Action::Leave)) => vec![Effect::Quit],
            (_, Some(Action::Suspend)) => vec![Effect::Suspend],
            (Context::Input, action) => self.type_key(key, action, now),
            (Context::Reader | Context::Question | Context::Which, Some(action)) => {
                self.dialog_action(action)
            }
            (_, Some(action)) if self.can(action) || action == Action::Forward => self.act(action, now),
            _ => Vec::new(),
        }
    }

    fn discovered(&mut self, answer: Result<Box<Snapshot>, String>, now: Instant) {
        let since = match self.reading.state {
            ReadingState::Running(since) => Some(now.saturating_duration_since(since)),
            _ => None,
        };
        let snapshot = match answer {
            Ok(snapshot) => snapshot,
            Err(why) => {
                self.reading.state = ReadingState::Failed(why.clone());
                if let Some(done) = &mut self.done {
                    done.after = None;
                }
                return self.fail(why);
            }
        };
        self.reading.state = ReadingState::Finished(since);
        let snapshot: Arc<Snapshot> = Arc::from(snapshot);
        let query = self.done.as_ref().map(|done| self.query_of(&done.before.workload));
        if let Some((done, query)) = self.done.as_mut().zip(query)
            && matches!(done.after, Some(Proof::Running))
        {
            let id = done.before.workload.clone();
            done.after = snapshot.workloads.get(&id).map(|workload| {
                let case = Case::open(snapshot.clone(), workload.clone(), &query);
                Proof::Read(Arc::new(case.diagnosis))
            });
            self.pick.fill(snapshot, &self.query);
            return;
        }
        self.pick.fill(snapshot, &self.query);
        if self.trace.is_some() {
            self.look_again();
            if self.step() > Step::Trace {
                self.enter(Step::Trace);
            }
        }
    }

    fn planned(&mut self, answer: Result<crate::terraform::ChangeSet, Unplanned>) -> Vec<Effect> {
        let (run, is_seen) = (self.planning, self.step() == Step::Preview && self.dialog.is_none());
        let Some(preview) = &mut self.preview else { return Vec::new() };
        match answer {
            Ok(changes) => {
                preview.plan = Plan::Ready(Box::new(Ready::new(changes.clone())));
                vec![Effect::Check(run, changes)]
            }
            Err(Unplanned { why, asked }) => {
                preview.plan = Plan::Failed(why);
                if is_seen {
                    self.dialog = asked.map(|asked| Dialog::Which { asked, selected: 0 });
                }
                Vec::new()
            }
        }
    }

    fn written(&mut self, answer: Result<Receipt, String>) {
        let receipt = match answer {
            Ok(receipt) => receipt,
            Err(why) => return self.fail(why),
        };
        let (Some(case), Some(preview), Some(ready)) = (self.case(), &self.preview, self.ready()) else {
            return;
        };
        let done = Done {
            proposal: preview.proposal.clone(),
            changes: ready.changes.clone(),
            receipt,
            undone: false,
            before: Arc::new(case.diagnosis.clone()),
            after: None,
            scroll: 0,
        };
        self.done = Some(done);
        self.enter(Step::Done);
    }

    fn paste(&mut self, text: &str) {
        if let Some(Dialog::Input { input, .. }) = &mut self.dialog {
            input.insert(text);
            return;
        }
        if self.dialog.is_some() || self.step() > Step::Trace {
            return;
        }
        match read_log(text.as_bytes()) {
            Ok(LogReading { findings, .. }) if !findings.is_empty() => {
                let told: Vec<String> = findings
                    .iter()
                    .map(|one| one.subject().unwrap_or_else(|| format!("{} without a host", one.symptom)))
                    .collect();
                self.query.log.extend(findings);
                self.look_again();
                self.say(format!("From the pasted log: {}", told.join(", ")));
            }
            _ => self.say("The pasted text tells of no connection that failed"),
        }
    }

    /// What the user brought along, and what the service's own log says.
    fn query_of(&self, id: &WorkloadId) -> Query {
        let mut query = self.query.clone();
        query.log.extend(self.logs.get(id).iter().flat_map(|log| log.findings.iter().cloned()));
        query
    }

    /// Reads the service's own log, when nobody gave one.
    pub(super) fn read_log(&mut self) -> Vec<Effect> {
        let Some(workload) = self.case().map(|case| case.workload.clone()) else { return Vec::new() };
        let Origin::Live(request) = &self.origin else { return Vec::new() };
        let is_known = self.logs.contains_key(&workload.id) || !self.query.log.is_empty();
        if is_known || workload.kind != WorkloadKind::AppRunner {
            return Vec::new();
        }
        let request = request.clone();
        let run = self.next_run();
        self.log_reading = Some((run, workload.id.clone()));
        vec![Effect::ReadLog(run, request, workload.id)]
    }

    fn log_read(&mut self, id: WorkloadId, answer: Result<ServiceLog, String>) {
        self.log_reading = None;
        match answer {
            Ok(log) => {
                match log.gaps.first() {
                    Some(gap) => self.say(format!("The service's log was not read: {gap}")),
                    None => self.say(format!(
                        "Read {} lines of {}: {} kinds of failure",
                        log.lines,
                        log.group,
                        log.findings.len()
                    )),
                }
                self.logs.insert(id, log);
                self.look_again();
            }
            Err(why) => self.fail(why),
        }
    }

    /// Opens a service's case; what was chosen for another one is forgotten.
    pub(super) fn look_at(&mut self, snapshot: Arc<Snapshot>, workload: crate::model::Workload) {
        let query = self.query_of(&workload.id);
        let case = Case::open(snapshot, workload, &query);
        self.trace = Some(TraceView::new(Arc::new(case)));
        self.choose = None;
        self.preview = None;
        self.done = None;
    }

    /// Looks at the same service again, after the snapshot or the needs have changed.
    /// The destination under the cursor does not matter; adding it again takes it back.
    pub(super) fn leave_out(&mut self) {
        let finding = self.trace.as_ref().and_then(TraceView::finding);
        let Some(wanted) = finding.map(|finding| finding.need.destination.clone()) else { return };
        self.say(format!("{wanted} is left out; add it again with a"));
        self.query.requested.retain(|asked| *asked != wanted);
        self.query.hidden.push(wanted);
        self.look_again();
    }

    pub(super) fn look_again(&mut self) {
        let Some(snapshot) = self.pick.snapshot.clone() else { return };
        self.pick.fill(snapshot.clone(), &self.query);
        let Some(view) = &self.trace else { return };
        let (row, column) = (view.row, view.column);
        let Some(workload) = snapshot.workloads.get(&view.case.workload.id).cloned() else { return };
        self.look_at(snapshot, workload);
        if let Some(view) = &mut self.trace {
            view.row = row.min(view.case.diagnosis.findings.len().saturating_sub(1));
            view.column = column.min(view.case.diagnosis.subnets.len().saturating_sub(1));
        }
    }
}

fn list(files: &[PathBuf]) -> String {
    files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ")
}
