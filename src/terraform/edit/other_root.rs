//! Plans blocks of the whole VPC in the root module that creates it, if that is another root module of the repository, and keeps modules
//! that several Terragrunt units call as they are.

use std::fs;
use std::path::{Path, PathBuf};

use crate::model::{Snapshot, Vpc, Workload};
use crate::remedy::Change;
use crate::terraform::answer::OwnerChoices;
use crate::terraform::changeset::ChangeSet;
use crate::terraform::edit::boundary::patch;
use crate::terraform::error::EditError;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::other_root::OtherRoot;
use crate::terraform::find::registry::{RegistryCall, RegistryModule, searched_modules};
use crate::terraform::find::score::Clues;
use crate::terraform::find::vpc::vpc_of;
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::tags::{Tag, name_tag_of};
use crate::terraform::read::config::Config;
use crate::terraform::read::entry::roots_below;
use crate::terraform::read::place::Place;
use crate::terraform::read::unit::{Unit, other_units, units_of_other_stacks};

/// Limit of the root modules that are read to find the one that creates the VPC.
const ROOTS: usize = 24;
/// The beginning of the sentence with the next step.
const NEXT: &str = "This edit is for that code:";

/// The configuration of another root module, and the sentence that names it.
pub(super) struct Creator {
    pub config: Config,
    pub note: String,
    /// The sentence with the next step after an edit of it.
    pub next: String,
}

/// The root module that creates the VPC, if it is another one and its code has the network.
pub(super) fn creator(
    finder: &Finder<'_>,
    (snapshot, workload): (&Snapshot, &Workload),
    answers: &OwnerChoices,
) -> Option<Creator> {
    let config = finder.config;
    let other = match &finder.without_connector {
        Some(_) => OtherRoot::of_connector(config, &finder.network, finder.code.service),
        None => OtherRoot::of(config, &finder.network),
    };
    let Some(other) = other else {
        return by_name(finder, (snapshot, workload), answers);
    };
    let environment = config.environment.of_other_root();
    let mut found = Config::open_root(&other.dir, &environment).ok()?;
    Finder::new(&found, (snapshot, workload), answers).ok()?;
    let top = config.boundary.top();
    found.shown_root = found.root.strip_prefix(top).ok().map(Path::to_owned);
    let dir = shown(top, &found.root);
    let (reads, note, at) = match &found.unit {
        Some(_) if found.root == other.dir => ("the outputs", ", which creates the VPC.".to_owned(), dir),
        Some(_) => ("the outputs", format!(", whose module {dir} creates the VPC."), shown(top, &other.dir)),
        None if finder.without_connector.is_some() => {
            ("the state", ", which creates the connector.".to_owned(), dir)
        }
        None => ("the state", ", which creates the VPC.".to_owned(), dir),
    };
    let note = format!("{} reads {reads} of {at}{note}", other.reader);
    let next = format!("{NEXT} run {}.", found.apply_in());
    Some(Creator { config: found, note, next })
}

/// The only root module of the repository that creates the VPC which this one finds by a data source, or whose subnets it finds by one.
fn by_name(
    finder: &Finder<'_>,
    (snapshot, workload): (&Snapshot, &Workload),
    answers: &OwnerChoices,
) -> Option<Creator> {
    let config = finder.config;
    let network = &finder.network;
    let (found_by, what) = match &network.vpc {
        Some(vpc) => (vpc, "the VPC"),
        None => (network.subnets.iter().flatten().next()?, "a subnet of the VPC"),
    };
    let Origin::Block(data) = found_by else { return None };
    (data.place.block.block_type == "data" && config.boundary.repository().is_some()).then_some(())?;
    let environment = config.environment.of_other_root();
    let top = config.boundary.top();
    let others = roots_below(top).into_iter().filter(|dir| *dir != config.root).take(ROOTS);
    let vpc = vpc_of(snapshot, workload).and_then(|vpc| snapshot.network.vpcs.get(vpc))?;
    let creates = |found: &Config| {
        let modules = found.modules();
        let has_block = modules.iter().any(|module| module.resources("aws_vpc").next().is_some());
        let has_call = || !calls_of_vpc(found, (snapshot, vpc)).is_empty();
        let has_vpc = has_block || has_call();
        let other = has_vpc.then(|| Finder::new(found, (snapshot, workload), answers).ok()).flatten();
        other.is_some_and(|other| match &other.network.vpc {
            Some(Origin::Output { call, .. }) => {
                let calls = calls_of_vpc(found, (snapshot, vpc));
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
    };
    let found = others.filter_map(|dir| Config::open_root(&dir, &environment).ok()).filter(creates);
    let mut found: Vec<Config> = found.collect();
    // The module of a unit has the inputs of the unit only there.
    let with_unit = found.iter().filter(|other| other.unit.is_some());
    let modules: Vec<PathBuf> = with_unit.map(|other| other.root.clone()).collect();
    found.retain(|other| other.unit.is_some() || !modules.contains(&other.root));
    let mut only = found.pop().filter(|_| found.is_empty())?;
    let dir = shown(top, &only.root);
    only.shown_root = Some(PathBuf::from(&dir));
    let reader = format!("{} ({})", address(data.place.block), data.place.location());
    let note = format!("{reader} finds {what} that {dir} creates.");
    let next = format!("{NEXT} run {}.", only.apply_in());
    Some(Creator { config: only, note, next })
}

/// The calls of the VPC module of the registry that create a VPC with this name and range.
fn calls_of_vpc<'a>(config: &'a Config, (snapshot, vpc): (&Snapshot, &Vpc)) -> Vec<RegistryCall<'a>> {
    let modules = searched_modules(config).into_iter();
    let places = modules
        .flat_map(|module| module.blocks("module").map(move |(file, block)| Place { module, file, block }));
    let calls = places.flat_map(|place| RegistryCall::instances(place, RegistryModule::Vpc));
    calls
        .filter(|call| {
            let region = call.place.provider_of_call("aws");
            let region = region.and_then(|provider| call.place.module.region_of_provider(&provider));
            region.is_none_or(|region| region == snapshot.region.as_str()) && creates_vpc(call, vpc)
        })
        .collect()
}

/// Whether a call creates a VPC with this name and range. The `Name` tag of the VPC is the last one of `name`, `tags` and `vpc_tags`.
fn creates_vpc(call: &RegistryCall<'_>, vpc: &Vpc) -> bool {
    let range = call.text("cidr");
    let has_range = vpc.cidrs.first().is_some_and(|own| range.as_deref() == Some(&own.to_string()));
    let is_disabled = call.has("create_vpc") && call.text("create_vpc").as_deref() != Some("true");
    let tag = |argument: &str| match call.argument(argument) {
        Some(tags) => name_tag_of(&call.place.module.values, Expr::parsed("", &tags)),
        None => Tag::Absent,
    };
    let name = match (tag("vpc_tags"), tag("tags")) {
        (Tag::Absent, Tag::Absent) => call.text("name"),
        (Tag::Known(name), _) | (Tag::Absent, Tag::Known(name)) => Some(name),
        (Tag::Unknown(..), _) | (_, Tag::Unknown(..)) => None,
    };
    !is_disabled && has_range && name.is_some() && name.as_ref() == vpc.tags.get("Name")
}

/// Whether the code of the creator has the security group of an outbound rule.
pub(super) fn has_group(
    creator: &Creator,
    (snapshot, workload): (&Snapshot, &Workload),
    answers: &OwnerChoices,
    change: &Change,
) -> bool {
    let Change::AllowEgress { group, .. } = change else { return false };
    let Some(known) = snapshot.network.security_groups.get(group) else { return false };
    let attributes = [("name", known.name.as_str())];
    let clues = Clues { id: group.as_str(), tag: known.tags.get("Name"), attributes: &attributes };
    let other = Finder::new(&creator.config, (snapshot, workload), answers);
    other.is_ok_and(|other| matches!(other.find(&["aws_security_group"], &clues), Ok(Some(_))))
}

/// Names the root module that creates the VPC in its planned change set.
pub(super) fn with_note(creator: &Creator, mut changes: ChangeSet) -> ChangeSet {
    changes.notes.retain(|note| !note.starts_with("No code in this folder creates "));
    // The root module that this one leads to has the next step already.
    let has_next = changes.notes.iter().any(|note| note.contains(NEXT));
    let note = if has_next { creator.note.clone() } else { format!("{} {}", creator.note, creator.next) };
    changes.notes.insert(0, note);
    changes
}

/// The other units with the module of a unit, also those that other stacks create from the same folder.
pub(super) fn others_of(config: &Config, unit: &Unit) -> Vec<String> {
    let units = other_units(&config.boundary, &config.root, &unit.path);
    let units = units.iter().map(|other| shown(config.boundary.top(), other));
    units.chain(units_of_other_stacks(&config.boundary, unit)).collect()
}

/// Refuses the edit of a module that other Terragrunt units call too: their resources would change with it.
///
/// # Errors
/// Another unit calls the module of this unit.
pub(super) fn ensure_own_module(config: &Config, changes: ChangeSet) -> Result<ChangeSet, EditError> {
    let Some(unit) = &config.unit else { return Ok(changes) };
    let others = others_of(config, unit);
    if others.is_empty() {
        return Ok(changes);
    }
    let top = config.boundary.top();
    let place = shown_unit(config, unit);
    if unit.stacks.len() > 1 {
        // The values of one of them decide what is missing.
        let what = format!(
            "several stacks create this unit ({}), and the edit is for the service of one of them: give the folder of its stack with --terraform",
            others.join(", ")
        );
        return Err(EditError::Answer { place, what });
    }
    let values = unit.stack().map(|stack| {
        format!(
            "values of unit {} in {}, with an input here,",
            quoted(&stack.name),
            stack.shown(&config.boundary)
        )
    });
    let what = format!(
        "the module {} of this unit is also the module of {}, and an edit changes the resources of each. If only this unit needs the \
         change, give the module a variable for it that only the {} set. Then run {}",
        shown(top, &config.root),
        others.join(", "),
        values.unwrap_or_else(|| "inputs of this unit".to_owned()),
        config.apply_in()
    );
    Err(EditError::Outside { place, what, patch: changes.files.iter().map(patch).collect() })
}

/// The file of a unit below the repository.
pub(super) fn shown_unit(config: &Config, unit: &Unit) -> String {
    let path = fs::canonicalize(&unit.path).unwrap_or_else(|_| unit.path.clone());
    shown(config.boundary.top(), &path)
}

/// A path below the repository.
pub(super) fn shown(top: &Path, path: &Path) -> String {
    path.strip_prefix(top).unwrap_or(path).display().to_string()
}
