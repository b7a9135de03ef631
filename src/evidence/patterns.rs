//! Tables of built-in patterns, and the search for the patterns that match a text.
//!
//! A search for the texts that a match must contain selects the patterns, and only these are compiled, each on first
//! use. One compiled set of all patterns would be slower: its cache is too small for a log with many different lines.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use memchr::memmem;
use regex::{Captures, Match, Regex, RegexBuilder, bytes};

use super::built_in::valid;
use super::required::{Alternative, alternatives};

/// Number of searched bytes after which the search is built that searches faster and takes longer to build.
const LARGE: usize = 512 * 1024;
/// Bytes of a required text that the first search looks for: longer texts make it slower to build.
const INDEXED: usize = 6;
/// The same, of the search for a large log.
const INDEXED_LARGE: usize = 10;
/// Maximum size of the cache of a pattern in a table: a log with many different lines uses hundreds of patterns.
const CACHE: usize = 192 * 1024;
/// Number of texts that are compared with each pattern: building the search takes longer.
const FEW: usize = 8;

/// Selects the patterns that can match a text, by the texts that their matches must contain.
#[derive(Default)]
struct Index {
    first: OnceLock<Search>,
    large: OnceLock<Search>,
    /// Number of texts so far, up to [`FEW`].
    texts: AtomicUsize,
    /// Number of bytes searched so far, up to [`LARGE`].
    searched: AtomicUsize,
}

struct Search {
    automaton: AhoCorasick,
    /// The patterns of each text of the automaton.
    owners: Vec<Vec<usize>>,
    /// The patterns for which no required text is known, one bit for each pattern.
    always: Vec<u64>,
}

impl Search {
    /// Builds the search for the first `indexed` bytes of the texts. Each alternative has the number of its pattern.
    fn new<'a>(
        alternatives: impl Iterator<Item = (usize, &'a Alternative)>,
        indexed: usize,
        kind: AhoCorasickKind,
    ) -> Self {
        let mut owners: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut always = Vec::new();
        for (at, alternative) in alternatives {
            always.resize(at / BITS + 1, 0);
            if alternative.longest().is_empty() {
                set(&mut always, at);
            }
            for text in alternative.longest() {
                owners.entry(text.get(..indexed).unwrap_or(text)).or_default().push(at);
            }
        }
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(true).kind(Some(kind)).prefilter(false);
        let automaton = valid(builder.build(owners.keys()));
        Self { automaton, owners: owners.into_values().collect(), always }
    }

    /// The patterns that can match, in the order of the table.
    fn candidates(&self, text: &[u8]) -> Vec<usize> {
        let mut bits = self.always.clone();
        for found in self.automaton.find_overlapping_iter(text) {
            let owners = self.owners.get(found.pattern().as_usize());
            owners.into_iter().flatten().for_each(|at| set(&mut bits, *at));
        }
        let mut candidates = Vec::new();
        for (word, mut rest) in bits.into_iter().enumerate() {
            while rest != 0 {
                candidates.push(word * BITS + rest.trailing_zeros() as usize);
                rest &= rest - 1;
            }
        }
        candidates
    }
}

/// Number of bits in a word.
const BITS: usize = u64::BITS as usize;

fn set(bits: &mut [u64], at: usize) {
    if let Some(word) = bits.get_mut(at / BITS) {
        *word |= 1 << (at % BITS);
    }
}

impl Index {
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
        let search = if self.searched.load(Ordering::Relaxed) < LARGE {
            self.searched.fetch_add(text.len(), Ordering::Relaxed);
            let kind = AhoCorasickKind::NoncontiguousNFA;
            self.first.get_or_init(|| Search::new(alternatives(), INDEXED, kind))
        } else {
            self.large.get_or_init(|| Search::new(alternatives(), INDEXED_LARGE, AhoCorasickKind::DFA))
        };
        search.candidates(text)
    }
}

/// A table of ASCII patterns in rows. A row matches if one of the alternatives of its pattern matches.
pub(super) struct Rows {
    parts: Vec<Part>,
    index: Index,
}

/// An alternative of the pattern of a row.
pub(super) struct Part {
    pub row: usize,
    alternative: Alternative,
    regex: OnceLock<bytes::Regex>,
}

impl Rows {
    pub fn new<P: AsRef<str>>(rows: impl Iterator<Item = P>) -> Self {
        let parts = rows.enumerate().flat_map(|(row, pattern)| {
            let parts = alternatives(pattern.as_ref()).into_iter();
            parts.map(move |alternative| Part { row, alternative, regex: OnceLock::new() })
        });
        Self { parts: parts.collect(), index: Index::default() }
    }

    /// The first row that matches.
    pub fn first(&self, text: &[u8]) -> Option<usize> {
        self.candidates(text).find(|(_, part)| part.is_match(text)).map(|(_, part)| part.row)
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

    /// Whether the alternative matches. Compiles it on first use, if it is more than one text.
    pub fn is_match(&self, text: &[u8]) -> bool {
        if self.alternative.is_exact() {
            return self.alternative.can_match(text);
        }
        self.regex.get_or_init(|| ascii(self.pattern())).is_match(text)
    }
}

/// Compiles an ASCII pattern.
pub(super) fn ascii(pattern: &str) -> bytes::Regex {
    valid(bytes::RegexBuilder::new(pattern).unicode(false).dfa_size_limit(CACHE).build())
}

/// A pattern with groups that is compiled for the first text that contains what its matches must contain. At first only
/// its alternatives for that text are compiled, which takes less time. The groups of a pattern with several alternatives
/// at its top level must have names.
pub(super) struct LazyPattern {
    pattern: &'static str,
    /// Built for the first text.
    alternatives: OnceLock<Vec<Alternative>>,
    /// The alternatives for the first text, by their positions.
    first: OnceLock<(Vec<usize>, Regex)>,
    /// Number of texts that can match, up to [`FEW`]: then the whole pattern is cheaper than the search for the alternatives.
    texts: AtomicUsize,
    /// The whole pattern.
    regex: OnceLock<Regex>,
}

impl LazyPattern {
    pub const fn new(pattern: &'static str) -> Self {
        Self {
            pattern,
            alternatives: OnceLock::new(),
            first: OnceLock::new(),
            texts: AtomicUsize::new(0),
            regex: OnceLock::new(),
        }
    }

    /// The compiled pattern; `None` if the text certainly contains no match.
    pub fn for_text(&self, text: &str) -> Option<&Regex> {
        if let Some(whole) = self.regex.get() {
            return Some(whole);
        }
        let bytes = text.as_bytes();
        let parts = self.alternatives.get_or_init(|| alternatives(self.pattern));
        let can_match = parts.iter().enumerate().filter(|(_, part)| part.can_match(bytes));
        let needed: Vec<usize> = can_match.map(|(at, _)| at).collect();
        if !is_special(bytes) {
            if needed.is_empty() {
                return None;
            }
            let (first, regex) = self.first.get_or_init(|| (needed.clone(), joined(parts, &needed)));
            let is_first = self.texts.fetch_add(1, Ordering::Relaxed) < FEW;
            if is_first && needed.iter().all(|at| first.contains(at)) {
                return Some(regex);
            }
        }
        Some(self.regex.get_or_init(|| valid(Regex::new(self.pattern))))
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

/// Some of the alternatives of a pattern, given by their positions, as one pattern.
fn joined(parts: &[Alternative], positions: &[usize]) -> Regex {
    let patterns: Vec<&str> =
        positions.iter().filter_map(|at| parts.get(*at)).map(|part| part.pattern.as_str()).collect();
    valid(Regex::new(&patterns.join("|")))
}

/// A table of patterns with groups.
pub(super) struct Patterns {
    each: Vec<Pattern>,
    index: Index,
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
        Self { each, index: Index::default() }
    }

    /// The patterns that match, in the order of the table.
    pub fn matching(&self, text: &str) -> Vec<&Regex> {
        let bytes = text.as_bytes();
        let is_special = is_special(bytes);
        let count = self.each.len();
        let alternatives = || {
            let each = self.each.iter().enumerate();
            each.flat_map(|(at, pattern)| pattern.alternatives.iter().map(move |part| (at, part)))
        };
        let candidates =
            if is_special { (0..count).collect() } else { self.index.candidates(bytes, count, alternatives) };
        let candidates = candidates.into_iter().filter_map(|at| self.each.get(at));
        let candidates = candidates.filter(|pattern| is_special || pattern.can_match(bytes));
        candidates.map(Pattern::regex).filter(|regex| regex.is_match(text)).collect()
    }
}

impl Pattern {
    /// Whether the text contains what every match contains, as [`Part::can_match`].
    fn can_match(&self, text: &[u8]) -> bool {
        self.regex.get().is_some() || self.alternatives.iter().any(|part| part.can_match(text))
    }

    fn regex(&self) -> &Regex {
        self.regex.get_or_init(|| valid(RegexBuilder::new(&self.text).dfa_size_limit(CACHE).build()))
    }
}

/// Whether a text contains one of the two characters that equal `s` and `k` in a pattern without regard to case, but not in
/// the search.
fn is_special(text: &[u8]) -> bool {
    !text.is_ascii() && ["\u{17f}", "\u{212a}"].iter().any(|c| memmem::find(text, c.as_bytes()).is_some())
}

#[cfg(test)]
pub(super) mod test_support;
