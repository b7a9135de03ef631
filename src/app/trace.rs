//! The second step: what is unreachable, from where, and why.

use std::sync::Arc;

use crate::case::Case;
use crate::diagnose::{Cause, Finding};
use crate::reach::Trace;

/// Matrix and path.
#[derive(Debug)]
pub struct TraceView {
    /// What was found.
    pub case: Arc<Case>,
    /// The destination under the cursor.
    pub row: usize,
    /// The subnet under the cursor.
    pub column: usize,
    /// Which pane has the keys.
    pub pane: Pane,
    /// First line of the path shown.
    pub scroll: usize,
}

/// The panes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// Destinations by subnets, or the list of files.
    List,
    /// The path, or the diff.
    Detail,
}

impl Pane {
    pub(super) fn other(self) -> Self {
        match self {
            Self::List => Self::Detail,
            Self::Detail => Self::List,
        }
    }
}

impl TraceView {
    pub(super) fn new(case: Arc<Case>) -> Self {
        Self { case, row: 0, column: 0, pane: Pane::List, scroll: 0 }
    }

    /// The destination under the cursor.
    #[must_use]
    pub fn finding(&self) -> Option<&Finding> {
        self.case.diagnosis.findings.get(self.row)
    }

    /// The path under the cursor.
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        let finding = self.finding()?;
        finding.traces.get(self.column).or_else(|| finding.traces.first())
    }

    /// What stops the destination under the cursor from the subnet under the cursor.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        let host = &self.finding()?.need.destination.host;
        let subnet = self.trace()?.subnet.as_ref();
        let fits = |cause: &&Cause| cause.destinations.contains(host);
        let here = |cause: &&Cause| subnet.is_some_and(|subnet| cause.subnets.contains(subnet));
        let causes = &self.case.diagnosis.causes;
        causes.iter().filter(fits).find(here).or_else(|| causes.iter().find(fits))
    }
}
