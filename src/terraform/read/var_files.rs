//! Values of variables in files beside the code: those that Terraform takes by itself, and those that somebody may give it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hcl::Value;

use crate::terraform::error::WorkspaceError;
use crate::terraform::lang::evaluate::Values;
use crate::terraform::read::file::{File, read_file};

/// The files of settings of a root.
pub(in crate::terraform) struct Settings {
    /// `terraform.tfvars` and `*.auto.tfvars`, in Terraform's order: the last one wins.
    pub files: Vec<File>,
    /// The same in JSON syntax, which are not edited.
    pub json: Vec<PathBuf>,
}

impl Settings {
    /// Reads those that Terraform takes by itself.
    ///
    /// # Errors
    /// The folder or a file cannot be read, or a file is not HCL.
    pub fn read(root: &Path) -> Result<Self, WorkspaceError> {
        Ok(Self { files: read_settings(root)?, json: json_settings(root)? })
    }

    /// Gives variables the values that the files set. Where a service runs the code (`is_remote`), what it sets for its workspace
    /// wins over all of them, and is not known here
    /// (<https://developer.hashicorp.com/terraform/cloud-docs/workspaces/variables#precedence>).
    pub fn give(&self, root: &Path, is_remote: bool, variables: &mut BTreeMap<String, Value>) {
        if is_remote {
            variables.clear();
            return;
        }
        let plain = Values::new(&BTreeMap::new(), None, &BTreeMap::new());
        let is_auto = |path: &Path| path.to_string_lossy().contains(".auto.");
        let read = self.files.iter().map(|file| (&file.path, told(&plain, file)));
        let read_json = self.json.iter().map(|path| (path, told_in_json(&root.join(path))));
        let mut all: Vec<_> = read.chain(read_json).collect();
        all.sort_by_key(|(path, _)| (is_auto(path), (*path).clone()));
        for (name, value) in all.into_iter().flat_map(|(_, told)| told) {
            match value {
                Some(value) => variables.insert(name, value),
                None => variables.remove(&name),
            };
        }
        // What is given by hand wins over all of these, and nobody knows which: only what they agree on is known.
        let mut by_name: BTreeMap<String, Vec<Option<Value>>> = BTreeMap::new();
        for (name, value) in by_hand(root).into_iter().flat_map(|(_, told)| told) {
            by_name.entry(name).or_default().push(value);
        }
        for (name, mut values) in by_name {
            values.dedup();
            match (variables.get(&name), values.as_slice()) {
                (None, [Some(only)]) => variables.insert(name, only.clone()),
                (Some(known), [Some(only)]) if known == only => None,
                _ => variables.remove(&name),
            };
        }
    }
}

/// What a file of settings says of each variable that it sets; `None` where that cannot be told.
fn told(plain: &Values, file: &File) -> Told {
    file.body.attributes().map(|one| (one.name.clone(), plain.value(file.value(one)))).collect()
}

/// The same in JSON syntax. Of a file that cannot be read Terraform itself complains.
fn told_in_json(path: &Path) -> Told {
    let text = fs::read(path).unwrap_or_default();
    let read: BTreeMap<String, Value> = serde_json::from_slice(&text).unwrap_or_default();
    read.into_iter().map(|(name, value)| (name, Some(value))).collect()
}

/// What one file says of each variable that it sets.
type Told = Vec<(String, Option<Value>)>;

/// Files in, below and right beside the root that Terraform does not take by itself, with what they set: whoever runs it may give
/// them with `-var-file`.
pub(in crate::terraform) fn by_hand(root: &Path) -> Vec<(PathBuf, Told)> {
    let plain = Values::new(&BTreeMap::new(), None, &BTreeMap::new());
    let mut found = Vec::new();
    // Beside the root no deeper than one folder, within its repository.
    let beside = root.parent().filter(|_| root.ancestors().any(|dir| dir.join(".git").exists()));
    let mut open: Vec<(PathBuf, u8)> = vec![(PathBuf::new(), 2)];
    open.extend(beside.filter(|_| !root.join(".git").exists()).map(|_| (PathBuf::from(".."), 1)));
    while let Some((dir, depth)) = open.pop() {
        for entry in fs::read_dir(root.join(&dir)).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = dir.join(&name);
            let whole = root.join(&path);
            let is_taken = name.starts_with("terraform.tfvars") || name.contains(".auto.tfvars");
            if whole.is_dir() {
                let is_root = fs::canonicalize(&whole).is_ok_and(|whole| whole == *root);
                if depth > 0 && !name.starts_with('.') && !is_root {
                    open.push((path, depth - 1));
                }
            } else if is_taken || !whole.is_file() {
                // Another root's own, or nothing that can be read.
            } else if name.ends_with(".tfvars.json") {
                found.push((path, told_in_json(&whole)));
            } else if name.ends_with(".tfvars")
                && let Ok(file) = read_file(root, &path)
            {
                let told = told(&plain, &file);
                found.push((path, told));
            }
        }
    }
    found.sort_by(|(one, _), (two, _)| one.cmp(two));
    found
}

/// `terraform.tfvars`, then `*.auto.tfvars` by name.
fn read_settings(root: &Path) -> Result<Vec<File>, WorkspaceError> {
    let mut names = names(root, ".auto.tfvars")?;
    let first = PathBuf::from("terraform.tfvars");
    if root.join(&first).exists() {
        names.insert(0, first);
    }
    names.iter().map(|name| read_file(root, name)).collect()
}

/// The same in JSON syntax.
fn json_settings(root: &Path) -> Result<Vec<PathBuf>, WorkspaceError> {
    let mut names = names(root, ".auto.tfvars.json")?;
    names.extend(Some(PathBuf::from("terraform.tfvars.json")).filter(|name| root.join(name).exists()));
    Ok(names)
}

fn names(root: &Path, ending: &str) -> Result<Vec<PathBuf>, WorkspaceError> {
    let io = |source| WorkspaceError::Io { path: root.to_owned(), source };
    let mut names = Vec::new();
    for entry in fs::read_dir(root).map_err(io)? {
        let name = PathBuf::from(entry.map_err(io)?.file_name());
        if name.to_string_lossy().ends_with(ending) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
