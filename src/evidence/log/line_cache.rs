//! The facts about single lines, kept for the shapes of lines that the log repeats.
//!
//! Owns the cache. Must not contain a pattern. The facts about a shape are kept if they are the same for two lines of it that
//! differ in every variable part.

use std::hash::{DefaultHasher, Hasher as _};

use super::error_keywords::has_keyword;
use super::error_patterns::may_show_symptom;
use super::text::{length_of_time, lossy};
use super::{event, shape};

/// Number of kept lines.
const LINES: usize = 16 * 1024;
/// Number of places in which a line can be kept.
const PLACES: usize = 4;
/// Longer lines are not kept.
const LONGEST: usize = 1024;
/// Number of lines after which lines are kept: a short log is read without the memory for them.
const SHORT_LOG: usize = 256;

/// What the text of a line alone decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LineFacts {
    /// Whether the line can show a symptom.
    pub may_show_symptom: bool,
    /// Whether the line begins a record; `None` where this is not known yet.
    pub is_start: Option<bool>,
    /// A hash of its shape that differs for different shapes; `None` where this is not known yet.
    pub shape: Option<u64>,
}

#[derive(Default)]
pub(super) struct LineCache {
    kept: Vec<Kept>,
    /// The number of lines so far, up to [`SHORT_LOG`].
    lines: usize,
    /// A line without the digits of its time.
    masked: Vec<u8>,
    /// The shape of a line.
    shape: Vec<u8>,
    /// Whether the previous line can show a symptom: then the next one often can, and is looked up without a search for
    /// keywords.
    follows_symptom: bool,
}

#[derive(Clone)]
struct Kept {
    /// 0 in an unused place.
    hash: u64,
    /// Empty until a line of the shape occurs for the second time.
    shape: Vec<u8>,
    facts: LineFacts,
}

impl LineCache {
    /// The facts about a line. Lines without a keyword are kept only `in_event`, where their shape is needed: otherwise the
    /// search for keywords is as fast.
    pub fn facts(&mut self, line: &[u8], in_event: bool) -> LineFacts {
        let facts = self.find(line, in_event || self.follows_symptom);
        self.follows_symptom = facts.may_show_symptom;
        facts
    }

    /// The facts, from the cache if `is_likely` a line of a shape in it.
    fn find(&mut self, line: &[u8], is_likely: bool) -> LineFacts {
        let is_short = self.is_short_log();
        if (is_short || !is_likely) && !has_keyword_after_time(line) {
            return LineFacts::default();
        }
        if is_short {
            self.lines += 1;
            return self.read_with_keyword(line);
        }
        if line.len() > LONGEST {
            return self.read(line);
        }
        if self.kept.is_empty() {
            self.kept.resize(LINES, Kept { hash: 0, shape: Vec::new(), facts: LineFacts::default() });
        }
        shape::write(line, &mut self.shape);
        let hash = fast_hash(&self.shape);
        let first = usize::try_from(hash).unwrap_or_default() % LINES / PLACES * PLACES;
        let places = self.kept.get(first..first + PLACES).unwrap_or_default();
        let known = places.iter().position(|kept| kept.hash == hash);
        if let Some(kept) = known.and_then(|at| places.get(at)).filter(|kept| kept.shape == self.shape) {
            return kept.facts;
        }
        let is_second = known.is_some();
        let unused = || places.iter().position(|kept| kept.hash == 0);
        let replaced = || usize::try_from(hash >> 32).unwrap_or_default() % PLACES;
        let place = first + known.or_else(unused).unwrap_or_else(replaced);
        let facts = LineFacts { shape: Some(strong_hash(&self.shape)), ..self.read(line) };
        let is_kept = is_second && self.are_of_shape(facts, line);
        if let Some(kept) = self.kept.get_mut(place) {
            kept.hash = hash;
            kept.facts = facts;
            kept.shape.clear();
            if is_kept {
                kept.shape.extend_from_slice(&self.shape);
            }
        }
        facts
    }

    /// Whether too few lines were read to keep anything.
    pub fn is_short_log(&self) -> bool {
        self.lines < SHORT_LOG
    }

    /// A hash of the shape of a line.
    pub fn shape(&mut self, line: &[u8]) -> u64 {
        shape::write(line, &mut self.shape);
        strong_hash(&self.shape)
    }

    /// Whether another line of the same shape has the same facts.
    fn are_of_shape(&mut self, facts: LineFacts, line: &[u8]) -> bool {
        let other = shape::changed(&lossy(line));
        other.is_none_or(|other| LineFacts { shape: facts.shape, ..self.read(other.as_bytes()) } == facts)
    }

    /// Reads the facts from a line.
    fn read(&mut self, line: &[u8]) -> LineFacts {
        if has_keyword_after_time(line) { self.read_with_keyword(line) } else { LineFacts::default() }
    }

    /// Reads the facts from a line with a keyword, without the digits of its time.
    fn read_with_keyword(&mut self, line: &[u8]) -> LineFacts {
        self.masked.clear();
        self.masked.extend_from_slice(line);
        let time = self.masked.iter_mut().take(length_of_time(line)).filter(|byte| byte.is_ascii_digit());
        time.for_each(|byte| *byte = b'0');
        let may_show_symptom = may_show_symptom(&self.masked);
        let is_start = may_show_symptom.then(|| event::is_start(&lossy(line)));
        LineFacts { may_show_symptom, is_start, shape: None }
    }
}

fn has_keyword_after_time(line: &[u8]) -> bool {
    has_keyword(line.get(length_of_time(line)..).unwrap_or_default())
}

fn strong_hash(shape: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(shape);
    hasher.finish()
}

/// A hash for the place in the cache.
fn fast_hash(shape: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let add = |hash: u64, bytes: u64| (hash.rotate_left(23) ^ bytes).wrapping_mul(FACTOR);
    let (words, last) = shape.as_chunks::<8>();
    let hash = words.iter().fold(shape.len() as u64, |hash, word| add(hash, u64::from_le_bytes(*word)));
    let hash = last.iter().fold(hash, |hash, byte| add(hash, u64::from(*byte)));
    (hash ^ (hash >> 32)).wrapping_mul(FACTOR) >> 1 | 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::patterns::test_support::all_fixtures;

    fn without_cache(line: &str) -> (bool, Option<bool>) {
        let may_show_symptom = has_keyword(line.as_bytes()) && may_show_symptom(line.as_bytes());
        (may_show_symptom, may_show_symptom.then(|| event::is_start(line)))
    }

    /// Lines of the fixtures, several times with other times and numbers.
    #[test]
    fn the_facts_are_those_of_the_line_alone() {
        let mut cache = LineCache::default();
        let mut assert_equal = |line: &str| {
            let facts = cache.facts(line.as_bytes(), line.len().is_multiple_of(2));
            assert_eq!((facts.may_show_symptom, facts.is_start), without_cache(line), "{line}");
        };
        for line in all_fixtures().step_by(9) {
            assert_equal(&line);
            for (at, time) in
                ["2026-01-01T00:00:00.000Z", "2026-11-30T23:59:58.987Z", "2025-10-09T07:08:01.110Z"]
                    .iter()
                    .enumerate()
            {
                assert_equal(&format!("{time} {line}"));
                assert_equal(&format!("{time} {line} id={}", 40_100_429 + at * 1_111_111));
            }
            if let Some(changed) = shape::changed(&line) {
                for line in [&line, &changed, &line, &changed] {
                    assert_equal(line);
                }
            }
        }
    }

    /// A number in the time is not a number in the text: `.535` is no answer of a mail server.
    #[test]
    fn the_digits_of_the_time_show_no_symptom() {
        let mut cache = LineCache::default();
        for (line, may_show) in [
            ("2026-01-01T00:00:00.535 auth of user 7 is ok", false),
            ("2026-01-01T00:00:00.123 smtp: 535 authentication data", true),
        ] {
            assert_eq!(cache.facts(line.as_bytes(), false).may_show_symptom, may_show, "{line}");
        }
    }
}
