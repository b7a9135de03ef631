//! Opens the folder of a Terragrunt unit: the module that it calls, or the code beside its `terragrunt.hcl`, with its inputs.

use std::fs;
use std::path::{Path, PathBuf};

use hcl::Value;

use crate::terraform::error::ConfigError;
use crate::terraform::lang::render::quoted;
use crate::terraform::read::boundary::Boundary;
use crate::terraform::read::callers::{ENTRIES, walk};
use crate::terraform::read::config::Config;
use crate::terraform::read::environment::Environment;
use crate::terraform::read::input_place::InputPlace;
use crate::terraform::read::stack::units_of_stacks;
use crate::terraform::read::unit::{Unit, UnitCode, module_dir};
use crate::terraform::read::unit_value::TERRAGRUNT;
use crate::text::listed;

/// Limit of the inputs that a message names.
const INPUTS: usize = 16;

/// The module of a Terragrunt unit, with the unit's inputs; `None` if the folder is no unit, or its file names no module.
pub(super) fn unit(dir: &Path, environment: &Environment) -> Option<Result<Config, ConfigError>> {
    let path = dir.join(TERRAGRUNT);
    path.is_file().then_some(())?;
    let boundary = boundary_of(dir);
    match UnitCode::read_in_stack(&path, (&boundary, environment.stack.as_deref())) {
        None => Some(Err(ConfigError::OtherTool { path, what: "this file cannot be read".to_owned() })),
        Some(Err(error)) => Some(Err(ConfigError::Malformed { path, error })),
        Some(Ok(code)) if code.has_source() => Some(module_of(&code, dir, &boundary, environment)),
        Some(Ok(_)) => None,
    }
}

/// The unit in the only stack of the repository with whose values it creates a service; `None` if the unit is in one stack at most, or
/// none or several create the service.
pub(super) fn unit_of_service(dir: &Path, environment: &Environment, service: &str) -> Option<Config> {
    environment.stack.is_none().then_some(())?;
    let path = dir.join(TERRAGRUNT);
    path.is_file().then_some(())?;
    let boundary = boundary_of(dir);
    let stacks = units_of_stacks((&boundary, None), dir);
    (stacks.len() > 1).then_some(())?;
    let mut found = stacks.into_iter().filter_map(|stack| {
        let environment = Environment { stack: Some(stack.stack.clone()), ..environment.clone() };
        let mut config = unit(dir, &environment)?.ok()?;
        config.has_service_named(service).then_some(())?;
        config.notes.push(format!(
            "{} is in several stacks. {} creates {service}: its values are used.",
            path.display(),
            stack.shown(&boundary)
        ));
        Some(config)
    });
    found.next().filter(|_| found.next().is_none())
}

/// The configuration of a folder with the inputs of its `terragrunt.hcl`, if it has one that names no module.
pub(super) fn with_unit(
    config: Config,
    dir: &Path,
    environment: &Environment,
) -> Result<Config, ConfigError> {
    let path = dir.join(TERRAGRUNT);
    let given = (&config.boundary, environment.stack.as_deref());
    let code = path.is_file().then(|| UnitCode::read_in_stack(&path, given)?.ok()).flatten();
    let Some(code) = code.filter(|code| !code.has_source()) else { return Ok(config) };
    let mut read = Config::read(dir, &with_inputs(&code, environment))?;
    read.unit = Some(unit_of(&code, path, read.boundary.top()));
    Ok(read)
}

fn boundary_of(dir: &Path) -> Boundary {
    Boundary::of(&fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned()))
}

fn with_inputs(code: &UnitCode, environment: &Environment) -> Environment {
    let mut environment = environment.clone();
    environment.variables.extend(code.inputs());
    environment.unknown.extend(code.unknown_inputs());
    environment
}

fn unit_of(code: &UnitCode, path: PathBuf, top: &Path) -> Unit {
    Unit {
        path,
        outputs: code.outputs(),
        dependencies: code.dependencies(),
        inputs: code.input_places(top),
        has_inputs: code.has_inputs(),
        stacks: code.stacks().to_vec(),
    }
}

/// The other units of the repository that read the outputs of a unit.
fn readers_of(dir: &Path, boundary: &Boundary) -> Vec<String> {
    let own = fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
    let files = walk(boundary.top()).take(ENTRIES).filter_map(Result::ok);
    let units = files.filter(|entry| entry.file_name() == TERRAGRUNT).map(|entry| entry.path().to_owned());
    let reads = |path: &PathBuf| {
        let outputs = UnitCode::read(path).and_then(Result::ok).map(|code| code.outputs());
        outputs.is_some_and(|outputs| outputs.values().any(|output| output.dir == own))
    };
    let folders = units.filter(reads).filter_map(|path| path.parent().map(Path::to_owned));
    let mut names: Vec<String> =
        folders.map(|dir| dir.strip_prefix(boundary.top()).unwrap_or(&dir).display().to_string()).collect();
    names.sort();
    names
}

/// The note for a source in git whose folder this repository has too: it may be the repository of the source.
fn same_folder(source: &str, boundary: &Boundary) -> String {
    let path = source.rsplit_once("//").map(|(_, path)| path.split('?').next().unwrap_or(path));
    let is_here = |path: &&str| {
        let dir = fs::canonicalize(boundary.top().join(path));
        dir.is_ok_and(|dir| dir.is_dir() && boundary.contains(&dir))
    };
    let path = path.filter(|path| !path.is_empty() && source.starts_with("git")).filter(is_here);
    path.map_or_else(String::new, |path| {
        format!(" (this repository has the folder {path} too: if the source is this repository, it is that module)")
    })
}

/// The inputs of a unit with their lines and, of those that can decide a fix, their values.
pub(in crate::terraform) fn shown_inputs(code: &UnitCode, top: &Path) -> String {
    let values = code.values();
    let now = |name: &str| match values.get(name) {
        Some(value @ (Value::Bool(_) | Value::Number(_))) => format!(" = {value}"),
        // Other texts can be secrets.
        Some(Value::String(text)) if text == "VPC" || text == "DEFAULT" => format!(" = {}", quoted(text)),
        _ => String::new(),
    };
    let places = code.input_places(top);
    let mut all: Vec<(&String, &InputPlace)> = places.iter().collect();
    all.sort_by_key(|(_, place)| place.line_number());
    let mut shown: Vec<String> = all
        .iter()
        .take(INPUTS)
        .map(|(name, place)| format!("{name}{} ({})", now(name), place.places.join(" and ")))
        .collect();
    if let Some(more) = all.len().checked_sub(INPUTS).filter(|more| *more > 0) {
        shown.push(format!("{more} more"));
    }
    match shown.as_slice() {
        [] => "no inputs".to_owned(),
        [only] => format!("the input {only}"),
        _ => format!("the inputs {}", listed(&shown, "and")),
    }
}

/// The module of a unit in this repository.
fn module_of(
    code: &UnitCode,
    dir: &Path,
    boundary: &Boundary,
    environment: &Environment,
) -> Result<Config, ConfigError> {
    let path = dir.join(TERRAGRUNT);
    let refuse = |what: String| Err(ConfigError::OtherTool { path: path.clone(), what });
    let Some(source) = code.source() else {
        return refuse(
            "Terragrunt takes the module of this unit from an expression or from another file: give the folder of that module with \
             --terraform"
                .to_owned(),
        );
    };
    if !source.starts_with('.') && !Path::new(&source).is_absolute() {
        let readers = readers_of(dir, boundary);
        let next = if readers.is_empty() {
            format!(
                "if one of these inputs decides what the fix changes, change it here. Otherwise change the module in its repository{}, and \
                 give this unit the new version. Then run terragrunt apply in its folder",
                same_folder(&source, boundary)
            )
        } else {
            format!(
                "the change belongs in the inputs of this unit. Give the unit of the service with --terraform, and egress-doctor names \
                 these inputs: {}",
                readers.join(" or ")
            )
        };
        return refuse(format!(
            "this Terragrunt unit calls the module {source}, which is not in this repository, with {}: {next}",
            shown_inputs(code, boundary.top())
        ));
    }
    let Some(module) = module_dir(&source, dir) else {
        return refuse(format!("the module {source} does not exist"));
    };
    if !boundary.contains(&module) {
        return refuse(format!("the module {source} is {}: change it there", boundary.outside()));
    }
    let mut config = Config::read(&module, &with_inputs(code, environment))?;
    config.unit = Some(unit_of(code, path.clone(), boundary.top()));
    let inputs = code.inputs();
    config.shown_root = module.strip_prefix(boundary.top()).ok().map(Path::to_owned);
    let names: Vec<&str> = inputs.iter().map(|(name, _)| name.as_str()).collect();
    let source = module.strip_prefix(boundary.top()).map_or(source, |module| module.display().to_string());
    config.notes.push(format!(
        "{} calls the module {source} with the inputs {}. This edit changes the module.",
        path.display(),
        if names.is_empty() { "of other files".to_owned() } else { names.join(", ") }
    ));
    Ok(config)
}
