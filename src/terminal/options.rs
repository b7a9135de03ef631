//! The options of a session, and how it ended.

use std::path::PathBuf;

use crate::terraform::GivenFiles;

/// How the application ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The user quit.
    Quit,
    /// The terminal sends no more events.
    Closed,
    /// A signal with this number arrived.
    Signal(i32),
}

/// Options of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionOptions {
    /// The folder for journals and backups.
    pub state: PathBuf,
    /// The files beside the Terraform folder that the user gave.
    pub files: GivenFiles,
    /// The folder for copies of the scenarios' Terraform configurations, in the demo.
    pub demo: Option<PathBuf>,
    /// Whether a click selects and the wheel moves.
    pub mouse: bool,
}
