//! Restores the files of a journal.

use std::fs;
use std::io;
use std::path::Path;

use crate::terraform::read::file::Digest;
use crate::terraform::write::files::{Staged, remove_staged, sync_folders};
use crate::terraform::write::journal::Journal;

/// Restores every file from its backup, and removes the files that the write created.
pub(super) fn restore(root: &Path, folder: &Path, journal: &Journal) -> io::Result<()> {
    for entry in &journal.entries {
        let path = root.join(&entry.path);
        remove_staged(&path);
        let has_digest = |digest: &Digest| fs::read(&path).is_ok_and(|bytes| Digest::of(&bytes) == *digest);
        match &entry.before {
            None if has_digest(&entry.after) => fs::remove_file(&path)?,
            None => {}
            // Already restored. An interrupted undo may have removed its backup.
            Some(backup) if has_digest(&backup.digest) => {}
            Some(backup) => Staged::new(&path, &fs::read(folder.join(&backup.name))?)?.replace()?,
        }
    }
    sync_folders(root, journal.files()).map_err(|(_, error)| error)
}
