//! Writes output to a path that the user gives: `-o`, `--patch`, `--report`.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{explained, replace_file};

/// Writes the bytes to a path. `-` is standard output. What is not a regular file, such as a pipe or a device, is written to, and
/// so is the file behind standard output (`/dev/stdout`). Another regular file is replaced atomically and keeps its mode; a new
/// file has mode 0600. A symbolic link is followed.
///
/// # Errors
/// The path cannot be written. A regular file then has its old content, unless its folder accepts no new file: then the file is
/// overwritten in place.
pub fn write_output(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes).map_err(explained)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if is_stdout(path) {
        let mut stdout = io::stdout().lock();
        return stdout.write_all(bytes).and_then(|()| stdout.flush());
    }
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
        Ok(metadata) if metadata.is_file() => {
            match replace_file(&fs::canonicalize(path)?, bytes, Some(metadata.permissions())) {
                // The folder accepts no new file, but the file itself may be writable.
                Err(error) if is_refused(error.kind()) => {
                    File::options().write(true).truncate(true).open(path)?.write_all(bytes)
                }
                other => other,
            }
        }
        Ok(_) => File::options().write(true).open(path)?.write_all(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            replace_file(&link_target(path), bytes, None)
        }
        Err(error) => Err(error),
    }
}

/// Whether a path is standard output: `-`, or a path of the file, pipe or device behind it, such as `/dev/stdout`.
#[must_use]
pub fn is_stdout(path: &Path) -> bool {
    path == Path::new("-") || is_file_of_stdout(path)
}

#[cfg(unix)]
fn is_file_of_stdout(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(stdout), Ok(file)) = (rustix::fs::fstat(io::stdout()), fs::metadata(path)) else { return false };
    #[allow(clippy::unnecessary_cast, reason = "the types of these fields differ between platforms")]
    let (device, inode) = (stdout.st_dev as u64, stdout.st_ino as u64);
    (device, inode) == (file.dev(), file.ino())
}

#[cfg(not(unix))]
fn is_file_of_stdout(_: &Path) -> bool {
    false
}

/// The target of a link whose target does not exist; the path itself if it is no link.
fn link_target(path: &Path) -> PathBuf {
    match fs::read_link(path) {
        Ok(target) => path.parent().unwrap_or(Path::new("")).join(target),
        Err(_) => path.to_owned(),
    }
}

/// Whether the folder of a file accepts no new file.
fn is_refused(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use super::*;
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        let error = write_output(&missing.join("file"), b"x").unwrap_err();
        assert_eq!(error.to_string(), format!("the folder {} does not exist", missing.display()));
    }

    #[test]
    fn a_new_file_is_private_and_an_existing_file_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let (new, old, link) =
            (folder.path().join("new"), folder.path().join("old"), folder.path().join("link"));
        fs::write(&old, "before").unwrap();
        fs::set_permissions(&old, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("old", &link).unwrap();
        write_output(&new, b"one").unwrap();
        write_output(&link, b"two").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&new), mode(&old)), (0o600, 0o640));
        assert_eq!(fs::read_to_string(&old).unwrap(), "two");
        assert!(link.is_symlink());
    }

    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        write_output(Path::new("/dev/null"), b"text").unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        assert_eq!(write_output(Path::new("/tmp"), b"").unwrap_err().kind(), io::ErrorKind::IsADirectory);
    }
}
