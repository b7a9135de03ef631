//! The record of one write, outside the tree, from which it can be undone.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::terraform::read::file::Digest;

/// What a write did, or was about to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::terraform) struct Journal {
    /// Whether every file was written.
    pub finished: bool,
    /// Addresses of resources that it takes over.
    #[serde(default)]
    pub imports: Vec<String>,
    /// The files, in the order of writing.
    pub entries: Vec<Entry>,
}

/// One file of a write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::terraform) struct Entry {
    /// Relative to the root.
    pub path: PathBuf,
    /// The old bytes' digest and backup; `None` for a file that the write created.
    pub before: Option<Backup>,
    /// Of what was written.
    pub after: Digest,
    /// File name in the journal's folder of what was to be written.
    #[serde(default)]
    pub new: String,
}

/// Where the old bytes are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::terraform) struct Backup {
    /// Of the old bytes.
    pub digest: Digest,
    /// File name in the journal's folder.
    pub name: String,
}

/// The folder that belongs to a root.
pub(in crate::terraform) fn folder(state: &Path, root: &Path) -> PathBuf {
    let key = Digest::of(root.as_os_str().as_encoded_bytes());
    state.join("writes").join(key.as_str().get(..16).unwrap_or_default())
}

const FILE: &str = "journal.json";

impl Journal {
    /// The journal of a root's last write, if there is one.
    pub fn load(folder: &Path) -> io::Result<Option<Self>> {
        match fs::read(folder.join(FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Replaces the journal as a whole.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec_pretty(self).map_err(io::Error::other)?)?;
        file.as_file().sync_all()?;
        file.persist(folder.join(FILE)).map_err(|error| error.error)?;
        Ok(())
    }

    /// Forgets the write.
    pub fn remove(folder: &Path) -> io::Result<()> {
        fs::remove_dir_all(folder)
    }
}
