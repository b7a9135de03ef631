//! The change of the user's files that runs.

use std::sync::Arc;

use crate::case::Case;
use crate::remedy::Proposal;
use crate::terraform::ChangeSet;

/// A change of the user's files.
#[derive(Clone, Debug)]
pub(super) enum FileChange {
    /// The fix is being written.
    Write(Box<Writing>),
    /// A write is being undone, or an interrupted one is finished or undone.
    Restore,
}

/// The fix that is being written.
#[derive(Clone, Debug)]
pub(super) struct Writing {
    pub case: Arc<Case>,
    pub proposal: Proposal,
    pub changes: ChangeSet,
}

impl FileChange {
    /// What quitting now does not show.
    pub(super) fn sentence(&self) -> &'static str {
        match self {
            Self::Write(_) => {
                "The files are being written. Quitting waits for that, but does not show the result."
            }
            Self::Restore => {
                "The files are being restored. Quitting waits for that, but does not show the result."
            }
        }
    }
}
