//! Files that were not read, and what the user must know about them.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The number of files that a sentence names.
const NAMED: usize = 3;

/// Files that were not read, each with the reason.
#[derive(Debug, Default)]
pub(in crate::terraform) struct NotRead(BTreeMap<PathBuf, String>);

impl NotRead {
    /// Adds a file.
    pub fn add(&mut self, path: &Path, why: &impl Display) {
        self.0.insert(path.to_owned(), why.to_string());
    }

    /// Adds the file or folder of an error of a walk below `top`. A link to nothing or to itself is ignored.
    pub fn add_walk_error(&mut self, error: &ignore::Error, top: &Path) {
        let (Some(reason), Some(path)) = (error.io_error().map(std::io::Error::kind), path_of(error)) else {
            return;
        };
        let is_denied = |error: std::io::Error| error.kind() == ErrorKind::PermissionDenied;
        let is_broken_link = path.is_symlink() && fs::metadata(path).is_err_and(|error| !is_denied(error));
        if !is_broken_link && reason != ErrorKind::NotFound {
            self.add(path.strip_prefix(top).unwrap_or(path), &reason);
        }
    }

    /// `a.tf (it is a named pipe, not a regular file) and 2 more`; `None` if all files were read.
    pub fn names(&self) -> Option<String> {
        let named: Vec<String> =
            self.0.iter().take(NAMED).map(|(path, why)| format!("{} ({why})", path.display())).collect();
        match self.0.len().saturating_sub(NAMED) {
            _ if named.is_empty() => None,
            0 => Some(named.join(", ")),
            more => Some(format!("{} and {more} more", named.join(", "))),
        }
    }
}

/// The path in an error of a walk.
fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}
