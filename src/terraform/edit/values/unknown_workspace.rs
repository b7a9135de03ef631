//! Names the workspace or the variable file in a refusal, instead of a question that their unknown values cause.

use std::collections::BTreeSet;

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule::entries::forms;
use crate::terraform::error::EditError;
use crate::terraform::find::app_runner_code::{in_only_workspace, in_unknown_workspace};
use crate::terraform::find::finder::Finder;
use crate::terraform::find::form::Form;
use crate::terraform::find::found::Found;
use crate::terraform::find::one_environment::{OneEnvironment, one_environment};
use crate::terraform::find::vpc::connector_name;
use crate::terraform::find::workspaces::var_file_with;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::partial::references;
use crate::terraform::read::config::Config;

/// The same error with the workspace in which the code creates the service, if no workspace is selected and values are unknown. A
/// question becomes a refusal that names the workspace, or the variable file: with its values the code gives the answer.
pub(in crate::terraform::edit) fn with_workspace(error: EditError, finder: &Finder<'_>) -> EditError {
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

/// Whether the code reads the state of the same workspace of another root module: its network is that of the workspace.
pub(in crate::terraform::edit) fn reads_state_of_workspace(config: &Config) -> bool {
    config.modules().into_iter().any(|module| {
        let mut states = module.data("terraform_remote_state");
        states.any(|(file, block)| {
            let (mut open, mut seen) = (vec![file.slice(block.span.clone()).to_owned()], BTreeSet::new());
            while let Some(text) = open.pop() {
                if text.contains("terraform.workspace") {
                    return true;
                }
                let locals =
                    references(&format!("{text}\n")).into_iter().filter(|name| seen.insert(name.clone()));
                let locals = locals.filter_map(|name| {
                    let text = module.local(name.strip_prefix("local.")?)?;
                    Some(format!("x = {text}"))
                });
                open.extend(locals);
            }
            false
        })
    })
}

/// The refusal for an edit with ids of one environment, if the selected workspace or the file for `-var-file` is unknown: an apply in
/// another environment would use them too.
pub(in crate::terraform::edit) fn of_edit(draft: &Draft<'_>) -> Option<EditError> {
    let finder = &draft.finder;
    let connector = connector_name(finder.snapshot, finder.workload);
    let next = in_unknown_workspace(finder.config, &finder.workload.name, connector);
    let what = match next {
        Some(next) => format!("values depend on the workspace: no workspace is selected, and {next}"),
        None => of_other_var_files(finder)?,
    };
    Some(EditError::Answer { place: finder.code.service.location(), what })
}

/// The next step if one of several files for `-var-file` decides the environment, and none is given.
pub(in crate::terraform::edit) fn of_other_var_files(finder: &Finder<'_>) -> Option<String> {
    let environment = one_environment(finder.config)?;
    matches!(environment, OneEnvironment::VarFiles(_)).then(|| without_var_file(finder))?
}

/// The refusal for a rule of a group whose rules come from a variable that only a file for `-var-file` sets: names that file.
pub(in crate::terraform::edit) fn of_rules(
    draft: &Draft<'_>,
    direction: &str,
    found: &Found<'_>,
) -> Option<EditError> {
    let finder = &draft.finder;
    let place = found.rules(direction);
    let group = found.origin()?;
    let is_of_group = |form: &Form<'_>| {
        let origins = finder.network.origins.of_attribute(form.place, "security_group_id");
        origins.is_some_and(|all| all.len() == 1 && all.iter().all(|one| one.is_same_resource(&group)))
    };
    let kinds = [format!("aws_vpc_security_group_{direction}_rule"), "aws_security_group_rule".to_owned()];
    let resources = kinds.iter().flat_map(|kind| forms(draft, kind)).filter(is_of_group);
    let mut all = Form::of_dynamic(place, direction).into_iter().chain(resources);
    all.find_map(|form| {
        let module = form.place.module;
        module.value(form.collection()).is_none().then_some(())?;
        let why = module.why_unknown(form.collection())?;
        let variable = why.strip_suffix(" has no known value")?.rsplit_once("var.")?.1;
        (!finder.config.optional_var_files_with(variable).is_empty()).then_some(())?;
        let what = without_var_file(finder)?;
        let list = Expr::from(form.collection()).in_one_line();
        Some(EditError::Answer {
            place: form.place.location(),
            what: format!(
                "the {direction} rules of {} are those of `{list}`: {what}",
                found.address_in_root()
            ),
        })
    })
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
