//! The edit that changes a service to DEFAULT egress.
//!
//! `network_configuration` is Optional and Computed in the provider, so removing the block changes nothing.
//! The edit therefore sets `egress_type = "DEFAULT"` and removes `vpc_connector_arn`, because AWS rejects
//! it with DEFAULT egress.

use std::ops::Range;

use hcl_edit::expr::Expression;

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::egress;
use crate::terraform::edit::egress::elsewhere::{
    SNIPPET, egress_in_code, given_elsewhere, ignored, in_data_file, in_the_call, in_the_unit,
    of_each_workspace, of_other_environments,
};
use crate::terraform::edit::egress::of_call::{
    egress_argument, egress_of_reference, set_instance, without_created_connector,
};
use crate::terraform::edit::egress::switch::egress_switch;
use crate::terraform::edit::egress::value::{finish, set_flag_of_entry, set_value};
use crate::terraform::edit::egress::variable::{set_in_call, variable_by_hand, variable_of_registry_call};
use crate::terraform::edit::text::alignment::{equal_sign, set_padding};
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::edit::values;
use crate::terraform::edit::values::enable::value_of;
use crate::terraform::error::EditError;
use crate::terraform::find::app_runner_code::{egress_configuration, in_unknown_workspace};
use crate::terraform::find::instances::service_key;
use crate::terraform::find::registry::registry_module;
use crate::terraform::find::vpc::connector_name;
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::{Expr, conditional};
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::scan::{Attribute, Block};
use crate::terraform::read::file::File;
use crate::terraform::read::place::{Place, is_ignored, location};

/// Changes the service to DEFAULT egress: in its block, or in the call of its module if the module must not
/// be edited.
pub(in crate::terraform) fn use_default_egress(draft: &mut Draft<'_>) -> Result<(), EditError> {
    let Place { file, block: service, module } = draft.finder.code.service;
    let config = draft.finder.config;
    if is_ignored(file, service, "network_configuration") {
        return Err(ignored(draft.finder.code.service, draft.finder.workload));
    }
    if egress_in_code(draft).as_deref() == Some("DEFAULT") {
        let address = draft.finder.code.service.address_in_root().to_string();
        return Err(EditError::AlreadyInCode { address, place: location(file, service) });
    }
    if service.block_type == "module" {
        return edit_call(draft, Some(draft.finder.code.service));
    }
    let call_sets_egress = || {
        let call = config.caller(module);
        call.is_some_and(|call| call.block.body.attribute("network_configuration").is_some())
    };
    if module.is_installed
        || config.is_used_more_than_once(module)
        || (module.is_outside && call_sets_egress())
    {
        return if !call_sets_egress() && set_in_call(draft) { Ok(()) } else { edit_caller(draft) };
    }
    let by_hand = |what: &str| EditError::ByHand {
        place: location(file, service),
        what: what.to_owned(),
        snippet: SNIPPET.to_owned(),
    };
    if service
        .body
        .blocks("dynamic")
        .any(|block| block.labels.iter().any(|label| label == "network_configuration"))
    {
        let service = draft.finder.code.service;
        if service.is_one_of_several() {
            return Err(egress::dynamic::of_entry(draft));
        }
        if let Some(edit) = config.caller(module).and_then(|call| egress::dynamic::set_in_object(draft, call))
        {
            return edit;
        }
        if egress::dynamic::set(draft) {
            return Ok(());
        }
        let error = config.caller(module).and_then(|call| egress::dynamic::refusal(service, call));
        return Err(error.unwrap_or_else(|| {
            let mut dynamic = service.block.body.blocks("dynamic");
            let each = dynamic
                .find(|block| block.kind() == Some("network_configuration"))
                .and_then(|block| block.body.attribute("for_each"))
                .map(|each| (file.line(each.span.start), file.expression(each).in_one_line()));
            let each = each.map_or_else(String::new, |(line, each)| {
                format!(" ({}:{line}), which is `{each}`", file.path.display())
            });
            by_hand(&format!(
                "network_configuration is a dynamic block: change the value of its for_each{each}"
            ))
        }));
    }
    let Some(egress) = egress_configuration(service) else {
        return Err(by_hand("the service has no network_configuration with an egress_configuration"));
    };
    let Some(kind) = egress.body.attribute("egress_type") else {
        return Err(by_hand("egress_configuration has no egress_type"));
    };
    let expression = file.expression(kind);
    if draft.finder.code.service.is_one_of_several() {
        return one_of_several(draft, egress);
    }
    match expression.string().as_deref() {
        Some("VPC") => {
            if egress::environment::set(draft, egress, kind)? {
                return Ok(());
            }
        }
        Some("DEFAULT") => {
            return Err(EditError::AlreadyInCode {
                address: address(service),
                place: location(file, service),
            });
        }
        _ => {
            if set_expression(draft, egress, kind)? {
                return Ok(());
            }
        }
    }
    let attributes: Vec<Attribute> = egress.body.attributes().cloned().collect();
    let splices = set_default_egress(file, &attributes, kind)
        .ok_or_else(|| by_hand("vpc_connector_arn shares its line with other code"))?;
    finish(draft, file, splices);
    Ok(())
}

/// Changes the value that an expression of `egress_type` refers to. Returns `false` if only the expression itself can be changed.
fn set_expression(draft: &mut Draft<'_>, egress: &Block, kind: &Attribute) -> Result<bool, EditError> {
    let Place { file, block: service, module } = draft.finder.code.service;
    let config = draft.finder.config;
    let expression = file.expression(kind);
    let arn = egress.body.attribute("vpc_connector_arn").map(|arn| file.value(arn));
    let now = module.evaluate(expression);
    if now.as_deref() == Some("DEFAULT") {
        return Err(EditError::AlreadyInCode { address: address(service), place: location(file, service) });
    }
    // Only in the root module, because the caller sets the variables of a called module.
    if module.address.is_none()
        && draft.finder.target.address.is_none()
        && let Some(switch) = egress_switch(expression.text, arn)
        && draft.set_variable(&switch.variable, switch.value, switch.uses)
    {
        finish(draft, file, Vec::new());
        return Ok(true);
    }
    if set_value(draft, draft.finder.code.service, egress) {
        finish(draft, file, Vec::new());
        return Ok(true);
    }
    if let Some(error) = in_the_unit(draft, expression, now.clone()) {
        return Err(error);
    }
    let what = format!("egress_type of {} is `{}`", location(file, service), expression.in_one_line());
    let variable = expression.variable();
    let in_json = variable
        .and_then(|name| values::json_values::refusal(config, (module, &name), (&what, "\"DEFAULT\"")));
    if let Some(error) = in_json {
        return Err(error);
    }
    if let Some(error) = values::data_file::refusal(config, draft.finder.code.service, expression) {
        return Err(error);
    }
    if let Some(call) = config.caller(module) {
        return Err(in_the_call(draft.finder.code.service, call, kind, arn.map(Expr::from), draft));
    }
    let name = draft.finder.workload.name.as_str();
    let connector = connector_name(draft.finder.snapshot, draft.finder.workload);
    if now.is_none()
        && let Some(what) = in_unknown_workspace(config, name, connector)
    {
        return Err(EditError::NotFound { what: format!("the value of egress_type: {what}") });
    }
    if let Some(error) = given_elsewhere(draft, (kind, expression)) {
        return Err(error);
    }
    if let Some(error) = of_each_workspace(draft, (kind, expression)) {
        return Err(error);
    }
    if let Some(error) = of_other_environments(draft, (kind, expression)) {
        return Err(error);
    }
    // The expression has other uses, or its value is not known: only this service gets the new value.
    draft.note(&format!(
        "egress_type was `{}`. This edit replaces the expression, because its parts are used elsewhere too, or have no value \
         that can be changed.",
        expression.in_one_line()
    ));
    Ok(false)
}

/// Sets `egress_type` to `"DEFAULT"`, removes `vpc_connector_arn`, and aligns the rest; `None` if
/// `vpc_connector_arn` shares its line with other code. An explicit `null` is kept: a module may have another default.
pub(in crate::terraform::edit) fn set_default_egress(
    file: &File,
    attributes: &[Attribute],
    kind: &Attribute,
) -> Option<Vec<Splice>> {
    let arn = attributes.iter().find(|attribute| attribute.name == "vpc_connector_arn");
    let mut splices = vec![Splice::new(kind.value.clone(), "\"DEFAULT\"".to_owned())];
    let is_null =
        |arn: &&Attribute| matches!(file.expression(arn).tree().as_deref(), Some(Expression::Null(_)));
    if let Some(arn) = arn.filter(|arn| !is_null(arn)) {
        splices.push(Splice::new(whole_lines(file, arn)?, String::new()));
        splices.extend(realign(file, attributes, arn));
    }
    Some(splices)
}

/// Changes one of the services that a block creates: its entry in the map, or a condition on its key.
fn one_of_several(draft: &mut Draft<'_>, egress: &Block) -> Result<(), EditError> {
    let service = draft.finder.code.service;
    let file = service.file;
    if set_value(draft, service, egress) {
        finish(draft, file, Vec::new());
        return Ok(());
    }
    let name = draft.finder.workload.name.clone();
    let kind = egress.body.attribute("egress_type").map(|kind| (kind, file.expression(kind)));
    let key = service_key(service, &name);
    let connector = connector_name(draft.finder.snapshot, draft.finder.workload);
    if key.is_none()
        && let Some(what) = in_unknown_workspace(draft.finder.config, &name, connector)
    {
        return Err(EditError::NotFound { what: format!("the instance of {name}: {what}") });
    }
    let place = service.location();
    let (Some((kind, expression)), Some(key)) = (kind, key) else {
        let what = format!(
            "the block creates several services, and it is unknown which instance is {name}: set its egress_type to DEFAULT and its \
             vpc_connector_arn to null"
        );
        return Err(EditError::NotUnderstood { place, what });
    };
    if set_flag_of_entry(draft, (service, &key), egress) {
        finish(draft, file, Vec::new());
        return Ok(());
    }
    if let Some(error) = in_data_file(draft.finder.config, (service, &key), expression) {
        return Err(error);
    }
    let arn = egress.body.attribute("vpc_connector_arn").map(|arn| (arn, file.expression(arn)));
    let is_one_line = !expression.text.contains('\n') && !arn.is_some_and(|(_, arn)| arn.text.contains('\n'));
    if !is_one_line {
        let what = format!(
            "the block creates several services, and egress_type is `{}`: make it DEFAULT for {name} ({}), and its vpc_connector_arn null",
            expression.in_one_line(),
            quoted(&key)
        );
        return Err(EditError::NotUnderstood { place, what });
    }
    let is_this = format!("each.key == {}", quoted(&key));
    let text = |expression: Expr<'_>| {
        let is_conditional = expression.tree().is_some_and(|tree| conditional(&tree).is_some());
        let text = expression.text.trim();
        if is_conditional { format!("({text})") } else { text.to_owned() }
    };
    let other = text(expression);
    let mut splices = vec![Splice::new(kind.value.clone(), format!("{is_this} ? \"DEFAULT\" : {other}"))];
    if let Some((arn, expression)) = arn {
        splices.push(Splice::new(arn.value.clone(), format!("{is_this} ? null : {}", text(expression))));
    }
    finish(draft, file, splices);
    Ok(())
}

/// The variable of a local module that is the `egress_type` of the service.
fn variable_of(service: Place<'_>) -> Option<String> {
    let kind = egress_configuration(service.block)?.body.attribute("egress_type")?;
    service.file.expression(kind).variable()
}

/// Edits the argument in the call of a module that must not be edited:
/// `network_configuration = { egress_configuration = { … } }`.
fn edit_caller(draft: &mut Draft<'_>) -> Result<(), EditError> {
    let caller = draft.finder.config.caller(draft.finder.code.service.module);
    edit_call(draft, caller)
}

/// The same for the call of the service's module.
fn edit_call<'a>(draft: &mut Draft<'a>, call: Option<Place<'a>>) -> Result<(), EditError> {
    let service = draft.finder.code.service;
    let config = draft.finder.config;
    if let Some(edit) = call.and_then(|call| set_instance(draft, call)) {
        return edit;
    }
    let caller = call.filter(|caller| {
        !caller.is_one_of_several()
            && caller.module.overridden(caller.block).is_none()
            && !caller.module.is_installed
            && !config.is_used_more_than_once(caller.module)
    });
    let place = caller.map_or_else(|| service.location(), |caller| caller.location());
    let by_hand = |what: &str| EditError::ByHand {
        place: place.clone(),
        what: what.to_owned(),
        snippet:
            "network_configuration = {\n  egress_configuration = {\n    egress_type = \"DEFAULT\"\n  }\n}"
                .to_owned(),
    };
    let Some(caller) = caller else {
        return Err(of_several(draft, call, (place.clone(), &by_hand)));
    };
    if let Some(edit) = egress::dynamic::set_in_object(draft, caller) {
        return edit;
    }
    if let Some(error) = egress::dynamic::refusal(service, caller) {
        return Err(error);
    }
    let argument = caller.block.body.attribute("network_configuration");
    if argument.is_none()
        && service.block.block_type != "module"
        && registry_module(&caller).is_none()
        && let Some(snippet) = variable_by_hand(config, service, None)
    {
        let what = format!(
            "the module of the service ({}) is not edited here, and no argument of this call decides its egress: give it a variable, and set \
             it in the call",
            service.module.dir.display()
        );
        return Err(EditError::ByHand { place, what, snippet });
    }
    if argument.is_none()
        && service.block.block_type != "module"
        && registry_module(&caller).is_none()
        && let Some(egress) = egress_configuration(service.block)
        && let Some(kind) = egress.body.attribute("egress_type")
    {
        let arn = egress.body.attribute("vpc_connector_arn").map(|arn| service.file.expression(arn));
        return Err(in_the_call(service, caller, kind, arn, draft));
    }
    let Some(egress) = egress_argument(caller) else {
        let Some(argument) = argument else {
            return Err(by_hand(
                "the service is in a module that egress-doctor does not edit, and this call has no network_configuration",
            ));
        };
        return Err(egress_of_reference(caller, argument));
    };
    let Some(kind) = egress.iter().find(|field| field.name == "egress_type") else {
        return Err(by_hand("egress_configuration has no egress_type"));
    };
    match caller.file.expression(kind).string().as_deref() {
        Some("VPC") => {}
        Some("DEFAULT") => {
            return Err(EditError::AlreadyInCode { address: service.address_in_root().to_string(), place });
        }
        _ => {
            return Err(by_hand(&format!(
                "egress_type ({}:{}) is `{}`{}: change its value",
                caller.file.path.display(),
                caller.file.line(kind.span.start),
                caller.file.expression(kind).in_one_line(),
                value_of(caller.module, caller.file.expression(kind))
            )));
        }
    }
    let splices = without_created_connector(caller, &egress, kind)
        .or_else(|| set_default_egress(caller.file, &egress, kind))
        .ok_or_else(|| by_hand("vpc_connector_arn shares its line with other code"))?;
    finish(draft, caller.file, splices);
    Ok(())
}

/// The refusal for a service whose call makes several ones, or is in a module that is called more than once.
fn of_several(
    draft: &Draft<'_>,
    call: Option<Place<'_>>,
    (place, by_hand): (String, impl Fn(&str) -> EditError),
) -> EditError {
    let (service, config) = (draft.finder.code.service, draft.finder.config);
    let code = variable_by_hand(config, service, None)
        .filter(|_| !service.module.is_installed)
        .or_else(|| variable_of_registry_call(config, call?));
    let variable = variable_of(service).filter(|_| !service.module.is_installed);
    match (code, variable) {
        (Some(snippet), _) => EditError::ByHand {
            place,
            what: "egress_type is \"VPC\" in a module that is called more than once: give it a variable, and set it to DEFAULT on the way \
                   from the root of this service"
                .to_owned(),
            snippet,
        },
        (None, Some(name)) => EditError::ByHand {
            place: config.caller(service.module).map_or(place, |call| call.location()),
            what: "the module of the service is called more than once, and this variable decides its egress: set it for this service"
                .to_owned(),
            snippet: format!("{name} = \"DEFAULT\"\n"),
        },
        (None, None) if call.is_some_and(|call| call.is_one_of_several()) => EditError::Answer {
            place: call.map_or(place, |call| call.location()),
            what: format!(
                "this call makes several services: change its arguments so that egress_type is DEFAULT and vpc_connector_arn is null for {} \
                 only",
                draft.finder.workload.name
            ),
        },
        (None, None) => by_hand(
            "the module of the service is called more than once: change the arguments of the call for this service",
        ),
    }
}

/// The lines of an attribute with their line ends; `None` if other code is on these lines.
fn whole_lines(file: &File, attribute: &Attribute) -> Option<Range<usize>> {
    let start = file.text.get(..attribute.span.start)?.rfind('\n').map_or(0, |at| at + 1);
    let rest = file.text.get(attribute.span.end..)?;
    let end = rest.find('\n').map_or(file.text.len(), |at| attribute.span.end + at + 1);
    let before = file.text.get(start..attribute.span.start)?;
    let after = file.text.get(attribute.span.end..end)?.trim();
    let is_alone =
        before.trim().is_empty() && (after.is_empty() || after.starts_with('#') || after.starts_with("//"));
    is_alone.then_some(start..end)
}

/// Aligns again the attributes that were aligned with the removed attribute, which may have had the longest
/// name.
fn realign(file: &File, attributes: &[Attribute], removed: &Attribute) -> Vec<Splice> {
    let line = |at: usize| file.line(at);
    let column = |attribute: &Attribute| equal_sign(file, attribute).map(|at| at - attribute.span.start);
    let aligned: Vec<&Attribute> = attributes
        .iter()
        .filter(|attribute| line(attribute.span.start) == line(attribute.span.end))
        .filter(|attribute| line(attribute.span.start).abs_diff(line(removed.span.start)) <= attributes.len())
        .filter(|attribute| column(attribute) == column(removed))
        .collect();
    let kept = || aligned.iter().filter(|attribute| attribute.name != removed.name);
    let Some(width) = kept().map(|attribute| attribute.name.len()).max() else { return Vec::new() };
    kept().filter_map(|attribute| set_padding(file, attribute, width)).collect()
}
