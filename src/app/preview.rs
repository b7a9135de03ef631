//! The last two steps: the diff, and what was written.

use std::sync::Arc;

use super::Pane;
use crate::diagnose::Diagnosis;
use crate::remedy::Proposal;
use crate::terraform::ChangeSet;
use crate::terraform::Verification;
use crate::terraform::diff::{FileDiff, view};
use crate::terraform::write::Receipt;

/// The diff of one proposal.
#[derive(Debug)]
pub struct Preview {
    /// Which proposal.
    pub proposal: Proposal,
    /// How far the edit is planned.
    pub plan: Plan,
}

/// How far an edit is planned.
#[derive(Debug)]
pub enum Plan {
    /// The folder is being read.
    Running,
    /// It can be looked at.
    Ready(Box<Ready>),
    /// It cannot be made, and why.
    Failed(String),
}

/// A planned edit on the screen.
#[derive(Debug)]
pub struct Ready {
    /// What would be written.
    pub changes: ChangeSet,
    /// The same, to look at.
    pub diffs: Vec<FileDiff>,
    /// What Terraform says, and what else there is to know; `None` while it is looked at.
    pub verification: Option<Verification>,
    /// The file under the cursor.
    pub file: usize,
    /// First line of its diff shown.
    pub scroll: usize,
    /// Which pane has the keys.
    pub pane: Pane,
}

impl Ready {
    pub(super) fn new(changes: ChangeSet) -> Self {
        Self { diffs: view(&changes), changes, verification: None, file: 0, scroll: 0, pane: Pane::Detail }
    }

    /// The file under the cursor.
    #[must_use]
    pub fn diff(&self) -> Option<&FileDiff> {
        self.diffs.get(self.file)
    }

    /// Line numbers, on the screen, of the hunks' headers in the file under the cursor.
    fn hunks(&self) -> Vec<usize> {
        let mut line = 0;
        let mut starts = Vec::new();
        for hunk in self.diff().into_iter().flat_map(|diff| &diff.hunks) {
            starts.push(line);
            line += 1 + hunk.lines.len();
        }
        starts
    }

    /// How many lines the diff of the file under the cursor has on the screen.
    pub(super) fn lines(&self) -> usize {
        self.diff().map_or(0, |diff| diff.hunks.iter().map(|hunk| 1 + hunk.lines.len()).sum())
    }

    /// To the next hunk, over the end of a file into the next.
    pub(super) fn next_hunk(&mut self) {
        if let Some(line) = self.hunks().into_iter().find(|line| *line > self.scroll) {
            self.scroll = line;
        } else {
            self.file = (self.file + 1) % self.diffs.len().max(1);
            self.scroll = 0;
        }
    }

    /// To the hunk before, over the start of a file into the one before.
    pub(super) fn previous_hunk(&mut self) {
        if let Some(line) = self.hunks().into_iter().rev().find(|line| *line < self.scroll) {
            self.scroll = line;
        } else {
            self.file = self.file.checked_sub(1).unwrap_or(self.diffs.len().saturating_sub(1));
            self.scroll = self.hunks().last().copied().unwrap_or(0);
        }
    }
}

/// What was written.
#[derive(Debug)]
pub struct Done {
    /// Which proposal.
    pub proposal: Proposal,
    /// The files.
    pub changes: ChangeSet,
    /// Where the old bytes are.
    pub receipt: Receipt,
    /// Whether the write was taken back.
    pub undone: bool,
    /// The matrix before.
    pub before: Arc<Diagnosis>,
    /// The matrix after.
    pub after: Option<Proof>,
    /// First line shown.
    pub scroll: usize,
}

/// A look at the network after the fix.
#[derive(Debug)]
pub enum Proof {
    /// AWS is being read.
    Running,
    /// As AWS answers.
    Read(Arc<Diagnosis>),
    /// Traced on the changed copy of the snapshot: there is no account behind it.
    Simulated(Arc<Diagnosis>),
}
