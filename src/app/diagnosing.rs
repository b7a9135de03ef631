//! The diagnosis of one service, while it runs.

use std::time::Instant;

use super::RunId;
use crate::evidence::Query;
use crate::model::{Destination, WorkloadId};

/// The diagnosis of one service, while it runs.
#[derive(Clone, Debug)]
pub struct Diagnosing {
    /// Its start.
    pub since: Instant,
    /// The name of the service.
    pub service: String,
    /// Its run id.
    pub(super) run: RunId,
    /// The id of the service.
    pub(super) workload: WorkloadId,
    /// The query of the diagnosis.
    pub(super) query: Query,
    /// The use of the result.
    pub(super) purpose: Purpose,
}

/// The use of the result.
#[derive(Clone, Debug)]
pub(super) enum Purpose {
    /// Trace shows the service.
    Open,
    /// Choose shows the fixes for what a written fix leaves.
    Continue,
    /// Trace shows the new result of the same service, and selects this destination.
    Refresh(Option<Destination>),
}

impl Diagnosing {
    /// Whether the result opens this service.
    pub(super) fn opens(&self, workload: &WorkloadId) -> bool {
        self.is_open() && self.workload == *workload
    }

    /// Whether the result opens a service.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.purpose, Purpose::Open)
    }
}
