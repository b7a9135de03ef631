//! Finds the root module of the repository that creates the VPC by the name and the range of the VPC, where this root module does not lead
//! to it: it finds the VPC by a data source, or has only ids.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::model::{Snapshot, Vpc, Workload};
use crate::terraform::answer::OwnerChoices;
use crate::terraform::edit::boundary::shown;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::registry::{RegistryCall, RegistryModule, registry_module, searched_modules};
use crate::terraform::find::score::{Clues, name_tag};
use crate::terraform::find::vpc::{connector_name, vpc_of};
use crate::terraform::find::workspaces::workspaces_with;
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::tags::{Tag, name_tag_of};
use crate::terraform::read::config::Config;
use crate::terraform::read::entry::roots_below;
use crate::terraform::read::environment::Environment;
use crate::terraform::read::place::Place;

/// Limit of the root modules that are read to find the one that creates the VPC.
const ROOTS: usize = 24;
/// Limit of the files for `-var-file` of a root module that are tried.
const VAR_FILES: usize = 8;

/// The beginning of the sentence with the next step.
pub(in crate::terraform::edit) const NEXT: &str = "This edit is for that code:";

/// The configuration of another root module, and the sentence that names it.
pub(in crate::terraform::edit) struct Creator {
    pub config: Config,
    pub note: String,
    /// The sentence with the next step after an edit of it.
    pub next: String,
}

/// The only root module of the repository that creates the VPC which this one finds by a data source, or whose subnets it finds by one, or
/// whose ids it has.
pub(in crate::terraform::edit) fn by_name(
    finder: &Finder<'_>,
    case: (&Snapshot, &Workload),
    answers: &OwnerChoices,
) -> Option<Creator> {
    let config = finder.config;
    let (snapshot, workload) = case;
    let vpc = vpc_of(snapshot, workload).and_then(|vpc| snapshot.network.vpcs.get(vpc))?;
    config.boundary.repository()?;
    let reader = reader(finder, vpc)?;
    let mut environment = config.environment.of_other_root();
    let workspace = workspace(finder);
    environment.workspace = environment.workspace.or_else(|| workspace.clone());
    let top = config.boundary.top();
    let others = roots_below(top).into_iter().filter(|dir| *dir != config.root).take(ROOTS);
    let creates = |found: &Config| creates(found, case, vpc, answers);
    let mut found: Vec<(Config, Option<PathBuf>)> =
        others.flat_map(|dir| opened(&dir, &environment, (vpc, &creates))).collect();
    // The module of a unit has the inputs of the unit only there.
    let with_unit = found.iter().filter(|(other, _)| other.unit.is_some());
    let modules: Vec<PathBuf> = with_unit.map(|(other, _)| other.root.clone()).collect();
    found.retain(|(other, _)| other.unit.is_some() || !modules.contains(&other.root));
    // Names from the environment, `get_env("NAME")`, do not show which of several networks it is.
    let is_dependency = |other: &Config| {
        let dir = other.unit.as_ref().and_then(|unit| fs::canonicalize(unit.path.parent()?).ok());
        dir.is_some_and(|dir| config.unit.as_ref().is_some_and(|unit| unit.dependencies.contains(&dir)))
    };
    if found.len() > 1 {
        found.retain(|(other, _)| is_dependency(other));
    }
    let (mut only, var_file) = found.pop().filter(|_| found.is_empty())?;
    let dir = shown(top, &only.root);
    only.shown_root = Some(PathBuf::from(&dir));
    let mut with = var_file.map_or_else(String::new, |file| format!(" with {}", file.display()));
    if let Some(workspace) = workspace {
        let _ = write!(with, " in the workspace {workspace}");
    }
    let note = format!("{reader} that {dir} creates{with}.");
    let next = format!("{NEXT} run {}.", only.apply_in());
    Some(Creator { config: only, note, next })
}

/// The only workspace in which the code has the service with its name, if none is selected.
fn workspace(finder: &Finder<'_>) -> Option<String> {
    let config = finder.config;
    let connector = connector_name(finder.snapshot, finder.workload);
    let is_unknown = config.workspace.is_none();
    let found = is_unknown.then(|| workspaces_with(config, &finder.workload.name, connector))?;
    let mut names = found.into_iter().map(|workspace| workspace.name);
    names.next().filter(|_| names.next().is_none())
}

/// How this root module has the VPC, as the beginning of a sentence; `None` if its own code leads to the VPC.
fn reader(finder: &Finder<'_>, vpc: &Vpc) -> Option<String> {
    let network = &finder.network;
    let (found_by, what) = match &network.vpc {
        Some(vpc) => (Some(vpc), "the VPC"),
        None => (network.subnets.iter().flatten().next(), "a subnet of the VPC"),
    };
    match found_by {
        Some(Origin::Block(data)) => (data.place.block.block_type == "data")
            .then(|| format!("{} ({}) finds {what}", address(data.place.block), data.place.location())),
        Some(Origin::Output { .. }) => None,
        Some(Origin::Text(_) | Origin::Variable { .. }) | None => {
            let is_id = |origin: &Origin<'_>| match origin {
                Origin::Text(_) => true,
                Origin::Variable { module, .. } => module.address.is_none(),
                Origin::Block(_) | Origin::Output { .. } => false,
            };
            let has_only_ids = network.vpc.iter().chain(network.subnets.iter().flatten()).all(is_id);
            let has_service = finder.absent.is_none() && finder.without_connector.is_none();
            (has_only_ids && has_service && finder.config.unit.is_none() && !has_network(finder.config))
                .then(|| format!("This root module has the id of {}, the VPC", vpc.id))
        }
    }
}

/// Whether a configuration has resources of a VPC: the team keeps them there.
fn has_network(config: &Config) -> bool {
    let kinds = [
        "aws_nat_gateway",
        "aws_route",
        "aws_route_table",
        "aws_subnet",
        "aws_vpc",
        "aws_vpc_endpoint",
        "aws_vpc_endpoint_route_table_association",
    ];
    let is_network = |call: &Place<'_>| {
        matches!(registry_module(call), Some(RegistryModule::Vpc | RegistryModule::VpcEndpoints))
    };
    searched_modules(config).into_iter().any(|module| {
        let mut calls = module.blocks("module").map(|(file, block)| Place { module, file, block });
        kinds.iter().any(|kind| module.resources(kind).next().is_some())
            || calls.any(|call| is_network(&call))
    })
}

/// A root module if it creates the VPC, or with each of its files for `-var-file` with which it does.
fn opened(
    dir: &Path,
    environment: &Environment,
    (vpc, creates): (&Vpc, &dyn Fn(&Config) -> bool),
) -> Vec<(Config, Option<PathBuf>)> {
    let Ok(config) = Config::open_root(dir, environment) else { return Vec::new() };
    if creates(&config) {
        return vec![(config, None)];
    }
    let files = config.optional_var_files.iter().take(VAR_FILES);
    let with = files.filter_map(|(file, _)| {
        let environment = Environment { var_files: vec![config.root.join(file)], ..environment.clone() };
        let config = Config::open_root(dir, &environment).ok().filter(creates)?;
        Some((config, Some(file.clone())))
    });
    if may_create(&config, vpc) { with.collect() } else { Vec::new() }
}

/// Whether a configuration creates the VPC and has the network of the workload.
fn creates(config: &Config, case: (&Snapshot, &Workload), vpc: &Vpc, answers: &OwnerChoices) -> bool {
    let modules = config.modules();
    let calls = calls_of_vpc(config, (case.0, vpc));
    let has_block = modules.iter().any(|module| module.resources("aws_vpc").next().is_some());
    let has_vpc = has_block || !calls.is_empty();
    let other = has_vpc.then(|| Finder::new(config, case, answers).ok()).flatten();
    other.is_some_and(|other| match &other.network.vpc {
        Some(Origin::Output { call, .. }) => {
            calls.len() == 1 && calls.iter().all(|own| own.place.location() == call.location())
        }
        Some(_) => {
            let range = vpc.cidrs.first().map(ToString::to_string).unwrap_or_default();
            let attributes = [("cidr_block", range.as_str())];
            let clues = Clues { id: vpc.id.as_str(), tag: vpc.tags.get("Name"), attributes: &attributes };
            matches!(other.find(&["aws_vpc"], &clues), Ok(Some(_)))
        }
        None => false,
    })
}

/// Whether values that are unknown now can make a configuration create the VPC.
fn may_create(config: &Config, vpc: &Vpc) -> bool {
    let of_block = || {
        searched_modules(config).into_iter().any(|module| {
            module.resources("aws_vpc").any(|(file, block)| {
                let place = Place { module, file, block };
                let range = module.expression(file, block, "cidr_block");
                let is_name = match name_tag(&place) {
                    Tag::Known(name) => vpc.tags.get("Name") == Some(&name),
                    Tag::Unknown(pattern, _) => vpc.tags.get("Name").is_some_and(|name| pattern.fits(name)),
                    Tag::Absent => true,
                };
                is_name && is_range(range.and_then(|range| module.evaluate(range)).as_ref(), vpc)
            })
        })
    };
    let is_name =
        |call: &RegistryCall<'_>| name_of(call).is_none_or(|name| vpc.tags.get("Name") == Some(&name));
    let mut calls = calls(config).into_iter();
    calls.any(|call| is_range(call.text("cidr").as_ref(), vpc) && is_name(&call)) || of_block()
}

/// Whether a range is that of the VPC, or unknown.
fn is_range(range: Option<&String>, vpc: &Vpc) -> bool {
    range.is_none_or(|range| vpc.cidrs.first().is_some_and(|own| own.to_string() == *range))
}

/// The calls of the VPC module of the registry that create a VPC with this name and range.
fn calls_of_vpc<'a>(config: &'a Config, (snapshot, vpc): (&Snapshot, &Vpc)) -> Vec<RegistryCall<'a>> {
    let mut calls = calls(config);
    calls.retain(|call| {
        let region = call.place.provider_of_call("aws");
        let region = region.and_then(|provider| call.place.module.region_of_provider(&provider));
        let is_disabled = call.has("create_vpc") && call.text("create_vpc").as_deref() != Some("true");
        let range = call.text("cidr");
        let name = name_of(call);
        region.is_none_or(|region| region == snapshot.region.as_str())
            && !is_disabled
            && range.is_some()
            && is_range(range.as_ref(), vpc)
            && name.is_some()
            && name.as_ref() == vpc.tags.get("Name")
    });
    calls
}

/// All calls of the VPC module of the registry.
fn calls(config: &Config) -> Vec<RegistryCall<'_>> {
    let modules = searched_modules(config).into_iter();
    let places = modules
        .flat_map(|module| module.blocks("module").map(move |(file, block)| Place { module, file, block }));
    places.flat_map(|place| RegistryCall::instances(place, RegistryModule::Vpc)).collect()
}

/// The `Name` tag of the VPC of a call: the last one of `name`, `tags` and `vpc_tags`. Unknown tags seldom have a name.
fn name_of(call: &RegistryCall<'_>) -> Option<String> {
    let tag = |argument: &str| match call.argument(argument) {
        Some(tags) => name_tag_of(&call.place.module.values, Expr::parsed("", &tags)),
        None => Tag::Absent,
    };
    match (tag("vpc_tags"), tag("tags")) {
        (Tag::Known(name), _) | (Tag::Absent, Tag::Known(name)) => Some(name),
        _ => call.text("name"),
    }
}
