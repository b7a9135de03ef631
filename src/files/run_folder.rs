//! The temporary folder of this run: everything temporary is in it, and it is removed with everything in it.
//!
//! The folder exists while a [`TemporaryFolder`] exists. It has mode 0700 and contains a file that this process locks, so that a later
//! run recognises the folder of a run that was killed.

use std::env;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::{create_private_file, is_private_dir};

const PREFIX: &str = "egress-doctor-";
/// The number of random characters of the name. Short, because providers create sockets in the folder, and the path of a socket has a
/// limit of about 100 bytes.
const RANDOM: usize = 8;
/// The file that the process locks. A folder without it is not of egress-doctor.
const LOCK: &str = ".egress-doctor-run";
/// The number of attempts to create or remove the folder while another thread or process changes it.
const ATTEMPTS: usize = 100;

/// A folder in the temporary folder of this run. Deleted on drop.
pub struct TemporaryFolder {
    path: PathBuf,
    _run: Arc<RunFolder>,
}

impl TemporaryFolder {
    /// Creates an empty folder with mode 0700.
    ///
    /// # Errors
    /// The folder cannot be created, or the program is ending.
    pub fn new(prefix: &str) -> io::Result<Self> {
        let run = current()?;
        Ok(Self { path: create_in(&run.path, prefix)?, _run: run })
    }

    /// The path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

struct RunFolder {
    path: PathBuf,
    _lock: File,
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        remove_run(&self.path);
    }
}

enum State {
    /// The folder may exist.
    Open(Weak<RunFolder>, PathBuf),
    /// There is no folder now.
    None,
    /// The program is ending: no folder is created.
    Ended,
}

static STATE: Mutex<State> = Mutex::new(State::None);

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The folder of this run. Created if there is none.
fn current() -> io::Result<Arc<RunFolder>> {
    let mut state = state();
    match &*state {
        State::Ended => return Err(io::Error::other("the program is ending")),
        State::Open(folder, _) => {
            if let Some(folder) = folder.upgrade() {
                return Ok(folder);
            }
        }
        State::None => {}
    }
    let folder = Arc::new(create()?);
    *state = State::Open(Arc::downgrade(&folder), folder.path.clone());
    Ok(folder)
}

/// Removes the folder of this run. No other is created.
pub fn remove_run_folder() {
    let mut state = state();
    // The folder is removed here even if another thread is removing it: the process may end before that thread.
    if let State::Open(_, path) = std::mem::replace(&mut *state, State::Ended) {
        remove_run(&path);
    }
}

/// Creates and locks a folder. Between both steps, another process may take it for the folder of a dead run and remove it.
fn create() -> io::Result<RunFolder> {
    let parent = std::path::absolute(env::temp_dir())?;
    let mut latest = io::Error::other("another process removes it");
    for _ in 0..ATTEMPTS {
        match create_in(&parent, PREFIX).and_then(|path| Ok((lock(&path)?, path))) {
            Ok((lock, path)) => return Ok(RunFolder { path, _lock: lock }),
            Err(error) => latest = error,
        }
    }
    Err(latest)
}

/// Creates a folder with a random name and mode 0700, independent of the umask.
fn create_in(parent: &Path, prefix: &str) -> io::Result<PathBuf> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).rand_bytes(RANDOM);
    #[cfg(unix)]
    let mode: fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    #[cfg(unix)]
    builder.permissions(mode.clone());
    let path = builder.tempdir_in(parent)?.keep();
    // The umask can only have removed permissions.
    #[cfg(unix)]
    fs::set_permissions(&path, mode)?;
    Ok(path)
}

/// Creates the lock file in a new folder and locks it.
fn lock(folder: &Path) -> io::Result<File> {
    let path = folder.join(LOCK);
    let lock = create_private_file(&path)?;
    match lock.try_lock() {
        // A file system without locks: later runs do not remove the folder.
        Ok(()) | Err(TryLockError::Error(_)) => {}
        Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
    }
    // A process that removes the folder holds the lock until it has removed this file.
    path.symlink_metadata()?;
    Ok(lock)
}

/// Removes the folders of this user's runs that were killed.
pub fn remove_folders_of_dead_runs() {
    let Ok(entries) = fs::read_dir(env::temp_dir()) else { return };
    let is_name = |name: &str| {
        name.strip_prefix(PREFIX).is_some_and(|random| {
            random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    };
    for entry in entries.flatten() {
        if entry.file_name().to_str().is_some_and(is_name) && is_private_dir(&entry.path()) {
            remove_if_dead(&entry.path());
        }
    }
}

fn remove_if_dead(folder: &Path) {
    match File::open(folder.join(LOCK)) {
        Ok(lock) => match lock.try_lock() {
            Ok(()) => remove_run(folder),
            // The run is alive, or the file system has no locks.
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
        },
        // The run was killed before it created the file: then the folder is empty. A folder with other files stays.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let _ = fs::remove_dir(folder);
        }
        Err(_) => {}
    }
}

/// Removes the folder of a run. The lock file goes last, so that a later run finds the folder if this process is killed.
fn remove_run(folder: &Path) {
    for _ in 0..ATTEMPTS {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_name() == LOCK {
                continue;
            }
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                remove(&entry.path());
            } else {
                let _ = fs::remove_file(entry.path());
            }
        }
        let _ = fs::remove_file(folder.join(LOCK));
        match fs::remove_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            _ => return,
        }
    }
}

/// Removes a folder with its content. Another thread may create files in it meanwhile.
fn remove(folder: &Path) {
    for _ in 0..ATTEMPTS {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            _ => return,
        }
    }
}
