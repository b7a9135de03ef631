//! A copy of a root and its local modules beside the real ones, with the edit made: what Terraform is asked about.
//!
//! Code is copied; everything else (files that the code reads, providers, a local state) is linked. Nothing in the real folders is
//! changed, and the copy goes with the value.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::terraform::changeset::ChangeSet;
use crate::terraform::read::file::joined;

/// How far above the root is looked at outside of a repository.
const BESIDE: usize = 1;

pub(in crate::terraform) struct Scratch {
    /// The copy's root.
    pub root: PathBuf,
    _folder: tempfile::TempDir,
}

impl Scratch {
    /// Makes it, with the edit or as the code is now.
    pub fn copy(changes: &ChangeSet, edited: bool) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("egress-doctor-check-").tempdir()?;
        // Named from the folder that holds the root and every module.
        let paths =
            || changes.read.iter().map(|(path, _)| path).chain(changes.files.iter().map(|file| &file.path));
        let ups = paths().map(|path| above(path)).max().unwrap_or_default();
        // Code may read what lies beside the root, and a backend may keep its state there.
        let beside = changes.repository.as_ref().and_then(|top| changes.root.strip_prefix(top).ok());
        let ups = ups.max(beside.map_or(BESIDE, |tail| tail.components().count()));
        let ups = ups.min(changes.root.components().count().saturating_sub(1));
        let names: Vec<_> = changes.root.components().collect();
        let tail: PathBuf = names.iter().skip(names.len().saturating_sub(ups)).collect();
        let top = changes.root.ancestors().nth(ups).unwrap_or(&changes.root);
        let mut dirs: BTreeSet<PathBuf> = BTreeSet::from([tail.clone()]);
        for path in paths() {
            let whole = joined(&tail, path);
            // The folders on the way are made too: code may read what lies there.
            dirs.extend(whole.ancestors().skip(1).map(Path::to_owned));
        }
        for dir in &dirs {
            let copy = folder.path().join(dir);
            fs::create_dir_all(&copy)?;
            for entry in fs::read_dir(top.join(dir))? {
                let entry = entry?;
                let name = entry.file_name();
                let text = name.to_string_lossy();
                let (from, to) = (entry.path(), copy.join(&name));
                let is_code = [".tf", ".tfvars", ".tf.json", ".tfvars.json", ".terraform.lock.hcl"]
                    .iter()
                    .any(|ending| text.ends_with(ending));
                if dirs.contains(&dir.join(&name)) || text == ".git" || text.ends_with(".tfstate.lock.info") {
                    continue;
                }
                if is_code && from.is_file() {
                    fs::copy(&from, &to)?;
                } else {
                    link(&from, &to)?;
                }
            }
        }
        for file in changes.files.iter().filter(|_| edited) {
            let path = folder.path().join(joined(&tail, &file.path));
            // A copy keeps its mode, which may forbid writing.
            if path.exists() {
                fs::remove_file(&path)?;
            }
            fs::write(path, &file.after)?;
        }
        Ok(Self { root: folder.path().join(tail), _folder: folder })
    }
}

/// How many folders above the root a path begins.
fn above(path: &Path) -> usize {
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
