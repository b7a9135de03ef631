//! Exit codes. User scripts depend on the numbers, so they never change.

use std::process::ExitCode;

/// The result of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All requested destinations are reachable, or the change set was planned or written, or the command
    /// succeeded.
    Done,
    /// A destination is blocked or intermittent, or no proposal fixes all requested destinations.
    Blocked,
    /// No destination is blocked, but at least one is unknown.
    Unknown,
    /// `fix` has nothing to do: all destinations are reachable, or the code already contains the fix.
    NothingToDo,
    /// A signal with this number ended the application.
    Signal(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Blocked => 1,
            Exit::Unknown => 3,
            Exit::NothingToDo => 4,
            // The convention of POSIX shells.
            Exit::Signal(number) => 128 + number,
        })
    }
}

/// The exit code of a usage or run-time error.
pub const FAILED: u8 = 2;
