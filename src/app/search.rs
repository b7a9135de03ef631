//! The search in the diff on Preview: the lines that contain its text, and the movement among them.

use super::PlannedEdit;
use crate::terraform::diff::DiffLine;

/// A line of the diffs: the index of its file, and its number on the screen.
type Place = (usize, usize);

/// The text of a line.
fn text(line: &DiffLine) -> String {
    line.pieces.iter().map(|piece| piece.text.as_str()).collect()
}

impl PlannedEdit {
    /// The lines that contain the text of the search.
    fn matches(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for (file, diff) in self.diffs.iter().enumerate().filter(|_| self.search.is_on()) {
            let mut number = 0;
            for hunk in &diff.hunks {
                // The head of the hunk is a line of its own.
                let lines = hunk.lines.iter().zip(number + 1..);
                let found = lines.filter(|(line, _)| self.search.shows(&text(line)));
                places.extend(found.map(|(_, number)| (file, number)));
                number += 1 + hunk.lines.len();
            }
        }
        places
    }

    fn place(&self) -> Place {
        (self.file, self.scroll)
    }

    fn go_to(&mut self, place: Option<Place>) {
        if let Some((file, scroll)) = place {
            (self.file, self.scroll) = (file, scroll);
        }
    }

    /// The number of matches up to the line at the top, and of all matches.
    #[must_use]
    pub fn match_at_top(&self) -> (usize, usize) {
        let matches = self.matches();
        (matches.iter().filter(|place| **place <= self.place()).count(), matches.len())
    }

    /// Goes to the first match from the line at the top on; after the last one, to the first of all.
    pub(super) fn search_from_here(&mut self) {
        let matches = self.matches();
        let here = self.place();
        self.go_to(matches.iter().find(|place| **place >= here).or(matches.first()).copied());
    }

    /// Goes to the next match, or to the previous one. At the end it goes on at the other end.
    pub(super) fn next_match(&mut self, is_forward: bool) {
        let matches = self.matches();
        let here = self.place();
        let place = if is_forward {
            matches.iter().find(|place| **place > here).or(matches.first())
        } else {
            matches.iter().rev().find(|place| **place < here).or(matches.last())
        };
        self.go_to(place.copied());
    }
}
