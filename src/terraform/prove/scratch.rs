//! A temporary copy of a root module and its local modules, with or without the edit, on which the checks
//! run.
//!
//! Code is copied; everything else (files that the code reads, providers, a local state, what is no regular file or larger than
//! [`files::LIMIT`]) is linked. The copy is private, because variable files contain secrets. Changes nothing in the user's folders.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::files::{self, ReadError, TemporaryFolder, create_private_file, read_regular};
use crate::terraform::changeset::ChangeSet;
use crate::terraform::read::file::joined;

/// The number of folder levels above the root that are copied if there is no repository.
const LEVELS_WITHOUT_REPOSITORY: usize = 1;

/// The temporary copy. Deleted on drop.
pub(in crate::terraform) struct Scratch {
    /// The root module in the copy.
    pub root: PathBuf,
    _folder: TemporaryFolder,
}

impl Scratch {
    /// Copies the configuration, with the edit or without it.
    pub fn copy(changes: &ChangeSet, edited: bool) -> io::Result<Self> {
        let folder = TemporaryFolder::new("check-")?;
        let paths =
            || changes.read.iter().map(|(path, _)| path).chain(changes.files.iter().map(|file| &file.path));
        // The copy starts at a folder that contains the root and every module. It includes the files and
        // folders beside the root: code may read files there, and a local backend may store its state
        // there.
        let levels = paths().map(|path| levels_up(path)).max().unwrap_or_default();
        let in_repository = changes.repository.as_ref().and_then(|top| changes.root.strip_prefix(top).ok());
        let levels =
            levels.max(in_repository.map_or(LEVELS_WITHOUT_REPOSITORY, |path| path.components().count()));
        let levels = levels.min(changes.root.components().count().saturating_sub(1));
        let names: Vec<_> = changes.root.components().collect();
        let tail: PathBuf = names.iter().skip(names.len().saturating_sub(levels)).collect();
        let top = changes.root.ancestors().nth(levels).unwrap_or(&changes.root);
        let mut dirs: BTreeSet<PathBuf> = BTreeSet::from([tail.clone()]);
        for path in paths() {
            dirs.extend(joined(&tail, path).ancestors().skip(1).map(Path::to_owned));
        }
        for dir in &dirs {
            let copy = folder.path().join(dir);
            create_below(folder.path(), dir)?;
            for entry in fs::read_dir(top.join(dir))? {
                let entry = entry?;
                let name = entry.file_name();
                let text = name.to_string_lossy();
                let (from, to) = (entry.path(), copy.join(&name));
                let endings = [
                    ".tf",
                    ".tofu",
                    ".tfvars",
                    ".tf.json",
                    ".tofu.json",
                    ".tfvars.json",
                    ".terraform.lock.hcl",
                ];
                let is_code = endings.iter().any(|ending| text.ends_with(ending));
                if dirs.contains(&dir.join(&name)) || text == ".git" || text.ends_with(".tfstate.lock.info") {
                    continue;
                }
                // Terraform ignores a folder with such a name, but not a link to one.
                if is_code && entry.file_type()?.is_dir() {
                    continue;
                }
                match is_code.then(|| read_regular(&from, files::LIMIT)) {
                    Some(Ok(bytes)) => create_private_file(&to)?.write_all(&bytes)?,
                    Some(Err(ReadError::Io(error))) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(error);
                    }
                    None | Some(Err(_)) => link(&from, &to)?,
                }
            }
        }
        for file in changes.files.iter().filter(|_| edited) {
            let path = folder.path().join(joined(&tail, &file.path));
            if path.symlink_metadata().is_ok() {
                fs::remove_file(&path)?;
            }
            create_private_file(&path)?.write_all(file.after.as_bytes())?;
        }
        Ok(Self { root: folder.path().join(tail), _folder: folder })
    }
}

/// Creates the folders of a path in an existing folder. The existing folder is never created: it is gone when the program ends.
fn create_below(folder: &Path, path: &Path) -> io::Result<()> {
    let mut created = folder.to_owned();
    for part in path.components() {
        created.push(part);
        if let Err(error) = files::create_private_subdir(&created)
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(error);
        }
    }
    Ok(())
}

/// The number of `..` in a path.
fn levels_up(path: &Path) -> usize {
    path.components().filter(|part| *part == std::path::Component::ParentDir).count()
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(from, to)
}

#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_file() { fs::copy(from, to).map(|_| ()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use super::*;
    use crate::terraform::changeset::EditEffect;
    use crate::terraform::read::tool::Runner;

    #[test]
    fn a_folder_with_the_name_of_a_code_file_is_not_in_the_copy() {
        let home = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(home.path()).unwrap().join("infra");
        fs::create_dir_all(root.join("x.tf")).unwrap();
        fs::create_dir_all(root.join("templates")).unwrap();
        fs::write(root.join("main.tf"), "").unwrap();
        let changes = ChangeSet {
            data: root.join(".terraform"),
            run: Runner::default(),
            root,
            repository: None,
            files: Vec::new(),
            read: Vec::new(),
            adds: Vec::new(),
            changes: Vec::new(),
            destroys: Vec::new(),
            imports: Vec::new(),
            more_instances: 0,
            notes: Vec::new(),
            by_hand: Vec::new(),
            effect: EditEffect::default(),
        };
        let copy = Scratch::copy(&changes, true).unwrap();
        let names = fs::read_dir(&copy.root).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.collect();
        names.sort();
        assert_eq!(names, ["main.tf", "templates"]);
    }
}
