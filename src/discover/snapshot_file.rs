//! Reads and saves snapshot files.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::model::{Snapshot, SnapshotError};

/// The reason why a file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system returned an error.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// `read` or `write`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
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

/// Reads a saved snapshot.
///
/// # Errors
/// The file cannot be read or is not a snapshot. The error contains the file, and line and column
/// of malformed JSON.
pub fn load_snapshot(path: &Path) -> Result<Snapshot, FileError> {
    let text = fs::read_to_string(path).map_err(|source| FileError::Io {
        doing: "read",
        path: path.to_owned(),
        source,
    })?;
    Snapshot::from_json(&text).map_err(|source| FileError::Content { path: path.to_owned(), source })
}

/// Saves a snapshot. The file is replaced atomically, and only its owner can read it.
///
/// # Errors
/// The file cannot be written.
pub fn save_snapshot(snapshot: &Snapshot, path: &Path) -> Result<(), FileError> {
    let write_error = |source| FileError::Io { doing: "write", path: path.to_owned(), source };
    let text = snapshot.to_json().map_err(|error| write_error(io::Error::other(error)))?;
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(write_error)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(write_error)?;
    file.persist(path).map_err(|error| write_error(error.error))?;
    Ok(())
}
