//! The second step: which destinations are blocked, from which subnets, and why.

use std::cell::OnceCell;
use std::sync::Arc;

use super::{Filter, Scroll};
use crate::case::Case;
use crate::diagnose::{Cause, Finding};
use crate::evidence::Query;
use crate::model::{Destination, SubnetId};
use crate::path_map::PathMap;
use crate::reach::{Trace, Verdict};

/// The matrix and the path.
#[derive(Clone, Debug)]
pub struct TraceView {
    /// The diagnosis and the fixes of the service.
    pub case: Arc<Case>,
    /// The query of the case; it is outdated after the user adds or hides a destination or pastes a log.
    pub(super) query: Query,
    /// The short names of the destinations, in the order of the findings.
    pub names: Vec<String>,
    /// Index of the selected destination.
    pub row: usize,
    /// The subnets that share a column, as indices of the subnets of the diagnosis.
    pub columns: Vec<Vec<usize>>,
    /// Index of the selected column.
    pub column: usize,
    /// The focused pane.
    pub pane: Pane,
    /// The first line of the path shown.
    pub scroll: Scroll,
    /// Only destinations that contain its text are shown.
    pub filter: Filter,
    /// Index of the cause whose cells are marked.
    pub marked_cause: Option<usize>,
    /// The path map of the case, from its first use.
    pub(super) map: OnceCell<PathMap>,
}

/// The panes of Trace and Preview.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// The matrix, or the list of files.
    List,
    /// The path, or the diff.
    Detail,
    /// The explanation, only on Trace.
    Notes,
}

impl Pane {
    /// The next pane of Trace.
    pub(super) fn next(self) -> Self {
        match self {
            Self::List => Self::Detail,
            Self::Detail => Self::Notes,
            Self::Notes => Self::List,
        }
    }

    /// The other pane of Preview.
    pub(super) fn other(self) -> Self {
        match self {
            Self::List => Self::Detail,
            Self::Detail | Self::Notes => Self::List,
        }
    }
}

impl TraceView {
    pub(super) fn new(case: Arc<Case>, query: Query) -> Self {
        let columns = case.diagnosis.alike();
        let findings = case.diagnosis.findings.iter();
        let names = findings.map(|finding| finding.need.short_name(&case.snapshot.region)).collect();
        Self {
            case,
            query,
            names,
            row: 0,
            columns,
            column: 0,
            pane: Pane::List,
            scroll: Scroll::default(),
            filter: Filter::default(),
            marked_cause: None,
            map: OnceCell::new(),
        }
    }

    /// The paths of all destinations.
    #[must_use]
    pub fn map(&self) -> &PathMap {
        self.map.get_or_init(|| PathMap::new(&self.case.snapshot, &self.case.workload, &self.case.diagnosis))
    }

    /// The selected destination.
    #[must_use]
    pub fn finding(&self) -> Option<&Finding> {
        self.case.diagnosis.findings.get(self.row)
    }

    /// Selects a destination; if the filter hides it, all destinations are shown.
    pub(super) fn select(&mut self, destination: &Destination) {
        let mut findings = self.case.diagnosis.findings.iter();
        let Some(row) = findings.position(|finding| finding.need.destination == *destination) else { return };
        self.row = row;
        self.scroll = Scroll::default();
        if !self.shown().contains(&row) {
            self.filter.clear();
        }
    }

    /// The path from the first subnet of the selected column to the selected destination.
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        let finding = self.finding()?;
        let subnet = self.columns.get(self.column).and_then(|subnets| subnets.first());
        subnet.and_then(|at| finding.traces.get(*at)).or_else(|| finding.traces.first())
    }

    /// The number of other subnets in the selected column.
    #[must_use]
    pub fn others_alike(&self) -> usize {
        let is_in_vpc = self.trace().is_some_and(|trace| trace.subnet.is_some());
        let subnets = self.columns.get(self.column).filter(|_| is_in_vpc);
        subnets.map_or(0, |subnets| subnets.len().saturating_sub(1))
    }

    /// The cause whose cells are marked.
    #[must_use]
    pub fn marked_cause(&self) -> Option<&Cause> {
        self.case.diagnosis.causes.get(self.marked_cause?)
    }

    /// Whether the marked cause explains the cell of a destination and a column, by their indices.
    #[must_use]
    pub fn is_marked(&self, row: usize, column: usize) -> bool {
        let Some(cause) = self.marked_cause() else { return false };
        let diagnosis = &self.case.diagnosis;
        let Some(finding) = diagnosis.findings.get(row) else { return false };
        let destination = finding.need.destination.to_string();
        let subnets = self.columns.get(column).into_iter().flatten();
        let subnets: Vec<&SubnetId> = subnets.filter_map(|at| diagnosis.subnets.get(*at)).collect();
        let blocks = |trace: &Trace| {
            trace.verdict != Verdict::Unknown && !matches!(trace.verdict, Verdict::Reachable(_))
        };
        let is_cell = |trace: &&Trace| {
            blocks(trace) && trace.subnet.as_ref().is_none_or(|subnet| subnets.contains(&subnet))
        };
        let paths = cause.paths.iter().filter(|paths| paths.destinations.contains(&destination));
        finding.traces.iter().filter(is_cell).any(|trace| match &trace.subnet {
            Some(subnet) => paths.clone().any(|paths| paths.subnets.contains(subnet)),
            None => paths.clone().any(|paths| paths.subnets.is_empty()),
        })
    }

    /// Marks the cells of the next cause, and moves the selection to the first of them unless it is at one; after the last cause, none
    /// is marked.
    pub(super) fn mark_next_cause(&mut self) {
        let next = self.marked_cause.map_or(0, |at| at + 1);
        self.marked_cause = (next < self.case.diagnosis.causes.len()).then_some(next);
        if self.marked_cause.is_none() || self.is_marked(self.row, self.column) {
            return;
        }
        let columns = self.columns.len().max(1);
        let cells = (0..self.names.len()).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let first = cells.into_iter().find(|(row, column)| self.is_marked(*row, *column));
        if let Some((row, column)) = first {
            (self.row, self.column, self.scroll) = (row, column, Scroll::default());
            if !self.shown().contains(&row) {
                self.filter.clear();
            }
        }
    }

    /// The cause that blocks the selected destination from the selected subnet. If this subnet has none, a
    /// cause from another subnet.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        let destination = self.finding()?.need.destination.to_string();
        let subnet = self.trace()?.subnet.as_ref();
        let explains =
            |cause: &&Cause| cause.paths.iter().any(|paths| paths.destinations.contains(&destination));
        let explains_cell = |cause: &&Cause| {
            let mut paths = cause.paths.iter().filter(|paths| paths.destinations.contains(&destination));
            paths.any(|paths| subnet.is_some_and(|subnet| paths.subnets.contains(subnet)))
        };
        let causes = &self.case.diagnosis.causes;
        let from_subnet = causes.iter().find(explains_cell);
        from_subnet.or_else(|| causes.iter().find(explains))
    }
}
