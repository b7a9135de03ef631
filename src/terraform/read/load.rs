//! Reads a configuration from disk: the root module and, recursively, the modules that it calls.
//!
//! Changes no file. The queries on a configuration are in `config` and `module`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use hcl::Value;

use crate::terraform::error::{ConfigError, unread};
use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::Block;
use crate::terraform::lang::tags::{Tag, name_tag_of};
use crate::terraform::read::boundary::Boundary;
use crate::terraform::read::callers::{Callers, callers_of};
use crate::terraform::read::config::Config;
use crate::terraform::read::file::{File, joined};
use crate::terraform::read::module::{Module, ModuleCall};
use crate::terraform::read::module_files::ModuleFiles;
use crate::terraform::read::place::Place;
use crate::terraform::read::settings::{installed, selected_workspace};
use crate::terraform::read::var_files::VarFiles;

/// Recursion limit for modules that call modules.
const DEPTH: usize = 8;

/// The settings that Terraform reads from the environment, and the state file that the user gives.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Values of variables, by name: `TF_VAR_region`.
    pub variables: BTreeMap<String, String>,
    /// `TF_WORKSPACE`
    pub workspace: Option<String>,
    /// `TF_DATA_DIR`: where `terraform init` installs modules and providers; `.terraform` by default.
    pub data: Option<PathBuf>,
    /// A state that is not in the directory: a state file, or the output of `terraform show -json`.
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
        let files = ModuleFiles::read(&root, Path::new(""))?;
        let remote = files.remote();
        let workspace =
            selected_workspace(&data, environment.workspace.as_deref())?.or_else(|| match &remote {
                // With a backend and without `terraform init`, any workspace may be selected.
                None => Some("default".to_owned()).filter(|_| data.is_dir() || !files.has_backend()),
                Some(remote) => remote.workspace.clone(),
            });
        let values = files.values(workspace.as_deref(), |variables| {
            // In Terraform's order: defaults, the environment, then files.
            let given = environment.variables.iter();
            variables.extend(given.map(|(name, text)| (name.clone(), Value::from(text.as_str()))));
            var_files.set_variables(remote.is_some(), variables);
        });
        let (region, default_tags) = (files.provider_region(&values), files.default_tags());
        let loader = Loader {
            root: &root,
            boundary: &boundary,
            workspace: workspace.as_deref(),
            installed: installed(&data)?,
        };
        let root_module = ModuleSource { dir: PathBuf::new(), address: None, is_installed: false, files };
        let mut root_module = loader.module(root_module, values, region, default_tags, DEPTH)?;
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
            root_module,
            root,
        })
    }
}

/// The settings of the configuration that are necessary to read a module.
struct Loader<'c> {
    root: &'c Path,
    boundary: &'c Boundary,
    workspace: Option<&'c str>,
    /// Directories of installed modules, by key.
    installed: HashMap<String, PathBuf>,
}

/// The files of a module that is being read, with its directory and address.
struct ModuleSource {
    dir: PathBuf,
    address: Option<String>,
    is_installed: bool,
    files: ModuleFiles,
}

impl Loader<'_> {
    /// A module with the modules that it calls, down to `depth` levels.
    fn module(
        &self,
        source: ModuleSource,
        values: Values,
        region: Option<String>,
        default_tags: Option<String>,
        depth: usize,
    ) -> Result<Module, ConfigError> {
        let ModuleSource { dir, address, is_installed, files } = source;
        let values = files.with_region(values, region.as_deref());
        let canonical_dir = fs::canonicalize(self.root.join(&dir)).unwrap_or_else(|_| dir.clone());
        let mut module = Module {
            dir,
            address,
            is_outside: !self.boundary.contains(&canonical_dir),
            canonical_dir,
            files: files.files,
            json_files: files.json,
            tf_folders: files.folders,
            calls: Vec::new(),
            missing: Vec::new(),
            is_shared_module: false,
            is_installed,
            region,
            default_tags,
            values,
        };
        let (mut calls, mut missing) = (Vec::new(), Vec::new());
        for (file, block) in module.blocks("module") {
            if module.is_disabled(file, block) == Some(true) {
                continue;
            }
            let source = module.expression(file, block, "source").and_then(|source| module.evaluate(source));
            let (Some(name), Some(source)) = (block.labels.first(), source) else { continue };
            match self.call(&module, (file, block), (name, &source), depth)? {
                Some(call) => calls.push(call),
                None => missing.push(format!("{} ({source})", child_address(&module, name))),
            }
        }
        (module.calls, module.missing) = (calls, missing);
        Ok(module)
    }

    /// The module that a `module` block calls; `None` if its code is not available.
    fn call(
        &self,
        caller: &Module,
        (file, block): (&File, &Block),
        (name, source): (&str, &str),
        depth: usize,
    ) -> Result<Option<ModuleCall>, ConfigError> {
        let address = child_address(caller, name);
        let is_local = source.starts_with("./") || source.starts_with("../");
        let dir = if is_local {
            Some(joined(&caller.dir, Path::new(source)))
        } else {
            let key = address.split('.').filter(|part| *part != "module").collect::<Vec<_>>().join(".");
            self.installed.get(&key).cloned()
        };
        let Some(dir) = dir.filter(|dir| depth > 0 && self.root.join(dir).is_dir()) else { return Ok(None) };
        let files = match ModuleFiles::read(self.root, &dir) {
            Err(ConfigError::Empty(_)) => return Ok(None),
            files => files?,
        };
        // An argument of the call overrides the default, also if its value is unknown.
        let values = files.values(self.workspace, |variables| {
            for argument in block.body.attributes() {
                match caller.value(file.expression(argument)) {
                    Some(value) => variables.insert(argument.name.clone(), value),
                    None => variables.remove(&argument.name),
                };
            }
        });
        // A called module inherits the caller's providers unless the call has `providers`.
        let inherits = block.body.attribute("providers").is_none();
        let region = files.provider_region(&values).or_else(|| caller.region.clone().filter(|_| inherits));
        let inherited = || if inherits { inherited_tags(caller) } else { None };
        let default_tags = files.default_tags().or_else(inherited);
        let is_installed = caller.is_installed || !is_local;
        let source = ModuleSource { dir, address: Some(address), is_installed, files };
        let module = self.module(source, values, region, default_tags, depth - 1)?;
        let is_repeated = Place { module: caller, file, block }.is_one_of_several();
        Ok(Some(ModuleCall { name: name.to_owned(), is_repeated, module }))
    }
}

/// `module.app.module.network`
fn child_address(caller: &Module, name: &str) -> String {
    match &caller.address {
        Some(parent) => format!("{parent}.module.{name}"),
        None => format!("module.{name}"),
    }
}

/// The caller's default tags as an expression for the called module. Only evaluated values cross a module
/// boundary, and only the `Name` tag is used.
fn inherited_tags(caller: &Module) -> Option<String> {
    match name_tag_of(&caller.values, caller.default_tags()?) {
        Tag::Absent => None,
        Tag::Known(name) => Some(format!("{{ Name = {} }}", quoted(&name))),
        Tag::Unknown(..) => Some("var.tags_of_the_provider".to_owned()),
    }
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
