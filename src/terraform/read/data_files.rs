//! The data files of a repository that its code reads with `file` and `fileset`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use globset::GlobBuilder;

use crate::files::{ENTRIES, list_dir, read_regular_text};
use crate::terraform::lang::data_files::DataFiles;
use crate::terraform::read::boundary::Boundary;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::{CODE_LIMIT, Texts};

/// Limit of the folders in each other in which `fileset` searches.
const DEPTH: usize = 8;

/// The files of the repository of a root module.
#[derive(Debug)]
pub(in crate::terraform) struct RepositoryFiles {
    /// The canonical folder of the root module.
    root: PathBuf,
    top: PathBuf,
    /// The texts that replace the content of files.
    texts: Texts,
    /// The paths whose text was read.
    read: Mutex<BTreeSet<String>>,
}

impl RepositoryFiles {
    pub fn of(root: &Path, texts: &Texts) -> Arc<dyn DataFiles> {
        let top = Boundary::of(root).top().to_owned();
        Arc::new(Self { root: root.to_owned(), top, texts: texts.clone(), read: Mutex::default() })
    }

    /// The path of a file or folder of the repository. A link to another place is not followed.
    fn path(&self, path: &str) -> Option<PathBuf> {
        let path = Path::new(path);
        let canonical = fs::canonicalize(self.root.join(path)).ok().filter(|_| path.is_relative())?;
        canonical.starts_with(&self.top).then_some(canonical)
    }
}

impl DataFiles for RepositoryFiles {
    fn text(&self, path: &str) -> Option<String> {
        let plain = path.strip_prefix("./").unwrap_or(path);
        let text = match self.texts.get(Path::new(plain)) {
            Some(text) => text.clone(),
            None => read_regular_text(&self.path(path)?, CODE_LIMIT).ok()?,
        };
        if let Ok(mut read) = self.read.lock() {
            read.insert(plain.to_owned());
        }
        Some(text)
    }

    fn paths(&self) -> Vec<String> {
        self.read.lock().map(|read| read.iter().cloned().collect()).unwrap_or_default()
    }

    fn matching(&self, folder: &str, pattern: &str) -> Option<Vec<String>> {
        let glob = GlobBuilder::new(pattern).literal_separator(true).build().ok()?.compile_matcher();
        let (mut found, mut left) = (Vec::new(), ENTRIES);
        let mut open = vec![(self.path(folder)?, String::new(), 0)];
        while let Some((dir, before, depth)) = open.pop() {
            for name in list_dir(&dir, left).ok()? {
                left = left.checked_sub(1)?;
                let (path, name) = (dir.join(&name), format!("{before}{}", name.to_str()?));
                let kind = fs::symlink_metadata(&path).ok()?.file_type();
                if kind.is_file() && glob.is_match(&name) {
                    found.push(name);
                } else if kind.is_symlink() && glob.is_match(&name) {
                    return None;
                } else if kind.is_dir() && pattern.contains('/') {
                    (depth < DEPTH).then(|| open.push((path, format!("{name}/"), depth + 1)))?;
                }
            }
        }
        found.sort();
        Some(found)
    }
}

impl Config {
    /// The data files that the code has read, by their paths relative to the root module.
    pub(in crate::terraform) fn data_files(&self) -> BTreeSet<String> {
        self.modules().into_iter().flat_map(|module| module.values.data_files()).collect()
    }

    /// The text of a data file.
    pub(in crate::terraform) fn data_text(&self, path: &str) -> Option<String> {
        RepositoryFiles::of(&self.root, &Texts::new()).text(path)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use super::*;

    #[test]
    fn a_pattern_matches_the_files_of_the_repository_only() {
        let home = tempfile::tempdir().unwrap();
        let home = fs::canonicalize(home.path()).unwrap();
        fs::create_dir_all(home.join("repository/.git")).unwrap();
        fs::create_dir_all(home.join("repository/services/old/x.yaml")).unwrap();
        for path in ["services/b.yaml", "services/a.yml", "services/c.json", "services/old/d.yaml"] {
            fs::write(home.join("repository").join(path), path).unwrap();
        }
        fs::write(home.join("other.yaml"), "secret").unwrap();
        let texts = Texts::from([(PathBuf::from("services/b.yaml"), "new".to_owned())]);
        let files = RepositoryFiles::of(&home.join("repository"), &texts);
        let matching = |folder: &str, pattern: &str| {
            files.matching(folder, pattern).map_or_else(|| "?".to_owned(), |all| all.join(" "))
        };
        for (folder, pattern, expected) in [
            ("./services", "*.yaml", "b.yaml"),
            ("services", "*.{yaml,yml}", "a.yml b.yaml"),
            ("services", "**/*.yaml", "b.yaml old/d.yaml"),
            (".", "services/?.json", "services/c.json"),
            ("services", "[ab].y*ml", "a.yml b.yaml"),
            ("services", "[ab", "?"),
            ("..", "*.yaml", "?"),
            ("none", "*.yaml", "?"),
        ] {
            assert_eq!(matching(folder, pattern), expected, "{folder} {pattern}");
        }
        assert_eq!(files.text("./services/c.json").as_deref(), Some("services/c.json"));
        assert_eq!(files.text("./services/b.yaml").as_deref(), Some("new"));
        assert_eq!(files.text("../other.yaml"), None);
        assert_eq!(files.paths(), ["services/b.yaml", "services/c.json"]);
    }
}
