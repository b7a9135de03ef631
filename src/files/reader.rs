//! Reads regular files. A named pipe or a device is an error, so that no read waits for ever or fills the memory.

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::Path;

/// The largest file that is read, in bytes. A Terraform file or a state above it is an error.
pub const LIMIT: u64 = 64 * 1024 * 1024;

/// The largest file, pipe or device that the user names, in bytes: a snapshot or an answer of the AWS CLI.
const NAMED_LIMIT: u64 = 256 * 1024 * 1024;

/// The largest number of entries in a folder that is listed.
pub const ENTRIES: usize = 100_000;

/// The reason why a file was not read, or a folder not listed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system returned an error.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A folder, a named pipe, a socket or a device.
    #[error("it is {0}, not a regular file")]
    NotRegular(&'static str),
    /// The file is larger than the limit, in bytes.
    #[error("it is larger than {} MiB", .0 / (1024 * 1024))]
    TooLarge(u64),
    /// The file is not UTF-8.
    #[error("it is not UTF-8 text")]
    NotText,
    /// The folder has more entries than the limit.
    #[error("it has more than {0} entries")]
    TooMany(usize),
}

impl ReadError {
    /// Whether there is no such file.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

/// Reads a regular file of at most `limit` bytes. A symbolic link is followed.
///
/// # Errors
/// The file cannot be read, is not a regular file, or is larger than the limit.
pub fn read_regular(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    // Opening a device may have an effect, so its kind is checked first. The kind of the open file is checked again.
    ensure_regular(&std::fs::metadata(path)?)?;
    read_open(open(path)?, limit)
}

/// Reads an open file from its start, if it is a regular file of at most `limit` bytes.
///
/// # Errors
/// As [`read_regular`].
pub fn read_open(file: File, limit: u64) -> Result<Vec<u8>, ReadError> {
    let metadata = file.metadata()?;
    ensure_regular(&metadata)?;
    if metadata.len() > limit {
        return Err(ReadError::TooLarge(limit));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // Files in /proc have a length of 0, and a file may grow while it is read.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge(limit));
    }
    Ok(bytes)
}

/// Reads what the user names on the command line: a file, or a pipe to its end, of at most 256 MiB.
///
/// # Errors
/// It cannot be read, or is larger.
pub fn read_named(path: &Path) -> Result<Vec<u8>, ReadError> {
    read_all(File::open(path)?, NAMED_LIMIT)
}

/// Reads to the end, at most `limit` bytes.
fn read_all(source: impl io::Read, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    source.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(ReadError::TooLarge(limit)) } else { Ok(bytes) }
}

/// Reads a regular UTF-8 file of at most `limit` bytes.
///
/// # Errors
/// As [`read_regular`]; the file is not UTF-8.
pub fn read_regular_text(path: &Path, limit: u64) -> Result<String, ReadError> {
    String::from_utf8(read_regular(path, limit)?).map_err(|_| ReadError::NotText)
}

/// The names in a folder with at most `limit` entries, sorted.
///
/// # Errors
/// The folder cannot be read, or has more entries.
pub fn list_dir(path: &Path, limit: usize) -> Result<Vec<OsString>, ReadError> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path)? {
        if names.len() == limit {
            return Err(ReadError::TooMany(limit));
        }
        names.push(entry?.file_name());
    }
    names.sort();
    Ok(names)
}

/// Opens a file without waiting for the writer of a named pipe.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

fn ensure_regular(metadata: &Metadata) -> Result<(), ReadError> {
    if metadata.is_file() { Ok(()) } else { Err(ReadError::NotRegular(kind(metadata))) }
}

#[cfg(unix)]
fn kind(metadata: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = metadata.file_type();
    if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn kind(metadata: &Metadata) -> &'static str {
    if metadata.is_dir() { "a folder" } else { "a device" }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use super::*;
    use std::fs;

    #[test]
    fn only_regular_files_within_the_limit_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("ten"), "0123456789").unwrap();
        assert_eq!(read_regular(&at("ten"), 10).unwrap(), b"0123456789");
        let error = |path: &Path, limit| read_regular(path, limit).unwrap_err().to_string();
        assert_eq!(error(&at("ten"), 9), "it is larger than 0 MiB");
        assert_eq!(error(folder.path(), 10), "it is a folder, not a regular file");
        std::os::unix::fs::symlink("/dev/zero", at("zero")).unwrap();
        assert_eq!(error(&at("zero"), 10), "it is a device, not a regular file");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            at("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        assert_eq!(error(&at("pipe"), 10), "it is a named pipe, not a regular file");
        assert_eq!(read_all(&b"0123456789"[..], 10).unwrap(), b"0123456789");
        assert!(matches!(read_all(io::repeat(0), 10), Err(ReadError::TooLarge(10))));
        let error = read_named(Path::new("/dev/zero")).unwrap_err().to_string();
        assert_eq!(error, "it is larger than 256 MiB");
        assert!(read_regular(&at("none"), 10).unwrap_err().is_not_found());
        fs::write(at("binary"), [0xff]).unwrap();
        assert_eq!(read_regular_text(&at("binary"), 10).unwrap_err().to_string(), "it is not UTF-8 text");
    }

    #[test]
    fn a_folder_with_too_many_entries_is_not_listed() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b", "a"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(list_dir(folder.path(), 2).unwrap(), ["a", "b"]);
        assert_eq!(list_dir(folder.path(), 1).unwrap_err().to_string(), "it has more than 1 entries");
        let error = list_dir(&folder.path().join("a"), 1).unwrap_err();
        assert!(matches!(error, ReadError::Io(error) if error.kind() == io::ErrorKind::NotADirectory));
    }
}
