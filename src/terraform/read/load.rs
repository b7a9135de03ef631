//! Reads a configuration from disk: the settings and variable files of the root module, and the modules with `loader`.
//!
//! Changes no file. The queries on a configuration are in `config` and `module`.

use std::collections::BTreeSet;
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
use crate::terraform::read::environment::Environment;
use crate::terraform::read::file::{Texts, relative};
use crate::terraform::read::loader::Loader;
use crate::terraform::read::module::Module;
use crate::terraform::read::module_files::ModuleFiles;
use crate::terraform::read::settings::{installed, selected_workspace};
use crate::terraform::read::var_files::VarFiles;

/// Limit of the variable files that are tried.
const VAR_FILES: usize = 16;

impl Config {
    /// Reads every `*.tf` of a directory, its variable files, and the modules that it calls.
    ///
    /// # Errors
    /// The directory or a file cannot be read, is not a regular file or exceeds a limit, a file is not HCL, or there is no
    /// `*.tf` file.
    pub fn read(dir: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        let root = fs::canonicalize(dir).map_err(unread(dir))?;
        let mut environment = environment.clone();
        for path in &mut environment.var_files {
            let canonical = fs::canonicalize(&*path).map_err(unread(path))?;
            *path = relative(&root, &canonical);
        }
        Self::read_with(dir, &environment, &Texts::new())
    }

    /// The configuration as it is with these texts in its files.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub(in crate::terraform) fn with_texts(&self, texts: &Texts) -> Result<Self, ConfigError> {
        let read = Self::read_with(&self.root, &self.environment, texts)?;
        Ok(Self { shown_root: self.shown_root.clone(), unit: self.unit.clone(), ..read })
    }

    fn read_with(dir: &Path, environment: &Environment, texts: &Texts) -> Result<Self, ConfigError> {
        let root = fs::canonicalize(dir).map_err(unread(dir))?;
        if !root.is_dir() {
            return Err(ConfigError::NotAFolder(dir.to_owned()));
        }
        let boundary = Boundary::of(&root);
        let var_files = VarFiles::read(&root, &boundary, &environment.var_files, texts)?;
        let data = root.join(environment.data.as_deref().unwrap_or(Path::new(".terraform")));
        let is_tofu = is_tofu_root(&root, &data)?;
        let files = ModuleFiles::read(&root, Path::new(""), is_tofu, texts)?;
        let remote = files.remote();
        let workspace =
            selected_workspace(&data, environment.workspace.as_deref())?.or_else(|| match &remote {
                // With a backend and without `terraform init`, any workspace may be selected.
                None => Some("default".to_owned()).filter(|_| data.is_dir() || !files.has_backend()),
                Some(remote) => remote.workspace.clone(),
            });
        let read = RootFolder { root: &root, boundary: &boundary, data: &data, is_tofu, environment, texts };
        let mut root_module = read.module(&files, &var_files, workspace.as_deref())?;
        let callers = mark_shared_modules(&root, &boundary, &mut root_module);
        Ok(Self {
            data,
            notes: not_read_notes(&var_files, &callers),
            callers_are_incomplete: callers.is_incomplete,
            boundary,
            is_remote: remote.is_some(),
            environment: environment.clone(),
            is_tofu,
            workspace,
            var_files: var_files.files,
            json_var_files: var_files.json.into_iter().map(|(path, _)| path).collect(),
            optional_var_files: var_files.optional,
            shown_root: None,
            unit: None,
            root_module,
            root,
        })
    }

    /// The root module with the values of each of the variable files that Terraform does not load by itself.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub(in crate::terraform) fn with_each_var_file(&self) -> Result<Vec<(PathBuf, Module)>, ConfigError> {
        let texts = Texts::new();
        let files = ModuleFiles::read(&self.root, Path::new(""), self.is_tofu, &texts)?;
        let Self { root, boundary, data, environment, is_tofu, .. } = self;
        let read = RootFolder { root, boundary, data, is_tofu: *is_tofu, environment, texts: &texts };
        let all = self.optional_var_files.iter().take(VAR_FILES).map(|(path, _)| {
            let var_files = VarFiles::read(root, boundary, std::slice::from_ref(path), &texts)?;
            Ok((path.clone(), read.module(&files, &var_files, self.workspace.as_deref())?))
        });
        all.collect()
    }

    /// The root module with its values in each of these workspaces.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub(in crate::terraform) fn in_workspaces(&self, names: &[String]) -> Result<Vec<Module>, ConfigError> {
        let texts = Texts::new();
        let var_files = VarFiles::read(&self.root, &self.boundary, &self.environment.var_files, &texts)?;
        let files = ModuleFiles::read(&self.root, Path::new(""), self.is_tofu, &texts)?;
        let Self { root, boundary, data, environment, is_tofu, .. } = self;
        let read = RootFolder { root, boundary, data, is_tofu: *is_tofu, environment, texts: &texts };
        names.iter().map(|name| read.module(&files, &var_files, Some(name))).collect()
    }
}

/// The folder of a root module, with the settings that decide its values.
struct RootFolder<'c> {
    root: &'c Path,
    boundary: &'c Boundary,
    data: &'c Path,
    is_tofu: bool,
    environment: &'c Environment,
    /// The texts that replace the content of files.
    texts: &'c Texts,
}

impl RootFolder<'_> {
    /// The root module with its values in a workspace.
    fn module(
        &self,
        files: &ModuleFiles,
        var_files: &VarFiles,
        workspace: Option<&str>,
    ) -> Result<Module, ConfigError> {
        let budget = Arc::new(Budget::default());
        let mut values = files.values(workspace, &budget, |variables| {
            // In Terraform's order: defaults, the environment, then files.
            let given = self.environment.variables.iter();
            variables.extend(given.map(|(name, text)| (name.clone(), Value::from(text.as_str()))));
            variables.retain(|name, _| !self.environment.unknown.contains(name));
            var_files.set_variables(files.remote().is_some(), variables);
        });
        values.set_whole(files.variables_as_given());
        let mut loader = Loader::new(self.root, self.boundary, workspace, installed(self.data)?, budget);
        loader.is_tofu = self.is_tofu;
        loader.texts = self.texts.clone();
        loader.root_module(files, values)
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
