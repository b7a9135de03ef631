//! What comes in and what goes out.

use std::path::PathBuf;
use std::sync::Arc;

use super::Key;
use crate::case::Case;
use crate::discover::{LiveRequest, Progress, ServiceLog};
use crate::model::{Snapshot, WorkloadId};
use crate::remedy::Proposal;
use crate::terraform::Verification;
use crate::terraform::write::{Receipt, Undone};
use crate::terraform::{Answers, Asked, ChangeSet, ConfigError, EditError};

/// Number of a piece of work. A reply with another number than the one that is waited for is late and dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Run(pub u64);

/// What happens to the application.
#[derive(Debug)]
pub enum Message {
    /// A key.
    Key(Key),
    /// Pasted text.
    Paste(String),
    /// The terminal has another size; everything is drawn anew.
    Resized,
    /// Discovery goes on.
    Progress(Run, Progress),
    /// Discovery ended.
    Discovered(Run, Result<Box<Snapshot>, String>),
    /// A service's own log was read, or could not be.
    LogRead(Run, WorkloadId, Result<ServiceLog, String>),
    /// The edit is planned, or cannot be.
    Planned(Run, Result<ChangeSet, Unplanned>),
    /// Terraform has spoken.
    Checked(Run, Verification),
    /// The files are written, or not.
    Written(Result<Receipt, String>),
    /// A write that was cut short is finished or taken back, in words, or neither.
    Recovered(Result<String, String>),
    /// The files are as before, or not.
    Undone(Result<Undone, String>),
    /// The report is saved, or not.
    Exported(Result<PathBuf, String>),
}

/// Why there is no edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplanned {
    /// In words.
    pub why: String,
    /// What is to be said first, where an answer helps.
    pub asked: Option<Asked>,
}

impl From<EditError> for Unplanned {
    fn from(error: EditError) -> Self {
        Self { why: error.to_string(), asked: error.question() }
    }
}

impl From<ConfigError> for Unplanned {
    fn from(error: ConfigError) -> Self {
        Self { why: error.to_string(), asked: None }
    }
}

/// What the edge is to do.
#[derive(Debug)]
pub enum Effect {
    /// Read AWS; what ran before is cancelled.
    Discover(Run, LiveRequest),
    /// Read a service's own log.
    ReadLog(Run, LiveRequest, WorkloadId),
    /// Stop reading a service's log.
    CancelLog,
    /// Stop reading.
    CancelDiscovery,
    /// Read the Terraform folder and plan the edit.
    Plan(Run, PathBuf, Arc<Case>, Box<Proposal>, Answers),
    /// Ask Terraform about the edit.
    Check(Run, ChangeSet),
    /// Write the files.
    Write(ChangeSet),
    /// Take the last write in this folder back.
    Undo(PathBuf),
    /// Take a write that was cut short back.
    RollBack(PathBuf),
    /// Finish the write in this folder that was cut short.
    Finish(PathBuf),
    /// Put the text into the clipboard.
    Copy(String),
    /// Save the text under this file name.
    Export(String, String),
    /// Suspend to the shell.
    Suspend,
    /// Leave.
    Quit,
}
