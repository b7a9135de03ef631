//! Plans blocks of the whole VPC in the root module that creates it, if that is another root module of the repository, and keeps modules
//! that several Terragrunt units call as they are.

use std::fs;
use std::path::Path;

use crate::model::{SecurityGroupId, Snapshot, Workload};
use crate::remedy::Change;
use crate::terraform::answer::OwnerChoices;
use crate::terraform::changeset::ChangeSet;
use crate::terraform::edit::boundary::{patch, shown};
use crate::terraform::edit::network::root_by_name::{Creator, NEXT, by_name};
use crate::terraform::error::EditError;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::other_root::OtherRoot;
use crate::terraform::find::score::Clues;
use crate::terraform::lang::render::quoted;
use crate::terraform::read::config::Config;
use crate::terraform::read::unit::{Unit, other_units, units_of_other_stacks};

/// The root module that creates the VPC, if it is another one and its code has the network.
pub(in crate::terraform::edit) fn creator(
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

/// Whether the code of the creator has the security group of an outbound rule.
pub(in crate::terraform::edit) fn has_group(
    creator: &Creator,
    (snapshot, workload): (&Snapshot, &Workload),
    answers: &OwnerChoices,
    change: &Change,
) -> bool {
    let Change::AllowEgress { group, .. } = change else { return false };
    let other = Finder::new(&creator.config, (snapshot, workload), answers);
    other.is_ok_and(|other| has_block_of(&other, group))
}

/// Whether this root module has the security group of an inbound rule: that of a database beside the service.
pub(in crate::terraform::edit) fn is_group_here(finder: &Finder<'_>, change: &Change) -> bool {
    let Change::AllowEndpointIngress { group, .. } = change else { return false };
    has_block_of(finder, group)
}

fn has_block_of(finder: &Finder<'_>, group: &SecurityGroupId) -> bool {
    let Some(known) = finder.snapshot.network.security_groups.get(group) else { return false };
    let attributes = [("name", known.name.as_str())];
    let clues = Clues { id: group.as_str(), tag: known.tags.get("Name"), attributes: &attributes };
    matches!(finder.find(&["aws_security_group"], &clues), Ok(Some(_)))
}

/// Names the root module that creates the VPC in its planned change set.
pub(in crate::terraform::edit) fn with_note(creator: &Creator, mut changes: ChangeSet) -> ChangeSet {
    changes.notes.retain(|note| !note.starts_with("No code in this folder creates "));
    // The root module that this one leads to has the next step already.
    let has_next = changes.notes.iter().any(|note| note.contains(NEXT));
    let note = if has_next { creator.note.clone() } else { format!("{} {}", creator.note, creator.next) };
    changes.notes.insert(0, note);
    changes
}

/// The other units with the module of a unit, also those that other stacks create from the same folder.
pub(in crate::terraform::edit) fn others_of(config: &Config, unit: &Unit) -> Vec<String> {
    let units = other_units(&config.boundary, &config.root, &unit.path);
    let units = units.iter().map(|other| shown(config.boundary.top(), other));
    units.chain(units_of_other_stacks(&config.boundary, unit)).collect()
}

/// Refuses the edit of a module that other Terragrunt units call too: their resources would change with it.
///
/// # Errors
/// Another unit calls the module of this unit.
pub(in crate::terraform::edit) fn ensure_own_module(
    config: &Config,
    changes: ChangeSet,
) -> Result<ChangeSet, EditError> {
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
pub(in crate::terraform::edit) fn shown_unit(config: &Config, unit: &Unit) -> String {
    let path = fs::canonicalize(&unit.path).unwrap_or_else(|_| unit.path.clone());
    shown(config.boundary.top(), &path)
}
