//! Files that were not read, and what the user must know about them.

use std::collections::BTreeMap;
use std::fmt::Display;
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
