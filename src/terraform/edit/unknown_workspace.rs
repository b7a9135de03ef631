//! Names the workspace or the variable file in a refusal, instead of a question that their unknown values cause.

use crate::terraform::error::EditError;
use crate::terraform::find::app_runner_code::in_only_workspace;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::vpc::connector_name;
use crate::terraform::find::workspaces::var_file_with;

/// The same error with the workspace in which the code creates the service, if no workspace is selected and values are unknown. A
/// question becomes a refusal that names the workspace, or the variable file: with its values the code gives the answer.
pub(super) fn with_workspace(error: EditError, finder: &Finder<'_>) -> EditError {
    let next = || {
        let connector = connector_name(finder.snapshot, finder.workload);
        let found = in_only_workspace(finder.config, &finder.workload.name, connector)?;
        Some(format!("no workspace is selected, and {found}"))
    };
    match error {
        EditError::Ambiguous { id, candidates } => {
            let place = || finder.code.service.location();
            if let Some(next) = next() {
                return EditError::Answer {
                    place: place(),
                    what: format!("values depend on the workspace: {next}"),
                };
            }
            let is_unknown = |text: &String| text.contains("has no known value");
            let is_open = candidates.iter().flat_map(|one| &one.evidence).any(is_unknown);
            let var_file = Some(finder).filter(|_| is_open).and_then(without_var_file);
            match var_file {
                Some(what) => EditError::Answer { place: place(), what },
                None => EditError::Ambiguous { id, candidates },
            }
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

/// The variable files that Terraform does not load, and the one with which the code creates the service; `None` if there are none.
fn without_var_file(finder: &Finder<'_>) -> Option<String> {
    let config = finder.config;
    let names: Vec<String> =
        config.optional_var_files.iter().map(|(path, _)| path.display().to_string()).collect();
    (!names.is_empty()).then(|| {
        let names = names.join(", ");
        let found = var_file_with(config, &finder.workload.name);
        let next = found.map_or_else(
            || "run egress-doctor with --var-file for the file that you give with -var-file".to_owned(),
            |(path, address)| {
                let path = path.display();
                format!("with {path}, {address} has this name: run egress-doctor with --var-file {path}")
            },
        );
        format!("values are unknown, because Terraform does not load {names} by itself; {next}")
    })
}
