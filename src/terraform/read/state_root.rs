//! Finds the root module of the repository that writes a state, by its backend.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use hcl::Value;

use crate::files::{ENTRIES, list_dir};
use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::structure::Attribute;
use crate::terraform::read::config::Config;
use crate::terraform::read::entry::roots_below;
use crate::terraform::read::file::{File, Texts, read_file};
use crate::terraform::read::module_files::ModuleFiles;

/// Limit of the root modules whose backends are compared.
const ROOTS: usize = 256;

/// A backend, or the `config` of a `data "terraform_remote_state"`.
pub(in crate::terraform) struct Backend {
    /// `s3`
    pub kind: String,
    pub settings: BTreeMap<String, Value>,
}

impl Backend {
    /// The settings that name a state; `None` for a backend whose settings are not compared.
    fn names(&self) -> Option<&'static [&'static str]> {
        Some(match self.kind.as_str() {
            "s3" => &["bucket", "key"],
            "gcs" => &["bucket", "prefix"],
            "azurerm" => &["storage_account_name", "container_name", "key"],
            "http" => &["address"],
            "local" => &["path"],
            "remote" | "cloud" => &["organization", "workspaces"],
            _ => return None,
        })
    }

    /// Whether two backends are one state. `own` and `others` are the folders of the roots, to which paths are relative.
    fn is_same(&self, other: &Self, (own, others): (&Path, &Path)) -> bool {
        let is_hcp = |kind: &str| kind == "remote" || kind == "cloud";
        let Some(names) = self.names() else { return false };
        let is_kind = self.kind == other.kind || is_hcp(&self.kind) && is_hcp(&other.kind);
        is_kind
            && names.iter().all(|name| {
                let values = (self.settings.get(*name), other.settings.get(*name));
                match values {
                    (Some(one), Some(two)) if self.kind == "local" => match (one.as_str(), two.as_str()) {
                        (Some(one), Some(two)) => plain(&own.join(one)) == plain(&others.join(two)),
                        _ => false,
                    },
                    (Some(one), Some(two)) if *name == "workspaces" => {
                        let name = |value: &Value| value.as_object()?.get("name").cloned();
                        name(one).is_some() && name(one) == name(two)
                    }
                    (one, two) => one.is_some() && one == two,
                }
            })
    }
}

impl Config {
    /// The folder of the only other root module in the repository that writes a state.
    pub(in crate::terraform) fn root_of_state(&self, state: &Backend) -> Option<PathBuf> {
        self.boundary.repository()?;
        let roots = roots_below(self.boundary.top()).into_iter().take(ROOTS);
        let is_root = |dir: &PathBuf| {
            *dir != self.root && backends(dir).iter().any(|backend| backend.is_same(state, (dir, &self.root)))
        };
        let mut found = roots.filter(is_root);
        found.next().filter(|_| found.next().is_none())
    }
}

/// The backends that a root module can have: its own, completed with each of its files for `-backend-config`.
fn backends(dir: &Path) -> Vec<Backend> {
    let Ok(files) = ModuleFiles::read(dir, Path::new(""), false, &Texts::new()) else { return Vec::new() };
    let settings =
        files.files.iter().flat_map(|file| file.body.blocks("terraform").map(move |one| (file, one)));
    let own = settings.into_iter().find_map(|(file, settings)| {
        let mut blocks = settings.body.blocks("backend").chain(settings.body.blocks("cloud"));
        let block = blocks.next()?;
        let mut all = values(file, block.body.attributes());
        for inner in block.body.blocks("workspaces") {
            all.insert("workspaces".to_owned(), values(file, inner.body.attributes()).into_iter().collect());
        }
        Some(Backend { kind: block.labels.first().unwrap_or(&block.block_type).clone(), settings: all })
    });
    let Some(own) = own else { return Vec::new() };
    let names = list_dir(dir, ENTRIES).unwrap_or_default();
    let partial = names.iter().filter(|name| {
        let name = name.to_string_lossy();
        name.ends_with(".tfbackend") || name.ends_with(".hcl") && name.contains("backend")
    });
    let completed = partial.filter_map(|name| {
        let file = read_file(dir, Path::new(name), &Texts::new()).ok()?;
        let mut settings = own.settings.clone();
        settings.extend(values(&file, file.body.attributes()));
        Some(Backend { kind: own.kind.clone(), settings })
    });
    let completed: Vec<Backend> = completed.collect();
    completed.into_iter().chain([own]).collect()
}

/// The literal values of attributes.
fn values<'f>(file: &File, attributes: impl Iterator<Item = &'f Attribute>) -> BTreeMap<String, Value> {
    let plain = Values::default();
    attributes.filter_map(|one| Some((one.name.clone(), plain.value(file.expression(one))?))).collect()
}

/// A path without `.` and `..`, with the links of its existing folder resolved.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => _ = plain.pop(),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    fs::canonicalize(&plain).unwrap_or(plain)
}
