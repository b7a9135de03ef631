//! The errors of a write and of an undo.

use crate::text::shell_quote_path;
use std::io;
use std::path::{Path, PathBuf};

/// The reason why nothing was written, or not all of it was taken back.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The record cannot be used.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A file changed since the preview.
    #[error("{} changed since the preview. Nothing was written: preview the edit again", .0.display())]
    Changed(PathBuf),
    /// A file that the edit creates exists.
    #[error("{} was created since the preview. Nothing was written: preview the edit again", .0.display())]
    Exists(PathBuf),
    /// A file is not one that egress-doctor writes; the reason.
    #[error("{0}. Nothing was written: make this change by hand")]
    Refused(String),
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
    /// The write failed, and its changes could not be reverted completely.
    #[error("{cause}. {now}{kept}{}", next_step(next.as_deref()))]
    Partial {
        /// The reason.
        cause: String,
        /// The content of the files on disk.
        now: String,
        /// The files with what other programs saved.
        kept: String,
        /// The root, if its record is still there.
        next: Option<PathBuf>,
    },
}

/// The reason why the record of the last write cannot be used. No file was changed.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The Terraform root cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Root {
        /// The root as the user named it.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The folder for records, or the folder of one record.
    #[error("cannot use the state folder {}: {reason}. No file was changed", path.display())]
    Folder {
        /// The folder, or a file in it.
        path: PathBuf,
        /// The problem and the next step.
        reason: String,
    },
    /// The journal.
    #[error("the record of the last write is broken: {}: {reason}. No file was changed. {}", path.display(), forget_step(root))]
    Journal {
        /// The Terraform root.
        root: PathBuf,
        /// The journal.
        path: PathBuf,
        /// The problem.
        reason: String,
    },
    /// A copy of old or new bytes.
    #[error("the copy {} of {} {reason}. No file was changed. {}", path.display(), file.display(), forget_step(root))]
    Backup {
        /// The Terraform root.
        root: PathBuf,
        /// The file, relative to the root.
        file: PathBuf,
        /// The copy.
        path: PathBuf,
        /// The problem.
        reason: String,
    },
}

/// The reason why nothing was restored, or not everything.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// The record of the write cannot be used.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// There is no journal.
    #[error("no write of egress-doctor to undo in {}", .0.display())]
    Nothing(PathBuf),
    /// A file was edited after the write.
    #[error(
        "{} was edited after egress-doctor wrote it. Nothing was changed, because that edit would be lost. {}",
        file.display(),
        kept_record(root, backup)
    )]
    Edited {
        /// The Terraform root.
        root: PathBuf,
        /// The file.
        file: PathBuf,
        /// The folder of the backups.
        backup: PathBuf,
    },
    /// A file was removed after the write.
    #[error(
        "{} is missing: another program removed or renamed it after egress-doctor wrote it. Nothing was changed. {}",
        file.display(),
        kept_record(root, backup)
    )]
    Removed {
        /// The Terraform root.
        root: PathBuf,
        /// The file.
        file: PathBuf,
        /// The folder of the backups.
        backup: PathBuf,
    },
    /// A file operation failed. The record stays.
    #[error("{cause}. {now}{kept}{}", next_step(Some(root)))]
    Failed {
        /// The reason.
        cause: String,
        /// The content of the files on disk.
        now: String,
        /// The files with what other programs saved.
        kept: String,
        /// The Terraform root.
        root: PathBuf,
    },
}

/// The message about an interrupted write, with both commands that resolve it.
#[must_use]
pub fn unfinished_message(root: &Path) -> String {
    let (shown, root) = (root.display(), shell_quote_path(root));
    format!(
        "an earlier write in {shown} was interrupted: restore the files with `egress-doctor undo --terraform {root}`, or complete \
         the write with `egress-doctor undo --finish --terraform {root}`"
    )
}

/// Where the old files are, and how to end the record.
fn kept_record(root: &Path, backup: &Path) -> String {
    format!(
        "The old files are in {}. `egress-doctor undo --forget --terraform {}` keeps the files as they are",
        backup.display(),
        shell_quote_path(root)
    )
}

fn next_step(root: Option<&Path>) -> String {
    let step = |root: &Path| {
        format!(
            ". The record of the write is kept: `egress-doctor undo --terraform {}` restores the old files",
            shell_quote_path(root)
        )
    };
    root.map(step).unwrap_or_default()
}

fn forget_step(root: &Path) -> String {
    format!(
        "Restore the files with version control if necessary. Then remove the record: `egress-doctor undo --forget --terraform {}`",
        shell_quote_path(root)
    )
}
