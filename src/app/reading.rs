//! The progress of discovery.

use std::time::{Duration, Instant};

use crate::discover::Progress;
use crate::model::{Call, Gap};

/// What discovery did and does.
#[derive(Debug)]
pub struct Reading {
    /// Every call so far, in the order of their sending.
    pub calls: Vec<CallRow>,
    /// Whether it goes on.
    pub state: ReadingState,
}

/// Whether discovery goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadingState {
    /// Since then.
    Running(Instant),
    /// It took so long; no time for a saved snapshot.
    Finished(Option<Duration>),
    /// Nothing could be read, and why.
    Failed(String),
    /// Stopped by the user.
    Cancelled,
}

/// One call.
#[derive(Debug)]
pub struct CallRow {
    /// Which.
    pub call: Call,
    /// For what.
    pub scope: String,
    /// How it went.
    pub state: CallState,
}

/// How a call went.
#[derive(Debug)]
pub enum CallState {
    /// It runs.
    Running,
    /// All pages came.
    Finished {
        /// Items.
        items: usize,
        /// Pages.
        pages: usize,
        /// How long it took.
        elapsed: Duration,
    },
    /// It failed.
    Failed {
        /// What is missing.
        gap: Gap,
        /// How long it took.
        elapsed: Duration,
    },
}

impl Reading {
    /// Nothing is read: the snapshot is there already.
    #[must_use]
    pub fn recorded() -> Self {
        Self { calls: Vec::new(), state: ReadingState::Finished(None) }
    }

    /// It begins.
    #[must_use]
    pub fn begun(now: Instant) -> Self {
        Self { calls: Vec::new(), state: ReadingState::Running(now) }
    }

    /// Whether it goes on.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.state, ReadingState::Running(_))
    }

    /// How many calls are done, failed, and were sent.
    #[must_use]
    pub fn tally(&self) -> (usize, usize, usize) {
        let finished =
            self.calls.iter().filter(|row| matches!(row.state, CallState::Finished { .. })).count();
        let missed = self.calls.iter().filter(|row| matches!(row.state, CallState::Failed { .. })).count();
        (finished, missed, self.calls.len())
    }

    /// A call that is waited for.
    #[must_use]
    pub fn waiting_for(&self) -> Option<&CallRow> {
        self.calls.iter().find(|row| matches!(row.state, CallState::Running))
    }

    pub(super) fn record(&mut self, progress: Progress) {
        match progress {
            Progress::Started { call, scope } => {
                self.calls.push(CallRow { call, scope, state: CallState::Running });
            }
            Progress::Finished { call, scope, items, pages, elapsed } => {
                self.end(call, &scope, CallState::Finished { items, pages, elapsed });
            }
            Progress::Failed { gap, scope, elapsed } => {
                let call = gap.call;
                self.end(call, &scope, CallState::Failed { gap, elapsed });
            }
            Progress::Account { .. } | Progress::Workloads(_) => {}
        }
    }

    fn end(&mut self, call: Call, scope: &str, state: CallState) {
        let running = self
            .calls
            .iter_mut()
            .find(|row| row.call == call && row.scope == scope && matches!(row.state, CallState::Running));
        if let Some(row) = running {
            row.state = state;
        }
    }
}
