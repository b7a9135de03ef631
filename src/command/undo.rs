//! `egress-doctor undo`: restores the files of the last write. Changes nothing in AWS.

use std::path::{Path, PathBuf};

use color_eyre::eyre::{Result, eyre};

use super::emit::{emit, note};
use super::exit::Exit;
use crate::process;
use crate::terraform::write::{self, UndoError};
use crate::text::{listed, one_line, shell_quote_path};

/// Adds the other folders of the repository that have a write to undo.
fn with_others(error: UndoError, terraform: &Path, state: &Path) -> color_eyre::Report {
    let others = match error {
        UndoError::Nothing(_) => write::others(terraform, state),
        _ => Vec::new(),
    };
    let names: Vec<String> = others.iter().map(|root| shell_quote_path(root)).collect();
    if names.is_empty() {
        return error.into();
    }
    eyre!(
        "{error}. Edits for it are in other folders: egress-doctor undo --terraform {}",
        listed(&names, "or")
    )
}

/// Restores the files of the last write. `finish` completes an interrupted write instead. `forget` keeps the
/// files and removes the undo information.
pub(super) fn run(terraform: &Path, finish: bool, forget: bool) -> Result<Exit> {
    let state = write::state_folder()?;
    // A signal ends the program when the user knows what was changed.
    let _change = process::begin_change();
    let mut warning = None;
    let (files, what) = if forget {
        (write::forget(terraform, &state)?, "Kept the files unchanged and removed their undo information in")
    } else if finish {
        (write::finish(terraform, &state)?, "Finished the interrupted write in")
    } else {
        let undone = write::undo(terraform, &state).map_err(|error| with_others(error, terraform, &state))?;
        warning = undone.warning();
        (undone.files, "Restored byte for byte in")
    };
    let name = |file: &PathBuf| one_line(&file.display().to_string());
    let root = one_line(&terraform.display().to_string());
    let list: String = files.iter().map(|file| format!("  {}\n", name(file))).collect();
    let printed = emit(&format!("{what} {root}:\n{list}"));
    // The user must learn what was changed although standard output is full or closed.
    if printed.is_err() {
        note(&format!("{what} {root}: {}", files.iter().map(name).collect::<Vec<_>>().join(", ")));
    }
    if let Some(warning) = warning {
        note(&warning);
    }
    printed?;
    Ok(Exit::Done)
}
