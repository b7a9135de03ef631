//! Reads and saves snapshot files.

use std::io;
use std::path::{Path, PathBuf};

use crate::files::{ReadError, read_named, write_output};
use crate::model::{Snapshot, SnapshotError};
use crate::text::decode;

/// The reason why a file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file cannot be read or written.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// `read` or `write`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason.
        source: ReadError,
    },
    /// The file is not a snapshot.
    #[error("{}: {source}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The error, with line and column if they are known.
        source: SnapshotError,
    },
}

impl FileError {
    pub(super) fn reading(path: &Path, source: impl Into<ReadError>) -> Self {
        Self::Io { doing: "read", path: path.to_owned(), source: source.into() }
    }
}

/// Reads a saved snapshot: UTF-8, or UTF-16 with a byte order mark.
///
/// # Errors
/// The file cannot be read or is not a snapshot. The error contains the file, and line and column
/// of malformed JSON, but no value.
pub fn load_snapshot(path: &Path) -> Result<Snapshot, FileError> {
    let bytes = read_named(path).map_err(|error| FileError::reading(path, error))?;
    let text = decode(bytes).map_err(|_| FileError::reading(path, ReadError::NotText))?;
    Snapshot::from_json(&text).map_err(|source| FileError::Content { path: path.to_owned(), source })
}

/// Saves a snapshot as [`write_output`] does: a new file can be read only by its owner, and `-` is standard output.
///
/// # Errors
/// The file cannot be written.
pub fn save_snapshot(snapshot: &Snapshot, path: &Path) -> Result<(), FileError> {
    let write_error =
        |source: io::Error| FileError::Io { doing: "write", path: path.to_owned(), source: source.into() };
    let text = snapshot.to_json().map_err(|error| write_error(io::Error::other(error)))?;
    write_output(path, text.as_bytes()).map_err(write_error)
}
