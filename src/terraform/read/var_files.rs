//! Values of variables in `*.tfvars` files: those that Terraform reads automatically, and those that the
//! user may give with `-var-file`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hcl::Value;
use ignore::{DirEntry, Walk, WalkBuilder};

use crate::files::{ENTRIES, list_dir, read_regular};
use crate::terraform::error::{ConfigError, unread};
use crate::terraform::lang::evaluate::Values;
use crate::terraform::read::boundary::Boundary;
use crate::terraform::read::file::{CODE_LIMIT, File, Texts, is_json, read_file};
use crate::terraform::read::not_read::NotRead;

/// The variables that one file sets; `None` for an unknown value.
pub(in crate::terraform) type VariableValues = Vec<(String, Option<Value>)>;

/// The variable files of a root module.
pub(in crate::terraform) struct VarFiles {
    /// `terraform.tfvars`, `*.auto.tfvars` and the files that the user gives, in Terraform's order: the last file has precedence.
    pub files: Vec<File>,
    /// The same in JSON syntax, which egress-doctor does not edit.
    pub json: Vec<(PathBuf, VariableValues)>,
    /// Files that Terraform does not read automatically. The user may give them with `-var-file`.
    pub optional: Vec<(PathBuf, VariableValues)>,
    /// The files that the user gives with `-var-file`, in that order.
    pub given: Vec<PathBuf>,
    /// Such files that were not read.
    pub not_read: NotRead,
}

impl VarFiles {
    /// Reads the files. `texts` replace the content of files.
    ///
    /// # Errors
    /// The folder or a file that Terraform reads automatically cannot be read, or is not HCL or JSON.
    pub fn read(
        root: &Path,
        boundary: &Boundary,
        given: &[PathBuf],
        texts: &Texts,
    ) -> Result<Self, ConfigError> {
        let mut not_read = NotRead::default();
        // The user says which files are in force.
        let optional =
            if given.is_empty() { optional_var_files(root, boundary, &mut not_read) } else { Vec::new() };
        let entries = list_dir(root, ENTRIES).map_err(unread(root))?;
        let automatic_files = |first: &str, ending: &str| -> Vec<PathBuf> {
            let has_first = root.join(first).exists();
            let automatic = entries.iter().filter(|name| name.to_string_lossy().ends_with(ending));
            has_first.then(|| PathBuf::from(first)).into_iter().chain(automatic.map(PathBuf::from)).collect()
        };
        let (given_json, given_hcl): (Vec<PathBuf>, Vec<PathBuf>) =
            given.iter().cloned().partition(|path| is_json(path));
        let files = automatic_files("terraform.tfvars", ".auto.tfvars").into_iter().chain(given_hcl);
        let json =
            automatic_files("terraform.tfvars.json", ".auto.tfvars.json").into_iter().chain(given_json);
        Ok(Self {
            files: files.map(|name| read_file(root, &name, texts)).collect::<Result<_, _>>()?,
            json: json
                .map(|name| {
                    let path = root.join(&name);
                    let read = match texts.get(&name) {
                        Some(text) => json_values(&path, text.as_bytes())?,
                        None => read_json(&path)?,
                    };
                    Ok((name, read))
                })
                .collect::<Result<_, ConfigError>>()?,
            optional,
            given: given.to_vec(),
            not_read,
        })
    }

    /// Sets variables to the values in the files. If a service runs the code (`is_remote`), the variables
    /// of its workspace override all of them, and their values are unknown
    /// (<https://developer.hashicorp.com/terraform/cloud-docs/workspaces/variables#precedence>).
    pub fn set_variables(&self, is_remote: bool, variables: &mut BTreeMap<String, Value>) {
        if is_remote {
            variables.clear();
            return;
        }
        let plain = Values::default();
        let is_auto = |path: &Path| path.to_string_lossy().contains(".auto.");
        let read = self.files.iter().map(|file| (&file.path, values_of(&plain, file)));
        let read_json = self.json.iter().map(|(path, values)| (path, values.clone()));
        let mut all: Vec<_> = read.chain(read_json).collect();
        let place = |path: &PathBuf| self.given.iter().position(|given| given == path);
        all.sort_by_key(|(path, _)| (place(path), is_auto(path), (*path).clone()));
        for (name, value) in all.into_iter().flat_map(|(_, values)| values) {
            match value {
                Some(value) => variables.insert(name, value),
                None => variables.remove(&name),
            };
        }
        // A -var-file overrides these, and it is unknown whether one is given: another value makes a value unknown. A file that
        // Terraform does not read automatically gives no value.
        let mut by_name: BTreeMap<String, Vec<Option<Value>>> = BTreeMap::new();
        for (name, value) in self.optional.iter().flat_map(|(_, values)| values) {
            by_name.entry(name.clone()).or_default().push(value.clone());
        }
        for (name, mut values) in by_name {
            values.dedup();
            match (variables.get(&name), values.as_slice()) {
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

/// The same for a file in JSON syntax.
fn read_json(path: &Path) -> Result<VariableValues, ConfigError> {
    json_values(path, &read_regular(path, CODE_LIMIT).map_err(unread(path))?)
}

fn json_values(path: &Path, bytes: &[u8]) -> Result<VariableValues, ConfigError> {
    let read: BTreeMap<String, Value> = serde_json::from_slice(bytes).map_err(|error| {
        ConfigError::NotJsonValues { path: path.to_owned(), line: error.line(), column: error.column() }
    })?;
    Ok(read.into_iter().map(|(name, value)| (name, Some(value))).collect())
}

/// Variable files in, below and directly beside the root that Terraform does not read automatically, with
/// the values that they set. The user may give them with `-var-file`.
fn optional_var_files(
    root: &Path,
    boundary: &Boundary,
    not_read: &mut NotRead,
) -> Vec<(PathBuf, VariableValues)> {
    let plain = Values::default();
    let mut walks = vec![walk(root, root, boundary, 3)];
    // Beside the root only one level deep, and only inside its repository.
    let is_below = boundary.top() != root;
    walks.extend(is_below.then(|| walk(&root.join(".."), root, boundary, 2)));
    let mut files = Vec::new();
    for (number, entry) in walks.into_iter().flatten().enumerate() {
        if number > ENTRIES {
            not_read.add(Path::new("*.tfvars"), &format!("there are more than {ENTRIES} files"));
            break;
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                not_read.add_walk_error(&error, root);
                continue;
            }
        };
        let name = entry.file_name().to_string_lossy();
        let is_automatic = name.starts_with("terraform.tfvars") || name.contains(".auto.tfvars");
        let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
        let (is_json, is_hcl) = (name.ends_with(".tfvars.json"), name.ends_with(".tfvars"));
        let Ok(path) = entry.path().strip_prefix(root) else { continue };
        if is_automatic || is_dir || !is_json && !is_hcl {
            continue;
        }
        let values = if is_json {
            read_json(entry.path())
        } else {
            read_file(root, path, &Texts::new()).map(|file| values_of(&plain, &file))
        };
        match values {
            Ok(values) => files.push((path.to_owned(), values)),
            Err(error) => not_read.add(path, &error.reason()),
        }
    }
    files.sort_by(|(one, _), (two, _)| one.cmp(two));
    files
}

/// Files and directories up to a depth, without hidden directories, and without the root's directory if the
/// walk starts elsewhere. Includes files that git ignores, because variable files are often ignored. Follows links to
/// directories inside the boundary.
fn walk(start: &Path, root: &Path, boundary: &Boundary, depth: usize) -> Walk {
    let (root, boundary) = (root.to_owned(), boundary.clone());
    let is_searched = move |entry: &DirEntry| {
        let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        let is_inside =
            || fs::canonicalize(entry.path()).is_ok_and(|dir| dir != root && boundary.contains(&dir));
        entry.depth() == 0 || !is_dir || !is_hidden && is_inside()
    };
    WalkBuilder::new(start)
        .standard_filters(false)
        .follow_links(true)
        .max_depth(Some(depth))
        .filter_entry(is_searched)
        .build()
}
