//! Code that several environments share, where the user runs it for one of them.
//!
//! Owns what says that the run is for one environment: a selected workspace, files for `-var-file`, a Terragrunt unit, symbolic links to
//! common files, or a variable that nothing in the folder sets. Changes nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::terraform::find::data_environment::{DataEnvironment, data_environment, files_like};
use crate::terraform::find::kept_at::KeptAt;
use crate::terraform::find::kept_value::KeptValue;
use crate::terraform::find::stack_files::places_of_environment;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::json_lines::as_json;
use crate::terraform::lang::partial::references;
use crate::terraform::lang::render::quoted;
use crate::terraform::read::callers::folders_with_link;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;
use crate::terraform::read::unit::{Unit, other_units, units_of_other_stacks};
use crate::text::listed;

/// What the user runs the code for.
pub(in crate::terraform) enum OneEnvironment<'a> {
    /// A workspace other than `default`.
    Workspace(&'a str),
    /// A workspace that is not selected here.
    UnknownWorkspace,
    /// A file for `-var-file`, the last one; `None` if it is in JSON syntax.
    VarFile(Option<&'a File>, String),
    /// A Terragrunt unit whose module is in another folder, with its path, and whether it is the only one with this module.
    Unit { unit: &'a Unit, path: String, is_only: bool },
    /// The folder whose files are symbolic links, with its variable file, and the other folders with such links.
    Links { file: Option<&'a File>, others: Vec<String> },
    /// A run with a variable that decides the names of the environment, and that nothing in the folder sets.
    Outside { variable: String },
    /// A run with one of these files for `-var-file`, which decide the names of the environment; it is unknown which one.
    VarFiles(Vec<String>),
}

impl OneEnvironment<'_> {
    /// `the workspace prod`
    pub fn name(&self) -> String {
        match self {
            Self::Workspace(name) => format!("the workspace {name}"),
            Self::VarFile(_, path) | Self::Unit { path, .. } => path.clone(),
            Self::UnknownWorkspace => "this workspace".to_owned(),
            Self::Links { .. } => "this folder".to_owned(),
            Self::Outside { variable } => format!("this value of var.{variable}"),
            Self::VarFiles(_) => "this environment".to_owned(),
        }
    }

    /// Who else uses a default, `that of other environments too`.
    pub fn users(&self) -> String {
        match self {
            Self::Unit { is_only: true, .. } => "that of the module".to_owned(),
            Self::Links { others, .. } => format!("that of {} too", listed(others, "and")),
            _ => "that of other environments too".to_owned(),
        }
    }

    /// What the user does instead of changing the default of a variable, as an imperative sentence without an end.
    pub fn step(&self, config: &Config, name: &str, service: &str) -> String {
        match self {
            Self::Workspace(workspace) => format!(
                "give the value below for the workspace {workspace} only, where you run Terraform (-var, -var-file or TF_VAR_{name})"
            ),
            Self::UnknownWorkspace => format!(
                "give the value below for the workspace of {service} only, where you run Terraform (-var, -var-file or TF_VAR_{name})"
            ),
            Self::VarFile(_, path) => format!("add the line below to {path}"),
            Self::Unit { unit, path, .. } => match unit.stack() {
                Some(stack) => {
                    format!("pass the value on in {path} and set it in {}", stack.shown(&config.boundary))
                }
                None => format!("add the line below to the inputs of {path}"),
            },
            Self::Links { .. } => "add the line below to terraform.tfvars of this folder".to_owned(),
            Self::VarFiles(files) => format!(
                "add the line below to the file of this environment, {}, or run egress-doctor with --var-file for that file",
                files.join(" or ")
            ),
            Self::Outside { variable } => {
                let places = places_of_environment(config, (variable, name), service);
                let places =
                    if places.is_empty() { String::new() } else { format!(" ({})", places.join(", ")) };
                format!(
                    "give the value below for this environment only, where var.{variable} gets its value{places}"
                )
            }
        }
    }

    /// The lines that give a variable a value there. `present` is its default.
    pub fn lines(&self, config: &Config, (name, value): (&str, &str), present: Option<&str>) -> String {
        let line = format!("{name} = {value}\n");
        match self {
            Self::Unit { unit, path, .. } => match unit.stack() {
                Some(stack) => {
                    let input = format!("{name} = try(values.{name}, {})\n", present.unwrap_or("null"));
                    format!(
                        "# In the inputs of {path}\n{input}# In the values of the unit {} ({}:{})\n{line}",
                        stack.name,
                        stack.shown(&config.boundary),
                        stack.line()
                    )
                }
                None => unit.input_lines(&line),
            },
            Self::VarFile(None, _) => as_json(&line).unwrap_or(line),
            _ => line,
        }
    }
}

/// The environment of this run, if a value is kept in the default of a variable of the root module.
pub(in crate::terraform) fn of_shared_default<'a>(
    config: &'a Config,
    kept: &KeptValue<'a>,
) -> Option<OneEnvironment<'a>> {
    let KeptAt::Value { file, .. } = &kept.at else { return None };
    default_of_root(config, kept)?;
    of_file(config, file)
}

/// The variable file with the values of this root module that gets the value of a variable, which only the default has now; `None` if
/// there is none, or several. The name is that of the variable.
pub(in crate::terraform) fn file_of_values<'a, 'k>(
    config: &'a Config,
    kept: &'k KeptValue<'a>,
) -> Option<(&'a File, &'k str)> {
    let name = default_of_root(config, kept).filter(|_| !config.is_remote)?;
    let mut own = config.var_files.iter().filter(|file| file.body.attributes().next().is_some());
    let first = own.clone().find(|file| file.path == Path::new("terraform.tfvars"));
    let file = first.or_else(|| own.next().filter(|_| own.next().is_none()))?;
    Some((file, name))
}

/// The variable of the root module whose default is a value, or is an empty object without it.
fn default_of_root<'k>(config: &Config, kept: &'k KeptValue<'_>) -> Option<&'k str> {
    let (module, file, is_entry) = match &kept.at {
        KeptAt::Value { module, file, .. } => (module, file, false),
        KeptAt::Attribute { module, file, object, .. } => {
            let is_empty = file.slice(object.clone()).trim_matches(['{', '}']).trim().is_empty();
            is_empty.then_some((module, file, true))?
        }
        KeptAt::Argument { .. } => return None,
    };
    let is_default =
        module.address.is_none() && !config.var_files.iter().any(|other| other.path == file.path);
    // The variable of a called module has its value in an argument.
    let last = kept.trail.last().filter(|last| last.module.address.is_none())?;
    // An attribute of a default with entries can be the entry of a workspace.
    match last.path.as_slice() {
        [kind, name] if kind == "var" && is_default && !is_entry => Some(name),
        [kind, name, _] if kind == "var" && is_default && is_entry => Some(name),
        _ => None,
    }
}

/// The environment of this run, if a file is that of others too.
pub(in crate::terraform) fn of_file<'a>(config: &'a Config, file: &File) -> Option<OneEnvironment<'a>> {
    of_links(config, file).or_else(|| one_environment(config))
}

/// The environment of this run, if the code is that of others too.
pub(in crate::terraform) fn one_environment(config: &Config) -> Option<OneEnvironment<'_>> {
    if let Some(path) = config.environment.var_files.last() {
        let file = config.var_files.iter().find(|file| file.path == *path);
        return Some(OneEnvironment::VarFile(file, path.display().to_string()));
    }
    if let Some(unit) = config.unit.as_ref().filter(|_| config.opened_dir() != config.root) {
        let is_only = other_units(&config.boundary, &config.root, &unit.path).is_empty()
            && units_of_other_stacks(&config.boundary, unit).is_empty();
        let path = unit.path.display().to_string();
        return Some(OneEnvironment::Unit { unit, path, is_only });
    }
    match config.workspace.as_deref() {
        Some("default") => {}
        Some(workspace) => return Some(OneEnvironment::Workspace(workspace)),
        None if uses_workspaces(config) => return Some(OneEnvironment::UnknownWorkspace),
        None => {}
    }
    let variable = variable_of_environment(config)?;
    let files = config.optional_var_files_with(&variable);
    Some(match files.as_slice() {
        [] => OneEnvironment::Outside { variable },
        _ => OneEnvironment::VarFiles(files),
    })
}

/// Whether the code depends on the workspace.
pub(in crate::terraform) fn uses_workspaces(config: &Config) -> bool {
    let files = config.modules().into_iter().flat_map(|module| module.files.iter());
    let mut lines = files.flat_map(|file| file.text.lines());
    let is_comment = |line: &str| line.trim_start().starts_with(['#', '/']);
    lines.any(|line| line.contains("terraform.workspace") && !is_comment(line))
}

/// The folder of this run, if a file in it is a symbolic link to a common file.
fn of_links<'a>(config: &'a Config, file: &File) -> Option<OneEnvironment<'a>> {
    let others = folders_with_link(file.link.as_ref()?, &config.root, &config.boundary);
    let top = config.boundary.top();
    let others: Vec<String> =
        others.iter().map(|dir| dir.strip_prefix(top).unwrap_or(dir).display().to_string()).collect();
    let mut own = config.var_files.iter().filter(|file| file.link.is_none());
    let first = own.clone().find(|file| file.path == Path::new("terraform.tfvars"));
    (!others.is_empty()).then(|| OneEnvironment::Links { file: first.or_else(|| own.next()), others })
}

/// The other files that the user can give instead of the given one, with the same name or in the same folder.
pub(in crate::terraform) fn other_var_files(config: &Config) -> Vec<String> {
    let Some(given) = config.environment.var_files.last() else { return Vec::new() };
    let is_values = |path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        name.ends_with(".tfvars") || name.ends_with(".tfvars.json")
    };
    let is_other = |path: &PathBuf| {
        let is_loaded = config.var_files.iter().any(|file| file.path == *path)
            || config.json_var_files.contains(path)
            || config.environment.var_files.contains(path);
        !is_loaded
    };
    let found = files_like(&config.root, given, &is_values).into_iter().filter(is_other);
    found.map(|path| path.display().to_string()).collect()
}

/// The condition that is true in the environment of this run only.
pub(in crate::terraform) struct Condition {
    /// `terraform.workspace`, `var.environment`
    pub reference: String,
    /// `prod`
    pub value: String,
    /// Whether only the root module can refer to it.
    pub is_of_root: bool,
}

impl Condition {
    /// `terraform.workspace == "prod"`
    pub fn text(&self) -> String {
        format!("{} == {}", self.reference, quoted(&self.value))
    }

    /// Whether the code of a module can have it.
    pub fn fits(&self, module: &Module) -> bool {
        !self.is_of_root || module.address.is_none()
    }

    /// What the others keep, as a sentence.
    pub fn note(&self, what: &str) -> String {
        let others = if self.is_of_root { "environments" } else { "workspaces" };
        format!("The other {others} keep {what}.")
    }
}

/// The condition on the selected workspace, or on the variable that decides the file with the settings of the environment; `None` if
/// neither decides it.
pub(in crate::terraform) fn condition(config: &Config) -> Option<Condition> {
    condition_in(config, one_environment(config).as_ref())
}

/// The same for an environment of this run.
pub(in crate::terraform) fn condition_in(
    config: &Config,
    environment: Option<&OneEnvironment<'_>>,
) -> Option<Condition> {
    match environment {
        Some(OneEnvironment::Workspace(name)) => Some(Condition {
            reference: "terraform.workspace".to_owned(),
            value: (*name).to_owned(),
            is_of_root: false,
        }),
        Some(_) => None,
        None => {
            let DataEnvironment { reference, value, .. } = data_environment(config)?;
            Some(Condition { reference, value, is_of_root: true })
        }
    }
}

/// Names of variables that say which environment it is.
const NAMES: [&str; 8] =
    ["env", "env_name", "environment", "environment_name", "stage", "stage_name", "deployment", "account"];

/// The variable of the root module that decides the name of the environment or of the service, has no default, and is not set.
fn variable_of_environment(config: &Config) -> Option<String> {
    let root = &config.root_module;
    let is_open = |name: &str| {
        let default = root.block("variable", &[name]).map(|(_, block)| block.body.attribute("default"));
        default.is_some_and(|default| default.is_none())
            && root.value(Expr::from(format!("var.{name}").as_str())).is_none()
            && !config.environment.sets(name)
            // One file can be the only environment.
            && config.optional_var_files_with(name).len() != 1
    };
    let named = NAMES.into_iter().find(|name| is_open(name)).map(str::to_owned);
    named.or_else(|| {
        config.modules().into_iter().find_map(|module| {
            let mut services = module.resources("aws_apprunner_service");
            services.find_map(|(file, block)| {
                let name = module.expression(file, block, "service_name")?;
                module.evaluate(name).is_none().then_some(())?;
                root_variables(config, module, name.text).into_iter().find(|name| is_open(name))
            })
        })
    })
}

/// The variables of the root module on which an expression of a module depends, through locals and the arguments of calls.
fn root_variables(config: &Config, module: &Module, text: &str) -> BTreeSet<String> {
    let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut open: Vec<(&Module, String)> = vec![(module, text.to_owned())];
    while let Some((module, text)) = open.pop() {
        for reference in references(&format!("x = {text}\n")) {
            if !seen.insert((module.address.clone(), reference.clone())) {
                continue;
            }
            if let Some(name) = reference.strip_prefix("local.") {
                open.extend(module.local(name).map(|text| (module, text.to_owned())));
            } else if let Some(name) = reference.strip_prefix("var.") {
                let Some(Place { module: caller, file, block }) = config.caller(module) else {
                    found.insert(name.to_owned());
                    continue;
                };
                let argument = block.body.attribute(name).map(|argument| file.value(argument).to_owned());
                open.extend(argument.map(|text| (caller, text)));
            }
        }
    }
    found
}
