//! The files that a write or an undo may change: those of the Terraform root, and of modules beside it in the same repository.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use crate::terraform::read::boundary::Boundary;
use crate::terraform::read::file::joined;
use crate::terraform::write::dir::Dir;

/// A Terraform root and the folder above which no file may change.
pub(super) struct Tree {
    /// Canonical path.
    pub root: PathBuf,
    /// The folders in which files may change.
    boundary: Boundary,
}

/// One file that may change, in its open folder.
pub(super) struct Target {
    /// Relative to the root.
    pub file: PathBuf,
    /// If the file is a symbolic link, the folder of its target.
    pub dir: Rc<Dir>,
    /// Name in the folder.
    pub name: OsString,
}

/// The reason why a file cannot be changed.
pub(super) enum LocateError {
    /// The file is not one that a write may change; the reason.
    Refused(String),
    /// The folder of the file does not exist.
    NoFolder,
    /// An error of the operating system.
    Io(io::Error),
}

impl Tree {
    /// The tree of a root, which is a canonical path.
    pub fn of(root: &Path) -> Self {
        Self { root: root.to_owned(), boundary: Boundary::of(root) }
    }

    /// Whether a plan can change a file with this path: a relative path to a `*.tf` or `*.tfvars` file inside the tree.
    pub fn check(&self, file: &Path) -> Result<(), String> {
        let shown = file.display();
        let mut is_below = false;
        for part in file.components() {
            match part {
                Component::ParentDir if !is_below => {}
                Component::Normal(name) if name != ".git" && name != ".terraform" => is_below = true,
                _ => return Err(format!("{shown} is not a path that egress-doctor writes")),
            }
        }
        let ending = file.extension().and_then(OsStr::to_str);
        if !matches!(ending, Some("tf" | "tofu" | "tfvars")) {
            return Err(format!("{shown} is not a *.tf, *.tofu or *.tfvars file"));
        }
        if !joined(&self.root, file).starts_with(self.boundary.top()) {
            return Err(self.outside(file));
        }
        Ok(())
    }

    /// Opens the folder of a file. If the file is a symbolic link, its target is located, which must be in the tree too.
    pub fn locate(&self, file: &Path) -> Result<Target, LocateError> {
        self.check(file).map_err(LocateError::Refused)?;
        let at = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => LocateError::NoFolder,
            _ => LocateError::Io(error),
        };
        let path = self.root.join(file);
        let path = if path.is_symlink() { fs::canonicalize(&path).map_err(at)? } else { path };
        let folder = path.parent().ok_or(LocateError::NoFolder)?;
        let folder = fs::canonicalize(folder).map_err(at)?;
        let below = folder.strip_prefix(&self.root).or_else(|_| folder.strip_prefix(self.boundary.top()));
        let is_reserved = |name: &OsStr| name == ".git" || name == ".terraform";
        let is_inside = self.boundary.contains(&folder);
        if !is_inside || !below.is_ok_and(|below| !below.iter().any(is_reserved)) {
            return Err(LocateError::Refused(self.outside(file)));
        }
        let name = path.file_name().ok_or(LocateError::NoFolder)?.to_owned();
        let dir = Dir::open(&folder).map_err(at)?;
        Ok(Target { file: file.to_owned(), dir: Rc::new(dir), name })
    }

    fn outside(&self, file: &Path) -> String {
        format!("{} is {}", file.display(), self.boundary.outside())
    }
}
