//! Built-in text patterns and assets: compiled on first use, checked by a unit test of each table.

use std::fmt;

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
