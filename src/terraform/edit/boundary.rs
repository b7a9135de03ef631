//! Checks that the edit may change its files: inside the boundary, with names that the journal can record.

use std::fs;
use std::path::Path;

use similar::TextDiff;

use crate::terraform::changeset::FileChange;
use crate::terraform::error::EditError;
use crate::terraform::lang::json::changed;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::{is_json, relative};
use crate::terraform::read::module::Module;
use crate::text::listed;

/// Checks the files of an edit; new files are in the module `target`.
///
/// # Errors
/// A file is outside the boundary: the error contains the change that the user must make by hand. A file name is not UTF-8, or
/// a folder has the name of a new file.
pub(in crate::terraform) fn ensure_editable(
    config: &Config,
    target: &Module,
    files: &[FileChange],
) -> Result<(), EditError> {
    for file in files {
        let not_understood = |what: &str| {
            Err(EditError::NotUnderstood { place: file.path.display().to_string(), what: what.to_owned() })
        };
        if file.path.to_str().is_none() {
            return not_understood(
                "this file name is not UTF-8, so egress-doctor cannot record the edit for an undo: rename the file",
            );
        }
        if file.before.is_none() && target.tf_folders.contains(&file.path) {
            return not_understood(
                "this is a folder, but the edit creates a file with this name: rename the folder",
            );
        }
    }
    let generated = files.iter().filter(|file| file.before.is_some()).find_map(|file| header(config, file));
    if files.iter().any(|file| is_json(&file.path)) {
        return Err(in_json(files, generated.as_deref()));
    }
    if let Some(what) = generated {
        let changed = files.iter().filter(|file| header(config, file).is_some());
        let places: Vec<String> = changed.map(|file| file.path.display().to_string()).collect();
        let patch = files.iter().map(patch).collect();
        return Err(EditError::Outside { place: listed(&places, "and"), what, patch });
    }
    let outside = files.iter().find_map(|file| Some((file, why_outside(config, &file.path)?)));
    outside.map_or(Ok(()), |(file, what)| {
        let place = file.path.display().to_string();
        // Nothing is written, so the user must make all changes.
        Err(EditError::Outside { place, what, patch: files.iter().map(patch).collect() })
    })
}

/// Why a file of a generator is not edited; `None` for another file.
fn header(config: &Config, file: &FileChange) -> Option<String> {
    let known = config.local_files().find(|known| known.path == file.path)?;
    let header = known.generated.as_deref()?;
    Some(format!(
        "its header says \"{header}\", so the next run of that program removes an edit: change the input of the program"
    ))
}

/// The error for an edit of files in JSON syntax, with the change of each as JSON, and then of the other files as a patch.
fn in_json(files: &[FileChange], generated: Option<&str>) -> EditError {
    let (mut places, mut text, mut others) = (Vec::new(), String::new(), String::new());
    for file in files {
        let before = file.before.as_deref().unwrap_or_default();
        match is_json(&file.path).then(|| changed(before, &file.after)).flatten() {
            Some((change, address)) => {
                places.push(format!("{}, {address}", file.path.display()));
                text.push_str(&change);
                text.push('\n');
            }
            None => others.push_str(&patch(file)),
        }
    }
    text.push_str(&others);
    let syntax = "his code is in JSON syntax. Each argument and block below replaces the whole one with its name, and the others stay";
    let what = generated.map_or_else(|| format!("t{syntax}"), |generated| format!("{generated}. T{syntax}"));
    EditError::Outside { place: listed(&places, "and"), what, patch: text }
}

/// Why a file is outside the boundary; `None` if it is inside.
fn why_outside(config: &Config, path: &Path) -> Option<String> {
    let outside = config.boundary.outside();
    let mut modules = config.modules().into_iter();
    if modules.any(|module| module.is_outside && module.files.iter().any(|file| file.path == path)) {
        return Some(format!("this file is {outside}"));
    }
    let file = config.local_files().find(|file| file.path == path)?;
    if config.environment.var_files.iter().any(|given| given == path)
        && !fs::canonicalize(config.root.join(path)).is_ok_and(|path| config.boundary.contains(&path))
    {
        return Some(format!("this file is {outside}"));
    }
    let target = file.link.as_ref().filter(|target| !config.boundary.contains(target))?;
    let target = relative(&config.root, target);
    Some(format!("this file is a symbolic link to {}, which is {outside}", target.display()))
}

/// The change of a file as a patch.
pub(super) fn patch(file: &FileChange) -> String {
    let before = file.before.as_deref().unwrap_or_default();
    let path = file.path.display().to_string();
    let old = if file.before.is_some() { path.as_str() } else { "/dev/null" };
    TextDiff::from_lines(before, &file.after).unified_diff().header(old, &path).to_string()
}

/// A path below the repository.
pub(super) fn shown(top: &Path, path: &Path) -> String {
    path.strip_prefix(top).unwrap_or(path).display().to_string()
}
