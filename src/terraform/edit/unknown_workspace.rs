//! Names the workspace in a refusal or question that an unknown workspace causes.

use crate::terraform::error::EditError;
use crate::terraform::find::app_runner_code::in_only_workspace;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::vpc::connector_name;

/// The same error with the workspace in which the code creates the service, if no workspace is selected and values are unknown.
pub(super) fn with_workspace(error: EditError, finder: &Finder<'_>) -> EditError {
    let next = || {
        let connector = connector_name(finder.snapshot, finder.workload);
        let found = in_only_workspace(finder.config, &finder.workload.name, connector)?;
        Some(format!("no workspace is selected, and {found}"))
    };
    match error {
        EditError::Ambiguous { id, mut candidates } => {
            if let Some((first, next)) = candidates.first_mut().zip(next()) {
                first.evidence.push(next);
            }
            EditError::Ambiguous { id, candidates }
        }
        EditError::Answer { place, what } if what.contains("unknown") => {
            let what = next().map_or_else(|| what.clone(), |next| format!("{what}. Here {next}"));
            EditError::Answer { place, what }
        }
        EditError::NotUnderstood { place, what } if what.contains("unknown") => {
            let what = next().map_or_else(|| what.clone(), |next| format!("{what}. Here {next}"));
            EditError::NotUnderstood { place, what }
        }
        other => other,
    }
}
