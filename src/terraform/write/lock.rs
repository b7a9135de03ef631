//! The folder of a root's journal and backups, and the lock that restricts it to one process.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::terraform::read::file::Digest;
use crate::terraform::write::error::UndoError;
use crate::terraform::write::journal::Journal;

/// The folder for journals and backups, `$XDG_STATE_HOME/egress-doctor`.
///
/// # Errors
/// The user has no home directory.
pub fn state_folder() -> io::Result<PathBuf> {
    use etcetera::BaseStrategy as _;
    let base = etcetera::choose_base_strategy().map_err(io::Error::other)?;
    Ok(base.state_dir().unwrap_or_else(|| base.data_dir()).join("egress-doctor"))
}

/// The journal folder of a root.
pub(super) fn journal_folder(state: &Path, root: &Path) -> PathBuf {
    let key = Digest::of(root.as_os_str().as_encoded_bytes());
    state.join("writes").join(key.as_str().get(..16).unwrap_or_default())
}

/// The folder in which a write prepares its journal, until this journal replaces the journal of the
/// previous write.
pub(super) fn next_folder(journal: &Path) -> PathBuf {
    journal.with_extension("next")
}

/// The folder of the previous write's journal, until the next write succeeds.
pub(super) fn previous_folder(journal: &Path) -> PathBuf {
    journal.with_extension("old")
}

/// A lock across processes. Released on drop.
pub(super) fn lock(journal: &Path) -> io::Result<File> {
    let path = journal.with_extension("lock");
    fs::create_dir_all(path.parent().unwrap_or(journal))?;
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    file.lock()?;
    Ok(file)
}

/// A root and its journal folder, locked.
pub(super) struct LockedRoot {
    /// Canonical path.
    pub root: PathBuf,
    pub journal: PathBuf,
    _lock: File,
}

/// Locks a root, and recovers its journal after a write that did not start or has succeeded.
pub(super) fn lock_root(root: &Path, state: &Path) -> Result<LockedRoot, UndoError> {
    let io_at = |path: &Path| {
        let path = path.to_owned();
        move |source| UndoError::Io { path, source }
    };
    let root = fs::canonicalize(root).map_err(io_at(root))?;
    let journal = journal_folder(state, &root);
    let lock = lock(&journal).map_err(io_at(&journal))?;
    recover(&journal).map_err(io_at(&journal))?;
    Ok(LockedRoot { root, journal, _lock: lock })
}

/// Removes the files that an interrupted write prepared. Restores the journal of the previous write if the
/// interrupted write has none, and deletes it if the last write is finished.
pub(super) fn recover(journal: &Path) -> io::Result<()> {
    let (next, previous) = (next_folder(journal), previous_folder(journal));
    if next.exists() {
        fs::remove_dir_all(&next)?;
    }
    let is_finished =
        || Journal::load(journal).is_ok_and(|journal| journal.is_some_and(|journal| journal.finished));
    if !journal.exists() && previous.exists() {
        fs::rename(&previous, journal)?;
    } else if previous.exists() && is_finished() {
        fs::remove_dir_all(&previous)?;
    }
    Ok(())
}
