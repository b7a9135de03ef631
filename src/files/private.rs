//! Files and folders that only their owner can read, independent of the umask.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Creates a folder with mode 0700, and its missing parents with the same mode. A folder that exists keeps its mode.
///
/// # Errors
/// The folder cannot be created.
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        create_private_dir(parent)?;
    }
    match create_private_subdir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        created => created,
    }
}

/// Creates a folder with mode 0700 in an existing folder.
///
/// # Errors
/// The folder exists, or cannot be created.
#[cfg(unix)]
pub fn create_private_subdir(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    fs::DirBuilder::new().mode(0o700).create(path)?;
    // The umask can only have removed permissions.
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

/// Creates a folder in an existing folder.
///
/// # Errors
/// The folder exists, or cannot be created.
#[cfg(not(unix))]
pub fn create_private_subdir(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// Creates a file with mode 0600. An existing file is an error, and so is a symbolic link.
///
/// # Errors
/// The file exists or cannot be created.
#[cfg(unix)]
pub fn create_private_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let file = File::options().read(true).write(true).create_new(true).mode(0o600).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Creates a file. An existing file is an error.
///
/// # Errors
/// The file exists or cannot be created.
#[cfg(not(unix))]
pub fn create_private_file(path: &Path) -> io::Result<File> {
    File::create_new(path)
}

/// Whether a path is a folder, not a link to one, that this user owns and no other user can write to.
#[cfg(unix)]
#[must_use]
pub fn is_private_dir(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    path.symlink_metadata().is_ok_and(|metadata| {
        metadata.is_dir()
            && metadata.uid() == rustix::process::geteuid().as_raw()
            && metadata.mode() & 0o022 == 0
    })
}

/// Whether a path is a folder, not a link to one.
#[cfg(not(unix))]
#[must_use]
pub fn is_private_dir(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
}
