//! The errors of a write and of an undo.

use std::io;
use std::path::{Path, PathBuf};

/// The reason why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file changed since the preview.
    #[error("{} changed since the preview. Nothing was written: preview the edit again", .0.display())]
    Changed(PathBuf),
    /// A file that the edit creates exists.
    #[error("{} was created since the preview. Nothing was written: preview the edit again", .0.display())]
    Exists(PathBuf),
    /// An earlier write was interrupted.
    #[error("{}", unfinished_message(.0))]
    Unfinished(PathBuf),
    /// A file operation failed.
    #[error("cannot write {}: {source}. All files are as before", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// The reason why the record of the last write cannot be used. No file was changed.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The folder for records, or the folder of one record.
    #[error("cannot use the state folder {}: {reason}. No file was changed", path.display())]
    Folder {
        /// The folder, or a file in it.
        path: PathBuf,
        /// The problem and the next step.
        reason: String,
    },
    /// The journal.
    #[error(
        "the record of the last write in {} is broken: {}: {reason}. No file was changed. Restore the files with version control if \
         necessary, then remove the record: `egress-doctor undo --forget --terraform {}`",
        root.display(), path.display(), root.display()
    )]
    Journal {
        /// The Terraform root.
        root: PathBuf,
        /// The journal.
        path: PathBuf,
        /// The problem.
        reason: String,
    },
}

/// The reason why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// The record of the write cannot be used.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The Terraform root cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Root {
        /// The root as the user named it.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// There is no journal.
    #[error("no write of egress-doctor to undo in {}", .0.display())]
    Nothing(PathBuf),
    /// A file was edited after the write.
    #[error(
        "{} was edited after egress-doctor wrote it. Nothing was changed, because that edit would be lost. The old files are in {}. \
         `egress-doctor undo --forget` keeps the files as they are",
        file.display(),
        backup.display()
    )]
    Edited {
        /// The file.
        file: PathBuf,
        /// The folder of the backups.
        backup: PathBuf,
    },
    /// A file operation failed.
    #[error("cannot restore {}: {source}", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// The message about an interrupted write, with both commands that resolve it.
#[must_use]
pub fn unfinished_message(root: &Path) -> String {
    let root = root.display();
    format!(
        "an earlier write in {root} was interrupted: restore the files with `egress-doctor undo --terraform {root}`, or complete the \
         write with `egress-doctor undo --finish --terraform {root}`"
    )
}
