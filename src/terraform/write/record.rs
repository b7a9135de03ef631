//! The record of a root: the folder with its journal and backups, and the lock that restricts it to one process.
//!
//! Only this user can read or change these folders. A folder of another user, or one that others can write to, is not used.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::files::{cause, create_private_dir, create_private_file};
use crate::terraform::read::file::Digest;
use crate::terraform::write::content::Content;
use crate::terraform::write::dir::Dir;
use crate::terraform::write::error::RecordError;
use crate::terraform::write::journal::{Entry, FILE, Journal};
use crate::terraform::write::tree::Tree;

/// The folder, in the record of a write, with the record of the write before it.
const FORMER: &str = "former";
/// The number of writes that can be undone after the last one is undone.
const MOST_FORMER: usize = 9;

/// The folder for journals and backups, `$XDG_STATE_HOME/egress-doctor`.
///
/// # Errors
/// The user has no home directory.
pub fn state_folder() -> io::Result<PathBuf> {
    use etcetera::BaseStrategy as _;
    let base = etcetera::choose_base_strategy().map_err(io::Error::other)?;
    Ok(base.state_dir().unwrap_or_else(|| base.data_dir()).join("egress-doctor"))
}

/// A root and the folder of its record, locked until this value is dropped.
pub(super) struct Record {
    pub tree: Tree,
    /// The folder of the journal and the backups.
    pub folder: PathBuf,
    _lock: File,
}

impl Record {
    /// Locks a root, and recovers its record after a write that did not start or has succeeded.
    ///
    /// # Errors
    /// The root cannot be read, or the state folder is not private.
    pub fn lock(root: &Path, state: &Path) -> Result<Self, RecordError> {
        let (tree, folder) = locate(root, state)?;
        let writes = state.join("writes");
        for folder in [state, &writes] {
            create_private_dir(folder).map_err(|error| unusable(folder, &error))?;
            ensure_private(folder)?;
        }
        let lock = lock_file(&folder.with_extension("lock"))?;
        let record = Self { tree, folder, _lock: lock };
        record.recover()?;
        Ok(record)
    }

    /// The same, if the root has a record; `None` if not. Recovers nothing.
    ///
    /// # Errors
    /// As [`lock`](Self::lock).
    pub fn lock_existing(root: &Path, state: &Path) -> Result<Option<Self>, RecordError> {
        let (tree, folder) = locate(root, state)?;
        match folder.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(&folder, &error)),
            Ok(_) => {}
        }
        for folder in [state, &state.join("writes"), &folder] {
            ensure_private(folder)?;
        }
        let lock = lock_file(&folder.with_extension("lock"))?;
        Ok(Some(Self { tree, folder, _lock: lock }))
    }

    /// The folder in which a write prepares its journal, until this journal replaces the journal of the previous write.
    pub fn next(&self) -> PathBuf {
        self.folder.with_extension("next")
    }

    /// The folder of the previous write's journal, until the next write succeeds.
    pub fn previous(&self) -> PathBuf {
        self.folder.with_extension("old")
    }

    /// The journal; `None` if there is none.
    ///
    /// # Errors
    /// The journal is broken, or another user owns it or can write to it.
    pub fn journal(&self) -> Result<Option<Journal>, RecordError> {
        let path = self.folder.join(FILE);
        if is_present(&path)? {
            ensure_own_file(&path)?;
        }
        Journal::load(&self.folder, &self.tree).map_err(|reason| self.broken(reason))
    }

    /// The error about a broken journal.
    pub fn broken(&self, reason: String) -> RecordError {
        RecordError::Journal { root: self.tree.root.clone(), path: self.folder.join(FILE), reason }
    }

    /// The bytes that the write saved of a file.
    ///
    /// # Errors
    /// The file with these bytes is missing or has other content.
    pub fn saved(&self, entry: &Entry, name: &str, digest: &Digest) -> Result<Vec<u8>, RecordError> {
        let error = |reason: String| RecordError::Backup {
            root: self.tree.root.clone(),
            file: entry.path.clone(),
            path: self.folder.join(name),
            reason,
        };
        match Dir::open(&self.folder).and_then(|dir| dir.read(name.as_ref())) {
            Err(source) => Err(error(format!("cannot be read ({source})"))),
            Ok(Content::Missing) => Err(error("is missing".to_owned())),
            Ok(Content::Bytes(bytes)) if Digest::of(&bytes) == *digest => Ok(bytes),
            Ok(_) => Err(error("is not what the write saved".to_owned())),
        }
    }

    /// Makes the record that a write prepared the record of the root.
    pub fn replace_with_next(&self) -> io::Result<()> {
        if self.folder.exists() {
            fs::rename(&self.folder, self.previous())?;
        }
        fs::rename(self.next(), &self.folder)?;
        self.sync().inspect_err(|_| drop(self.remove()))
    }

    /// Keeps the record of the previous write in the record of the last one, which is finished: after its undo it is the record of the
    /// root again.
    pub fn keep_previous(&self) -> io::Result<()> {
        let previous = self.previous();
        if previous.symlink_metadata().is_err() {
            return Ok(());
        }
        fs::rename(&previous, self.folder.join(FORMER)).or_else(|_| fs::remove_dir_all(&previous))?;
        let oldest = (0..MOST_FORMER).fold(self.folder.clone(), |folder, _| folder.join(FORMER));
        match fs::remove_dir_all(oldest.join(FORMER)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes the journal and the backups of the last write. The journal is not visible without its backups. The record of the write
    /// before it is then the record of the root.
    pub fn remove(&self) -> io::Result<()> {
        fs::rename(&self.folder, self.removed())?;
        // If the removal is not durable, the record is there again, and an undo of it changes nothing. The next lock removes what
        // is left.
        let _ = self.sync();
        let _ = self.restore_former();
        Ok(())
    }

    /// Removes the journals and the backups of all writes.
    pub fn remove_all(&self) -> io::Result<()> {
        fs::rename(&self.folder, self.removed())?;
        let _ = self.sync();
        let _ = fs::remove_dir_all(self.removed());
        Ok(())
    }

    /// Makes the record that a removed one contains the record of the root, and deletes the rest of the removed one.
    fn restore_former(&self) -> io::Result<()> {
        let removed = self.removed();
        let former = removed.join(FORMER);
        if former.symlink_metadata().is_ok() && self.folder.symlink_metadata().is_err() {
            fs::rename(former, &self.folder)?;
            self.sync()?;
        }
        match fs::remove_dir_all(removed) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn removed(&self) -> PathBuf {
        self.folder.with_extension("removed")
    }

    fn sync(&self) -> io::Result<()> {
        self.folder.parent().map_or(Ok(()), |folder| Dir::open(folder)?.sync())
    }

    /// Removes the files that an interrupted write prepared, and what an interrupted undo left. Restores the record of the previous
    /// write if the interrupted write has none, and keeps it in the record of the last write if that is finished.
    pub fn recover(&self) -> Result<(), RecordError> {
        remove_folder(&self.next())?;
        self.restore_former().map_err(|error| unusable(&self.removed(), &error))?;
        let previous = self.previous();
        if is_present(&previous)? {
            if !is_present(&self.folder)? {
                fs::rename(&previous, &self.folder).map_err(|error| unusable(&previous, &error))?;
            } else if self.journal().is_ok_and(|journal| journal.is_some_and(|journal| journal.finished)) {
                self.keep_previous().map_err(|error| unusable(&previous, &error))?;
            }
        }
        if is_present(&self.folder)? { ensure_private(&self.folder) } else { Ok(()) }
    }
}

/// The tree of a root and the folder of its record.
fn locate(root: &Path, state: &Path) -> Result<(Tree, PathBuf), RecordError> {
    let canonical =
        fs::canonicalize(root).map_err(|source| RecordError::Root { path: root.to_owned(), source })?;
    let key = Digest::of(canonical.as_os_str().as_encoded_bytes());
    let folder = state.join("writes").join(key.as_str().get(..16).unwrap_or_default());
    Ok((Tree::of(&canonical), folder))
}

fn unusable(path: &Path, error: &io::Error) -> RecordError {
    RecordError::Folder { path: path.to_owned(), reason: cause(error) }
}

fn is_present(path: &Path) -> Result<bool, RecordError> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unusable(path, &error)),
        Ok(_) => Ok(true),
    }
}

fn remove_folder(path: &Path) -> Result<(), RecordError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(path, &error)),
        _ => Ok(()),
    }
}

/// Opens and locks a file. Waits for the process that has the lock.
fn lock_file(path: &Path) -> Result<File, RecordError> {
    let opened = match create_private_file(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            ensure_own_file(path)?;
            File::options().write(true).open(path)
        }
        created => created,
    };
    let file = opened.map_err(|error| unusable(path, &error))?;
    file.lock().map_err(|error| unusable(path, &error))?;
    Ok(file)
}

fn ensure_own_file(path: &Path) -> Result<(), RecordError> {
    let metadata = path.symlink_metadata().map_err(|error| unusable(path, &error))?;
    let refuse = |reason: &str| Err(RecordError::Folder { path: path.to_owned(), reason: reason.to_owned() });
    if !metadata.is_file() {
        return refuse("it is not a regular file. Remove it");
    }
    if !is_own(&metadata) {
        return refuse("another user owns it. Remove it");
    }
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::mode(&metadata) & 0o022 != 0 {
        return refuse(
            "other users can write to it. Check its content, then remove their permission: chmod go-w",
        );
    }
    Ok(())
}

#[cfg(unix)]
fn is_own(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(metadata) == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_own(_: &fs::Metadata) -> bool {
    true
}

/// Checks that a folder belongs to this user and that others cannot write to it. Earlier versions created folders that others can
/// read: their mode becomes 0700.
fn ensure_private(path: &Path) -> Result<(), RecordError> {
    let metadata = path.symlink_metadata().map_err(|error| unusable(path, &error))?;
    let refuse = |reason: String| Err(RecordError::Folder { path: path.to_owned(), reason });
    if metadata.is_symlink() {
        return refuse("it is a symbolic link. Replace it with a folder".to_owned());
    }
    if !metadata.is_dir() {
        return refuse("it is not a folder. Remove it".to_owned());
    }
    if !is_own(&metadata) {
        return refuse(
            "another user owns it. Remove it, or set XDG_STATE_HOME to a folder of your own".to_owned(),
        );
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = metadata.permissions().mode();
        if mode & 0o022 != 0 {
            let shown = path.display();
            return refuse(format!(
                "other users can write to it. Check its files, then run: chmod -R go-w {shown}"
            ));
        }
        if mode & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))
                .map_err(|error| unusable(path, &error))?;
        }
    }
    Ok(())
}
