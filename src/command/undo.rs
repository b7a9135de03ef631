//! `egress-doctor undo`: restores the files of the last write. Changes nothing in AWS.

use std::path::Path;

use color_eyre::eyre::Result;

use super::emit::{emit, note};
use super::exit::Exit;
use crate::report::clean;
use crate::terraform::write;

/// Restores the files of the last write. `finish` completes an interrupted write instead. `forget` keeps the
/// files and removes the undo information.
pub(super) fn run(terraform: &Path, finish: bool, forget: bool) -> Result<Exit> {
    let state = write::state_folder()?;
    let mut warning = None;
    let (files, what) = if forget {
        (write::forget(terraform, &state)?, "Kept the files unchanged and removed their undo information in")
    } else if finish {
        (write::finish(terraform, &state)?, "Finished the interrupted write in")
    } else {
        let undone = write::undo(terraform, &state)?;
        warning = undone.warning();
        (undone.files, "Restored byte for byte in")
    };
    let list: String = files.iter().map(|file| format!("  {}\n", file.display())).collect();
    emit(&clean(&format!("{what} {}:\n{list}", terraform.display())))?;
    if let Some(warning) = warning {
        note(&warning);
    }
    Ok(Exit::Done)
}
