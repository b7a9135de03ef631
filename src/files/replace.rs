//! Replaces a file by a rename. A temporary file that is not complete does not stay behind when a signal ends the program.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

use super::{create_private_file, explained};

enum State {
    /// The temporary files that exist now.
    Open(Vec<PathBuf>),
    /// The program is ending: no file is created.
    Ended,
}

static STATE: Mutex<State> = Mutex::new(State::Open(Vec::new()));

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A temporary file that is removed when the program ends.
struct Registered(PathBuf);

impl Drop for Registered {
    fn drop(&mut self) {
        if let State::Open(files) = &mut *state() {
            files.retain(|file| *file != self.0);
        }
    }
}

/// Replaces a file by a rename, so that another program reads the old or the new content. The file has mode 0600, or the
/// permissions that are given.
///
/// # Errors
/// The temporary file cannot be created beside the file or written, the rename fails, or the program is ending. The file then has
/// its old content.
pub fn replace_file(path: &Path, bytes: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    replace(path, bytes, permissions).map_err(explained)
}

fn replace(path: &Path, bytes: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (mut file, _registered) = create(folder)?;
    // `NamedTempFile` would add the name of the temporary file to an error, which says nothing to the user.
    let open = file.as_file_mut();
    open.write_all(bytes)?;
    #[cfg(unix)]
    let private: fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    #[cfg(not(unix))]
    let private = open.metadata()?.permissions();
    open.set_permissions(permissions.unwrap_or(private))?;
    open.sync_all()?;
    file.persist(path).map(|_| ()).map_err(|error| error.error)
}

/// Creates a temporary file. The lock is held until it is registered, so that [`remove_temporary_files`] misses none.
fn create(folder: &Path) -> io::Result<(NamedTempFile, Registered)> {
    let mut state = state();
    let State::Open(files) = &mut *state else { return Err(io::Error::other("the program is ending")) };
    let file = tempfile::Builder::new().make_in(folder, create_private_file).map_err(|error| match error
        .kind()
    {
        io::ErrorKind::NotFound => {
            io::Error::new(error.kind(), format!("the folder {} does not exist", folder.display()))
        }
        _ => error,
    })?;
    let path = file.path().to_owned();
    files.push(path.clone());
    Ok((file, Registered(path)))
}

/// Removes the temporary files of replacements that are not complete. No other is created.
pub fn remove_temporary_files() {
    if let State::Open(files) = std::mem::replace(&mut *state(), State::Ended) {
        for file in files {
            // A file that was renamed in the meantime is complete.
            let _ = fs::remove_file(file);
        }
    }
}
