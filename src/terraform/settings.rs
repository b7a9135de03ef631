//! Values of variables in files beside the code: those that Terraform takes by itself, and those that somebody may give it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hcl::Value;

use super::WorkspaceError;
use super::evaluate::Values;
use super::file::{File, read_file};

/// The files of settings of a root.
pub(super) struct Settings {
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
    /// wins over all but `*.auto.tfvars`, and is not known here.
    pub fn give(&self, root: &Path, is_remote: bool, variables: &mut BTreeMap<String, Value>) {
        let plain = Values::new(&BTreeMap::new(), None, &BTreeMap::new());
        let is_auto = |path: &Path| path.to_string_lossy().contains(".auto.");
        let read = self.files.iter().map(|file| (&file.path, told(&plain, file)));
        let read_json = self.json.iter().map(|path| (path, told_in_json(&root.join(path))));
        let mut all: Vec<_> = read.chain(read_json).collect();
        all.sort_by_key(|(path, _)| (is_auto(path), (*path).clone()));
        if is_remote {
            variables.clear();
            all.retain(|(path, _)| is_auto(path));
        }
        for (name, value) in all.into_iter().flat_map(|(_, told)| told) {
            match value {
                Some(value) => variables.insert(name, value),
                None => variables.remove(&name),
            };
        }
        // What is given by hand wins over all of these, and nobody knows which: only what they agree on is known.
        for (name, value) in by_hand(root).iter().flat_map(|file| told(&plain, file)) {
            if variables.get(&name) != value.as_ref() {
                variables.remove(&name);
            }
        }
    }
}

/// What a file of settings says of each variable that it sets; `None` where that cannot be told.
fn told(plain: &Values, file: &File) -> Vec<(String, Option<Value>)> {
    file.body.attributes().map(|one| (one.name.clone(), plain.value(file.value(one)))).collect()
}

/// The same in JSON syntax. Of a file that cannot be read Terraform itself complains.
fn told_in_json(path: &Path) -> Vec<(String, Option<Value>)> {
    let text = fs::read(path).unwrap_or_default();
    let read: BTreeMap<String, Value> = serde_json::from_slice(&text).unwrap_or_default();
    read.into_iter().map(|(name, value)| (name, Some(value))).collect()
}

/// `*.tfvars` in and below the root that Terraform does not take by itself: whoever runs it may give them with `-var-file`.
pub(super) fn by_hand(root: &Path) -> Vec<File> {
    let (mut found, mut open) = (Vec::new(), vec![(PathBuf::new(), 0)]);
    while let Some((dir, depth)) = open.pop() {
        for entry in fs::read_dir(root.join(&dir)).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = dir.join(&name);
            let is_taken = depth == 0 && (name == "terraform.tfvars" || name.ends_with(".auto.tfvars"));
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) && depth < 2 && !name.starts_with('.') {
                open.push((path, depth + 1));
            } else if name.ends_with(".tfvars") && !is_taken && root.join(&path).is_file() {
                // What cannot be read does not count.
                found.extend(read_file(root, &path).ok());
            }
        }
    }
    found.sort_by(|one, two| one.path.cmp(&two.path));
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
