//! Reads a configuration from disk: the settings and variable files of the root module, and the modules with `loader`.
//!
//! Changes no file. The queries on a configuration are in `config` and `module`.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hcl::Value;

use crate::files::{ENTRIES, list_dir};
use crate::terraform::error::{ConfigError, unread};
use crate::terraform::lang::budget::Budget;
use crate::terraform::read::boundary::Boundary;
use crate::terraform::read::callers::{Callers, callers_of};
use crate::terraform::read::config::Config;
use crate::terraform::read::loader::Loader;
use crate::terraform::read::module::Module;
use crate::terraform::read::module_files::ModuleFiles;
use crate::terraform::read::settings::{installed, selected_workspace};
use crate::terraform::read::var_files::VarFiles;

/// The settings that Terraform reads from the environment, and the state file that the user gives.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Values of variables, by name: `TF_VAR_region`.
    pub variables: BTreeMap<String, String>,
    /// `TF_WORKSPACE`
    pub workspace: Option<String>,
    /// `TF_DATA_DIR`: where `terraform init` installs modules and providers; `.terraform` by default.
    pub data: Option<PathBuf>,
    /// A state that is not in the directory: a state file, or the output of `terraform show -json` of a state or a plan.
    pub state: Option<PathBuf>,
}

impl Environment {
    /// Selects the settings from all environment variables.
    #[must_use]
    pub fn of(variables: impl Iterator<Item = (OsString, OsString)>, state: Option<PathBuf>) -> Self {
        let mut environment = Self { state, ..Self::default() };
        for (name, value) in variables {
            let (Some(name), Ok(value)) = (name.to_str(), value.into_string()) else { continue };
            if name == "TF_WORKSPACE" {
                environment.workspace = Some(value);
            } else if name == "TF_DATA_DIR" {
                environment.data = Some(PathBuf::from(value)).filter(|dir| !dir.as_os_str().is_empty());
            } else if let Some(variable) = name.strip_prefix("TF_VAR_") {
                environment.variables.insert(variable.to_owned(), value);
            }
        }
        environment
    }
}

impl Config {
    /// Reads every `*.tf` of a directory, its variable files, and the modules that it calls.
    ///
    /// # Errors
    /// The directory or a file cannot be read, is not a regular file or exceeds a limit, a file is not HCL, or there is no
    /// `*.tf` file.
    pub fn read(dir: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        let root = fs::canonicalize(dir).map_err(unread(dir))?;
        if !root.is_dir() {
            return Err(ConfigError::NotAFolder(dir.to_owned()));
        }
        let boundary = Boundary::of(&root);
        let var_files = VarFiles::read(&root, &boundary)?;
        let data = root.join(environment.data.as_deref().unwrap_or(Path::new(".terraform")));
        let is_tofu = is_tofu_root(&root, &data)?;
        let files = ModuleFiles::read(&root, Path::new(""), is_tofu)?;
        let remote = files.remote();
        let workspace =
            selected_workspace(&data, environment.workspace.as_deref())?.or_else(|| match &remote {
                // With a backend and without `terraform init`, any workspace may be selected.
                None => Some("default".to_owned()).filter(|_| data.is_dir() || !files.has_backend()),
                Some(remote) => remote.workspace.clone(),
            });
        let budget = Arc::new(Budget::default());
        let values = files.values(workspace.as_deref(), &budget, |variables| {
            // In Terraform's order: defaults, the environment, then files.
            let given = environment.variables.iter();
            variables.extend(given.map(|(name, text)| (name.clone(), Value::from(text.as_str()))));
            var_files.set_variables(remote.is_some(), variables);
        });
        let mut loader = Loader::new(&root, &boundary, workspace.as_deref(), installed(&data)?, budget);
        loader.is_tofu = is_tofu;
        let mut root_module = loader.root_module(&files, values)?;
        let callers = mark_shared_modules(&root, &boundary, &mut root_module);
        Ok(Self {
            data,
            notes: not_read_notes(&var_files, &callers),
            callers_are_incomplete: callers.is_incomplete,
            boundary,
            is_remote: remote.is_some(),
            environment: environment.variables.keys().cloned().collect(),
            state: environment.state.clone(),
            workspace,
            var_files: var_files.files,
            json_var_files: var_files.json.into_iter().map(|(path, _)| path).collect(),
            optional_var_files: var_files.optional,
            unit: None,
            root_module,
            root,
        })
    }
}

/// Whether `OpenTofu` runs this root module: it has `.tofu` files, or `tofu init` initialised it.
fn is_tofu_root(root: &Path, data: &Path) -> Result<bool, ConfigError> {
    let names = list_dir(root, ENTRIES).map_err(unread(root))?;
    let has_tofu_files = names.iter().any(|name| {
        let name = name.to_string_lossy();
        !name.starts_with('.') && (name.ends_with(".tofu") || name.ends_with(".tofu.json"))
    });
    Ok(has_tofu_files || data.join("providers/registry.opentofu.org").is_dir())
}

/// Marks the modules that other root modules of the repository call too.
fn mark_shared_modules(root: &Path, boundary: &Boundary, root_module: &mut Module) -> Callers {
    let local = root_module.modules().into_iter();
    let editable = local.filter(|module| module.address.is_some() && module.is_editable());
    let dirs: BTreeSet<PathBuf> = editable.map(|module| module.canonical_dir.clone()).collect();
    let own: BTreeSet<PathBuf> = dirs.iter().cloned().chain([root.to_owned()]).collect();
    let callers = callers_of(&dirs, boundary, &own);
    mark(root_module, &callers.called);
    callers
}

/// Marks the shared modules. A module that a shared module calls is shared too.
fn mark(caller: &mut Module, shared: &BTreeSet<PathBuf>) {
    let is_shared = caller.is_shared_module;
    for call in &mut caller.calls {
        call.module.is_shared_module = is_shared || shared.contains(&call.module.canonical_dir);
        mark(&mut call.module, shared);
    }
}

/// Sentences about the files that were not read.
fn not_read_notes(var_files: &VarFiles, callers: &Callers) -> Vec<String> {
    let optional = var_files.not_read.names().map(|names| {
        format!("Not read: {names}. If you give one of them with -var-file, check whether this edit agrees with it.")
    });
    let code = callers.not_read.names().map(|names| {
        format!(
            "Not read in the search for other callers of the local modules: {names}. If one of them calls a module that this \
             edit changes, its resources change too."
        )
    });
    optional.into_iter().chain(code).collect()
}
