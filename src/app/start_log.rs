//! The log that is given at the start.

use std::path::PathBuf;

/// A log that is given at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartLog {
    /// The log of a scenario.
    Scenario(&'static str),
    /// A log file of the user.
    File(PathBuf),
}
