//! Tables of built-in patterns, and the search for the patterns that match a text.
//!
//! Compiling all patterns takes longer than reading a short log. Therefore a search for the texts that a match
//! must contain selects the patterns, and only these are compiled. After [`LARGE`] bytes one compiled set
//! of all patterns takes over, which searches faster. Both give the same result.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use memchr::memmem;
use regex::{Captures, Match, Regex, RegexSet, RegexSetBuilder, bytes};

use super::built_in::valid;
use super::required::{Alternative, alternatives};

/// Number of searched bytes after which the set of all patterns is compiled.
const LARGE: usize = 512 * 1024;
/// Compiling one pattern takes as long as searching this number of bytes.
const COMPILATION: usize = 8 * 1024;
/// Bytes of a required text that the first search looks for: longer texts make it slower to build.
const INDEXED: usize = 6;

/// Number of texts that are compared with each pattern: building the search takes longer.
const FEW: usize = 8;

/// Selects the patterns that can match a text, by the texts that their matches must contain.
#[derive(Default)]
struct Index {
    search: OnceLock<Search>,
    /// Number of texts so far, up to [`FEW`].
    texts: AtomicUsize,
    /// What compiling and searching cost so far, in bytes.
    cost: AtomicUsize,
}

struct Search {
    automaton: AhoCorasick,
    /// The patterns of each text of the automaton.
    owners: Vec<Vec<usize>>,
    /// The patterns for which no required text is known.
    always: Vec<usize>,
}

impl Search {
    /// Builds the search. Each alternative has the number of its pattern.
    fn new<'a>(alternatives: impl Iterator<Item = (usize, &'a Alternative)>) -> Self {
        let mut owners: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut always = Vec::new();
        for (at, alternative) in alternatives {
            if alternative.longest().is_empty() {
                always.push(at);
            }
            for text in alternative.longest() {
                owners.entry(text.get(..INDEXED).unwrap_or(text)).or_default().push(at);
            }
        }
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::NoncontiguousNFA)).prefilter(false);
        let automaton = valid(builder.build(owners.keys()));
        Self { automaton, owners: owners.into_values().collect(), always }
    }

    /// The patterns that can match, in the order of the table.
    fn candidates(&self, text: &[u8]) -> Vec<usize> {
        let found = self
            .automaton
            .find_overlapping_iter(text)
            .filter_map(|found| self.owners.get(found.pattern().as_usize()));
        let mut candidates: Vec<usize> = found.flatten().chain(&self.always).copied().collect();
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }
}

impl Index {
    /// Whether so much was searched that the set of all patterns is cheaper. Counts the next search.
    fn is_large(&self, text: &[u8]) -> bool {
        self.cost.load(Ordering::Relaxed) >= LARGE || {
            self.cost.fetch_add(text.len(), Ordering::Relaxed);
            false
        }
    }

    fn count_compilation(&self) {
        self.cost.fetch_add(COMPILATION, Ordering::Relaxed);
    }

    /// The patterns that can match, in the order of the table. The first texts are not searched: all of the `count` patterns are
    /// the result.
    fn candidates<'a, I>(&self, text: &[u8], count: usize, alternatives: impl FnOnce() -> I) -> Vec<usize>
    where
        I: Iterator<Item = (usize, &'a Alternative)>,
    {
        if self.texts.load(Ordering::Relaxed) < FEW {
            self.texts.fetch_add(1, Ordering::Relaxed);
            return (0..count).collect();
        }
        self.search.get_or_init(|| Search::new(alternatives())).candidates(text)
    }
}

/// A table of ASCII patterns in rows. A row matches if one of the alternatives of its pattern matches.
pub(super) struct Rows {
    parts: Vec<Part>,
    index: Index,
    /// The pattern of each row.
    texts: Vec<String>,
    set: OnceLock<bytes::RegexSet>,
}

/// An alternative of the pattern of a row.
pub(super) struct Part {
    pub row: usize,
    alternative: Alternative,
    regex: OnceLock<bytes::Regex>,
}

impl Rows {
    pub fn new<P: Into<String>>(rows: impl Iterator<Item = P>) -> Self {
        let texts: Vec<String> = rows.map(Into::into).collect();
        let parts = texts.iter().enumerate().flat_map(|(row, pattern)| {
            let parts = alternatives(pattern).into_iter();
            parts.map(move |alternative| Part { row, alternative, regex: OnceLock::new() })
        });
        let parts: Vec<Part> = parts.collect();
        Self { parts, index: Index::default(), texts, set: OnceLock::new() }
    }

    /// The first row that matches.
    pub fn first(&self, text: &[u8]) -> Option<usize> {
        if !self.is_large(text) {
            return self.first_by_search(text);
        }
        // Most texts match no row, which this search finds out faster.
        let set = self.set();
        set.is_match(text).then(|| set.matches(text).iter().next()).flatten()
    }

    fn set(&self) -> &bytes::RegexSet {
        self.set.get_or_init(|| valid(ascii_set(&self.texts)))
    }

    fn first_by_search(&self, text: &[u8]) -> Option<usize> {
        self.candidates(text).find(|(_, part)| self.is_match(part, text)).map(|(_, part)| part.row)
    }

    /// Whether so much was searched that a compiled set is cheaper than [`Self::candidates`]. Counts the next
    /// search.
    pub fn is_large(&self, text: &[u8]) -> bool {
        self.index.is_large(text)
    }

    /// The alternatives that can match, in the order of the rows, each with its position in [`Self::parts`].
    pub fn candidates<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = (usize, &'a Part)> {
        let alternatives = || self.parts.iter().map(|part| &part.alternative).enumerate();
        let candidates = self.index.candidates(text, self.parts.len(), alternatives).into_iter();
        let parts = candidates.filter_map(|at| Some((at, self.parts.get(at)?)));
        parts.filter(|(_, part)| part.can_match(text))
    }

    /// All alternatives.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether an alternative matches. Compiles it on first use.
    pub fn is_match(&self, part: &Part, text: &[u8]) -> bool {
        part.regex.get_or_init(|| self.compile(part.pattern())).is_match(text)
    }

    /// Compiles an ASCII pattern.
    pub fn compile(&self, pattern: &str) -> bytes::Regex {
        self.index.count_compilation();
        valid(bytes::RegexBuilder::new(pattern).unicode(false).build())
    }
}

impl Part {
    pub fn pattern(&self) -> &str {
        &self.alternative.pattern
    }

    /// Whether the text contains what every match contains. A compiled pattern decides by itself, which is
    /// cheaper.
    fn can_match(&self, text: &[u8]) -> bool {
        self.regex.get().is_some() || self.alternative.can_match(text)
    }
}

/// Compiles ASCII patterns into one set. The default size limits are too small: the search would use a slower
/// engine.
pub(super) fn ascii_set(patterns: &[impl AsRef<str>]) -> Result<bytes::RegexSet, regex::Error> {
    let mut builder = bytes::RegexSetBuilder::new(patterns);
    builder.unicode(false).size_limit(256 << 20).dfa_size_limit(32 << 20).build()
}

/// A pattern with groups that is compiled for the first text that contains what its matches must contain.
pub(super) struct LazyPattern {
    pattern: &'static str,
    /// Built for the first text.
    alternatives: OnceLock<Vec<Alternative>>,
    regex: OnceLock<Regex>,
}

impl LazyPattern {
    pub const fn new(pattern: &'static str) -> Self {
        Self { pattern, alternatives: OnceLock::new(), regex: OnceLock::new() }
    }

    /// The compiled pattern; `None` if the text certainly contains no match.
    pub fn for_text(&self, text: &str) -> Option<&Regex> {
        let bytes = text.as_bytes();
        let can_match = || {
            let parts = self.alternatives.get_or_init(|| alternatives(self.pattern));
            parts.iter().any(|part| part.can_match(bytes)) || is_special(bytes)
        };
        let is_compiled = self.regex.get().is_some();
        (is_compiled || can_match()).then(|| self.regex.get_or_init(|| valid(Regex::new(self.pattern))))
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.for_text(text).is_some_and(|regex| regex.is_match(text))
    }

    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.for_text(text)?.captures(text)
    }

    pub fn captures_iter<'t>(&self, text: &'t str) -> impl Iterator<Item = Captures<'t>> {
        self.for_text(text).into_iter().flat_map(move |regex| regex.captures_iter(text))
    }

    pub fn find_iter<'t>(&self, text: &'t str) -> impl Iterator<Item = Match<'t>> {
        self.for_text(text).into_iter().flat_map(move |regex| regex.find_iter(text))
    }

    /// The text with all matches replaced.
    pub fn replace_all<'t>(&self, text: &'t str, by: &str) -> Cow<'t, str> {
        self.for_text(text).map_or(Cow::Borrowed(text), |regex| regex.replace_all(text, by))
    }
}

/// A table of patterns with groups.
pub(super) struct Patterns {
    each: Vec<Pattern>,
    index: Index,
    set: OnceLock<RegexSet>,
}

struct Pattern {
    text: String,
    alternatives: Vec<Alternative>,
    regex: OnceLock<Regex>,
}

impl Patterns {
    pub fn new<P: Into<String>>(patterns: impl Iterator<Item = P>) -> Self {
        let each = patterns.map(|pattern| {
            let text = pattern.into();
            Pattern { alternatives: alternatives(&text), text, regex: OnceLock::new() }
        });
        let each: Vec<Pattern> = each.collect();
        Self { each, index: Index::default(), set: OnceLock::new() }
    }

    /// The patterns that match, in the order of the table.
    pub fn matching(&self, text: &str) -> Vec<&Regex> {
        let is_large = self.index.is_large(text.as_bytes());
        let matching = if !is_large {
            self.matching_by_search(text)
        } else if self.set().is_match(text) {
            self.set().matches(text).into_iter().collect()
        } else {
            Vec::new()
        };
        matching.into_iter().filter_map(|at| self.regex(at)).collect()
    }

    fn set(&self) -> &RegexSet {
        self.set.get_or_init(|| valid(unicode_set(self.each.iter().map(|pattern| &pattern.text))))
    }

    fn matching_by_search(&self, text: &str) -> Vec<usize> {
        let bytes = text.as_bytes();
        let is_special = is_special(bytes);
        let count = self.each.len();
        let alternatives = || {
            let each = self.each.iter().enumerate();
            each.flat_map(|(at, pattern)| pattern.alternatives.iter().map(move |part| (at, part)))
        };
        let mut found: Vec<usize> =
            if is_special { (0..count).collect() } else { self.index.candidates(bytes, count, alternatives) };
        found.retain(|at| {
            let pattern = self.each.get(*at).filter(|pattern| is_special || pattern.can_match(bytes));
            pattern.and_then(|_| self.regex(*at)).is_some_and(|regex| regex.is_match(text))
        });
        found
    }

    fn regex(&self, at: usize) -> Option<&Regex> {
        let Pattern { text, regex, .. } = self.each.get(at)?;
        Some(regex.get_or_init(|| {
            self.index.count_compilation();
            valid(Regex::new(text))
        }))
    }
}

impl Pattern {
    /// Whether the text contains what every match contains, as [`Part::can_match`].
    fn can_match(&self, text: &[u8]) -> bool {
        self.regex.get().is_some() || self.alternatives.iter().any(|part| part.can_match(text))
    }
}

/// Whether a text contains one of the two characters that equal `s` and `k` in a pattern without regard to case, but not in
/// the search.
fn is_special(text: &[u8]) -> bool {
    ["\u{17f}", "\u{212a}"].iter().any(|c| memmem::find(text, c.as_bytes()).is_some())
}

/// The default limit is too small for the host patterns: the search would use a slower engine.
fn unicode_set<'a>(patterns: impl Iterator<Item = &'a String>) -> Result<RegexSet, regex::Error> {
    RegexSetBuilder::new(patterns).dfa_size_limit(16 << 20).build()
}

#[cfg(test)]
pub(super) mod test_support;
