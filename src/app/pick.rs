//! The first step: the list of services.

use std::sync::Arc;
use std::time::Instant;

use super::{Badge, Filter, RunId};
use crate::model::{Snapshot, Table, Workload, WorkloadId};

/// The services of the region.
#[derive(Debug, Default)]
pub struct Pick {
    /// The snapshot, once discovery is complete.
    pub snapshot: Option<Arc<Snapshot>>,
    /// The services, as soon as they are known.
    pub rows: Vec<PickRow>,
    /// Index of the selected row among the rows shown.
    pub selected: usize,
    /// Only names that contain its text are shown.
    pub filter: Filter,
    /// The diagnosis of all services, if it runs, and its start.
    pub(super) diagnosing: Option<(RunId, Instant)>,
}

/// A service in the list.
#[derive(Debug)]
pub struct PickRow {
    /// The service.
    pub workload: Workload,
    /// Its result, once it is diagnosed.
    pub badge: Option<Badge>,
}

impl PickRow {
    fn pending(workload: Workload) -> Self {
        Self { workload, badge: None }
    }
}

impl Pick {
    /// The rows that match the filter.
    pub fn shown(&self) -> impl Iterator<Item = &PickRow> {
        self.rows.iter().filter(|row| self.filter.shows(&row.workload.name))
    }

    /// The selected service.
    #[must_use]
    pub fn current(&self) -> Option<&Workload> {
        self.shown().nth(self.selected).map(|row| &row.workload)
    }

    /// The services from the selected one on, as many as a screen can show.
    pub(super) fn visible(&self) -> Vec<WorkloadId> {
        const SCREEN: usize = 60;
        self.shown().skip(self.selected).take(SCREEN).map(|row| row.workload.id.clone()).collect()
    }

    /// Since when all services are being diagnosed; `None` if this does not run.
    #[must_use]
    pub fn diagnosing_since(&self) -> Option<Instant> {
        self.diagnosing.map(|(_, since)| since)
    }

    /// Shows the services before their network is read.
    pub(super) fn show(&mut self, workloads: Vec<Workload>) {
        // The order of a snapshot.
        let workloads: Table<Workload> = workloads.into_iter().collect();
        self.rows = workloads.iter().cloned().map(PickRow::pending).collect();
    }

    /// Shows the services of a snapshot with pending badges; the badges arrive as results of `run`.
    pub(super) fn fill(&mut self, snapshot: Arc<Snapshot>, run: RunId, now: Instant) {
        self.rows = snapshot.workloads.iter().cloned().map(PickRow::pending).collect();
        self.snapshot = Some(snapshot);
        self.selected = self.selected.min(self.rows.len().saturating_sub(1));
        self.diagnosing = Some((run, now));
    }

    /// Whether this run is the latest diagnosis of all services.
    pub(super) fn expects(&self, run: RunId) -> bool {
        self.diagnosing.is_some_and(|(expected, _)| expected == run)
    }

    pub(super) fn set_badge(&mut self, id: &WorkloadId, badge: Badge) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.workload.id == *id) {
            row.badge = Some(badge);
        }
    }
}
