//! The journal of one write. It contains the data for an undo, and is stored outside the configuration.
//!
//! A journal is read as untrusted input: it names only files that a plan can change, and plain names of backups.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files::create_private_file;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::read::file::Digest;
use crate::terraform::write::content::Content;
use crate::terraform::write::dir::Dir;
use crate::terraform::write::tree::Tree;

/// The version of the format. Version 1 has no names of staged files, version 2 no checksum.
const VERSION: u32 = 3;
/// The first version with a checksum.
const WITH_CHECKSUM: u32 = 3;

/// The record of a write that is finished or in progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    /// The version of the format.
    #[serde(default = "first_version")]
    version: u32,
    /// Whether every file was written.
    pub finished: bool,
    /// Addresses of the resources that the edit imports.
    #[serde(default)]
    pub imports: Vec<String>,
    /// The files, in the order of writing.
    pub entries: Vec<Entry>,
    /// The digest of the imports and the files, so that a damaged journal changes no file.
    #[serde(default)]
    checksum: Option<Digest>,
}

/// One file of a write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Relative to the root.
    pub path: PathBuf,
    /// `None` for a file that the write creates.
    pub before: Option<Backup>,
    /// The digest of the new bytes.
    pub after: Digest,
    /// File name of the new bytes in the journal folder.
    #[serde(default)]
    pub new: String,
    /// Name of the staged file, beside the file.
    #[serde(default)]
    pub staged: String,
}

/// A copy of the old bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Backup {
    /// The digest of the old bytes.
    pub digest: Digest,
    /// File name in the journal folder.
    pub name: String,
}

/// The file name of the journal.
pub(super) const FILE: &str = "journal.json";
/// The file name of a journal that is not complete.
const NEXT: &str = "journal.json.next";

/// Prefix and suffix of the name of a staged file. Terraform does not load such files.
const STAGED: (&str, &str) = (".egress-doctor-", ".tmp");

fn first_version() -> u32 {
    1
}

/// A new name for a staged file.
pub(super) fn staged_name() -> String {
    // Every `RandomState` has random keys.
    format!("{}{:016x}{}", STAGED.0, RandomState::new().hash_one(0), STAGED.1)
}

fn is_staged_name(name: &str) -> bool {
    let middle = name.strip_prefix(STAGED.0).and_then(|rest| rest.strip_suffix(STAGED.1));
    middle.is_some_and(|middle| middle.len() == 16 && middle.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

impl Journal {
    /// The journal of a write that starts.
    pub fn new(imports: Vec<String>, entries: Vec<Entry>) -> Self {
        Self { version: VERSION, finished: false, imports, entries, checksum: None }
    }

    /// The paths of the files, relative to the root.
    pub fn into_files(self) -> Vec<PathBuf> {
        self.entries.into_iter().map(|entry| entry.path).collect()
    }

    /// The journal in a folder; `None` if there is none.
    ///
    /// # Errors
    /// The journal cannot be read, or no write can have created it; the reason.
    pub fn load(folder: &Path, tree: &Tree) -> Result<Option<Self>, String> {
        let read = match Dir::open(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.and_then(|dir| dir.read(OsStr::new(FILE))),
        };
        let bytes = match read.map_err(|error| error.to_string())? {
            Content::Missing => return Ok(None),
            Content::Other => return Err("it is not a regular file".to_owned()),
            Content::Bytes(bytes) => bytes,
        };
        let journal: Self = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        journal.check(tree)?;
        Ok(Some(journal))
    }

    /// Whether a write of this tree can have created the journal; the reason if not.
    fn check(&self, tree: &Tree) -> Result<(), String> {
        if self.version > VERSION {
            return Err("a newer version of egress-doctor wrote it".to_owned());
        }
        if self.entries.is_empty() {
            return Err("it names no file".to_owned());
        }
        let is_address =
            |text: &String| text.parse::<ResourceAddress>().is_ok() && !text.chars().any(char::is_control);
        if let Some(import) = self.imports.iter().find(|import| !is_address(import)) {
            return Err(format!("{import:?} is not the address of a resource"));
        }
        let mut paths = BTreeSet::new();
        for (number, entry) in self.entries.iter().enumerate() {
            tree.check(&entry.path)?;
            let path = entry.path.display();
            if !paths.insert(&entry.path) {
                return Err(format!("it names {path} twice"));
            }
            let backup = entry.before.as_ref();
            let has_plain_names = backup.is_none_or(|backup| backup.name == format!("{number}.backup"))
                && (entry.new.is_empty() || entry.new == format!("{number}.new"))
                && (entry.staged.is_empty() || is_staged_name(&entry.staged));
            if !has_plain_names {
                return Err(format!("the name of a copy of {path} is invalid"));
            }
            let is_digest = |digest: &Digest| {
                digest.as_str().len() == 64 && digest.as_str().bytes().all(|byte| byte.is_ascii_hexdigit())
            };
            if !is_digest(&entry.after) || backup.is_some_and(|backup| !is_digest(&backup.digest)) {
                return Err(format!("a digest of {path} is invalid"));
            }
        }
        let is_right = match &self.checksum {
            None => self.version < WITH_CHECKSUM,
            checksum => *checksum == self.computed(),
        };
        if is_right { Ok(()) } else { Err("its checksum is wrong".to_owned()) }
    }

    /// The digest of the imports and the files.
    fn computed(&self) -> Option<Digest> {
        let bytes = serde_json::to_vec(&(&self.imports, &self.entries)).ok()?;
        Some(Digest::of(&bytes))
    }

    /// Replaces the journal in a folder.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        let next = folder.join(NEXT);
        match fs::remove_file(&next) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let saved = Self { version: VERSION, checksum: self.computed(), ..self.clone() };
        let mut file = create_private_file(&next)?;
        file.write_all(&serde_json::to_vec_pretty(&saved).map_err(io::Error::other)?)?;
        file.sync_all()?;
        fs::rename(next, folder.join(FILE))?;
        Dir::open(folder)?.sync()
    }
}
