//! A list with a line of text: the rows that match the text are shown, the best match first.
//!
//! The palette, the profiles, the Regions and the scenarios are such lists. Matching is fuzzy: the characters of the text must be in
//! the row in this order.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::{Action, Input, RunId};
use crate::model::{Destination, WorkloadId};
use crate::remedy::RemedyId;

/// A list with a line of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picker {
    /// What the user selects.
    pub purpose: PickerPurpose,
    /// The typed text.
    pub input: Input,
    entries: Vec<Entry>,
    matches: Vec<Match>,
    /// Index of the selected row among those shown.
    pub selected: usize,
    /// The run that reads more rows.
    pub(super) reading: Option<RunId>,
}

/// What the user selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PickerPurpose {
    /// An action, a service, a destination or a scenario.
    Palette,
    /// An AWS profile.
    Profile,
    /// An AWS Region.
    Region,
    /// A scenario of the demo.
    Scenario,
    /// A text to copy.
    Copy,
}

impl PickerPurpose {
    /// The title of the dialog.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Palette => "Palette",
            Self::Profile => "AWS profile",
            Self::Region => "AWS Region",
            Self::Scenario => "Scenarios of the demo",
            Self::Copy => "Copy to the clipboard",
        }
    }

    /// Whether text that is in no row can be used.
    #[must_use]
    pub fn takes_any_text(self) -> bool {
        matches!(self, Self::Profile | Self::Region)
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The text that is matched and shown.
    pub label: String,
    /// Words at the left: the key of an action, or the kind of the row.
    pub key: String,
    /// More about the row. Words of it match too.
    pub about: String,
    /// What selecting the row does.
    pub(super) choice: Choice,
}

/// What selecting a row does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// The action of a key.
    Act(Action),
    /// Opens a service.
    Service(WorkloadId),
    /// Selects a fix on Choose.
    Fix(Vec<RemedyId>),
    /// Selects a destination on Trace.
    Destination(Destination),
    /// Opens a scenario of the demo.
    Scenario(&'static str),
    /// Reads AWS with a profile.
    Profile(String),
    /// Reads AWS in a Region.
    Region(String),
    /// Copies a text.
    Copy {
        /// What it is.
        what: String,
        /// The text.
        text: String,
    },
}

/// A row that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Match {
    entry: usize,
    /// The matched characters of the label.
    marks: Vec<usize>,
}

impl Picker {
    pub(super) fn new(purpose: PickerPurpose, entries: Vec<Entry>) -> Self {
        let mut picker = Self {
            purpose,
            input: Input::default(),
            entries,
            matches: Vec::new(),
            selected: 0,
            reading: None,
        };
        picker.search();
        picker
    }

    /// The rows shown, the best match first, and the matched characters of their labels.
    pub fn shown(&self) -> impl Iterator<Item = (&Entry, &[usize])> {
        self.matches
            .iter()
            .filter_map(|found| self.entries.get(found.entry).map(|entry| (entry, found.marks.as_slice())))
    }

    /// The number of all rows.
    #[must_use]
    pub fn total(&self) -> usize {
        self.entries.len()
    }

    /// The selected row.
    #[must_use]
    pub fn current(&self) -> Option<&Entry> {
        self.shown().nth(self.selected).map(|(entry, _)| entry)
    }

    /// Whether rows are still being read.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.reading.is_some()
    }

    /// Replaces the rows; the text stays.
    pub(super) fn replace(&mut self, entries: Vec<Entry>) {
        self.entries = entries;
        self.reading = None;
        self.search();
    }

    /// Selects the row with this label.
    pub(super) fn select(&mut self, label: &str) {
        let at = self.shown().position(|(entry, _)| entry.label == label);
        self.selected = at.unwrap_or(self.selected);
    }

    /// Moves the selection.
    pub(super) fn step(&mut self, by: isize) {
        let last = self.matches.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
    }

    /// Finds the rows that match the text, after the text or the rows changed. The first row is selected.
    pub(super) fn search(&mut self) {
        self.selected = 0;
        let text = self.input.text();
        if text.trim().is_empty() {
            let all = (0..self.entries.len()).map(|entry| Match { entry, marks: Vec::new() });
            self.matches = all.collect();
            return;
        }
        let pattern = Pattern::new(text, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut found: Vec<(u32, Match)> = Vec::new();
        let mut characters = Vec::new();
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        for (at, entry) in self.entries.iter().enumerate() {
            let mut marks = Vec::new();
            let haystack = Utf32Str::new(&entry.label, &mut characters);
            if let Some(score) = pattern.indices(haystack, &mut matcher, &mut marks) {
                let mut marks: Vec<usize> =
                    marks.into_iter().filter_map(|mark| usize::try_from(mark).ok()).collect();
                marks.sort_unstable();
                marks.dedup();
                found.push((score, Match { entry: at, marks }));
                continue;
            }
            // A sentence has almost every letter, so only the starts of its words count, after the labels.
            let row = format!("{} {}", entry.label, entry.about).to_lowercase();
            let is_start = |word: &String| {
                row.match_indices(word.as_str()).any(|(at, _)| {
                    row.get(..at).is_some_and(|before| !before.ends_with(char::is_alphanumeric))
                })
            };
            if words.iter().all(is_start) {
                found.push((0, Match { entry: at, marks: Vec::new() }));
            }
        }
        // Letters that are scattered over a long label are no match beside one in which they are together.
        let best = found.iter().map(|(score, _)| *score).max().unwrap_or(0);
        found.retain(|(score, _)| *score == 0 || *score * 10 >= best * SHARE);
        found.sort_by_key(|(score, found)| (std::cmp::Reverse(*score), found.entry));
        self.matches = found.into_iter().map(|(_, found)| found).collect();
    }
}

/// The least score of a match, in tenths of the best one.
const SHARE: u32 = 7;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails at the first error")]

    use super::*;

    fn entry(label: &str, about: &str) -> Entry {
        Entry {
            label: label.to_owned(),
            key: String::new(),
            about: about.to_owned(),
            choice: Choice::Profile(label.to_owned()),
        }
    }

    fn search(text: &str) -> Vec<String> {
        let rows = [
            entry("add a destination", ""),
            entry("show the path map", "Trace"),
            entry("payments-api", "service"),
            entry("isolated", "private subnets without a route"),
        ];
        let mut picker = Picker::new(PickerPurpose::Palette, rows.to_vec());
        picker.input = Input::with(text);
        picker.search();
        picker.shown().map(|(entry, _)| entry.label.clone()).collect()
    }

    #[test]
    fn rows_match_by_their_characters_in_order_and_the_label_counts_most() {
        assert_eq!(search("").len(), 4);
        assert_eq!(search("ptmap"), ["show the path map"]);
        assert_eq!(search("ADD"), ["add a destination"]);
        assert_eq!(search("subnets"), ["isolated"]);
        assert_eq!(search("pay"), ["payments-api"]);
        assert_eq!(search("qqq"), Vec::<String>::new());
        // The letters are in the sentence, but not together.
        assert_eq!(search("pou"), Vec::<String>::new());
        assert_eq!(search("without private"), ["isolated"]);
    }

    #[test]
    fn the_matched_characters_of_the_label_are_known() {
        let mut picker = Picker::new(PickerPurpose::Profile, vec![entry("prod-admin", "x")]);
        picker.input = Input::with("padm");
        picker.search();
        let (_, marks) = picker.shown().next().unwrap();
        assert_eq!(marks, [0, 5, 6, 7]);
    }

    #[test]
    fn the_selection_stays_among_the_rows_shown() {
        let mut picker = Picker::new(PickerPurpose::Profile, vec![entry("a", ""), entry("b", "")]);
        picker.step(5);
        assert_eq!(picker.current().unwrap().label, "b");
        picker.step(isize::MIN);
        assert_eq!(picker.current().unwrap().label, "a");
        picker.input = Input::with("zz");
        picker.search();
        picker.step(1);
        assert_eq!(picker.current(), None);
    }
}
