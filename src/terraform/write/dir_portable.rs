//! A folder on systems without open folders: each operation uses the path.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::files::{LIMIT, ReadError, read_regular};
use crate::terraform::write::content::Content;

/// A folder.
pub(super) struct Dir(PathBuf);

impl Dir {
    /// The folder must exist.
    pub fn open(path: &Path) -> io::Result<Self> {
        if path.is_dir() { Ok(Self(path.to_owned())) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    /// The content of a file.
    pub fn read(&self, name: &OsStr) -> io::Result<Content> {
        let path = self.0.join(name);
        match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::Missing),
            Err(error) => return Err(error),
            Ok(metadata) if !metadata.is_file() => return Ok(Content::Other),
            Ok(_) => {}
        }
        match read_regular(&path, LIMIT) {
            Ok(bytes) => Ok(Content::Bytes(bytes)),
            Err(ReadError::Io(error)) => Err(error),
            Err(_) => Ok(Content::Other),
        }
    }

    /// Creates a file. An existing file is an error.
    pub fn create(&self, name: &OsStr) -> io::Result<File> {
        File::create_new(self.0.join(name))
    }

    /// Copies the permissions of a file to an open file.
    pub fn copy_metadata(&self, name: &OsStr, to: &File) -> io::Result<()> {
        to.set_permissions(fs::metadata(self.0.join(name))?.permissions())
    }

    /// Exchanges two files in steps.
    pub fn exchange(&self, one: &OsStr, other: &OsStr, spare: &OsStr) -> io::Result<()> {
        fs::rename(self.0.join(other), self.0.join(spare))?;
        if let Err(error) = self.rename_new(one, other) {
            let _ = self.rename_new(spare, other);
            return Err(error);
        }
        fs::rename(self.0.join(spare), self.0.join(one))
    }

    /// Renames a file to a random name of this program.
    pub fn set_aside(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    /// Renames a file to a name that must not exist.
    pub fn rename_new(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        if self.0.join(to).symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(self.0.join(from), self.0.join(to))
    }

    /// Removes a file.
    pub fn remove(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    /// This system has no operation that makes renames durable.
    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "the same signature as on unix")]
    pub fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
