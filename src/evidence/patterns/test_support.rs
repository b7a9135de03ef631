//! Compares the two ways of searching a table.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first unexpected result"
)]

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::string::string_regex;
use proptest::test_runner::TestRunner;

use super::*;

/// Number of matches that are generated for each pattern.
const MATCHES: usize = 2;
/// One of so many lines of the fixtures is used.
const STEP: usize = 20;
/// Maximum number of characters of a text.
const LENGTH: usize = 300;

impl Rows {
    /// Compiles every pattern, and checks that the first row by the search is the first row by the patterns alone.
    pub fn assert_valid(&self) {
        let each: Vec<bytes::Regex> = self.parts.iter().map(|part| ascii(part.pattern())).collect();
        let searches = searches(|| self.parts.iter().map(|part| &part.alternative).enumerate());
        for text in texts(self.parts.iter().map(Part::pattern)) {
            let text = text.as_bytes();
            let is_match = |at: &usize| each[*at].is_match(text);
            let matching: Vec<usize> = (0..each.len()).filter(is_match).collect();
            for search in &searches {
                let candidates = search.candidates(text);
                let can_match =
                    |at: &usize| candidates.contains(at) && self.parts[*at].alternative.can_match(text);
                assert!(matching.iter().all(can_match), "{:?}", String::from_utf8_lossy(text));
            }
            for (part, regex) in self.parts.iter().zip(&each) {
                let is_match = part.alternative.can_match(text) && part.is_match(text);
                assert_eq!(
                    is_match,
                    regex.is_match(text),
                    "{}: {:?}",
                    part.pattern(),
                    String::from_utf8_lossy(text)
                );
            }
            assert_eq!(self.first(text), matching.first().map(|at| self.parts[*at].row));
        }
    }
}

/// Both searches of a table.
fn searches<'a, I: Iterator<Item = (usize, &'a Alternative)>>(alternatives: impl Fn() -> I) -> [Search; 2] {
    [
        Search::new(alternatives(), INDEXED, AhoCorasickKind::NoncontiguousNFA),
        Search::new(alternatives(), INDEXED_LARGE, AhoCorasickKind::DFA),
    ]
}

impl LazyPattern {
    /// Compiles the pattern, and checks that every text has the matches that it has with the alternatives for that text
    /// alone.
    pub fn assert_valid(&self) {
        let regex = Regex::new(self.pattern).expect(self.pattern);
        let parts = alternatives(self.pattern);
        for text in texts(std::iter::once(self.pattern)) {
            if is_special(text.as_bytes()) {
                continue;
            }
            let can_match = |at: &usize| parts[*at].can_match(text.as_bytes());
            let needed: Vec<usize> = (0..parts.len()).filter(can_match).collect();
            let ranges =
                |regex: &Regex| regex.find_iter(&text).map(|found| found.range()).collect::<Vec<_>>();
            let by_parts = if needed.is_empty() { Vec::new() } else { ranges(&joined(&parts, &needed)) };
            assert_eq!(by_parts, ranges(&regex), "{}: {text:?}", self.pattern);
        }
        let has_unnamed = regex.capture_names().skip(1).any(|name| name.is_none());
        assert!(parts.len() == 1 || !has_unnamed, "{}", self.pattern);
    }
}

impl Patterns {
    /// Compiles every pattern, and checks that the search finds the same patterns as each pattern alone.
    pub fn assert_valid(&self) {
        let alternatives = || {
            let each = self.each.iter().enumerate();
            each.flat_map(|(at, pattern)| pattern.alternatives.iter().map(move |part| (at, part)))
        };
        let searches = searches(alternatives);
        for text in texts(self.each.iter().map(|pattern| pattern.text.as_str())) {
            let is_match = |at: &usize| self.each[*at].regex().is_match(&text);
            let matching: Vec<usize> = (0..self.each.len()).filter(is_match).collect();
            for search in &searches {
                let candidates = search.candidates(text.as_bytes());
                let can_match = |at: &usize| {
                    let pattern = &self.each[*at];
                    candidates.contains(at)
                        && pattern.alternatives.iter().any(|part| part.can_match(text.as_bytes()))
                };
                assert!(is_special(text.as_bytes()) || matching.iter().all(can_match), "{text:?}");
            }
            let found: Vec<&str> = self.matching(&text).into_iter().map(Regex::as_str).collect();
            let expected: Vec<&str> = matching.iter().map(|at| self.each[*at].text.as_str()).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }
}

/// Lines of the excerpts in `tests/fixtures/logs`, generated matches of the patterns, and mutations of
/// both.
pub fn texts<'a>(patterns: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let mut texts = fixtures();
    for pattern in patterns {
        texts.extend(matches_of(pattern, &mut runner));
    }
    let mutated: Vec<String> = texts.iter().map(|text| mutated(text, &mut runner)).collect();
    texts.extend(mutated);
    texts
}

fn fixtures() -> Vec<String> {
    all_fixtures().step_by(STEP).collect()
}

/// All lines of the excerpts in `tests/fixtures/logs`.
pub fn all_fixtures() -> impl Iterator<Item = String> {
    let sets = [
        include_str!("../../../tests/fixtures/logs/a.jsonl"),
        include_str!("../../../tests/fixtures/logs/b.jsonl"),
        include_str!("../../../tests/fixtures/logs/c.jsonl"),
        include_str!("../../../tests/fixtures/logs/d.jsonl"),
        include_str!("../../../tests/fixtures/logs/e.jsonl"),
        include_str!("../../../tests/fixtures/logs/f.jsonl"),
        include_str!("../../../tests/fixtures/logs/g.jsonl"),
        include_str!("../../../tests/fixtures/logs/m.jsonl"),
        include_str!("../../../tests/fixtures/logs/n.jsonl"),
    ];
    let excerpts = sets.into_iter().flat_map(str::lines).map(|line| {
        let excerpt: serde_json::Value = serde_json::from_str(line).unwrap();
        excerpt["log"].as_str().unwrap().to_owned()
    });
    excerpts.flat_map(|log| log.lines().map(str::to_owned).collect::<Vec<_>>())
}

/// Generated texts that contain a match of a pattern, except that anchors are ignored.
pub fn matches_of(pattern: &str, runner: &mut TestRunner) -> Vec<String> {
    let strategy = string_regex(&without_anchors(pattern)).expect(pattern);
    let mut generate = || strategy.new_tree(runner).unwrap().current();
    (0..MATCHES)
        .map(|at| {
            let text = generate();
            let text: String = text.chars().take(LENGTH).collect();
            if at % 2 == 0 { text } else { format!("2026-11-20 10:02:11 ERROR x: {text} y") }
        })
        .collect()
}

/// A pattern without `^`, `$` and `\b`, which the generator does not support.
fn without_anchors(pattern: &str) -> String {
    let mut text = String::new();
    let mut rest = pattern.chars();
    let mut is_class = false;
    let mut before = ' ';
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('b' | 'B') => {}
                next => text.extend([Some('\\'), next].into_iter().flatten()),
            },
            '^' | '$' if !is_class => {}
            c => {
                // `[]` and `[^]`: the bracket is part of the class.
                is_class = if is_class { c != ']' || before == '[' } else { c == '[' };
                text.push(c);
            }
        }
        before = c;
    }
    text
}

/// A text with a few changes: pieces are removed, repeated, replaced, or change their case.
pub fn mutated(text: &str, runner: &mut TestRunner) -> String {
    let steps = proptest::collection::vec((0..5_u8, any::<prop::sample::Index>(), 1..8_usize), 1..4);
    let steps = steps.new_tree(runner).unwrap().current();
    let mut text: Vec<char> = text.chars().collect();
    for (step, at, length) in steps {
        let start = at.index(text.len() + 1);
        let end = (start + length).min(text.len());
        let piece: Vec<char> = text[start..end].to_vec();
        let new: Vec<char> = match step {
            0 => Vec::new(),
            1 => piece.repeat(2),
            2 => piece.iter().map(|_| '\u{17f}').collect(),
            3 => piece.iter().map(char::to_ascii_uppercase).collect(),
            _ => " timed out ".chars().collect(),
        };
        text.splice(start..end, new);
    }
    text.into_iter().collect()
}
