//! The progress of discovery: the AWS calls, and whether reading still runs.

use std::time::{Duration, Instant};

use crate::discover::Progress;
use crate::model::{Call, CallRecord};

/// The AWS calls of the last discovery.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// The calls, in the order in which they were sent.
    pub calls: Vec<CallRow>,
    /// Whether it still runs.
    pub state: DiscoveryState,
}

/// Whether discovery still runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiscoveryState {
    /// It runs since this time.
    Running(Instant),
    /// It is complete, after this duration; `None` for a saved snapshot.
    Finished(Option<Duration>),
    /// Nothing could be read, for this reason.
    Failed(String),
    /// The user stopped it.
    Cancelled,
}

/// One AWS call.
#[derive(Clone, Debug)]
pub struct CallRow {
    /// The API operation.
    pub call: Call,
    /// The resources that it was limited to.
    pub scope: String,
    /// Its result.
    pub state: CallState,
}

/// The result of a call.
#[derive(Clone, Debug)]
pub enum CallState {
    /// No reply yet.
    Running,
    /// All pages arrived, or it failed.
    Ended(CallRecord),
}

impl Discovery {
    /// No call is needed: the snapshot is saved, with the calls that read it.
    #[must_use]
    pub fn recorded(calls: &[CallRecord]) -> Self {
        let row = |record: &CallRecord| CallRow {
            call: record.call,
            scope: record.scope.clone(),
            state: CallState::Ended(record.clone()),
        };
        Self { calls: calls.iter().map(row).collect(), state: DiscoveryState::Finished(None) }
    }

    /// The start of a discovery.
    #[must_use]
    pub fn started(now: Instant) -> Self {
        Self { calls: Vec::new(), state: DiscoveryState::Running(now) }
    }

    /// Whether it still runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.state, DiscoveryState::Running(_))
    }

    /// Numbers of finished, failed and sent calls.
    #[must_use]
    pub fn tally(&self) -> (usize, usize, usize) {
        let ended = self.calls.iter().filter_map(|row| match &row.state {
            CallState::Ended(record) => Some(record.failure.is_some()),
            CallState::Running => None,
        });
        let (failed, finished): (Vec<bool>, Vec<bool>) = ended.partition(|failed| *failed);
        (finished.len(), failed.len(), self.calls.len())
    }

    /// The first call without a reply.
    #[must_use]
    pub fn waiting_for(&self) -> Option<&CallRow> {
        self.calls.iter().find(|row| matches!(row.state, CallState::Running))
    }

    pub(super) fn record(&mut self, progress: Progress) {
        match progress {
            Progress::Started { call, scope } => {
                self.calls.push(CallRow { call, scope, state: CallState::Running });
            }
            Progress::Ended(record) => self.end(record),
            Progress::Account { .. } | Progress::Workloads(_) | Progress::Part(_) | Progress::Network(_) => {}
        }
    }

    fn end(&mut self, record: CallRecord) {
        let is_this = |row: &&mut CallRow| {
            row.call == record.call && row.scope == record.scope && matches!(row.state, CallState::Running)
        };
        if let Some(row) = self.calls.iter_mut().find(is_this) {
            row.state = CallState::Ended(record);
        }
    }
}
