//! Writes a change set: all files or none.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::files::{LIMIT, create_private_dir, create_private_file, explained, read_regular};
use crate::terraform::changeset::{ChangeSet, FileChange};
use crate::terraform::read::file::Digest;
use crate::terraform::write::content::{State, kept_sentence, sentence};
use crate::terraform::write::error::WriteError;
use crate::terraform::write::journal::{Backup, Entry, Journal, staged_name};
use crate::terraform::write::record::Record;
use crate::terraform::write::survey::survey;
use crate::terraform::write::swap::{Swap, SwapError, Swaps};
use crate::terraform::write::tree::{LocateError, Target, Tree};

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
/// A file changed since the preview, an earlier write is unfinished, or a file operation fails. The message says whether all files
/// are as before; if not, the record of the write stays.
pub fn write(changes: &ChangeSet, state: &Path) -> Result<Receipt, WriteError> {
    let record = Record::lock(&changes.root, state)?;
    if record.journal()?.is_some_and(|journal| !journal.finished) {
        return Err(WriteError::Unfinished(changes.root.clone()));
    }
    ensure_unchanged(changes)?;
    let targets = locate(changes, &record.tree)?;
    // The record of the previous write stays until this write succeeds.
    let next = record.next();
    let prepared = prepare(changes, &next).and_then(|prepared| record.replace_with_next().map(|()| prepared));
    let (mut journal, mode) = prepared.map_err(|error| {
        let _ = record.recover();
        io_at(&next)(error)
    })?;
    let of = |(target, (entry, file)): (Target, (&Entry, &FileChange))| Swap {
        target,
        staged: entry.staged.clone().into(),
        from: entry.before.as_ref().map(|backup| backup.digest.clone()),
        to: Some(file.after.clone().into_bytes()),
        mode,
    };
    let pairs = journal.entries.iter().zip(&changes.files);
    let mut swaps = Swaps::new(targets.into_iter().zip(pairs).map(of).collect());
    if let Err(error) = swaps.run() {
        return Err(give_up(&record, &journal, &swaps, error));
    }
    journal.finished = true;
    if let Err(error) = journal.save(&record.folder) {
        swaps.revert();
        journal.finished = false;
        return Err(give_up(&record, &journal, &swaps, SwapError::io(&record.folder, error)));
    }
    // What is left is removed by the next write or undo: the journal names it.
    let _ = swaps.discard();
    let _ = record.keep_previous();
    Ok(Receipt { files: journal.into_files(), backup: record.folder })
}

/// The error after a write that was reverted, from the content of the files now. Removes the record if no file has its new
/// content.
fn give_up(record: &Record, journal: &Journal, swaps: &Swaps, error: SwapError) -> WriteError {
    let discarded = swaps.discard();
    let kept = discarded.as_ref().map_or(String::new(), |kept| kept_sentence(kept));
    let now = survey(&record.tree, journal);
    let is_clean = swaps.is_reverted()
        && discarded.is_ok_and(|kept| kept.is_empty())
        && !now.iter().any(|(_, state)| matches!(state, State::New | State::Unreadable));
    let is_removed = is_clean && record.remove().is_ok();
    // The record of the previous write is the record of the root again.
    let _ = record.recover();
    let is_old = now.iter().all(|(_, state)| state.is_old());
    match error {
        SwapError::Changed(file) if is_removed => WriteError::Changed(file),
        SwapError::Exists(file) if is_removed => WriteError::Exists(file),
        SwapError::Io(path, source) if is_removed && is_old => WriteError::Io { path, source },
        error => WriteError::Partial {
            cause: error.to_string(),
            now: sentence(&now),
            kept,
            next: (!is_removed).then(|| record.tree.root.clone()),
        },
    }
}

/// Checks that every file that was read is unchanged, and that no new file exists.
fn ensure_unchanged(changes: &ChangeSet) -> Result<(), WriteError> {
    for (path, digest) in &changes.read {
        match read_regular(&changes.root.join(path), LIMIT) {
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

fn locate(changes: &ChangeSet, tree: &Tree) -> Result<Vec<Target>, WriteError> {
    let locate = |file: &FileChange| {
        tree.locate(&file.path).map_err(|error| match error {
            LocateError::Refused(reason) => WriteError::Refused(reason),
            LocateError::NoFolder => WriteError::Changed(file.path.clone()),
            LocateError::Io(error) => io_at(&changes.root.join(&file.path))(error),
        })
    };
    changes.files.iter().map(locate).collect()
}

/// Saves the backups, the new contents and an unfinished journal in a folder. Returns the mode of new files too.
fn prepare(changes: &ChangeSet, folder: &Path) -> io::Result<(Journal, u32)> {
    create_private_dir(folder)?;
    let mode = new_file_mode(folder)?;
    let save = |name: &str, text: &str| {
        let mut file = create_private_file(&folder.join(name))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    let entry = |(number, file): (usize, &FileChange)| {
        let backup = |text: &String| {
            let name = format!("{number}.backup");
            save(&name, text)?;
            Ok::<_, io::Error>(Backup { digest: Digest::of(text.as_bytes()), name })
        };
        let before = file.before.as_ref().map(backup).transpose()?;
        let new = format!("{number}.new");
        save(&new, &file.after)?;
        let after = Digest::of(file.after.as_bytes());
        Ok(Entry { path: file.path.clone(), before, after, new, staged: staged_name() })
    };
    let entries: io::Result<Vec<Entry>> = changes.files.iter().enumerate().map(entry).collect();
    let imports = changes.imports.iter().map(ToString::to_string).collect();
    let journal = Journal::new(imports, entries?);
    journal.save(folder)?;
    Ok((journal, mode))
}

/// The mode that the umask gives a new file.
#[cfg(unix)]
pub(super) fn new_file_mode(folder: &Path) -> io::Result<u32> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    // Another thread may create files, so the umask must not change. An empty file in a private folder shows it.
    let path = folder.join("mode");
    let _ = fs::remove_file(&path);
    let file = fs::File::options().write(true).create_new(true).mode(0o666).open(&path)?;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    fs::remove_file(path)?;
    Ok(mode)
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "the same signature as on unix")]
pub(super) fn new_file_mode(_: &Path) -> io::Result<u32> {
    Ok(0)
}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    move |error| WriteError::Io { path, source: explained(error) }
}
