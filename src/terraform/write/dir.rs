//! An open folder. All operations on its files use the open folder, so that a folder that is renamed or replaced by a link in the
//! meantime changes nothing. No operation follows a symbolic link.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::files::{LIMIT, ReadError, read_open};
use crate::terraform::write::content::Content;
use crate::terraform::write::metadata;

/// The reason why a file is not replaced, with the next step.
const NO_SAFE_RENAME: &str = "its file system can neither rename without replacing nor create links, so a save by another program at \
                              the same time could be lost; save the change with --patch FILE and apply it with git apply";

/// An open folder.
pub(super) struct Dir(OwnedFd);

impl Dir {
    /// Opens a folder. Its last component must not be a symbolic link.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Self(rustix::fs::open(path, flags, Mode::empty())?))
    }

    /// The content of a file.
    pub fn read(&self, name: &OsStr) -> io::Result<Content> {
        // Opening a device may have an effect, so its kind is checked first.
        match rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => return Ok(Content::Missing),
            Err(error) => return Err(error.into()),
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile => {
                return Ok(Content::Other);
            }
            Ok(_) => {}
        }
        let file = match self.open_file(name) {
            Err(Errno::NOENT) => return Ok(Content::Missing),
            Err(Errno::LOOP) => return Ok(Content::Other),
            opened => opened?,
        };
        match read_open(File::from(file), LIMIT) {
            Ok(bytes) => Ok(Content::Bytes(bytes)),
            Err(ReadError::Io(error)) => Err(error),
            Err(_) => Ok(Content::Other),
        }
    }

    /// Creates a file with mode 0600. An existing file is an error.
    pub fn create(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let file = rustix::fs::openat(&self.0, name, flags, mode)?;
        // The umask can only have removed permissions.
        rustix::fs::fchmod(&file, mode)?;
        Ok(File::from(file))
    }

    /// Copies owner, mode and extended attributes of a file to an open file.
    pub fn copy_metadata(&self, name: &OsStr, to: &File) -> io::Result<()> {
        metadata::copy(&File::from(self.open_file(name)?), to)
    }

    /// Exchanges two files.
    pub fn exchange(&self, one: &OsStr, other: &OsStr, spare: &OsStr) -> io::Result<()> {
        match self.rename_with(one, other, Flag::Exchange) {
            Err(error) if is_unsupported(error) => self.exchange_in_steps(one, other, spare),
            done => Ok(done?),
        }
    }

    /// Exchanges two files without the system call for it: `other` is renamed to `spare`, `one` gets the name `other` if no other
    /// program has created a file with it, and `spare` is renamed to `one`. In between, `other` does not exist for a moment. After an
    /// error, `spare` may exist.
    fn exchange_in_steps(&self, one: &OsStr, other: &OsStr, spare: &OsStr) -> io::Result<()> {
        // The second step must be possible before the first one is done.
        self.rename_new(one, spare)?;
        self.rename_new(spare, one)?;
        rustix::fs::renameat(&self.0, other, &self.0, spare)?;
        if let Err(error) = self.rename_new(one, other) {
            // What another program saved as `other` stays.
            let _ = self.rename_new(spare, other);
            return Err(error);
        }
        Ok(rustix::fs::renameat(&self.0, spare, &self.0, one)?)
    }

    /// Renames a file to a name that must not exist, without the system call for it.
    ///
    /// # Errors
    /// The file system has no links either. A plain rename would replace a file that another program creates at the same time.
    fn rename_in_steps(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        match rustix::fs::linkat(&self.0, from, &self.0, to, AtFlags::empty()) {
            Ok(()) => self.remove(from),
            Err(error) if is_unsupported(error) || matches!(error, Errno::PERM | Errno::MLINK) => {
                Err(io::Error::new(io::ErrorKind::Unsupported, NO_SAFE_RENAME))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Renames a file to a name that must not exist.
    pub fn rename_new(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        match self.rename_with(from, to, Flag::NoReplace) {
            Err(error) if is_unsupported(error) => self.rename_in_steps(from, to),
            done => Ok(done?),
        }
    }

    /// Renames a file to a random name of this program, whatever the file contains by then.
    pub fn set_aside(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        match self.rename_with(from, to, Flag::NoReplace) {
            Err(error) if is_unsupported(error) => Ok(rustix::fs::renameat(&self.0, from, &self.0, to)?),
            done => Ok(done?),
        }
    }

    /// Removes a file.
    pub fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Makes renames and removals durable.
    pub fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.0)?)
    }

    fn open_file(&self, name: &OsStr) -> rustix::io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        rustix::fs::openat(&self.0, name, flags, Mode::empty())
    }

    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    fn rename_with(&self, from: &OsStr, to: &OsStr, flag: Flag) -> rustix::io::Result<()> {
        let flags = match flag {
            Flag::Exchange => rustix::fs::RenameFlags::EXCHANGE,
            Flag::NoReplace => rustix::fs::RenameFlags::NOREPLACE,
        };
        rustix::fs::renameat_with(&self.0, from, &self.0, to, flags)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    fn rename_with(&self, _: &OsStr, _: &OsStr, _: Flag) -> rustix::io::Result<()> {
        Err(Errno::NOSYS)
    }
}

#[derive(Clone, Copy)]
enum Flag {
    Exchange,
    NoReplace,
}

/// Whether the file system or the kernel does not have an operation.
fn is_unsupported(error: Errno) -> bool {
    [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP, Errno::NOTSUP].contains(&error)
}
