//! The planned changes to files. `edit` creates them; `prove`, `diff` and `write` use them.

use std::path::{Path, PathBuf};

use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::read::file::Digest;
use crate::terraform::read::file::joined;
use crate::terraform::read::tool::Runner;

/// The files of one edit. All of them are written, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSet {
    /// Canonical path of the Terraform root.
    pub root: PathBuf,
    /// Terraform's data directory, where `terraform init` installs modules and providers.
    pub data: PathBuf,
    /// How the user plans and applies it.
    pub run: Runner,
    /// The top directory of the repository that contains the root.
    pub repository: Option<PathBuf>,
    /// Changed and new files, by path.
    pub files: Vec<FileChange>,
    /// Every file that the plan depends on, with the digest of the content that was read.
    pub read: Vec<(PathBuf, Digest)>,
    /// Addresses of resources that `terraform apply` will add.
    pub adds: Vec<ResourceAddress>,
    /// The number of instances of these blocks beyond one of each, as far as the code shows it.
    pub more_instances: usize,
    /// Addresses of resources that it will change in place.
    pub changes: Vec<ResourceAddress>,
    /// Addresses of resources that it will destroy.
    pub destroys: Vec<ResourceAddress>,
    /// Addresses of resources that it will import first.
    pub imports: Vec<ResourceAddress>,
    /// Notes for the user, in whole sentences.
    pub notes: Vec<String>,
}

/// One file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Relative to the root.
    pub path: PathBuf,
    /// The content that was read; `None` for a new file.
    pub before: Option<String>,
    /// The content to write.
    pub after: String,
}

impl ChangeSet {
    /// The path of a file in a patch: relative to the repository, or without one to the root.
    #[must_use]
    pub fn patch_path(&self, path: &Path) -> PathBuf {
        let tail = self.repository.as_ref().and_then(|top| self.root.strip_prefix(top).ok());
        tail.map_or_else(|| path.to_owned(), |tail| joined(tail, path))
    }

    /// The number of resources that `terraform apply` will add.
    #[must_use]
    pub fn added(&self) -> usize {
        self.adds.len() + self.more_instances
    }

    /// `1 file new, 1 changed; 1 to add, 0 to change, 0 to destroy`
    #[must_use]
    pub fn tally(&self) -> String {
        let new = self.files.iter().filter(|file| file.before.is_none()).count();
        let changed = self.files.len() - new;
        let files = |count: usize| if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        let files = match (new, changed) {
            (0, changed) => format!("{} changed", files(changed)),
            (new, 0) => format!("{} new", files(new)),
            (new, changed) => format!("{} new, {changed} changed", files(new)),
        };
        let imports = match self.imports.len() {
            0 => String::new(),
            count => format!("{count} to import, "),
        };
        format!(
            "{files}; {imports}{} to add, {} to change, {} to destroy",
            self.added(),
            self.changes.len(),
            self.destroys.len()
        )
    }
}
