//! A Terraform configuration: the root module, the modules that it calls, and the settings that apply to
//! all of them.
//!
//! `load` reads the files. Reads and changes no file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::read::boundary::Boundary;
use crate::terraform::read::environment::Environment;
use crate::terraform::read::file::File;
use crate::terraform::read::module::{Module, ModuleCall};
use crate::terraform::read::tool::{Runner, Tool};
use crate::terraform::read::unit::Unit;
use crate::terraform::read::var_files::VariableValues;

/// The configuration in the directory in which the user runs Terraform.
#[derive(Debug)]
pub struct Config {
    /// Canonical path of the root module's directory.
    pub root: PathBuf,
    /// Terraform's data directory, where `terraform init` installs modules and providers.
    pub(in crate::terraform) data: PathBuf,
    /// The folder tree that may be edited.
    pub(in crate::terraform) boundary: Boundary,
    /// Sentences about files that were not read.
    pub(in crate::terraform) notes: Vec<String>,
    /// Whether the search for other callers of the modules stopped at a limit.
    pub(in crate::terraform) callers_are_incomplete: bool,
    /// Whether HCP Terraform or a similar service runs this code. Such a service also sets variables.
    pub(in crate::terraform) is_remote: bool,
    /// The settings of the environment, and the state file that the user gave.
    pub(in crate::terraform) environment: Environment,
    /// The selected workspace, `default` if none is selected; `None` if unknown.
    pub workspace: Option<String>,
    /// `terraform.tfvars` and `*.auto.tfvars`, in Terraform's order: the last file has precedence.
    pub var_files: Vec<File>,
    /// The same in JSON syntax, which egress-doctor does not edit.
    pub json_var_files: Vec<PathBuf>,
    /// Other variable files in, below and beside the root's directory, with the values that they set.
    pub(in crate::terraform) optional_var_files: Vec<(PathBuf, VariableValues)>,
    /// The folder of the root module for messages, if the user gave another folder.
    pub(in crate::terraform) shown_root: Option<PathBuf>,
    /// The Terragrunt unit that calls the root module, or has its code.
    pub(in crate::terraform) unit: Option<Unit>,
    /// Whether `OpenTofu` runs the root module.
    pub(in crate::terraform) is_tofu: bool,
    /// The root module.
    pub root_module: Module,
}

impl Config {
    /// The root module and all modules that it calls, callers first.
    #[must_use]
    pub fn modules(&self) -> Vec<&Module> {
        self.root_module.modules()
    }

    /// The program with which the user runs it.
    #[must_use]
    pub fn tool(&self) -> Tool {
        match (&self.unit, self.is_tofu) {
            (Some(unit), _) if unit.stack().is_some() => Tool::TerragruntStack,
            (Some(_), _) => Tool::Terragrunt,
            (None, true) => Tool::OpenTofu,
            (None, false) => Tool::Terraform,
        }
    }

    /// How the user runs it.
    #[must_use]
    pub fn run(&self) -> Runner {
        let dir = self.applied_dir();
        Runner {
            tool: self.tool(),
            unit: (dir != self.root).then_some(dir),
            var_files: self.environment.var_files.clone(),
        }
    }

    /// The folder of its Terragrunt unit, or of the root module.
    pub(in crate::terraform) fn opened_dir(&self) -> PathBuf {
        let unit = self.unit.as_ref().and_then(|unit| fs::canonicalize(unit.path.parent()?).ok());
        unit.unwrap_or_else(|| self.root.clone())
    }

    /// The folder in which the user runs it: that of the Terragrunt stack, of the unit, or of the root module.
    pub(in crate::terraform) fn applied_dir(&self) -> PathBuf {
        let stack = self.unit.as_ref().and_then(|unit| fs::canonicalize(unit.stack()?.stack.parent()?).ok());
        stack.unwrap_or_else(|| self.opened_dir())
    }

    /// The command that applies it with its folder, `terragrunt apply in prod/network`.
    pub(in crate::terraform) fn apply_in(&self) -> String {
        let dir = self.applied_dir();
        let shown = dir.strip_prefix(self.boundary.top()).unwrap_or(&dir);
        let shown = if shown.as_os_str().is_empty() { Path::new(".") } else { shown };
        format!("{} in {}", self.tool().apply(), shown.display())
    }

    /// The command that applies it, for a Terragrunt unit of one environment with its folder.
    pub(in crate::terraform) fn apply_of_environment(&self, is_one: bool) -> String {
        if is_one && self.unit.is_some() { self.apply_in() } else { self.tool().apply().to_owned() }
    }

    /// Whether the configuration, or another root module of the repository, uses a module more than once.
    /// An edit of it then changes more than one resource.
    #[must_use]
    pub fn is_used_more_than_once(&self, module: &Module) -> bool {
        let Some(address) = &module.address else { return false };
        if module.is_shared_module {
            return true;
        }
        let modules = self.modules();
        let same_dir = modules.iter().filter(|other| other.canonical_dir == module.canonical_dir).count();
        // A call of the module itself, or of one of its callers, that creates several instances.
        let is_repeated_caller = |call: &ModuleCall| {
            let called = call.module.address.as_ref();
            call.is_repeated
                && called.is_some_and(|called| format!("{address}.").starts_with(&format!("{called}.")))
        };
        same_dir > 1 || modules.iter().any(|caller| caller.calls.iter().any(is_repeated_caller))
    }

    /// Whether the call of a module, or of one of its callers, creates several instances, and it is unknown which one this module is.
    pub(in crate::terraform) fn is_unknown_instance(&self, module: &Module) -> bool {
        let Some(address) = &module.address else { return false };
        let leads = |call: &&ModuleCall| {
            let called = call.module.address.as_ref();
            called.is_some_and(|called| format!("{address}.").starts_with(&format!("{called}.")))
        };
        let mut calls = self.modules().into_iter().filter_map(|caller| caller.calls.iter().find(leads));
        calls.any(ModuleCall::is_unknown_instance)
    }

    /// The module that contains a resource of the state. A call with a switch has no key in the code, and has one in the state.
    pub(in crate::terraform) fn module_of(&self, managed: &ResourceAddress) -> Option<&Module> {
        let plain = managed.without_key().module;
        let modules = self.modules();
        let of = |address: &Option<String>| modules.iter().find(|module| module.address == *address).copied();
        of(&managed.module).or_else(|| of(&plain))
    }

    /// The files that an edit depends on, each once: code and variable files, without the modules that
    /// `terraform init` installed. Those outside the boundary must not be edited.
    pub fn local_files(&self) -> impl Iterator<Item = &File> {
        let mut known = BTreeSet::new();
        let called = self.modules().into_iter().skip(1).filter(|module| !module.is_installed);
        let files = self.root_module.files.iter().chain(&self.var_files);
        files
            .chain(called.flat_map(|module| module.files.iter()))
            .filter(move |file| known.insert(&file.path))
    }

    /// Other `*.tfvars` in and below the root's directory that set a variable. The user may give them with
    /// `-var-file`.
    #[must_use]
    pub fn optional_var_files_with(&self, variable: &str) -> Vec<String> {
        self.optional_var_files_where(|values| values.iter().any(|(name, _)| name == variable))
    }

    /// Such files that do not set a variable.
    pub(in crate::terraform) fn optional_var_files_without(&self, variable: &str) -> Vec<String> {
        self.optional_var_files_where(|values| values.iter().all(|(name, _)| name != variable))
    }

    fn optional_var_files_where(&self, is: impl Fn(&VariableValues) -> bool) -> Vec<String> {
        let files = self.optional_var_files.iter().filter(|(_, values)| is(values));
        files.map(|(path, _)| path.display().to_string()).collect()
    }
}
