//! Plans blocks of the whole VPC in the root module that creates it, if that is another root module of the repository, and keeps modules
//! that several Terragrunt units call as they are.

use std::fs;
use std::path::Path;

use crate::model::{Snapshot, Workload};
use crate::terraform::answer::OwnerChoices;
use crate::terraform::changeset::ChangeSet;
use crate::terraform::edit::boundary::patch;
use crate::terraform::error::EditError;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::other_root::OtherRoot;
use crate::terraform::read::config::Config;
use crate::terraform::read::environment::Environment;
use crate::terraform::read::unit::other_units;

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
    let other = OtherRoot::of(config, &finder.network)?;
    // The values and the state that the user gave are those of the present root.
    let environment =
        Environment { workspace: config.environment.workspace.clone(), ..Environment::default() };
    let found = Config::open_root(&other.dir, &environment).ok()?;
    Finder::new(&found, (snapshot, workload), answers).ok()?;
    let top = config.boundary.top();
    let dir = shown(top, &found.root);
    let (reads, note, at) = match &found.unit {
        Some(_) => ("the outputs", format!(", whose module {dir} creates the VPC."), shown(top, &other.dir)),
        None => ("the state", ", which creates the VPC.".to_owned(), dir),
    };
    let apply = if found.unit.is_some() { "terragrunt apply" } else { "terraform apply" };
    let note = format!("{} reads {reads} of {at}{note}", other.reader);
    let next = format!("This edit is for that code: run {apply} in {at}.");
    Some(Creator { config: found, note, next })
}

/// Names the root module that creates the VPC in its planned change set.
pub(super) fn with_note(creator: &Creator, mut changes: ChangeSet) -> ChangeSet {
    changes.notes.retain(|note| !note.starts_with("No code in this folder creates "));
    changes.notes.insert(0, format!("{} {}", creator.note, creator.next));
    changes
}

/// Refuses the edit of a module that other Terragrunt units call too: their resources would change with it.
///
/// # Errors
/// Another unit calls the module of this unit.
pub(super) fn ensure_own_module(config: &Config, changes: ChangeSet) -> Result<ChangeSet, EditError> {
    let Some(unit) = &config.unit else { return Ok(changes) };
    let others = other_units(&config.boundary, &config.root, &unit.path);
    if others.is_empty() {
        return Ok(changes);
    }
    let top = config.boundary.top();
    let others: Vec<String> = others.iter().map(|other| shown(top, other)).collect();
    let what = format!(
        "the module {} of this unit is also the module of {}, and an edit changes the resources of each. If only this unit needs the \
         change, give the module a variable for it that only the inputs of this unit set",
        shown(top, &config.root),
        others.join(", ")
    );
    let place = shown(top, &fs::canonicalize(&unit.path).unwrap_or_else(|_| unit.path.clone()));
    Err(EditError::Outside { place, what, patch: changes.files.iter().map(patch).collect() })
}

/// A path below the repository.
fn shown(top: &Path, path: &Path) -> String {
    path.strip_prefix(top).unwrap_or(path).display().to_string()
}
