//! The settings that Terraform reads from the environment.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;

/// The files that the user gives beside the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct GivenFiles {
    /// Terraform state file, or the output of `terraform show -json` of a state or a plan, if the folder does not contain the
    /// state
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Variable file that you give Terraform with -var-file; repeat it in the same order
    #[arg(long = "var-file", value_name = "FILE")]
    pub var_files: Vec<PathBuf>,
}

/// The settings that Terraform reads from the environment, and the files that the user gives.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Values of variables, by name: `TF_VAR_region`.
    pub variables: BTreeMap<String, String>,
    /// The variables that have a value there, which is unknown: inputs of a Terragrunt unit that other files give.
    pub unknown: BTreeSet<String>,
    /// `TF_WORKSPACE`
    pub workspace: Option<String>,
    /// `TF_DATA_DIR`: where `terraform init` installs modules and providers; `.terraform` by default.
    pub data: Option<PathBuf>,
    /// A state that is not in the directory: a state file, or the output of `terraform show -json` of a state or a plan.
    pub state: Option<PathBuf>,
    /// The Terragrunt stack that gives the units their values.
    pub stack: Option<PathBuf>,
    /// The files that the user gives Terraform with `-var-file`, in that order.
    pub var_files: Vec<PathBuf>,
}

impl Environment {
    /// Selects the settings from all environment variables.
    #[must_use]
    pub fn of(variables: impl Iterator<Item = (OsString, OsString)>, files: GivenFiles) -> Self {
        let GivenFiles { state, var_files } = files;
        let mut environment = Self { state, var_files, ..Self::default() };
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

    /// The settings that also apply to another root module: the values and the state that the user gave are those of the present one.
    pub(in crate::terraform) fn of_other_root(&self) -> Self {
        Self { workspace: self.workspace.clone(), stack: self.stack.clone(), ..Self::default() }
    }

    /// Whether it gives a variable a value.
    pub(in crate::terraform) fn sets(&self, name: &str) -> bool {
        self.variables.contains_key(name) || self.unknown.contains(name)
    }
}
