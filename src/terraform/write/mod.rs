//! Writes a change set: all files or none, and takes it back byte for byte.
//!
//! Backups and a journal go to a state folder outside the tree first, since Terraform loads every `*.tf` it finds. Each
//! file is then replaced by a rename. A write that was cut short leaves an unfinished journal, which [`undo`] takes back and
//! [`finish`] carries on.

mod journal;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::terraform::changeset::ChangeSet;
use crate::terraform::read::file::Digest;
use crate::terraform::write::journal::{Backup, Entry, Journal, folder};

/// How the name of a staged file begins and ends. Terraform loads none of these.
const STAGED: (&str, &str) = (".egress-doctor-", ".tmp");

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Relative to the root.
    pub files: Vec<PathBuf>,
    /// Where the old bytes are kept.
    pub backup: PathBuf,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file is not what the preview was made of.
    #[error("{} changed since the preview: look at the new diff first. Nothing was written", .0.display())]
    Changed(PathBuf),
    /// A file that the edit creates is there by now.
    #[error("{} exists by now: look at the new diff first. Nothing was written", .0.display())]
    Exists(PathBuf),
    /// An earlier write was cut short.
    #[error("{}", cut_short(.0))]
    Unfinished(PathBuf),
    /// The system refused.
    #[error("cannot write {}: {source}. What was written is taken back", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// Why nothing was taken back.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// No write is on record.
    #[error("egress-doctor wrote nothing in {} that could be undone", .0.display())]
    Nothing(PathBuf),
    /// A file was edited after the write.
    #[error(
        "{} was edited after it was written, and that edit would be lost. Nothing was changed; the old bytes are in {}. \
         `egress-doctor undo --forget` keeps the files as they are",
        file.display(),
        backup.display()
    )]
    Edited {
        /// Which file.
        file: PathBuf,
        /// Where the backups are.
        backup: PathBuf,
    },
    /// The system refused.
    #[error("cannot restore {}: {source}", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// A write that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The files, as they were before.
    pub files: Vec<PathBuf>,
    /// Addresses of resources that the write took over.
    imports: Vec<String>,
}

impl Undone {
    /// What must be done before the next apply; nothing where the write took nothing over.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let commands: Vec<String> =
            self.imports.iter().map(|address| format!("terraform state rm {address}")).collect();
        (!commands.is_empty()).then(|| {
            format!(
                "What was taken over was there before. Where it was applied, let go of it before the next apply, which would destroy it: {}",
                commands.join("; ")
            )
        })
    }
}

/// The folder for journals and backups, `$XDG_STATE_HOME/egress-doctor`.
///
/// # Errors
/// The user has no home directory.
pub fn state_folder() -> io::Result<PathBuf> {
    use etcetera::BaseStrategy as _;
    let base = etcetera::choose_base_strategy().map_err(io::Error::other)?;
    Ok(base.state_dir().unwrap_or_else(|| base.data_dir()).join("egress-doctor"))
}

/// Writes every file of the change set, or none.
///
/// # Errors
/// A file changed since the preview, an earlier write is unfinished, or the system refuses; then the tree is as it was.
pub fn write(changes: &ChangeSet, state: &Path) -> Result<Receipt, WriteError> {
    let home = folder(state, &changes.root);
    let io_at = |path: &Path| {
        let path = path.to_owned();
        move |source| WriteError::Io { path, source }
    };
    let _lock = lock(&home).map_err(io_at(&home))?;
    settle(&home).map_err(io_at(&home))?;
    if Journal::load(&home).map_err(io_at(&home))?.is_some_and(|journal| !journal.finished) {
        return Err(WriteError::Unfinished(changes.root.clone()));
    }
    verify(changes)?;
    // The record is made apart, so that the one of the write before stands until this one has succeeded.
    let (next, old) = (beside(&home, "next"), beside(&home, "old"));
    fs::create_dir_all(&next).map_err(io_at(&next))?;
    let mut journal = Journal { finished: false, imports: changes.imports.clone(), entries: Vec::new() };
    for (number, file) in changes.files.iter().enumerate() {
        let before = file.before.as_ref().map(|text| {
            let name = format!("{number}.backup");
            write_whole(&next.join(&name), text.as_bytes())
                .map(|()| Backup { digest: Digest::of(text.as_bytes()), name })
        });
        let before = before.transpose().map_err(io_at(&next))?;
        let new = format!("{number}.new");
        write_whole(&next.join(&new), file.after.as_bytes()).map_err(io_at(&next))?;
        journal.entries.push(Entry {
            path: file.path.clone(),
            before,
            after: Digest::of(file.after.as_bytes()),
            new,
        });
    }
    journal.save(&next).map_err(io_at(&next))?;
    if home.exists() {
        fs::rename(&home, &old).map_err(io_at(&home))?;
    }
    fs::rename(&next, &home).map_err(io_at(&home))?;
    if let Err((path, source)) = replace_all(changes) {
        let _ = restore(&changes.root, &home, &journal);
        let _ = Journal::remove(&home);
        let _ = settle(&home);
        return Err(WriteError::Io { path, source });
    }
    journal.finished = true;
    journal.save(&home).map_err(io_at(&home))?;
    let _ = fs::remove_dir_all(&old);
    Ok(Receipt { files: changes.files.iter().map(|file| file.path.clone()).collect(), backup: home })
}

/// A folder beside a record's.
fn beside(home: &Path, what: &str) -> PathBuf {
    home.with_extension(what)
}

/// One at a time, in all processes: the lock goes with the value.
fn lock(home: &Path) -> io::Result<File> {
    let path = beside(home, "lock");
    fs::create_dir_all(path.parent().unwrap_or(home))?;
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    file.lock()?;
    Ok(file)
}

/// Puts the record of the write before in its place again, where one on top of it came to nothing.
fn settle(home: &Path) -> io::Result<()> {
    let (next, old) = (beside(home, "next"), beside(home, "old"));
    if next.exists() {
        fs::remove_dir_all(&next)?;
    }
    if !home.exists() && old.exists() {
        fs::rename(&old, home)?;
    } else if old.exists() && Journal::load(home).is_ok_and(|journal| journal.is_some_and(|one| one.finished))
    {
        // The write on top of it has succeeded.
        fs::remove_dir_all(&old)?;
    }
    Ok(())
}

/// What to say where a write was cut short.
#[must_use]
pub fn cut_short(root: &Path) -> String {
    let root = root.display();
    format!(
        "an earlier write in {root} was cut short: take it back with `egress-doctor undo --terraform {root}`, or finish it with \
         `egress-doctor undo --finish --terraform {root}`"
    )
}

/// The files of a write that was cut short; `None` where there is none.
///
/// # Errors
/// The record cannot be read.
pub fn unfinished(root: &Path, state: &Path) -> io::Result<Option<Vec<PathBuf>>> {
    let root = fs::canonicalize(root)?;
    let home = folder(state, &root);
    // One that is still at work is waited for.
    let _lock = if home.exists() { Some(lock(&home)?) } else { None };
    let journal = Journal::load(&home)?.filter(|journal| !journal.finished);
    Ok(journal.map(|journal| journal.entries.into_iter().map(|entry| entry.path).collect()))
}

/// Finishes a write that was cut short: every file becomes what was previewed.
///
/// # Errors
/// Nothing was cut short, a file was edited since, or the system refuses.
pub fn finish(root: &Path, state: &Path) -> Result<Vec<PathBuf>, UndoError> {
    let (_lock, root, home) = held(root, state)?;
    let mut journal = recorded(&root, &home)?;
    let io_at = |path: &Path| {
        let path = path.to_owned();
        move |source| UndoError::Io { path, source }
    };
    if journal.finished {
        return Err(UndoError::Nothing(root));
    }
    for entry in &journal.entries {
        let path = root.join(&entry.path);
        sweep(&path);
        if fs::read(&path).is_ok_and(|bytes| Digest::of(&bytes) == entry.after) {
            continue;
        }
        let staged = fs::read(home.join(&entry.new)).and_then(|bytes| stage(&path, &bytes));
        let (temporary, target) = staged.map_err(io_at(&path))?;
        temporary.persist(target).map_err(|error| io_at(&path)(error.error))?;
    }
    sync_folder(&root).map_err(io_at(&root))?;
    journal.finished = true;
    journal.save(&home).map_err(io_at(&home))?;
    Ok(journal.entries.into_iter().map(|entry| entry.path).collect())
}

/// Forgets the last write, cut short or not: the files stay as they are.
///
/// # Errors
/// Nothing is on record, or the system refuses.
pub fn forget(root: &Path, state: &Path) -> Result<Vec<PathBuf>, UndoError> {
    let (_lock, root, home) = held(root, state)?;
    if !home.exists() {
        return Err(UndoError::Nothing(root));
    }
    // Of a record that cannot be read, the names are not known.
    let files = Journal::load(&home).ok().flatten().map(|journal| journal.entries).unwrap_or_default();
    Journal::remove(&home).map_err(|source| UndoError::Io { path: home, source })?;
    Ok(files.into_iter().map(|entry| entry.path).collect())
}

/// The root and its record's folder, with nobody else at work on them.
fn held(root: &Path, state: &Path) -> Result<(File, PathBuf, PathBuf), UndoError> {
    let io_at = |path: &Path| {
        let path = path.to_owned();
        move |source| UndoError::Io { path, source }
    };
    let root = fs::canonicalize(root).map_err(io_at(root))?;
    let home = folder(state, &root);
    let lock = lock(&home).map_err(io_at(&home))?;
    settle(&home).map_err(io_at(&home))?;
    Ok((lock, root, home))
}

/// The last write of a root, whose files are as they were before it or after it.
fn recorded(root: &Path, home: &Path) -> Result<Journal, UndoError> {
    let io_at = |source| UndoError::Io { path: home.to_owned(), source };
    let journal = Journal::load(home).map_err(io_at)?.ok_or_else(|| UndoError::Nothing(root.to_owned()))?;
    for entry in &journal.entries {
        let now = fs::read(root.join(&entry.path)).ok().map(|bytes| Digest::of(&bytes));
        let ours = now.as_ref() == Some(&entry.after);
        let old = now.as_ref() == entry.before.as_ref().map(|backup| &backup.digest);
        if !ours && !old {
            return Err(UndoError::Edited { file: entry.path.clone(), backup: home.to_owned() });
        }
    }
    Ok(journal)
}

/// Every file that was read is still the same, and no new file is in the way.
fn verify(changes: &ChangeSet) -> Result<(), WriteError> {
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

fn replace_all(changes: &ChangeSet) -> Result<(), (PathBuf, io::Error)> {
    let mut staged = Vec::new();
    for file in &changes.files {
        let path = changes.root.join(&file.path);
        let temporary = stage(&path, file.after.as_bytes()).map_err(|error| (path.clone(), error))?;
        staged.push((path, temporary, file.before.is_none()));
    }
    for (path, (temporary, target), new) in staged {
        let moved = if new { temporary.persist_noclobber(&target) } else { temporary.persist(&target) };
        moved.map_err(|error| (path.clone(), error.error))?;
    }
    sync_folder(&changes.root).map_err(|error| (changes.root.clone(), error))
}

/// Writes the new bytes beside the file, with its mode. The name does not end in `.tf`. A link's target is replaced, so
/// that the link stays.
fn stage(path: &Path, bytes: &[u8]) -> io::Result<(tempfile::NamedTempFile, PathBuf)> {
    let target = if path.is_symlink() { fs::canonicalize(path)? } else { path.to_owned() };
    let folder = target.parent().ok_or_else(|| io::Error::other("no folder"))?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(STAGED.0).suffix(STAGED.1);
    #[cfg(unix)]
    let builder = {
        use std::os::unix::fs::PermissionsExt as _;
        // The mask of the process applies, as for any new file.
        builder.permissions(fs::Permissions::from_mode(0o666))
    };
    let mut temporary = builder.tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    if let Ok(metadata) = fs::metadata(&target) {
        fs::set_permissions(temporary.path(), metadata.permissions())?;
    }
    temporary.as_file().sync_all()?;
    Ok((temporary, target))
}

/// Takes away what a write that was cut short had staged beside a file.
fn sweep(path: &Path) {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let Some(entries) = target.parent().and_then(|folder| fs::read_dir(folder).ok()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(STAGED.0) && name.ends_with(STAGED.1) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Takes the last write of a root back, byte for byte, and removes what it created.
///
/// # Errors
/// Nothing is on record, a file was edited since, or the system refuses.
pub fn undo(root: &Path, state: &Path) -> Result<Undone, UndoError> {
    let (_lock, root, home) = held(root, state)?;
    let journal = recorded(&root, &home)?;
    let io_at = |path: &Path| {
        let path = path.to_owned();
        move |source| UndoError::Io { path, source }
    };
    restore(&root, &home, &journal).map_err(io_at(&root))?;
    Journal::remove(&home).map_err(io_at(&home))?;
    let cut_short = !journal.finished;
    if cut_short {
        settle(&home).map_err(io_at(&home))?;
    }
    Ok(Undone {
        files: journal.entries.into_iter().map(|entry| entry.path).collect(),
        imports: journal.imports,
    })
}

fn restore(root: &Path, home: &Path, journal: &Journal) -> io::Result<()> {
    for entry in &journal.entries {
        let path = root.join(&entry.path);
        sweep(&path);
        let Some(backup) = &entry.before else {
            let ours = fs::read(&path).is_ok_and(|bytes| Digest::of(&bytes) == entry.after);
            if ours {
                fs::remove_file(&path)?;
            }
            continue;
        };
        // What is restored already needs its backup no more, which may be gone.
        if fs::read(&path).is_ok_and(|bytes| Digest::of(&bytes) == backup.digest) {
            continue;
        }
        let (temporary, target) = stage(&path, &fs::read(home.join(&backup.name))?)?;
        temporary.persist(target).map_err(|error| error.error)?;
    }
    sync_folder(root)
}
