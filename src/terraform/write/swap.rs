//! Replaces, creates and removes files: all or none, without losing what another program saves in the meantime.
//!
//! A new file is staged beside the file, and then the two are exchanged: the replaced file keeps its bytes under the staged name
//! until [`Swaps::discard`]. If it is not the expected file, the exchange is reverted.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::files::explained;
use crate::terraform::read::file::Digest;
use crate::terraform::write::content::Content;
use crate::terraform::write::tree::Target;

/// The change of one file.
pub(super) struct Swap {
    pub target: Target,
    /// The name of the staged file. The journal contains it before the file exists.
    pub staged: OsString,
    /// The expected content; `None` if there must be no file.
    pub from: Option<Digest>,
    /// The content to write; `None` to remove the file.
    pub to: Option<Vec<u8>>,
    /// The mode of a new file.
    pub mode: u32,
}

/// The changes of several files.
pub(super) struct Swaps {
    all: Vec<Swap>,
    /// How many of them are done.
    done: usize,
    /// Whether a revert failed.
    is_stuck: bool,
}

/// The reason why the files were not changed.
#[derive(Debug)]
pub(super) enum SwapError {
    /// A file does not have the expected content.
    Changed(PathBuf),
    /// A file that must not exist exists.
    Exists(PathBuf),
    /// An error of the operating system.
    Io(PathBuf, io::Error),
}

impl Swaps {
    pub fn new(all: Vec<Swap>) -> Self {
        Self { all, done: 0, is_stuck: false }
    }

    /// Changes all files and syncs their folders, or reverts all changes. Most errors occur while the files are staged, before
    /// the first change.
    pub fn run(&mut self) -> Result<(), SwapError> {
        let result = self.change();
        if result.is_err() {
            self.revert();
        }
        result
    }

    fn change(&mut self) -> Result<(), SwapError> {
        for swap in &self.all {
            swap.stage().map_err(|error| swap.io(error))?;
        }
        for swap in &self.all {
            match swap.exchange() {
                Ok(()) => self.done += 1,
                Err((error, is_stuck)) => {
                    self.is_stuck |= is_stuck;
                    return Err(error);
                }
            }
        }
        self.sync()?;
        // A program that had a file open may have written to it after the exchange.
        let changed = self.all.iter().find(|swap| swap.from.is_some() && !swap.kept_is(swap.from.as_ref()));
        changed.map_or(Ok(()), |swap| Err(SwapError::Changed(swap.target.file.clone())))
    }

    /// Reverts the changes that were done.
    pub fn revert(&mut self) {
        for swap in self.all.iter().take(self.done).rev() {
            self.is_stuck |= !swap.revert();
        }
        self.done = 0;
        self.is_stuck |= self.sync().is_err();
    }

    /// Whether all changes were reverted.
    pub fn is_reverted(&self) -> bool {
        self.done == 0 && !self.is_stuck
    }

    fn sync(&self) -> Result<(), SwapError> {
        self.all.iter().try_for_each(|swap| swap.target.dir.sync().map_err(|error| swap.io(error)))
    }

    /// Removes the staged and the replaced files, and syncs their folders, because the journal that names them may be removed
    /// next. A file with any other content is not removed: another program saved it. Returns these files, relative to the root.
    ///
    /// # Errors
    /// A file that cannot be removed, or a folder that cannot be synced.
    pub fn discard(&self) -> Result<Vec<PathBuf>, SwapError> {
        let (mut kept, mut failed) = (Vec::new(), None);
        for swap in &self.all {
            let is_known = |bytes: &[u8]| {
                swap.from.as_ref() == Some(&Digest::of(bytes))
                    || swap.to.as_ref().is_some_and(|to| to.starts_with(bytes))
            };
            match swap.target.remove_staged(&swap.staged, is_known) {
                Ok(files) => kept.extend(files),
                Err(error) => failed = failed.or(Some(swap.io(error))),
            }
        }
        match failed {
            Some(error) => Err(error),
            None => self.sync().map(|()| kept),
        }
    }
}

impl SwapError {
    /// An error of the operating system, with its cause in words.
    pub fn io(path: &Path, error: io::Error) -> Self {
        Self::Io(path.to_owned(), explained(error))
    }
}

impl std::fmt::Display for SwapError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Changed(file) => write!(f, "another program changed {}", file.display()),
            Self::Exists(file) => write!(f, "another program created {}", file.display()),
            Self::Io(path, source) => write!(f, "cannot write {}: {source}", path.display()),
        }
    }
}

impl Swap {
    fn io(&self, error: io::Error) -> SwapError {
        SwapError::io(&self.target.file, error)
    }

    /// Creates the staged file. It is private until its content is complete.
    fn stage(&self) -> io::Result<()> {
        let Some(bytes) = &self.to else { return Ok(()) };
        let mut file = self.target.dir.create(&self.staged)?;
        file.write_all(bytes)?;
        if self.from.is_some() {
            self.target.dir.copy_metadata(&self.target.name, &file)?;
        } else {
            set_mode(&file, self.mode)?;
        }
        file.sync_all()
    }

    /// Changes the file. Returns the error, and whether the file is not as before.
    fn exchange(&self) -> Result<(), (SwapError, bool)> {
        let (dir, name) = (&self.target.dir, &self.target.name);
        let before = |error| (error, false);
        let current = dir.read(name).map_err(|error| before(self.io(error)))?;
        if !current.is(self.from.as_ref()) {
            return Err(before(self.unexpected()));
        }
        let renamed = match (&self.from, &self.to) {
            (Some(_), Some(_)) => dir.exchange(&self.staged, name, &spare(&self.staged)),
            (None, _) => dir.rename_new(&self.staged, name),
            (Some(_), None) => dir.set_aside(name, &self.staged),
        };
        match renamed {
            // Another program created, removed or saved the file since it was read.
            Err(error) if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) => {
                return Err((self.unexpected(), !self.is_untouched()));
            }
            Err(error) => return Err((self.io(error), !self.is_untouched())),
            Ok(()) => {}
        }
        if self.from.is_some() && !self.kept_is(self.from.as_ref()) {
            return Err((self.unexpected(), !self.revert()));
        }
        Ok(())
    }

    fn unexpected(&self) -> SwapError {
        let file = self.target.file.clone();
        if self.from.is_some() { SwapError::Changed(file) } else { SwapError::Exists(file) }
    }

    /// Whether an exchange that failed changed nothing: the file has the expected content, or what another program made of it.
    fn is_untouched(&self) -> bool {
        let (dir, from) = (&self.target.dir, self.from.as_ref());
        let to = self.to.as_ref().map(|bytes| Digest::of(bytes));
        let (Ok(file), Ok(spare)) = (dir.read(&self.target.name), dir.read(&spare(&self.staged))) else {
            return false;
        };
        // The replaced file may have kept its second name, which is removed later.
        let is_spare_known = spare == Content::Missing || (from.is_some() && spare.is(from));
        let is_of_another_program = self.kept_is(to.as_ref())
            && (to.is_none() || !file.is(to.as_ref()))
            && (spare == Content::Missing || file != Content::Missing);
        is_spare_known && (file.is(from) || is_of_another_program)
    }

    /// Whether the file with the staged name has this content.
    fn kept_is(&self, digest: Option<&Digest>) -> bool {
        self.target.dir.read(&self.staged).is_ok_and(|content| content.is(digest))
    }

    /// Reverts the change; whether that succeeds. What another program saved in the file in the meantime stays.
    fn revert(&self) -> bool {
        let (dir, name) = (&self.target.dir, &self.target.name);
        let to = self.to.as_ref().map(|bytes| Digest::of(bytes));
        if !dir.read(name).is_ok_and(|content| content.is(to.as_ref())) {
            return false;
        }
        match (&self.from, &self.to) {
            (Some(_), Some(_)) => {
                let spare = spare(&self.staged);
                let exchange = || dir.exchange(&self.staged, name, &spare).is_ok();
                // Another program saved the file since it was read: its bytes go back.
                exchange()
                    && (self.kept_is(to.as_ref()) || {
                        exchange();
                        false
                    })
            }
            (None, _) => {
                let moved = dir.set_aside(name, &self.staged).is_ok();
                moved
                    && (self.kept_is(to.as_ref()) || {
                        let _ = dir.rename_new(&self.staged, name);
                        false
                    })
            }
            (Some(_), None) => dir.rename_new(&self.staged, name).is_ok(),
        }
    }
}

/// The second name of a replaced file on file systems that cannot exchange files.
fn spare(staged: &OsStr) -> OsString {
    let name = staged.to_string_lossy();
    format!("{}.old", name.strip_suffix(".tmp").unwrap_or(&name)).into()
}

impl Target {
    /// Removes a staged file and its second name if their content is known. Returns those with other content, relative to the root.
    pub fn remove_staged(
        &self,
        staged: &OsStr,
        is_known: impl Fn(&[u8]) -> bool,
    ) -> io::Result<Vec<PathBuf>> {
        let mut kept = Vec::new();
        for name in [staged.to_owned(), spare(staged)] {
            match self.dir.read(&name)? {
                Content::Missing => {}
                Content::Bytes(bytes) if is_known(&bytes) => self.dir.remove(&name)?,
                Content::Bytes(_) | Content::Other => kept.push(self.file.with_file_name(name)),
            }
        }
        Ok(kept)
    }
}

#[cfg(unix)]
fn set_mode(file: &std::fs::File, mode: u32) -> io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "the same signature as on unix")]
fn set_mode(_: &std::fs::File, _: u32) -> io::Result<()> {
    Ok(())
}
