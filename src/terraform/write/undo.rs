//! Undoes, finishes or forgets the last write of a root.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::terraform::read::file::Digest;
use crate::terraform::write::error::{RecordError, UndoError};
use crate::terraform::write::files::{Staged, remove_staged, sync_folders};
use crate::terraform::write::journal::Journal;
use crate::terraform::write::lock::{LockedRoot, journal_folder, lock, lock_root, recover};
use crate::terraform::write::restore::restore;

/// An undone write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The restored files, relative to the root.
    pub files: Vec<PathBuf>,
    /// Addresses of the resources that the write imported.
    imports: Vec<String>,
}

impl Undone {
    /// The commands that the user must run before the next apply; `None` if the write imported nothing.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let commands: Vec<String> =
            self.imports.iter().map(|address| format!("terraform state rm {address}")).collect();
        (!commands.is_empty()).then(|| {
            format!(
                "The edit imported resources that existed before. If the import was applied, run this before the next apply, which would \
                 destroy them: {}",
                commands.join("; ")
            )
        })
    }
}

/// Restores the files of the last write byte for byte, and removes the files that it created.
///
/// # Errors
/// There is no journal, a file was edited since the write, or a file operation fails.
pub fn undo(root: &Path, state: &Path) -> Result<Undone, UndoError> {
    let locked = lock_root(root, state)?;
    let journal = load_unedited(&locked)?;
    restore(&locked.root, &locked.journal, &journal).map_err(io_at(&locked.root))?;
    Journal::remove(&locked.journal).map_err(io_at(&locked.journal))?;
    if !journal.finished {
        recover(&locked.journal).map_err(io_at(&locked.journal))?;
    }
    let imports = journal.imports.clone();
    Ok(Undone { files: journal.into_files(), imports })
}

/// The files of an interrupted write; `None` if there is none. Waits for a write that is in progress.
///
/// # Errors
/// The journal cannot be read.
pub fn unfinished(root: &Path, state: &Path) -> Result<Option<Vec<PathBuf>>, UndoError> {
    let root = fs::canonicalize(root).map_err(|source| UndoError::Root { path: root.to_owned(), source })?;
    let folder = journal_folder(state, &root);
    let unusable = |error: io::Error| RecordError::Folder { path: folder.clone(), reason: error.to_string() };
    let _lock = if folder.exists() { Some(lock(&folder).map_err(unusable)?) } else { None };
    let broken = |error: io::Error| RecordError::Journal {
        root: root.clone(),
        path: folder.join("journal.json"),
        reason: error.to_string(),
    };
    let journal = Journal::load(&folder).map_err(broken)?.filter(|journal| !journal.finished);
    Ok(journal.map(Journal::into_files))
}

/// Completes an interrupted write: every file gets the previewed content.
///
/// # Errors
/// No write was interrupted, a file was edited since, or a file operation fails.
pub fn finish(root: &Path, state: &Path) -> Result<Vec<PathBuf>, UndoError> {
    let locked = lock_root(root, state)?;
    let mut journal = load_unedited(&locked)?;
    if journal.finished {
        return Err(UndoError::Nothing(locked.root));
    }
    for entry in &journal.entries {
        let path = locked.root.join(&entry.path);
        remove_staged(&path);
        if fs::read(&path).is_ok_and(|bytes| Digest::of(&bytes) == entry.after) {
            continue;
        }
        let replaced = fs::read(locked.journal.join(&entry.new))
            .and_then(|bytes| Staged::new(&path, &bytes))
            .and_then(Staged::replace);
        replaced.map_err(io_at(&path))?;
    }
    sync_folders(&locked.root, journal.files()).map_err(|(path, source)| UndoError::Io { path, source })?;
    journal.finished = true;
    journal.save(&locked.journal).map_err(io_at(&locked.journal))?;
    Ok(journal.into_files())
}

/// Removes the journal and the backups of the last write, interrupted or not. The files do not change.
///
/// # Errors
/// There is no journal, or a file operation fails.
pub fn forget(root: &Path, state: &Path) -> Result<Vec<PathBuf>, UndoError> {
    let locked = lock_root(root, state)?;
    if !locked.journal.exists() {
        return Err(UndoError::Nothing(locked.root));
    }
    // An unreadable journal is removed too; its file names are unknown.
    let journal = Journal::load(&locked.journal).ok().flatten();
    Journal::remove(&locked.journal).map_err(io_at(&locked.journal))?;
    Ok(journal.map(Journal::into_files).unwrap_or_default())
}

/// Loads the journal of the last write. It is an error if a file has neither its content before the write
/// nor its content after the write.
fn load_unedited(locked: &LockedRoot) -> Result<Journal, UndoError> {
    let journal = Journal::load(&locked.journal)
        .map_err(io_at(&locked.journal))?
        .ok_or_else(|| UndoError::Nothing(locked.root.clone()))?;
    for entry in &journal.entries {
        let now = fs::read(locked.root.join(&entry.path)).ok().map(|bytes| Digest::of(&bytes));
        let is_after = now.as_ref() == Some(&entry.after);
        let is_before = now.as_ref() == entry.before.as_ref().map(|backup| &backup.digest);
        if !is_after && !is_before {
            return Err(UndoError::Edited { file: entry.path.clone(), backup: locked.journal.clone() });
        }
    }
    Ok(journal)
}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> UndoError {
    let path = path.to_owned();
    move |source| UndoError::Io { path, source }
}
