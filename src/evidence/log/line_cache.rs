//! The facts about single lines, kept for lines that the log repeats.
//!
//! Owns the cache and its key: the line without the digits of the time at its beginning. Must not contain a pattern. The
//! result is the same as without the cache: a line is equal to a kept one only if all its other bytes are.

use super::error_keywords::has_keyword;
use super::error_patterns::may_show_symptom;
use super::event;
use super::text::length_of_time;

/// Number of kept lines.
const LINES: usize = 4096;
/// Longer lines are not kept.
const LONGEST: usize = 1024;
/// Number of lines after which lines are kept: a short log is read without the memory for them.
const SHORT_LOG: usize = 256;

/// What the text of a line alone decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LineFacts {
    /// Whether the line can show a symptom.
    pub may_show_symptom: bool,
    /// Whether the line begins a record; `None` where this is not known yet.
    pub is_start: Option<bool>,
}

#[derive(Default)]
pub(super) struct LineCache {
    kept: Vec<Kept>,
    /// The number of lines so far, up to [`SHORT_LOG`].
    lines: usize,
    /// A line without the digits of its time.
    masked: Vec<u8>,
}

#[derive(Clone)]
struct Kept {
    hash: u64,
    /// Empty until the line occurs for the second time.
    line: Vec<u8>,
    facts: LineFacts,
}

impl LineCache {
    /// The facts about a line. Lines without a keyword are not kept: the search for keywords is as fast.
    pub fn facts(&mut self, line: &[u8]) -> LineFacts {
        let digits = length_of_time(line);
        if !has_keyword(line.get(digits..).unwrap_or_default()) {
            return LineFacts { may_show_symptom: false, is_start: None };
        }
        let is_short = self.lines < SHORT_LOG;
        self.lines += usize::from(is_short);
        if is_short || line.len() > LONGEST {
            return self.read(line, digits);
        }
        if self.kept.is_empty() {
            let facts = LineFacts { may_show_symptom: false, is_start: None };
            self.kept.resize(LINES, Kept { hash: 0, line: Vec::new(), facts });
        }
        let hash = hash(line, digits);
        let place = usize::try_from(hash).unwrap_or_default() % LINES;
        let known = self.kept.get(place).filter(|kept| kept.hash == hash);
        if let Some(kept) = known.filter(|kept| is_equal(&kept.line, line, digits)) {
            return kept.facts;
        }
        let is_second = known.is_some();
        let facts = self.read(line, digits);
        if let Some(kept) = self.kept.get_mut(place) {
            kept.hash = hash;
            kept.facts = facts;
            kept.line.clear();
            if is_second {
                kept.line.extend_from_slice(line);
            }
        }
        facts
    }

    /// Reads the facts from a line with a keyword, without the digits of its time.
    fn read(&mut self, line: &[u8], digits: usize) -> LineFacts {
        self.masked.clear();
        self.masked.extend_from_slice(line);
        let time = self.masked.iter_mut().take(digits).filter(|byte| byte.is_ascii_digit());
        time.for_each(|byte| *byte = b'0');
        let may_show_symptom = may_show_symptom(&self.masked);
        let is_start = may_show_symptom.then(|| event::is_start(&String::from_utf8_lossy(line)));
        LineFacts { may_show_symptom, is_start }
    }
}

/// Whether a kept line is equal to a line, except for the digits of its time.
fn is_equal(kept: &[u8], line: &[u8], digits: usize) -> bool {
    let (Some((kept_time, kept_rest)), Some((time, rest))) =
        (kept.split_at_checked(digits), line.split_at_checked(digits))
    else {
        return false;
    };
    let is_same_byte = |(one, two): (&u8, &u8)| one == two || (one.is_ascii_digit() && two.is_ascii_digit());
    kept_rest == rest && !kept.is_empty() && kept_time.iter().zip(time).all(is_same_byte)
}

/// A hash of the line without its first `digits` bytes, of which it uses only the number.
fn hash(line: &[u8], digits: usize) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let add = |hash: u64, bytes: u64| (hash.rotate_left(23) ^ bytes).wrapping_mul(FACTOR);
    let rest = line.get(digits..).unwrap_or_default();
    let (words, last) = rest.as_chunks::<8>();
    let hash = words
        .iter()
        .fold(add(line.len() as u64, digits as u64), |hash, word| add(hash, u64::from_le_bytes(*word)));
    let hash = last.iter().fold(hash, |hash, byte| add(hash, u64::from(*byte)));
    (hash ^ (hash >> 32)).wrapping_mul(FACTOR) >> 1 | 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::patterns::test_support::all_fixtures;

    fn without_cache(line: &str) -> LineFacts {
        let may_show_symptom = has_keyword(line.as_bytes()) && may_show_symptom(line.as_bytes());
        LineFacts { may_show_symptom, is_start: may_show_symptom.then(|| event::is_start(line)) }
    }

    /// Lines of the fixtures, three times with different times before them.
    #[test]
    fn the_facts_are_those_of_the_line_alone() {
        let mut cache = LineCache::default();
        for line in all_fixtures().step_by(9) {
            assert_eq!(cache.facts(line.as_bytes()), without_cache(&line), "{line}");
            for time in ["2026-01-01T00:00:00.000Z", "2026-11-30T23:59:58.987Z", "2025-10-09T07:08:01.110Z"] {
                let line = format!("{time} {line}");
                assert_eq!(cache.facts(line.as_bytes()), without_cache(&line), "{line}");
            }
        }
    }

    #[test]
    fn only_lines_that_differ_in_the_digits_of_their_time_are_equal() {
        let line = b"2026-01-01T00:00:00.123Z connect ETIMEDOUT 10.0.0.1:443";
        let digits = length_of_time(line);
        assert_eq!(digits, "2026-01-01T00:00:00.123".len());
        let is_same = |other: &[u8]| {
            let digits = length_of_time(other);
            is_equal(line, other, digits) && hash(line, length_of_time(line)) == hash(other, digits)
        };
        assert!(is_same(b"2025-12-31T23:59:59.999Z connect ETIMEDOUT 10.0.0.1:443"));
        for other in [
            &b"2026-01-01T00:00:00.123Z connect ETIMEDOUT 10.0.0.2:443"[..],
            b"2026-01-01T00:00:00,123Z connect ETIMEDOUT 10.0.0.1:443",
            b"2026-01-01 00:00:00.123Z connect ETIMEDOUT 10.0.0.1:443",
            b"2026-01-01T00:00:00.12Z connect ETIMEDOUT 10.0.0.1:4433",
            b"connect ETIMEDOUT 10.0.0.1:443",
            b"",
        ] {
            assert!(!is_same(other), "{}", String::from_utf8_lossy(other));
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
            assert_eq!(cache.facts(line.as_bytes()).may_show_symptom, may_show, "{line}");
        }
    }
}
