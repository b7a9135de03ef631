//! Undoes, finishes or forgets the last write of a root.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::terraform::read::boundary::Boundary;
use crate::terraform::read::callers::{ENTRIES, walk};
use crate::terraform::read::file::Digest;
use crate::terraform::write::content::{State, kept_sentence, sentence};
use crate::terraform::write::error::{RecordError, UndoError};
use crate::terraform::write::journal::{Entry, Journal, staged_name};
use crate::terraform::write::record::Record;
use crate::terraform::write::survey::survey;
use crate::terraform::write::swap::{Swap, SwapError, Swaps};
use crate::terraform::write::tree::{LocateError, Target};
use crate::terraform::write::writer::new_file_mode;

/// An undone write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// The restored files, relative to the root.
    pub files: Vec<PathBuf>,
    /// Addresses of the resources that the write imported.
    imports: Vec<String>,
    /// Files with what other programs saved during the write, relative to the root.
    kept: Vec<PathBuf>,
}

impl Undone {
    /// What the user must do after the undo; `None` if nothing.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let commands: Vec<String> =
            self.imports.iter().map(|address| format!("terraform state rm {}", quoted(address))).collect();
        let imports = (!commands.is_empty()).then(|| {
            format!(
                "The edit imported resources that existed before. If the import was applied, run this before the next apply, which would \
                 destroy them: {}",
                commands.join("; ")
            )
        });
        let kept = (!self.kept.is_empty()).then(|| {
            kept_sentence(&self.kept).trim_start_matches(". ").to_owned()
                + ". Compare it with the restored file"
        });
        let all: Vec<String> = imports.into_iter().chain(kept).collect();
        (!all.is_empty()).then(|| all.join(". "))
    }
}

/// An argument of a shell command.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// Restores the files of the last write byte for byte, and removes the files that it created. The next undo restores those of the write
/// before it.
///
/// # Errors
/// There is no journal, the record is broken, a file was edited since the write, or a file operation fails. The record stays.
pub fn undo(root: &Path, state: &Path) -> Result<Undone, UndoError> {
    let record = Record::lock(root, state)?;
    let mut open = OpenRecord::read(&record)?;
    let steps = open.steps(State::New, |record, entry| {
        let backup = entry.before.as_ref();
        let old = backup.map(|backup| record.saved(entry, &backup.name, &backup.digest)).transpose()?;
        Ok((Some(entry.after.clone()), old))
    })?;
    open.change(steps)?;
    record.remove().map_err(|error| open.failed(&SwapError::io(&record.folder, error)))?;
    if !open.journal.finished {
        record.recover()?;
    }
    let (imports, kept) = (open.journal.imports.clone(), open.kept);
    Ok(Undone { files: open.journal.into_files(), imports, kept })
}

/// The other folders with code in the repository of a root that have a write to undo: an edit for a root can belong to another one.
#[must_use]
pub fn others(root: &Path, state: &Path) -> Vec<PathBuf> {
    let Ok(root) = fs::canonicalize(root) else { return Vec::new() };
    let boundary = Boundary::of(&root);
    let mut dirs = BTreeSet::new();
    for entry in walk(boundary.top()).take(ENTRIES).filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy();
        let dir = entry.path().parent().filter(|_| name.ends_with(".tf") || name.ends_with(".tofu"));
        dirs.extend(dir.filter(|dir| *dir != root).map(Path::to_owned));
    }
    dirs.retain(|dir| {
        let record = Record::lock_existing(dir, state).ok().flatten();
        record.is_some_and(|record| record.journal().is_ok_and(|journal| journal.is_some()))
    });
    dirs.into_iter().collect()
}

/// The files of an interrupted write; `None` if there is none. Waits for a write that is in progress.
///
/// # Errors
/// The journal cannot be read.
pub fn unfinished(root: &Path, state: &Path) -> Result<Option<Vec<PathBuf>>, UndoError> {
    let Some(record) = Record::lock_existing(root, state)? else { return Ok(None) };
    let journal = record.journal()?.filter(|journal| !journal.finished);
    Ok(journal.map(Journal::into_files))
}

/// Completes an interrupted write: every file gets the previewed content.
///
/// # Errors
/// No write was interrupted, the record is broken, a file was edited since, or a file operation fails. The record stays.
pub fn finish(root: &Path, state: &Path) -> Result<Vec<PathBuf>, UndoError> {
    let record = Record::lock(root, state)?;
    let mut open = OpenRecord::read(&record)?;
    if open.journal.finished {
        return Err(UndoError::Nothing(record.tree.root));
    }
    let steps = open.steps(State::Old, |record, entry| {
        let old = entry.before.as_ref().map(|backup| backup.digest.clone());
        Ok((old, Some(record.saved(entry, &entry.new, &entry.after)?)))
    })?;
    open.change(steps)?;
    open.journal.finished = true;
    let saved = open.journal.save(&record.folder);
    saved.map_err(|error| open.failed(&SwapError::io(&record.folder, error)))?;
    Ok(open.journal.into_files())
}

/// Removes the journals and the backups of all writes, interrupted or not. The files do not change.
///
/// # Errors
/// There is no journal, or a file operation fails.
pub fn forget(root: &Path, state: &Path) -> Result<Vec<PathBuf>, UndoError> {
    let record = Record::lock(root, state)?;
    if !record.folder.exists() {
        return Err(UndoError::Nothing(record.tree.root));
    }
    // A broken journal is removed too; its file names are unknown.
    let journal = record.journal().ok().flatten();
    record
        .remove_all()
        .map_err(|error| RecordError::Folder { path: record.folder.clone(), reason: error.to_string() })?;
    Ok(journal.map(Journal::into_files).unwrap_or_default())
}

/// The journal of a record, and its files as they are on disk.
struct OpenRecord<'r> {
    record: &'r Record,
    journal: Journal,
    /// The file of each entry; `None` if its folder does not exist.
    targets: Vec<Option<Target>>,
    /// The content of each file when the journal was read. Each change compares the file with it again.
    states: Vec<State>,
    kept: Vec<PathBuf>,
}

/// The expected content of a file and its new content.
type Bytes = (Option<Digest>, Option<Vec<u8>>);

impl<'r> OpenRecord<'r> {
    /// Reads the journal. It is an error if a file has neither its content before the write nor its content after the write.
    fn read(record: &'r Record) -> Result<Self, UndoError> {
        let journal = record.journal()?.ok_or_else(|| UndoError::Nothing(record.tree.root.clone()))?;
        let mut targets = Vec::new();
        for entry in &journal.entries {
            let file = entry.path.clone();
            targets.push(match record.tree.locate(&entry.path) {
                Ok(target) => Some(target),
                Err(LocateError::NoFolder) => None,
                Err(LocateError::Refused(reason)) => return Err(record.broken(reason).into()),
                Err(LocateError::Io(source)) => {
                    return Err(RecordError::Root { path: record.tree.root.join(file), source }.into());
                }
            });
        }
        let mut open = Self { record, journal, targets, states: Vec::new(), kept: Vec::new() };
        for (file, state) in survey(&record.tree, &open.journal) {
            open.states.push(state);
            match state {
                State::Old | State::New | State::NotCreated => {}
                State::Unreadable => {
                    return Err(open.failed_because(format!("cannot read {}", file.display())));
                }
                // An interrupted write was replacing the file, or another program removed it: it gets the content of the record.
                State::Missing if !open.journal.finished => {}
                State::Missing => {
                    let (root, backup) = (record.tree.root.clone(), record.folder.clone());
                    return Err(UndoError::Removed { root, file, backup });
                }
                State::Other => {
                    let (root, backup) = (record.tree.root.clone(), record.folder.clone());
                    return Err(UndoError::Edited { root, file, backup });
                }
            }
        }
        Ok(open)
    }

    /// The changes of the files that have one state or are missing, with the bytes of the record, which are verified before any file changes.
    /// Removes what an interrupted write staged.
    fn steps(
        &mut self,
        from: State,
        bytes: impl Fn(&Record, &Entry) -> Result<Bytes, RecordError>,
    ) -> Result<Vec<Swap>, UndoError> {
        let mut verified = Vec::new();
        let files = self.journal.entries.iter().zip(&self.targets).zip(&self.states);
        for ((entry, target), now) in files {
            let is_missing = *now == State::Missing;
            let is_from = *now == from || is_missing || (from == State::Old && *now == State::NotCreated);
            if is_from && target.is_none() {
                return Err(self.failed_because(format!("{} has no folder", entry.path.display())));
            }
            let verify = || bytes(self.record, entry).map(|(old, new)| (old.filter(|_| !is_missing), new));
            verified.push(is_from.then(verify).transpose()?);
        }
        self.remove_staged()?;
        let is_new = |bytes: &Option<Bytes>| bytes.as_ref().is_some_and(|(from, _)| from.is_none());
        let mode = if verified.iter().any(is_new) {
            new_file_mode(&self.record.folder)
                .map_err(|error| self.failed(&SwapError::io(&self.record.folder, error)))?
        } else {
            0
        };
        let entries = self.journal.entries.iter();
        let all = entries.zip(self.targets.drain(..)).zip(verified);
        Ok(all
            .filter_map(|((entry, target), bytes)| {
                let (from, to) = bytes?;
                Some(Swap { target: target?, staged: entry.staged.clone().into(), from, to, mode })
            })
            .collect())
    }

    /// Removes the staged files of an interrupted write, and syncs their folders. One with what another program saved stays, under a name that the journal
    /// no longer contains.
    fn remove_staged(&mut self) -> Result<(), UndoError> {
        let mut renamed = false;
        for (number, target) in self.targets.iter().enumerate() {
            let Some(entry) = self.journal.entries.get(number) else { continue };
            let (mut kept, staged) = (Vec::new(), entry.staged.clone());
            if let Some(target) = target.as_ref().filter(|_| !staged.is_empty()) {
                let old = entry.before.as_ref();
                let saved = [
                    old.and_then(|old| self.record.saved(entry, &old.name, &old.digest).ok()),
                    self.record.saved(entry, &entry.new, &entry.after).ok(),
                ];
                // The staged file of a write that was killed has the start of the bytes.
                let is_known = |bytes: &[u8]| saved.iter().flatten().any(|whole| whole.starts_with(bytes));
                kept = target.remove_staged(staged.as_ref(), is_known).map_err(|error| {
                    self.failed(&SwapError::io(&target.file.with_file_name(&staged), error))
                })?;
            }
            if let Some(target) = target {
                // The interrupted write may have ended before it synced the folder.
                let synced = target.dir.sync();
                synced.map_err(|error| self.failed(&SwapError::io(&target.file, error)))?;
            }
            if staged.is_empty() || !kept.is_empty() {
                if let Some(entry) = self.journal.entries.get_mut(number) {
                    entry.staged = staged_name();
                }
                renamed = true;
            }
            self.kept.extend(kept);
        }
        if renamed {
            let saved = self.journal.save(&self.record.folder);
            saved.map_err(|error| self.failed(&SwapError::io(&self.record.folder, error)))?;
        }
        Ok(())
    }

    /// Changes the files, all or none, and removes the replaced ones.
    fn change(&mut self, steps: Vec<Swap>) -> Result<(), UndoError> {
        let mut swaps = Swaps::new(steps);
        let changed = swaps.run();
        let discarded = swaps.discard();
        if let Ok(kept) = &discarded {
            self.kept.extend(kept.iter().cloned());
        }
        changed.and(discarded.map(|_| ())).map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &SwapError) -> UndoError {
        self.failed_because(error.to_string())
    }

    /// The error of a change that failed, with the content of the files now.
    fn failed_because(&self, cause: String) -> UndoError {
        let now = survey(&self.record.tree, &self.journal);
        UndoError::Failed {
            cause,
            now: sentence(&now),
            kept: kept_sentence(&self.kept),
            root: self.record.tree.root.clone(),
        }
    }
}
