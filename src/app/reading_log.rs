//! The log of the start, while it is read.

use std::time::Instant;

use super::RunId;

/// The log of the start, while it is read.
#[derive(Clone, Debug)]
pub struct ReadingLog {
    /// The beginning of the reading.
    pub since: Instant,
    /// The name of the log; none for the log of a scenario.
    pub name: Option<String>,
    /// Its run id.
    pub(super) run: RunId,
}
