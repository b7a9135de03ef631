//! Notes that an edit for one environment is in force for the others that use the code.

use similar::{ChangeTag, DiffOp, TextDiff};

use crate::terraform::changeset::{ChangeSet, FileChange};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::text::one_value::is_in_entry;
use crate::terraform::find::collections::Literal;
use crate::terraform::find::data_environment::data_environment;
use crate::terraform::find::one_environment::{
    Condition, OneEnvironment, condition, of_file, one_environment, other_var_files, uses_workspaces,
};
use crate::terraform::read::config::Config;
use crate::text::listed;

/// The note for an edit of code with one of several files for `-var-file`, with several workspaces or with several data files; `None` if
/// the edit is limited to one of them.
pub(in crate::terraform::edit) fn note(config: &Config, changes: &ChangeSet) -> Option<String> {
    of_var_files(config, changes)
        .or_else(|| of_workspaces(config, changes))
        .or_else(|| of_data_files(config, changes))
}

/// The note for an edit with ids of one environment, if nothing in the folder gives the variable of the environment a value.
pub(in crate::terraform::edit) fn note_of_ids(config: &Config) -> Option<String> {
    let Some(OneEnvironment::Outside { variable }) = one_environment(config) else { return None };
    Some(format!(
        "Nothing in this folder gives var.{variable} a value. If other environments use this code too, Terraform uses the ids of this edit there."
    ))
}

/// `None` if the edit changes a file for `-var-file`, which limits it.
fn of_var_files(config: &Config, changes: &ChangeSet) -> Option<String> {
    if let Some(OneEnvironment::VarFiles(files)) = one_environment(config) {
        let files = listed(&files, "and");
        return Some(format!("This edit is in force for all environments of {}: {files}.", folder(config)));
    }
    let others = other_var_files(config);
    let is_values = |path| config.var_files.iter().any(|file| file.path == path);
    let is_limited = changes.files.iter().any(|file| is_values(file.path.clone()));
    (!others.is_empty() && !is_limited).then(|| {
        format!(
            "This edit is in force for all environments of {}, also with {}.",
            folder(config),
            listed(&others, "and")
        )
    })
}

/// `None` if the code does not depend on the workspace, or each change is in an entry of the selected one or in a condition on it.
fn of_workspaces(config: &Config, changes: &ChangeSet) -> Option<String> {
    let selected = config.workspace.as_deref();
    let is_limited = |file: &FileChange| selected.is_some_and(|workspace| is_of_workspace(file, workspace));
    let is_open = config.unit.is_none()
        && uses_workspaces(config)
        && !changes.files.is_empty()
        && !changes.files.iter().all(is_limited);
    is_open.then(|| format!("This edit is in force for all workspaces of {}.", folder(config)))
}

/// `None` if no variable decides the file with the settings of the environment, or a change is in its entry or in a condition on it, or
/// has blocks whose number an expression decides.
fn of_data_files(config: &Config, changes: &ChangeSet) -> Option<String> {
    let condition = condition(config).filter(|condition| condition.is_of_root)?;
    let is_values = |file: &FileChange| config.var_files.iter().any(|values| values.path == file.path);
    let is_limited = |file: &FileChange| is_values(file) || is_of_condition(file, &condition);
    if changes.files.iter().any(is_limited) {
        return None;
    }
    let others = data_environment(config)?.others;
    Some(format!(
        "This edit is in force for all environments of {}, also with {}.",
        folder(config),
        listed(&others, "and")
    ))
}

fn is_of_condition(file: &FileChange, condition: &Condition) -> bool {
    let before = file.before.as_deref().unwrap_or_default();
    let is_separator = |c: char| !c.is_alphanumeric() && c != '-' && c != '_';
    let mut at = 0;
    TextDiff::from_lines(before, file.after.as_str()).iter_all_changes().any(|change| {
        let (line, start) = (change.value(), at);
        if change.tag() != ChangeTag::Insert {
            at += line.len();
            return false;
        }
        let decides = ["count ", "for_each "].iter().any(|name| line.trim_start().starts_with(name));
        decides
            || line.contains(&condition.reference)
            || line.split(is_separator).any(|word| word == condition.value)
            || before.get(..start).is_some_and(|before| is_in_entry(before, &condition.value))
    })
}

/// The folder of the code, if it is not the one that the user gave.
fn folder(config: &Config) -> String {
    let shown = config.shown_root.as_ref().map(|root| root.display().to_string());
    shown.filter(|shown| !shown.is_empty()).unwrap_or_else(|| "this folder".to_owned())
}

/// Whether a file has no other change than new values of a workspace.
fn is_of_workspace(file: &FileChange, workspace: &str) -> bool {
    let Some(before) = file.before.as_deref() else { return false };
    let diff = TextDiff::from_lines(before, file.after.as_str());
    let lines: Vec<&str> = file.after.split_inclusive('\n').collect();
    let until = |line: usize| lines.iter().take(line + 1).copied().collect::<String>();
    let in_entry = |line: usize| is_in_entry(until(line).trim_end_matches('\n'), workspace);
    diff.ops().iter().all(|op| match op {
        DiffOp::Equal { .. } => true,
        DiffOp::Replace { new_index, new_len, .. } => (*new_index..new_index + new_len).all(in_entry),
        DiffOp::Insert { new_index, new_len, .. } => {
            let is_blank = |line: &usize| lines.get(*line).is_some_and(|line| line.trim().is_empty());
            (*new_index..new_index + new_len).filter(|line| !is_blank(line)).all(in_entry)
        }
        DiffOp::Delete { .. } => false,
    })
}

/// Notes who else uses a list or map of endpoints that gets an element.
pub(in crate::terraform::edit) fn note_users<'a>(draft: &mut Draft<'a>, literal: &Literal<'a>) {
    let config = draft.finder.config;
    let file = literal.file;
    let is_given = config.environment.var_files.contains(&file.path);
    let is_of_workspace = |workspace: &str| {
        is_in_entry(file.slice(0..literal.span.start), workspace)
            || literal.trail.iter().any(|one| one.path.iter().skip(2).any(|name| name == workspace))
    };
    let users = match of_file(config, file).filter(|_| !is_given) {
        Some(OneEnvironment::Workspace(workspace)) if is_of_workspace(workspace) => None,
        Some(OneEnvironment::Workspace(_) | OneEnvironment::UnknownWorkspace) => {
            Some("that of all workspaces: each of them gets the endpoint".to_owned())
        }
        // The note of the whole edit names the other files.
        Some(OneEnvironment::VarFile(..) | OneEnvironment::Unit { is_only: true, .. }) | None => None,
        Some(other) => Some(format!("{}: each of them gets the endpoint", other.users())),
    };
    if let Some(users) = users {
        let at = format!("{}:{}", file.path.display(), file.line(literal.span.start));
        draft.note(&format!("The list or map of endpoints ({at}) is {users}."));
    }
    let of_root = literal.trail.iter().rev().find(|followed| followed.module.address.is_none());
    if let Some([root, name, ..]) = of_root.map(|followed| followed.path.as_slice())
        && root == "var"
    {
        draft.note_values_of(name, Some(file));
    }
}
