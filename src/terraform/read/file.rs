//! One file of code or settings: its text, its structure, and what it was when it was read.

use std::fs;
use std::path::{Component, Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::terraform::error::WorkspaceError;
use crate::terraform::lang::scan::{Attribute, Body, scan};

/// The SHA-256 of a file's bytes, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")))
    }

    pub(in crate::terraform) fn as_str(&self) -> &str {
        &self.0
    }
}

/// One file.
#[derive(Debug)]
pub struct File {
    /// Relative to the root.
    pub path: PathBuf,
    /// As it is on disk.
    pub text: String,
    /// Of the bytes that were read.
    pub digest: Digest,
    /// Where it leads, where it is a link.
    pub link: Option<PathBuf>,
    /// Its structure.
    pub body: Body,
}

impl File {
    /// Text that is no file of its own.
    pub(in crate::terraform) fn of_text(path: &Path, text: String, body: Body) -> Self {
        Self { path: path.to_owned(), digest: Digest::of(text.as_bytes()), text, link: None, body }
    }

    /// The text of a span.
    #[must_use]
    pub fn slice(&self, span: std::ops::Range<usize>) -> &str {
        self.text.get(span).unwrap_or_default()
    }

    /// Whether it overrides what other files say: Terraform merges its blocks into theirs
    /// (<https://developer.hashicorp.com/terraform/language/files/override>).
    #[must_use]
    pub fn is_override(&self) -> bool {
        let name = self.path.to_string_lossy();
        name == "override.tf" || name.ends_with("_override.tf")
    }

    /// An attribute's expression as it is written.
    #[must_use]
    pub fn value(&self, attribute: &Attribute) -> &str {
        self.slice(attribute.value.clone())
    }

    /// `\r\n` where most lines end so.
    #[must_use]
    pub fn line_end(&self) -> &'static str {
        let crlf = self.text.matches("\r\n").count();
        if crlf * 2 > self.text.matches('\n').count() { "\r\n" } else { "\n" }
    }
}

/// Reads a file of a root, by its path from there.
pub(in crate::terraform) fn read_file(root: &Path, path: &Path) -> Result<File, WorkspaceError> {
    let whole = root.join(path);
    let bytes = fs::read(&whole).map_err(|source| WorkspaceError::Io { path: whole.clone(), source })?;
    let digest = Digest::of(&bytes);
    let text = String::from_utf8(bytes).map_err(|_| WorkspaceError::NotText(whole.clone()))?;
    let body = scan(&text).map_err(|error| WorkspaceError::Malformed { path: whole, error })?;
    let link = whole_link(root, path);
    Ok(File { path: path.to_owned(), text, digest, link, body })
}

fn whole_link(root: &Path, path: &Path) -> Option<PathBuf> {
    let whole = root.join(path);
    whole.is_symlink().then(|| fs::canonicalize(&whole).ok()).flatten()
}

/// A path from the root, by a path from one of its directories: `modules/app` and `../net` are `modules/net`.
pub(in crate::terraform) fn joined(dir: &Path, source: &Path) -> PathBuf {
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in dir.components().chain(source.components()) {
        match (part, parts.last()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                parts.pop();
            }
            (other, _) => parts.push(other),
        }
    }
    parts.into_iter().collect()
}
