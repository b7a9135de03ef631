//! The fourth step: the diff of one fix, and its checks.

use std::cell::Cell;

use super::{Filter, Pane, Scroll};
use crate::remedy::Proposal;
use crate::terraform::diff::{CONTEXT, FileDiff, LineKind, view};
use crate::terraform::{ByHandPart, ChangeSet, RequestedChecks, Verification};

/// The edit of one fix.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The fix.
    pub proposal: Proposal,
    /// The state of the planning.
    pub plan: Plan,
}

/// The state of the planning.
#[derive(Clone, Debug)]
pub enum Plan {
    /// The Terraform folder is being read. The user can type the search of the diff already.
    Running(Filter),
    /// The edit is planned.
    Ready(Box<PlannedEdit>),
    /// The fix cannot be written in this folder: the user makes it by hand.
    ByHand(Box<ByHandFix>),
    /// The edit cannot be planned, for this reason.
    Failed(String),
}

/// A fix that the user makes by hand.
#[derive(Clone, Debug)]
pub struct ByHandFix {
    /// Its parts.
    pub parts: Vec<ByHandPart>,
    /// The first line shown.
    pub scroll: Scroll,
}

/// The most unchanged lines around a change.
const MOST_CONTEXT: usize = 48;

/// A planned edit on the screen.
#[derive(Clone, Debug)]
pub struct PlannedEdit {
    /// The changes that a write makes.
    pub changes: ChangeSet,
    /// The same changes as diffs.
    pub diffs: Vec<FileDiff>,
    /// The checks that run; `None` while the user's answer is read.
    pub requested: Option<RequestedChecks>,
    /// The results of Terraform's checks and warnings; `None` while the checks run.
    pub verification: Option<Verification>,
    /// The number of unchanged lines around each change.
    pub context: usize,
    /// Whether the old and the new file are side by side, if the screen is wide enough.
    pub is_side_by_side: bool,
    /// Index of the selected file.
    pub file: usize,
    /// The first line of its diff shown.
    pub scroll: usize,
    /// The file and the line from which all the rest fits on the screen, since the diff was drawn.
    pub end: Cell<Option<(usize, usize)>>,
    /// The focused pane.
    pub pane: Pane,
    /// The text to search in the diffs.
    pub search: Filter,
}

impl PlannedEdit {
    pub(super) fn new(changes: ChangeSet) -> Self {
        Self {
            diffs: view(&changes, CONTEXT),
            context: CONTEXT,
            is_side_by_side: true,
            changes,
            requested: None,
            verification: None,
            file: 0,
            scroll: 0,
            end: Cell::new(None),
            pane: Pane::Detail,
            search: Filter::default(),
        }
    }

    /// Shows more or fewer unchanged lines around each change. The hunk at the top stays at the top.
    pub(super) fn change_context(&mut self, more: bool) {
        let (hunk, _) = self.hunk();
        self.context = if more { (self.context * 2).clamp(1, MOST_CONTEXT) } else { self.context / 2 };
        self.diffs = view(&self.changes, self.context);
        self.scroll = self.hunks().get(hunk.saturating_sub(1)).copied().unwrap_or(0);
    }

    /// The diff of the selected file.
    #[must_use]
    pub fn diff(&self) -> Option<&FileDiff> {
        self.diffs.get(self.file)
    }

    /// The line in the selected file at which the hunk at the top of the screen begins: in the file with the change, or without it.
    #[must_use]
    pub fn first_changed_line(&self, is_written: bool) -> usize {
        let (hunk, _) = self.hunk();
        let hunk = self.diff().and_then(|diff| diff.hunks.get(hunk.saturating_sub(1)));
        let mut before = 1;
        for line in hunk.into_iter().flat_map(|hunk| &hunk.lines) {
            match (line.kind, is_written) {
                (LineKind::Kept, _) => before = line.old_number.unwrap_or(line.number) + 1,
                (LineKind::Removed, false) | (LineKind::Added, true) => return line.number,
                (LineKind::Removed, true) | (LineKind::Added, false) => {}
            }
        }
        before
    }

    /// Line numbers, on the screen, of the hunk headers in the selected file.
    fn hunks(&self) -> Vec<usize> {
        let mut line = 0;
        let mut starts = Vec::new();
        for hunk in self.diff().into_iter().flat_map(|diff| &diff.hunks) {
            starts.push(line);
            line += 1 + hunk.lines.len();
        }
        starts
    }

    /// The hunk at the top of the screen, from 1, and the number of hunks of the selected file.
    #[must_use]
    pub fn hunk(&self) -> (usize, usize) {
        let hunks = self.hunks();
        (hunks.iter().filter(|line| **line <= self.scroll).count(), hunks.len())
    }

    /// Scrolls by lines through the diffs of all files, until the end of the last one is visible.
    pub(super) fn scroll_by(&mut self, by: isize) {
        let lines: Vec<usize> = self.diffs.iter().map(lines).collect();
        let place = |(file, line): (usize, usize)| lines.iter().take(file).sum::<usize>() + line;
        let last = lines.iter().sum::<usize>().saturating_sub(1);
        let present = place((self.file, self.scroll));
        let last = self.end.get().map_or(last, place).max(present);
        let mut rest = present.saturating_add_signed(by).min(last);
        for (file, count) in lines.iter().enumerate() {
            if rest < *count {
                (self.file, self.scroll) = (file, rest);
                return;
            }
            rest -= count;
        }
    }

    /// Goes to the next hunk; after the last hunk of a file, to the next file.
    pub(super) fn next_hunk(&mut self) {
        if let Some(line) = self.hunks().into_iter().find(|line| *line > self.scroll) {
            self.scroll = line;
        } else {
            self.file = (self.file + 1) % self.diffs.len().max(1);
            self.scroll = 0;
        }
    }

    /// Goes to the previous hunk; before the first hunk of a file, to the previous file.
    pub(super) fn previous_hunk(&mut self) {
        if let Some(line) = self.hunks().into_iter().rev().find(|line| *line < self.scroll) {
            self.scroll = line;
        } else {
            self.file = self.file.checked_sub(1).unwrap_or(self.diffs.len().saturating_sub(1));
            self.scroll = self.hunks().last().copied().unwrap_or(0);
        }
    }
}

/// Number of lines of a diff on the screen, if none is divided.
fn lines(diff: &FileDiff) -> usize {
    diff.hunks.iter().map(|hunk| 1 + hunk.lines.len()).sum()
}
