//! Reads the log that is given at the start behind the first frame, because the patterns of log lines take time to build and a file
//! may be long.

use std::time::Instant;

use super::{App, Effect, Origin, ReadingLog, RunId, StartLog, Step};
use crate::evidence::LogReading;

impl App {
    /// The log of the start, while it is read.
    #[must_use]
    pub fn reading_log(&self) -> Option<&ReadingLog> {
        self.reading_log.as_ref()
    }

    /// Reads the log of the start.
    pub(super) fn read_start_log(&mut self, log: StartLog, now: Instant) -> Effect {
        let name = match &log {
            StartLog::Scenario(_) => None,
            StartLog::File(path) => Some(path.display().to_string()),
        };
        let run = self.next_run();
        self.reading_log = Some(ReadingLog { since: now, name, run });
        Effect::ReadStartLog(run, log)
    }

    /// Uses the log of the start; drops a stale result. What the user pasted meanwhile stays.
    pub(super) fn start_log_read(
        &mut self,
        run: RunId,
        result: Result<LogReading, String>,
        now: Instant,
    ) -> Vec<Effect> {
        let Some(reading) = self.reading_log.take_if(|reading| reading.run == run) else {
            return Vec::new();
        };
        let name = reading.name.as_deref().unwrap_or("of the scenario");
        match result {
            Ok(log) => {
                let remarks = log.remarks(name);
                self.query.log.splice(0..0, log.findings.iter().cloned());
                self.initial_query.log = log.findings;
                if reading.name.is_some() && !remarks.is_empty() {
                    self.inform(remarks.join("; "));
                }
            }
            Err(reason) => self.report_error(format!("cannot read the log {name}: {reason}")),
        }
        self.continue_without_reading(now)
    }

    /// Stops the reading of the log file. The services are diagnosed without it.
    pub(super) fn stop_reading_log(&mut self, now: Instant) -> Vec<Effect> {
        let Some(ReadingLog { name, .. }) = self.reading_log.take() else { return Vec::new() };
        self.inform(format!("Stopped reading the log {}", name.unwrap_or_default()));
        self.continue_without_reading(now)
    }

    /// What waited for the log: the discovery, which reads the facts about its hosts too, or the diagnosis of the services.
    fn continue_without_reading(&mut self, now: Instant) -> Vec<Effect> {
        if matches!(self.origin, Origin::Live(_)) && self.discovery_run == RunId::default() {
            return self.discover(now);
        }
        if self.step() <= Step::Trace {
            return self.refresh(None, now);
        }
        // A later step keeps its case. When the user returns to Trace, the service is diagnosed again.
        self.pick.snapshot.clone().map(|snapshot| self.fill(snapshot, now, false)).into_iter().collect()
    }
}
