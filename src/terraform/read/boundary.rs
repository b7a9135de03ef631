//! The folder tree that egress-doctor searches and edits: the repository of the root module, or the root module's folder if
//! it is in no repository.
//!
//! Code outside the boundary is read if the configuration calls it. It is never edited. Reads no file.

use std::path::{Path, PathBuf};

/// The folder tree that egress-doctor searches and edits.
#[derive(Clone, Debug)]
pub(in crate::terraform) struct Boundary {
    top: PathBuf,
    repository: Option<PathBuf>,
}

impl Boundary {
    /// The boundary of a root module. `root` is canonical.
    pub fn of(root: &Path) -> Self {
        let repository = repository_of(root).map(Path::to_owned);
        Self { top: repository.clone().unwrap_or_else(|| root.to_owned()), repository }
    }

    /// The top folder.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// The top folder, if it is a repository.
    pub fn repository(&self) -> Option<&Path> {
        self.repository.as_deref()
    }

    /// Whether a canonical path is in the tree. A repository inside the tree, such as a git submodule, is outside.
    pub fn contains(&self, canonical: &Path) -> bool {
        canonical.starts_with(&self.top) && repository_of(canonical) == self.repository()
    }

    /// The end of the sentence "PATH is …" for a path outside the tree.
    pub fn outside(&self) -> &'static str {
        match self.repository {
            Some(_) => "outside the repository of the root module",
            None => "outside the folder of the root module, which is in no git repository",
        }
    }
}

/// The nearest folder at or above a path that contains `.git`. It is a file in a worktree and in a submodule.
pub(in crate::terraform) fn repository_of(path: &Path) -> Option<&Path> {
    path.ancestors().find(|folder| is_repository(folder))
}

/// Whether a folder contains `.git`.
pub(in crate::terraform) fn is_repository(folder: &Path) -> bool {
    folder.join(".git").symlink_metadata().is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use super::*;
    use std::fs;

    #[test]
    fn the_repository_without_the_repositories_in_it_is_the_boundary() {
        let home = tempfile::tempdir().unwrap();
        let home = fs::canonicalize(home.path()).unwrap();
        for folder in ["repository/.git", "repository/envs/dev", "repository/modules/submodule/net", "other"]
        {
            fs::create_dir_all(home.join(folder)).unwrap();
        }
        fs::write(home.join("repository/modules/submodule/.git"), "gitdir: elsewhere\n").unwrap();
        let inside = |root: &str, path: &str| Boundary::of(&home.join(root)).contains(&home.join(path));
        assert!(inside("repository/envs/dev", "repository/modules"));
        assert!(!inside("repository/envs/dev", "repository/modules/submodule/net"));
        assert!(!inside("repository/envs/dev", "other"));
        assert!(inside("repository/modules/submodule/net", "repository/modules/submodule"));
        assert!(!inside("repository/modules/submodule/net", "repository/modules"));
        assert!(inside("other", "other/modules"));
        assert!(!inside("other", "."));
    }
}
