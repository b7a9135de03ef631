//! The journal of one write. It contains the data for an undo, and is stored outside the configuration.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::terraform::read::file::Digest;

/// The record of a write that is finished or in progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Journal {
    /// Whether every file was written.
    pub finished: bool,
    /// Addresses of the resources that the edit imports.
    #[serde(default)]
    pub imports: Vec<String>,
    /// The files, in the order of writing.
    pub entries: Vec<Entry>,
}

/// One file of a write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Relative to the root.
    pub path: PathBuf,
    /// `None` for a file that the write creates.
    pub before: Option<Backup>,
    /// The digest of the new bytes.
    pub after: Digest,
    /// File name of the new bytes in the journal folder.
    #[serde(default)]
    pub new: String,
}

/// A copy of the old bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Backup {
    /// The digest of the old bytes.
    pub digest: Digest,
    /// File name in the journal folder.
    pub name: String,
}

const FILE: &str = "journal.json";

impl Journal {
    /// The paths of the files, relative to the root.
    pub fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.entries.iter().map(|entry| &entry.path)
    }

    /// The paths of the files, relative to the root.
    pub fn into_files(self) -> Vec<PathBuf> {
        self.entries.into_iter().map(|entry| entry.path).collect()
    }

    /// The journal in a folder; `None` if there is none.
    pub fn load(folder: &Path) -> io::Result<Option<Self>> {
        match fs::read(folder.join(FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Replaces the journal in a folder.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec_pretty(self).map_err(io::Error::other)?)?;
        file.as_file().sync_all()?;
        file.persist(folder.join(FILE)).map_err(|error| error.error)?;
        Ok(())
    }

    /// Removes the journal and the backups.
    pub fn remove(folder: &Path) -> io::Result<()> {
        fs::remove_dir_all(folder)
    }
}
