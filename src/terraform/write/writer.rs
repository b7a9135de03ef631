//! Writes a change set: all files or none.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::terraform::changeset::{ChangeSet, FileChange};
use crate::terraform::read::file::Digest;
use crate::terraform::write::error::WriteError;
use crate::terraform::write::files::{Staged, sync_folders, write_synced};
use crate::terraform::write::journal::{Backup, Entry, Journal};
use crate::terraform::write::lock::{journal_folder, lock, next_folder, previous_folder, recover};
use crate::terraform::write::restore::restore;

/// The result of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Relative to the root.
    pub files: Vec<PathBuf>,
    /// The folder of the backups.
    pub backup: PathBuf,
}

/// Writes every file of the change set, or none.
///
/// # Errors
/// A file changed since the preview, an earlier write is unfinished, or a file operation fails; then all
/// files are as before.
pub fn write(changes: &ChangeSet, state: &Path) -> Result<Receipt, WriteError> {
    let folder = journal_folder(state, &changes.root);
    let _lock = lock(&folder).map_err(io_at(&folder))?;
    recover(&folder).map_err(io_at(&folder))?;
    if Journal::load(&folder).map_err(io_at(&folder))?.is_some_and(|journal| !journal.finished) {
        return Err(WriteError::Unfinished(changes.root.clone()));
    }
    ensure_unchanged(changes)?;
    // Keep the journal of the previous write until this write succeeds.
    let (next, previous) = (next_folder(&folder), previous_folder(&folder));
    let mut journal = prepare(changes, &next).map_err(io_at(&next))?;
    if folder.exists() {
        fs::rename(&folder, &previous).map_err(io_at(&folder))?;
    }
    fs::rename(&next, &folder).map_err(io_at(&folder))?;
    if let Err((path, source)) = replace_files(changes) {
        let _ = restore(&changes.root, &folder, &journal);
        let _ = Journal::remove(&folder);
        let _ = recover(&folder);
        return Err(WriteError::Io { path, source });
    }
    journal.finished = true;
    journal.save(&folder).map_err(io_at(&folder))?;
    let _ = fs::remove_dir_all(&previous);
    Ok(Receipt { files: journal.into_files(), backup: folder })
}

/// Checks that every file that was read is unchanged, and that no new file exists.
fn ensure_unchanged(changes: &ChangeSet) -> Result<(), WriteError> {
    for (path, digest) in &changes.read {
        match fs::read(changes.root.join(path)) {
            Ok(bytes) if Digest::of(&bytes) == *digest => {}
            _ => return Err(WriteError::Changed(path.clone())),
        }
    }
    for file in changes.files.iter().filter(|file| file.before.is_none()) {
        if changes.root.join(&file.path).symlink_metadata().is_ok() {
            return Err(WriteError::Exists(file.path.clone()));
        }
    }
    Ok(())
}

/// Saves the backups, the new contents and an unfinished journal in a folder.
fn prepare(changes: &ChangeSet, folder: &Path) -> io::Result<Journal> {
    fs::create_dir_all(folder)?;
    let entry = |(number, file): (usize, &FileChange)| {
        let backup = |text: &String| {
            let name = format!("{number}.backup");
            write_synced(&folder.join(&name), text.as_bytes())?;
            Ok::<_, io::Error>(Backup { digest: Digest::of(text.as_bytes()), name })
        };
        let before = file.before.as_ref().map(backup).transpose()?;
        let new = format!("{number}.new");
        write_synced(&folder.join(&new), file.after.as_bytes())?;
        Ok(Entry { path: file.path.clone(), before, after: Digest::of(file.after.as_bytes()), new })
    };
    let entries: io::Result<Vec<Entry>> = changes.files.iter().enumerate().map(entry).collect();
    let journal = Journal {
        finished: false,
        imports: changes.imports.iter().map(ToString::to_string).collect(),
        entries: entries?,
    };
    journal.save(folder)?;
    Ok(journal)
}

/// Stages all files before it replaces the first one, so that most errors occur before any change.
fn replace_files(changes: &ChangeSet) -> Result<(), (PathBuf, io::Error)> {
    let mut staged = Vec::new();
    for file in &changes.files {
        let path = changes.root.join(&file.path);
        let new = Staged::new(&path, file.after.as_bytes()).map_err(|error| (path.clone(), error))?;
        staged.push((path, new, file.before.is_none()));
    }
    for (path, staged, is_new) in staged {
        let replaced = if is_new { staged.create() } else { staged.replace() };
        replaced.map_err(|error| (path, error))?;
    }
    sync_folders(&changes.root, changes.files.iter().map(|file| &file.path))
}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    move |source| WriteError::Io { path, source }
}
