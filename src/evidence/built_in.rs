//! Built-in text patterns and assets: compiled on first use, checked by a unit test of each table.

use std::fmt;

use regex::{Regex, RegexSet, RegexSetBuilder};

/// The compiled form of a built-in pattern or asset.
///
/// A table that does not compile is a bug of egress-doctor. The program stops with the error, because an
/// empty table would give wrong results silently. A unit test of each table detects the bug before a
/// release.
#[expect(
    clippy::panic,
    reason = "a broken built-in table must not be ignored; the tests of the tables find it"
)]
pub(super) fn valid<T, E: fmt::Display>(compiled: Result<T, E>) -> T {
    match compiled {
        Ok(table) => table,
        Err(error) => panic!("a built-in table of egress-doctor is broken: {error}"),
    }
}

/// A set of patterns that one search matches.
pub(super) struct Patterns {
    set: RegexSet,
    each: Vec<Regex>,
}

impl Patterns {
    /// Compiles all patterns.
    ///
    /// # Errors
    /// The first pattern that is not a valid regular expression.
    pub fn compile(patterns: &[impl AsRef<str>]) -> Result<Self, regex::Error> {
        // The default limit is too small for the host patterns: the search would use a slower engine.
        let set = RegexSetBuilder::new(patterns).dfa_size_limit(16 << 20).build()?;
        let each = patterns.iter().map(|pattern| Regex::new(pattern.as_ref())).collect::<Result<_, _>>()?;
        Ok(Self { set, each })
    }

    /// The patterns that match, in the order of the table.
    pub fn matching(&self, text: &str) -> impl Iterator<Item = &Regex> {
        self.set.matches(text).into_iter().filter_map(|at| self.each.get(at))
    }

    /// The number of compiled patterns.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.each.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_pattern_is_an_error() {
        assert!(Patterns::compile(&["valid", "broken("]).is_err());
    }
}
