//! Snapshots in files.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::model::{Snapshot, SnapshotError};

/// Why a snapshot's file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refused.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// `read` or `write`.
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It is no snapshot.
    #[error("{}: {source}", path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// What is wrong, and where.
        source: SnapshotError,
    },
}

/// Reads a saved snapshot.
///
/// # Errors
/// The file cannot be read or is no snapshot; the error names file and place.
pub fn load_snapshot(path: &Path) -> Result<Snapshot, FileError> {
    let text = fs::read_to_string(path).map_err(|source| FileError::Io {
        doing: "read",
        path: path.to_owned(),
        source,
    })?;
    Snapshot::from_json(&text).map_err(|source| FileError::Content { path: path.to_owned(), source })
}

/// Saves a snapshot, whole or not at all, readable by its owner only.
///
/// # Errors
/// The file cannot be written.
pub fn save_snapshot(snapshot: &Snapshot, path: &Path) -> Result<(), FileError> {
    let failed = |source| FileError::Io { doing: "write", path: path.to_owned(), source };
    let text = snapshot.to_json().map_err(|error| failed(io::Error::other(error)))?;
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
