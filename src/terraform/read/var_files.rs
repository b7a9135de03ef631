//! Values of variables in `*.tfvars` files: those that Terraform reads automatically, and those that the
//! user may give with `-var-file`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hcl::Value;
use ignore::{DirEntry, Walk, WalkBuilder};

use crate::terraform::error::ConfigError;
use crate::terraform::lang::evaluate::Values;
use crate::terraform::read::file::{File, read_file};

/// The variable files that Terraform reads automatically.
pub(in crate::terraform) struct VarFiles {
    /// `terraform.tfvars` and `*.auto.tfvars`, in Terraform's order: the last file has precedence.
    pub files: Vec<File>,
    /// The same in JSON syntax, which egress-doctor does not edit.
    pub json: Vec<PathBuf>,
}

impl VarFiles {
    /// Reads the files.
    ///
    /// # Errors
    /// The folder or a file cannot be read, or a file is not HCL.
    pub fn read(root: &Path) -> Result<Self, ConfigError> {
        Ok(Self { files: read_var_files(root)?, json: json_var_files(root)? })
    }

    /// Sets variables to the values in the files. If a service runs the code (`is_remote`), the variables
    /// of its workspace override all of them, and their values are unknown
    /// (<https://developer.hashicorp.com/terraform/cloud-docs/workspaces/variables#precedence>).
    pub fn set_variables(&self, root: &Path, is_remote: bool, variables: &mut BTreeMap<String, Value>) {
        if is_remote {
            variables.clear();
            return;
        }
        let plain = Values::new(&BTreeMap::new(), None, &BTreeMap::new());
        let is_auto = |path: &Path| path.to_string_lossy().contains(".auto.");
        let read = self.files.iter().map(|file| (&file.path, values_of(&plain, file)));
        let read_json = self.json.iter().map(|path| (path, values_of_json(&root.join(path))));
        let mut all: Vec<_> = read.chain(read_json).collect();
        all.sort_by_key(|(path, _)| (is_auto(path), (*path).clone()));
        for (name, value) in all.into_iter().flat_map(|(_, values)| values) {
            match value {
                Some(value) => variables.insert(name, value),
                None => variables.remove(&name),
            };
        }
        // Optional -var-files override these. A value is known only if all files agree.
        let mut by_name: BTreeMap<String, Vec<Option<Value>>> = BTreeMap::new();
        for (name, value) in optional_var_files(root).into_iter().flat_map(|(_, values)| values) {
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

/// The variables that a file sets, with their values; `None` for an unknown value.
fn values_of(plain: &Values, file: &File) -> VariableValues {
    file.body.attributes().map(|one| (one.name.clone(), plain.value(file.expression(one)))).collect()
}

/// The same for a file in JSON syntax. An invalid file sets no variable here; Terraform reports the error.
fn values_of_json(path: &Path) -> VariableValues {
    let text = fs::read(path).unwrap_or_default();
    let read: BTreeMap<String, Value> = serde_json::from_slice(&text).unwrap_or_default();
    read.into_iter().map(|(name, value)| (name, Some(value))).collect()
}

/// The variables that one file sets; `None` for an unknown value.
type VariableValues = Vec<(String, Option<Value>)>;

/// Variable files in, below and directly beside the root that Terraform does not read automatically, with
/// the values that they set. The user may give them with `-var-file`.
pub(in crate::terraform) fn optional_var_files(root: &Path) -> Vec<(PathBuf, VariableValues)> {
    let plain = Values::new(&BTreeMap::new(), None, &BTreeMap::new());
    let mut walks = vec![walk(root, root, 3)];
    // Beside the root only one level deep, and only inside its repository.
    let is_inside = !root.join(".git").exists() && root.ancestors().any(|dir| dir.join(".git").exists());
    walks.extend(is_inside.then(|| walk(&root.join(".."), root, 2)));
    let mut files = Vec::new();
    for entry in walks.into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy();
        let is_automatic = name.starts_with("terraform.tfvars") || name.contains(".auto.tfvars");
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        let Some(path) = entry.path().strip_prefix(root).ok().filter(|_| is_file && !is_automatic) else {
            continue;
        };
        if name.ends_with(".tfvars.json") {
            files.push((path.to_owned(), values_of_json(entry.path())));
        } else if name.ends_with(".tfvars")
            && let Ok(file) = read_file(root, path)
        {
            files.push((path.to_owned(), values_of(&plain, &file)));
        }
    }
    files.sort_by(|(one, _), (two, _)| one.cmp(two));
    files
}

/// Files and directories up to a depth, without hidden directories, and without the root's directory if the
/// walk starts elsewhere. Includes files that git ignores, because variable files are often ignored.
fn walk(start: &Path, root: &Path, depth: usize) -> Walk {
    let root = root.to_owned();
    let is_searched = move |entry: &DirEntry| {
        let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        let is_root = || fs::canonicalize(entry.path()).is_ok_and(|dir| dir == root);
        entry.depth() == 0 || !is_dir || !is_hidden && !is_root()
    };
    WalkBuilder::new(start)
        .standard_filters(false)
        .follow_links(true)
        .max_depth(Some(depth))
        .filter_entry(is_searched)
        .build()
}

/// Reads `terraform.tfvars`, then `*.auto.tfvars` by name.
fn read_var_files(root: &Path) -> Result<Vec<File>, ConfigError> {
    let mut names = names(root, ".auto.tfvars")?;
    let first = PathBuf::from("terraform.tfvars");
    if root.join(&first).exists() {
        names.insert(0, first);
    }
    names.iter().map(|name| read_file(root, name)).collect()
}

/// The paths of the same files in JSON syntax.
fn json_var_files(root: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let mut names = names(root, ".auto.tfvars.json")?;
    names.extend(Some(PathBuf::from("terraform.tfvars.json")).filter(|name| root.join(name).exists()));
    Ok(names)
}

fn names(root: &Path, ending: &str) -> Result<Vec<PathBuf>, ConfigError> {
    let io = |source| ConfigError::Io { path: root.to_owned(), source };
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
