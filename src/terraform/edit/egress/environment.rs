//! Sets DEFAULT egress for the environment of this run only, in code with `egress_type = "VPC"` that several environments share.

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::egress::value::finish;
use crate::terraform::edit::egress::variable::{pass_condition, pass_variable, variable_by_hand};
use crate::terraform::edit::network::other_root::{others_of, shown_unit};
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::app_runner_code::in_unknown_workspace;
use crate::terraform::find::data_environment::data_environment;
use crate::terraform::find::one_environment::{
    Condition, OneEnvironment, condition_in, of_file, other_var_files,
};
use crate::terraform::find::vpc::connector_name;
use crate::terraform::find::workspaces::var_file_with;
use crate::terraform::lang::expression::conditional;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::{Attribute, Block};
use crate::terraform::read::callers::folders_with_link;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::place::Place;
use crate::text::listed;

/// Sets it: by a condition on the workspace, or by a variable that the file of the environment sets. Returns `false`, and edits nothing, if
/// the code is of one environment only.
///
/// # Errors
/// It is unknown which environment this is, or its value is given outside the folder.
pub(in crate::terraform::edit) fn set(
    draft: &mut Draft<'_>,
    egress: &Block,
    kind: &Attribute,
) -> Result<bool, EditError> {
    let service = draft.finder.code.service;
    let (config, file) = (draft.finder.config, service.file);
    if let Some(error) = with_var_file(draft) {
        return Err(error);
    }
    let place = format!("{}:{}", file.path.display(), file.line(kind.span.start));
    let by_hand = |what: &str, given: &str| {
        let what = format!("egress_type is \"VPC\" here for {what}: give it a variable");
        match variable_by_hand(config, service, Some(given)) {
            Some(snippet) => EditError::ByHand { place: place.clone(), what, snippet },
            None => EditError::Answer { place: place.clone(), what },
        }
    };
    let environment = of_file(config, file);
    let condition = condition_in(config, environment.as_ref());
    match environment {
        Some(OneEnvironment::Workspace(name)) => {
            let what = format!(
                "egress_type is \"VPC\" here for each workspace: make it DEFAULT, and vpc_connector_arn null, for {} only",
                quoted(name)
            );
            let is_set = condition.is_some_and(|condition| with_condition(draft, &condition, (egress, kind)));
            if is_set { Ok(true) } else { Err(EditError::Answer { place, what }) }
        }
        Some(OneEnvironment::UnknownWorkspace) => {
            let (snapshot, workload) = (draft.finder.snapshot, draft.finder.workload);
            let what = in_unknown_workspace(config, &workload.name, connector_name(snapshot, workload));
            let what = what.unwrap_or_else(|| "run egress-doctor with TF_WORKSPACE".to_owned());
            let what =
                format!("egress_type is \"VPC\" here for each workspace, and none is selected. {what}");
            Err(EditError::Answer { place, what })
        }
        Some(OneEnvironment::VarFile(values, path)) => {
            let others = other_var_files(config);
            if others.is_empty() {
                return Ok(false);
            }
            let is_set = values.is_some_and(|values| pass_variable(draft, Some(values)).is_some());
            if is_set { Ok(true) } else { Err(by_hand(&format!("{} too", listed(&others, "and")), &path)) }
        }
        Some(OneEnvironment::Links { file: values, others }) => {
            let values = values.filter(|_| links_have_variables(config, file, &others));
            let is_set = values.is_some_and(|values| pass_variable(draft, Some(values)).is_some());
            let what =
                format!("{} too, so declare the variable in each of these folders", listed(&others, "and"));
            if is_set { Ok(true) } else { Err(by_hand(&what, "terraform.tfvars of this folder")) }
        }
        Some(OneEnvironment::VarFiles(files)) => {
            let files = listed(&files, "or");
            Err(by_hand("every environment", &format!("the file of this environment ({files})")))
        }
        Some(OneEnvironment::Outside { variable }) => Err(by_hand(
            &format!("every environment (nothing in this folder gives var.{variable} a value)"),
            &format!("the place that gives var.{variable} its value, for this environment only"),
        )),
        Some(OneEnvironment::Unit { unit, is_only: false, .. }) if unit.stack().is_none() => {
            let inputs = format!("the inputs of {}", shown_unit(config, unit));
            let what = format!("{} too", listed(&others_of(config, unit), "and"));
            Err(by_hand(&what, &inputs))
        }
        Some(OneEnvironment::Unit { .. }) | None => {
            if let Some(condition) = condition
                && (with_condition(draft, &condition, (egress, kind))
                    || pass_condition(draft, &condition).is_some())
            {
                return Ok(true);
            }
            let mut others = optional_var_files(config);
            others.extend(data_environment(config).into_iter().flat_map(|own| own.others));
            if !others.is_empty() {
                let others = listed(&others, "and");
                draft.note(&format!(
                    "This edit is in force for all environments of this folder, also with {others}."
                ));
            }
            Ok(false)
        }
    }
}

/// The variable files that Terraform does not load and that set variables of the root module only.
fn optional_var_files(config: &Config) -> Vec<String> {
    let is_own = |name: &String| config.root_module.has_variable(name);
    let files = config.optional_var_files.iter();
    let own = files.filter(|(_, values)| !values.is_empty() && values.iter().all(|(name, _)| is_own(name)));
    own.map(|(path, _)| path.display().to_string()).collect()
}

/// The error for code whose name of the service only one of several variable files gives: that file is of this environment.
fn with_var_file(draft: &Draft<'_>) -> Option<EditError> {
    let config = draft.finder.config;
    let others = optional_var_files(config);
    let (path, address) = var_file_with(config, &draft.finder.workload.name).filter(|_| others.len() > 1)?;
    let path = path.display();
    Some(EditError::Answer {
        place: draft.finder.code.service.location(),
        what: format!(
            "this code is that of several environments ({}). With {path}, {address} is {}: run egress-doctor with --var-file {path}",
            others.join(", "),
            draft.finder.workload.name
        ),
    })
}

/// Whether the file that gets the variable is a link in each folder that uses the code of the service.
fn links_have_variables(config: &Config, service: &File, others: &[String]) -> bool {
    let module = &config.root_module;
    let file = module.blocks("variable").map(|(file, _)| file).last();
    let Some(target) = file.and_then(|file| file.link.as_ref()) else { return false };
    let top = config.boundary.top();
    let shown = |target| folders_with_link(target, &config.root, &config.boundary);
    let folders: Vec<String> =
        shown(target).iter().map(|dir| dir.strip_prefix(top).unwrap_or(dir).display().to_string()).collect();
    service.link.is_some() && others.iter().all(|other| folders.contains(other))
}

/// Makes the egress a condition on the environment. Returns `false`, and edits nothing, if the code has another form, or cannot refer to
/// what decides the environment.
fn with_condition(
    draft: &mut Draft<'_>,
    condition: &Condition,
    (egress, kind): (&Block, &Attribute),
) -> bool {
    let Place { module, file, .. } = draft.finder.code.service;
    if !condition.fits(module) {
        return false;
    }
    let is_this = condition.text();
    let arn = egress.body.attribute("vpc_connector_arn").map(|arn| (arn, file.expression(arn)));
    let mut splices = vec![Splice::new(kind.value.clone(), format!("{is_this} ? \"DEFAULT\" : \"VPC\""))];
    if let Some((arn, written)) = arn {
        let text = written.text.trim();
        if text.contains('\n') {
            return false;
        }
        let is_conditional = written.tree().is_some_and(|tree| conditional(&tree).is_some());
        let text = if is_conditional { format!("({text})") } else { text.to_owned() };
        splices.push(Splice::new(arn.value.clone(), format!("{is_this} ? null : {text}")));
    }
    draft.note(&condition.note("their egress"));
    finish(draft, file, splices);
    true
}
