//! The first step: the list of services.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use super::{Badge, Filter, RunId};
use crate::model::{Egress, Snapshot, Table, Workload, WorkloadId};

/// The services of the region.
#[derive(Clone, Debug, Default)]
pub struct Pick {
    /// The snapshot, once the network of a service is read.
    pub snapshot: Option<Arc<Snapshot>>,
    /// Whether the snapshot lacks the network of some services.
    pub(super) is_part: bool,
    /// The services, as soon as they are known.
    pub rows: Vec<PickRow>,
    /// Index of the selected row among the rows shown.
    pub selected: usize,
    /// The order of the rows shown.
    pub order: PickOrder,
    /// Only names that contain its text are shown.
    pub filter: Filter,
    /// The diagnosis of the services, if it runs, and its start.
    pub(super) diagnosing: Option<(RunId, Instant)>,
    /// The services that are still to be diagnosed.
    waiting: BTreeSet<WorkloadId>,
}

/// The order of the services in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PickOrder {
    /// The order of their ids.
    #[default]
    Id,
    /// First the services with the most blocked destinations, then those with intermittent and unknown ones, those without a result,
    /// and the reachable ones.
    Verdict,
}

impl PickOrder {
    /// The other order.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Id => Self::Verdict,
            Self::Verdict => Self::Id,
        }
    }
}

/// A service in the list.
#[derive(Clone, Debug)]
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

    /// Its place in the order by verdict.
    fn rank(&self) -> (u8, Reverse<usize>) {
        match self.badge {
            Some(badge) if badge.blocked > 0 => (0, Reverse(badge.blocked)),
            Some(badge) if badge.intermittent > 0 => (1, Reverse(badge.intermittent)),
            Some(badge) if badge.unknown > 0 => (2, Reverse(badge.unknown)),
            None => (3, Reverse(0)),
            Some(_) => (4, Reverse(0)),
        }
    }
}

impl Pick {
    /// The rows that match the filter, in the order of the list.
    pub fn shown(&self) -> impl Iterator<Item = &PickRow> {
        let mut shown: Vec<&PickRow> =
            self.rows.iter().filter(|row| self.filter.shows(&row.workload.name)).collect();
        if self.order == PickOrder::Verdict {
            shown.sort_by_key(|row| row.rank());
        }
        shown.into_iter()
    }

    /// Changes the rows shown or their order. The selected service stays selected, if it is still shown.
    pub(super) fn keep_selected<T>(&mut self, change: impl FnOnce(&mut Self) -> T) -> T {
        let selected = self.current().map(|workload| workload.id.clone());
        let changed = change(self);
        self.select(selected.as_ref());
        changed
    }

    /// Selects a service, if it is shown; otherwise the same row, or the last one.
    pub(super) fn select(&mut self, id: Option<&WorkloadId>) {
        let last = self.shown().count().saturating_sub(1);
        let at = id.and_then(|id| self.shown().position(|row| row.workload.id == *id));
        self.selected = at.unwrap_or(self.selected.min(last));
    }

    /// The selected service.
    #[must_use]
    pub fn current(&self) -> Option<&Workload> {
        self.shown().nth(self.selected).map(|row| &row.workload)
    }

    /// The services that are still to be diagnosed: first those from the selected one on, as many as a screen can show, then the rest.
    pub(super) fn waiting(&self) -> Vec<WorkloadId> {
        const SCREEN: usize = 60;
        let visible: Vec<&WorkloadId> =
            self.shown().skip(self.selected).take(SCREEN).map(|row| &row.workload.id).collect();
        let is_seen: BTreeSet<&WorkloadId> = visible.iter().copied().collect();
        let rest = self.rows.iter().map(|row| &row.workload.id).filter(|id| !is_seen.contains(id));
        visible.iter().copied().chain(rest).filter(|id| self.waiting.contains(id)).cloned().collect()
    }

    /// Number of services that are diagnosed.
    #[must_use]
    pub fn diagnosed(&self) -> usize {
        self.rows.len().saturating_sub(self.waiting.len())
    }

    /// Since when the services are being diagnosed; `None` if this does not run.
    #[must_use]
    pub fn diagnosing_since(&self) -> Option<Instant> {
        self.diagnosing.map(|(_, since)| since)
    }

    /// Shows the services before their network is read.
    pub(super) fn show(&mut self, workloads: Vec<Workload>) {
        // The order of a snapshot.
        let workloads: Table<Workload> = workloads.into_iter().collect();
        let rows = workloads.iter().cloned().map(PickRow::pending).collect();
        self.keep_selected(|pick| pick.rows = rows);
    }

    /// Shows the services of a snapshot. The badges arrive as results of `run`. If the last snapshot was a part of the network, the
    /// badges of the same services stay until then. In a part, only services whose network is known and that have no badge are
    /// diagnosed.
    pub(super) fn fill(&mut self, snapshot: Arc<Snapshot>, run: RunId, now: Instant, is_part: bool) {
        let selected = self.current().map(|workload| workload.id.clone());
        let old = if self.is_part { std::mem::take(&mut self.rows) } else { Vec::new() };
        let mut old = old.into_iter().peekable();
        let mut badge_of = |workload: &Workload| {
            // Both lists are in the order of the ids.
            while old.next_if(|row| row.workload.id < workload.id).is_some() {}
            old.next_if(|row| row.workload == *workload).and_then(|row| row.badge)
        };
        self.rows = snapshot
            .workloads
            .iter()
            .map(|workload| PickRow { badge: badge_of(workload), workload: workload.clone() })
            .collect();
        let is_waiting = |row: &&PickRow| {
            !is_part || row.badge.is_none() && !matches!(row.workload.egress, Egress::Unknown(_))
        };
        self.waiting = self.rows.iter().filter(is_waiting).map(|row| row.workload.id.clone()).collect();
        self.snapshot = Some(snapshot);
        self.is_part = is_part;
        self.select(selected.as_ref());
        self.diagnosing = Some((run, now));
    }

    /// Whether this run is the latest diagnosis of all services.
    pub(super) fn expects(&self, run: RunId) -> bool {
        self.diagnosing.is_some_and(|(expected, _)| expected == run)
    }

    pub(super) fn set_badge(&mut self, id: &WorkloadId, badge: Badge) {
        self.keep_selected(|pick| {
            if let Some(row) = pick.rows.iter_mut().find(|row| row.workload.id == *id) {
                row.badge = Some(badge);
            }
        });
        self.waiting.remove(id);
    }
}
