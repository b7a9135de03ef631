//! The place in a refusal, if the user gave another folder than that of the root module, and the program that applies the code.

use std::path::Path;

use crate::terraform::error::EditError;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::joined;
use crate::terraform::read::tool::Tool;

/// The same error with the program that applies the code of the root module.
pub(super) fn with_tool(error: EditError, config: &Config) -> EditError {
    match error {
        EditError::AlreadyInCode { address, place }
            if config.tool() != Tool::Terraform || config.shown_root.is_some() =>
        {
            let is_here = config.applied_dir() == config.root && config.shown_root.is_none();
            let apply = if is_here { config.tool().apply().to_owned() } else { config.apply_in() };
            EditError::NotApplied { address, place, apply }
        }
        other => other,
    }
}

/// The same error with the folder of the root module before the file of its place.
pub(super) fn with_folder(mut error: EditError, config: &Config) -> EditError {
    let Some(folder) = &config.shown_root else { return error };
    let (EditError::AlreadyInCode { place, .. }
    | EditError::NotApplied { place, .. }
    | EditError::Answer { place, .. }
    | EditError::NotUnderstood { place, .. }
    | EditError::ByHand { place, .. }
    | EditError::Given { place, .. }
    | EditError::NotHere { place, .. }) = &mut error
    else {
        return error;
    };
    let (file, line) = match place.rsplit_once(':') {
        Some((file, line)) => (file, Some(line)),
        None => (place.as_str(), None),
    };
    if Path::new(file).is_relative() && config.root.join(file).is_file() {
        let file = joined(folder, Path::new(file)).display().to_string();
        *place = line.map_or_else(|| file.clone(), |line| format!("{file}:{line}"));
    }
    error
}
