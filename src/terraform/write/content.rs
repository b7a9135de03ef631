//! The content of a file at one time, and the words for it.

use std::path::PathBuf;

use crate::terraform::read::file::Digest;

/// What a name in a folder is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// There is no such name.
    Missing,
    /// A regular file with these bytes.
    Bytes(Vec<u8>),
    /// A symbolic link, a folder, a device, or a file above the size limit.
    Other,
}

impl Content {
    /// Whether it is a regular file with this digest; `None` means that there is no file.
    pub fn is(&self, digest: Option<&Digest>) -> bool {
        match (self, digest) {
            (Self::Missing, None) => true,
            (Self::Bytes(bytes), Some(digest)) => Digest::of(bytes) == *digest,
            _ => false,
        }
    }
}

/// The content of a file compared with its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The content before the write.
    Old,
    /// The write creates the file, and it does not exist.
    NotCreated,
    /// The content after the write.
    New,
    /// The file existed before the write, and does not exist now.
    Missing,
    /// Any other content.
    Other,
    /// The file cannot be read.
    Unreadable,
}

impl State {
    /// Whether the file is as before the write.
    pub fn is_old(self) -> bool {
        matches!(self, Self::Old | Self::NotCreated)
    }

    fn text(self) -> &'static str {
        match self {
            Self::Old => "has its old content",
            Self::NotCreated => "does not exist, as before",
            Self::New => "has its new content",
            Self::Missing => "is missing",
            Self::Other => "has other content",
            Self::Unreadable => "cannot be read",
        }
    }
}

/// The content of every file, in one sentence.
pub(super) fn sentence(files: &[(PathBuf, State)]) -> String {
    if files.iter().all(|(_, state)| state.is_old()) {
        return "All files are as before the write".to_owned();
    }
    let each: Vec<String> =
        files.iter().map(|(file, state)| format!("{} {}", file.display(), state.text())).collect();
    each.join("; ")
}

/// The files with what another program saved during the write; empty without such files.
pub(super) fn kept_sentence(kept: &[PathBuf]) -> String {
    let each: String = kept
        .iter()
        .map(|path| format!(". {} has what another program saved during the write", path.display()))
        .collect();
    each
}
