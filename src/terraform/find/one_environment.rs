//! Defaults of variables that several environments share, where the user runs the code for one of them.
//!
//! Owns what says that the run is for one environment: a selected workspace, files for `-var-file`, or a Terragrunt unit whose module
//! other units call too. Changes nothing.

use crate::terraform::find::kept_at::KeptAt;
use crate::terraform::find::kept_value::KeptValue;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::unit::other_units;

/// What the user runs the code for.
pub(in crate::terraform) enum OneEnvironment<'a> {
    /// A workspace other than `default`.
    Workspace(&'a str),
    /// A file for `-var-file`, the last one; `None` if it is in JSON syntax.
    VarFile(Option<&'a File>, String),
    /// A Terragrunt unit, with its path.
    Unit(String),
}

impl OneEnvironment<'_> {
    /// `the workspace prod`
    pub fn name(&self) -> String {
        match self {
            Self::Workspace(name) => format!("the workspace {name}"),
            Self::VarFile(_, path) | Self::Unit(path) => path.clone(),
        }
    }

    /// What the user does instead of changing the default of a variable, as an imperative sentence without an end.
    pub fn step(&self, variable: &str) -> String {
        match self {
            Self::Workspace(name) => format!(
                "give the value below for the workspace {name} only, where you run Terraform (-var, -var-file or TF_VAR_{variable})"
            ),
            Self::VarFile(_, path) => format!("add the line below to {path}"),
            Self::Unit(path) => format!("add the line below to the inputs of {path}"),
        }
    }
}

/// The environment of this run, if a value is kept in the default of a variable of the root module.
pub(in crate::terraform) fn of_shared_default<'a>(
    config: &'a Config,
    kept: &KeptValue<'a>,
) -> Option<OneEnvironment<'a>> {
    let KeptAt::Value { module, file, .. } = &kept.at else { return None };
    // An attribute of the default can be the entry of a workspace.
    let is_variable = matches!(kept.trail.last()?.path.as_slice(), [kind, _] if kind == "var");
    let is_default =
        module.address.is_none() && !config.var_files.iter().any(|other| other.path == file.path);
    (is_variable && is_default).then_some(())?;
    one_environment(config)
}

/// The environment of this run, if the code is that of others too.
pub(in crate::terraform) fn one_environment(config: &Config) -> Option<OneEnvironment<'_>> {
    if let Some(path) = config.environment.var_files.last() {
        let file = config.var_files.iter().find(|file| file.path == *path);
        return Some(OneEnvironment::VarFile(file, path.display().to_string()));
    }
    if let Some(unit) = &config.unit {
        let others = other_units(&config.boundary, &config.root, &unit.path);
        return (!others.is_empty()).then(|| OneEnvironment::Unit(unit.path.display().to_string()));
    }
    let workspace = config.workspace.as_deref().filter(|name| *name != "default")?;
    Some(OneEnvironment::Workspace(workspace))
}
