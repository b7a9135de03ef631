//! The old and the new lines of a hunk beside each other.

use crate::terraform::diff::{DiffLine, LineKind};

/// A row: a line of the old file, a line of the new file, or both.
pub(super) struct Pair<'a> {
    pub old: Option<&'a DiffLine>,
    pub new: Option<&'a DiffLine>,
    /// The index of its last line in the hunk.
    pub last: usize,
}

/// The rows of a hunk. Removed lines are beside the added lines that follow them.
pub(super) fn pairs(lines: &[DiffLine]) -> Vec<Pair<'_>> {
    let mut pairs = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if line.kind == LineKind::Kept {
            pairs.push(Pair { old: Some(line), new: Some(line), last: at });
            at += 1;
            continue;
        }
        let count = |kind, from: usize| lines.iter().skip(from).take_while(|line| line.kind == kind).count();
        let removed = count(LineKind::Removed, at);
        let added = count(LineKind::Added, at + removed);
        for row in 0..removed.max(added) {
            let old = (row < removed).then_some(at + row);
            let new = (row < added).then_some(at + removed + row);
            pairs.push(Pair {
                old: old.and_then(|at| lines.get(at)),
                new: new.and_then(|at| lines.get(at)),
                last: new.or(old).unwrap_or(at),
            });
        }
        at += removed + added;
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_line_is_beside_the_added_line_that_replaces_it() {
        let line = |kind, number| DiffLine { kind, number, old_number: None, pieces: Vec::new() };
        let lines = [
            line(LineKind::Kept, 1),
            line(LineKind::Removed, 2),
            line(LineKind::Added, 2),
            line(LineKind::Added, 3),
            line(LineKind::Kept, 4),
        ];
        let rows: Vec<_> = pairs(&lines)
            .iter()
            .map(|pair| (pair.old.map(|line| line.number), pair.new.map(|line| line.number), pair.last))
            .collect();
        assert_eq!(
            rows,
            [(Some(1), Some(1), 0), (Some(2), Some(2), 2), (None, Some(3), 3), (Some(4), Some(4), 4)]
        );
    }
}
