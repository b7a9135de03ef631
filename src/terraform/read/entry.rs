//! Opens the folder that the user gives: a root module, a folder above several root modules, or a Terragrunt unit.
//!
//! Names the tool that generates the code where the code must not be edited. Runs no program and changes no file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::files::read_regular_text;
use crate::terraform::error::ConfigError;
use crate::terraform::lang::expression::Expr;
use crate::terraform::read::callers::{ENTRIES, folders_that_call, local_calls, walk};
use crate::terraform::read::config::Config;
use crate::terraform::read::environment::Environment;
use crate::terraform::read::file::CODE_LIMIT;
use crate::terraform::read::module::Module;
use crate::terraform::read::open_unit::{unit, unit_of_service, with_unit};
use crate::terraform::read::stack::units_of;
use crate::terraform::read::unit::other_units;
use crate::terraform::read::unit_value::{STACK, TERRAGRUNT};

/// Limit of the root modules below a folder that are read.
const ROOTS: usize = 64;
/// Limit of the folders that a message names.
const NAMES: usize = 10;

impl Config {
    /// Reads the root module in a folder. Without one, reads the only root module below the folder that creates the service, or the
    /// module of a Terragrunt unit.
    ///
    /// # Errors
    /// As [`Config::read`], or the folder is no root module: the error names the root modules below it, or the tool that generates
    /// the code.
    pub fn open(dir: &Path, environment: &Environment, service: &str) -> Result<Self, ConfigError> {
        if let Some(error) = generated(dir) {
            return Err(error);
        }
        match Self::read(dir, environment) {
            Err(ConfigError::Empty(path)) => match unit_of_service(dir, environment, service) {
                Some(config) => Ok(config),
                None => unit(dir, environment).unwrap_or_else(|| below(dir, environment, service, path)),
            },
            Ok(config) => match called_module(&config) {
                Some(error) => Err(error),
                None => with_unit(config, dir, environment),
            },
            Err(error) => Err(error),
        }
    }

    /// Whether a block of the configuration has, or can have, the name of a service.
    fn creates_service(&self, service: &str) -> bool {
        self.has_service(|module, name| match module.evaluate(name) {
            Some(name) => name == service,
            None => module.pattern(name).fits(service),
        })
    }

    /// Whether a block of the configuration is known to have the name of a service.
    pub(super) fn has_service_named(&self, service: &str) -> bool {
        self.has_service(|module, name| module.evaluate(name).as_deref() == Some(service))
    }

    fn has_service(&self, is: impl Fn(&Module, Expr<'_>) -> bool) -> bool {
        self.modules().into_iter().any(|module| {
            let mut services = module.resources("aws_apprunner_service");
            services.any(|(file, block)| {
                module.expression(file, block, "service_name").is_some_and(|name| is(module, name))
            })
        })
    }
}

/// The tool that generates the code of a folder.
fn generated(dir: &Path) -> Option<ConfigError> {
    let has = |name: &str| dir.join(name).is_file();
    let what = if has("cdktf.json") || has("cdk.tf.json") {
        "CDK for Terraform generates the Terraform code of this folder from a program. Change the construct of the resource in that \
         program (cdktf.json names it in \"app\"), then run cdktf deploy"
    } else if has("Pulumi.yaml") || has("Pulumi.yml") {
        "this is a Pulumi program, which has no Terraform code. Change the resource in that program, then run pulumi up"
    } else {
        return None;
    };
    Some(ConfigError::OtherTool { path: dir.to_owned(), what: what.to_owned() })
}

/// The error for a folder that is no root module: it has no provider, and other code calls it.
fn called_module(config: &Config) -> Option<ConfigError> {
    let module = &config.root_module;
    let has_backend = module
        .blocks("terraform")
        .any(|(_, block)| ["backend", "cloud"].iter().any(|name| block.body.blocks(name).next().is_some()));
    if has_backend || module.blocks("provider").next().is_some() || !module.json_files.is_empty() {
        return None;
    }
    let top = config.boundary.top();
    let own = &module.canonical_dir;
    let mut folders = folders_that_call(own, &config.boundary);
    let units = other_units(&config.boundary, own, &own.join(TERRAGRUNT));
    folders.extend(units.iter().filter_map(|unit| unit.parent().map(Path::to_owned)));
    let shown = |dir: &PathBuf| {
        let dir = dir.strip_prefix(top).unwrap_or(dir);
        if dir.as_os_str().is_empty() { ".".to_owned() } else { dir.display().to_string() }
    };
    let names = shortened(&folders.iter().map(shown).collect::<Vec<_>>(), " and ");
    (!folders.is_empty()).then(|| ConfigError::CalledModule { path: config.root.clone(), callers: names })
}

/// A list of names, cut to its beginning.
fn shortened(names: &[String], separator: &str) -> String {
    let shown = names.iter().take(NAMES).cloned().collect::<Vec<_>>().join(separator);
    match names.len().checked_sub(NAMES).filter(|more| *more > 0) {
        Some(more) => format!("{shown} and {more} more"),
        None => shown,
    }
}

/// How much of the name of a service the code of a folder has as a text.
fn similarity(dir: &Path, service: &str) -> usize {
    let files = fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let is_code = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        [".tf", ".tofu", ".tfvars", ".hcl"].iter().any(|ending| name.ends_with(ending))
    };
    let texts = files.filter(is_code).filter_map(|path| read_regular_text(&path, CODE_LIMIT).ok());
    let text: String = texts.collect();
    let parts: Vec<&str> = service.split('-').collect();
    let known = (1..=parts.len()).rev().find(|count| {
        parts.get(..*count).is_some_and(|parts| text.contains(&format!("\"{}", parts.join("-"))))
    });
    known.unwrap_or_default()
}

/// The only root module below a folder that creates the service.
fn below(
    dir: &Path,
    environment: &Environment,
    service: &str,
    empty: PathBuf,
) -> Result<Config, ConfigError> {
    let Ok(top) = fs::canonicalize(dir) else { return Err(ConfigError::Empty(empty)) };
    let stack = Some(top.join(STACK)).filter(|stack| stack.is_file());
    let roots = match &stack {
        Some(stack) => units_of(stack).into_iter().map(|unit| unit.source).collect(),
        None => roots_below(&top),
    };
    let environment =
        &Environment { stack: stack.or_else(|| environment.stack.clone()), ..environment.clone() };
    if roots.is_empty() {
        return Err(ConfigError::Empty(empty));
    }
    let mut chosen: Vec<&PathBuf> = roots.iter().collect();
    if roots.len() > ROOTS {
        chosen.sort_by_cached_key(|root| std::cmp::Reverse(similarity(root, service)));
    }
    let shown = |root: &PathBuf| root.strip_prefix(&top).unwrap_or(root).display().to_string();
    let read = chosen.iter().take(ROOTS).filter_map(|root| Config::open_root(root, environment).ok());
    let mut found: Vec<Config> = read.filter(|config| config.creates_service(service)).collect();
    // A unit has the inputs of the service; its module alone can create any service.
    if found.iter().any(|config| config.unit.is_some()) {
        let units: Vec<PathBuf> =
            found.iter().filter(|config| config.unit.is_some()).map(|config| config.root.clone()).collect();
        found.retain(|config| config.unit.is_some() || !units.contains(&config.root));
    }
    if found.len() == 1
        && let Some(mut config) = found.pop()
    {
        config.notes.push(format!(
            "{} has no Terraform code itself. The root module {} creates {service}: this edit is for it.",
            dir.display(),
            shown(&config.root)
        ));
        config.shown_root =
            config.shown_root.or_else(|| config.root.strip_prefix(&top).ok().map(Path::to_owned));
        return Ok(config);
    }
    let names: Vec<String> = if found.is_empty() {
        roots.iter().map(shown).collect()
    } else {
        found.iter().map(|config| shown(&config.opened_dir())).collect()
    };
    let what = match (found.is_empty(), roots.len().checked_sub(ROOTS).filter(|more| *more > 0)) {
        (true, None) => "none of them is known to create".to_owned(),
        (true, Some(_)) => {
            format!("of the {ROOTS} of them with the most similar names, none is known to create")
        }
        (false, _) => "several of them can create".to_owned(),
    };
    Err(ConfigError::Roots {
        path: dir.to_owned(),
        what: format!("{what} {service}"),
        roots: shortened(&names, ", "),
    })
}

impl Config {
    /// A root module or a Terragrunt unit.
    pub(in crate::terraform) fn open_root(
        dir: &Path,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        match Self::read(dir, environment) {
            Err(ConfigError::Empty(path)) => unit(dir, environment).unwrap_or(Err(ConfigError::Empty(path))),
            Ok(config) => with_unit(config, dir, environment),
            Err(error) => Err(error),
        }
    }
}

/// The folders with code below a folder that no other code calls as a module.
pub(in crate::terraform) fn roots_below(top: &Path) -> Vec<PathBuf> {
    let (mut dirs, mut called) = (BTreeSet::new(), BTreeSet::new());
    for entry in walk(top).take(ENTRIES).filter_map(Result::ok) {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy());
        let Some(dir) = path.parent().filter(|_| path.is_file()) else { continue };
        if name == TERRAGRUNT {
            dirs.insert(dir.to_owned());
        } else if name.ends_with(".tf") || name.ends_with(".tofu") {
            dirs.insert(dir.to_owned());
            if let Ok(text) = read_regular_text(path, CODE_LIMIT) {
                called.extend(local_calls(&text, dir));
            }
        }
    }
    dirs.into_iter().filter(|dir| dir != top && !called.contains(dir)).collect()
}
