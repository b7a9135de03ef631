//! What is wrong in a config file, and where.

use std::path::{Path, PathBuf};

use crate::text::one_line;

/// An error of the config file: file, line, key and reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", self.place(), .reason)]
pub struct SettingsError {
    file: Option<PathBuf>,
    line: Option<usize>,
    reason: String,
}

impl SettingsError {
    /// An error at a position of the text.
    pub(super) fn at(text: &str, position: usize, reason: &str) -> Self {
        let before = text.as_bytes().get(..position).unwrap_or(text.as_bytes());
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        Self { file: None, line: Some(line), reason: one_line(reason) }
    }

    /// An error of the whole file.
    pub(super) fn of_file(path: &Path, reason: String) -> Self {
        Self { file: Some(path.to_owned()), line: None, reason }
    }

    pub(super) fn in_file(self, path: &Path) -> Self {
        Self { file: Some(path.to_owned()), ..self }
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    fn place(&self) -> String {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("{}:{line}: ", file.display()),
            (Some(file), None) => format!("{}: ", file.display()),
            (None, Some(line)) => format!("line {line}: "),
            (None, None) => String::new(),
        }
    }
}
