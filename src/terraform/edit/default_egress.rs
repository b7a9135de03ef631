//! The edit for DEFAULT egress.
//!
//! `network_configuration` is Optional and Computed in the provider: removing the block changes nothing. So
//! `egress_type = "DEFAULT"` is said explicitly, and the connector's line goes.

use std::ops::Range;

use crate::terraform::edit::amend::{equals, padded};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::app_runner_code::egress_configuration;
use crate::terraform::lang::address::address;
use crate::terraform::lang::scan::{Attribute, scan};
use crate::terraform::read::file::File;
use crate::terraform::read::place::{Place, is_ignored, location};

const SNIPPET: &str =
    "network_configuration {\n  egress_configuration {\n    egress_type = \"DEFAULT\"\n  }\n}";

/// Rewrites `egress_type` and removes `vpc_connector_arn`.
pub(in crate::terraform) fn edit(draft: &mut Draft<'_>) -> Result<(), EditError> {
    let Place { file, block: service, module } = draft.finder.code.service;
    if module.is_installed || draft.finder.config.is_used_more_than_once(module) {
        return at_the_caller(draft);
    }
    let by_hand = |what: &str| EditError::ByHand {
        place: location(file, service),
        what: what.to_owned(),
        snippet: SNIPPET.to_owned(),
    };
    if draft.finder.code.service.is_one_of_several() {
        return Err(by_hand("the service is one of several that one block makes"));
    }
    if is_ignored(file, service, "network_configuration") {
        return Err(by_hand(
            "lifecycle.ignore_changes hides network_configuration, so an edit would have no effect",
        ));
    }
    if service
        .body
        .blocks("dynamic")
        .any(|block| block.labels.iter().any(|label| label == "network_configuration"))
    {
        return Err(by_hand("network_configuration is a dynamic block: change what it iterates over"));
    }
    let Some(egress) = egress_configuration(service) else {
        return Err(by_hand("the service has no network_configuration with an egress_configuration"));
    };
    let Some(kind) = egress.body.attribute("egress_type") else {
        return Err(by_hand("egress_configuration has no egress_type"));
    };
    match file.value(kind) {
        "\"VPC\"" => {}
        "\"DEFAULT\"" => {
            return Err(EditError::AlreadyInCode {
                address: address(service),
                place: location(file, service),
            });
        }
        expression => {
            let arn = egress.body.attribute("vpc_connector_arn").map(|arn| file.value(arn));
            let now = module.evaluate(expression);
            if now.as_deref() == Some("DEFAULT") {
                return Err(EditError::AlreadyInCode {
                    address: address(service),
                    place: location(file, service),
                });
            }
            // A variable of other code than the root's is set by its caller.
            if module.address.is_none()
                && draft.finder.target.address.is_none()
                && let Some((variable, value, uses)) = switch(expression, arn)
                && draft.set_variable(&variable, value, uses)
            {
                finish(draft, file, Vec::new());
                return Ok(());
            }
            return Err(by_hand(
                "egress_type is an expression: change the value it takes, not the expression",
            ));
        }
    }
    let attributes: Vec<Attribute> = egress.body.attributes().cloned().collect();
    let splices = said_explicitly(file, &attributes, kind)
        .ok_or_else(|| by_hand("vpc_connector_arn shares its line with other code"))?;
    finish(draft, file, splices);
    Ok(())
}

/// `egress_type` becomes `"DEFAULT"`, the connector's line goes, and what is left is aligned; `None` where the line is shared.
fn said_explicitly(file: &File, attributes: &[Attribute], kind: &Attribute) -> Option<Vec<Splice>> {
    let connector = attributes.iter().find(|one| one.name == "vpc_connector_arn");
    let mut splices = vec![Splice::new(kind.value.clone(), "\"DEFAULT\"".to_owned())];
    if let Some(connector) = connector {
        splices.push(Splice::new(whole_lines(file, connector)?, String::new()));
    }
    splices.extend(realigned(file, attributes, connector));
    Some(splices)
}

/// The variable that switches to DEFAULT egress: its name, the value that does, and how often it is named in the two attributes.
/// The connector's ARN must go with it: AWS refuses one beside DEFAULT.
fn switch(kind: &str, arn: Option<&str>) -> Option<(String, &'static str, usize)> {
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let kind = squeezed(kind);
    let Some((name, cases)) = kind.strip_prefix("var.")?.split_once('?') else {
        let name = kind.strip_prefix("var.")?;
        let arn = squeezed(arn?);
        let cases = arn.strip_prefix(&format!("var.{name}==\"VPC\"?"))?;
        let fits = cases.ends_with(":null") && cases.matches(':').count() == 1;
        return fits.then(|| (name.to_owned(), "\"DEFAULT\"", 2));
    };
    let (value, goes) = match cases {
        "\"VPC\":\"DEFAULT\"" => ("false", ":null"),
        "\"DEFAULT\":\"VPC\"" => ("true", "null:"),
        _ => return None,
    };
    let uses = match arn.map(squeezed) {
        None => 1,
        Some(arn) => {
            let cases = arn.strip_prefix(&format!("var.{name}?"))?;
            let fits = if value == "false" { cases.ends_with(goes) } else { cases.starts_with(goes) };
            if !fits || cases.matches(':').count() != 1 {
                return None;
            }
            2
        }
    };
    Some((name.to_owned(), value, uses))
}

fn finish(draft: &mut Draft<'_>, file: &File, splices: Vec<Splice>) {
    for splice in splices {
        draft.splice(file, splice);
    }
    draft.change(&draft.finder.code.service.address_in_root());
    draft.note("The connector stays: it is no longer used, and can be removed in a later change.");
}

/// In code that is not to be edited, the module's own argument is: `network_configuration = { egress_configuration = { … } }`.
fn at_the_caller(draft: &mut Draft<'_>) -> Result<(), EditError> {
    let service = draft.finder.code.service;
    let config = draft.finder.config;
    let caller = config.caller(service.module).filter(|caller| {
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
        return Err(by_hand(
            "the service is made in code that is called more than once: change what this one is given",
        ));
    };
    let given = caller.block.body.attribute("network_configuration");
    let inner = given
        .and_then(|network| fields(caller.file, &network.value))
        .and_then(|network| network.into_iter().find(|one| one.name == "egress_configuration"))
        .and_then(|egress| fields(caller.file, &egress.value));
    let Some(egress) = inner else {
        return Err(by_hand(
            "the service is made in a module that is not edited, and this call has no network_configuration that can be read",
        ));
    };
    let Some(kind) = egress.iter().find(|one| one.name == "egress_type") else {
        return Err(by_hand("egress_configuration has no egress_type"));
    };
    match caller.file.value(kind).trim() {
        "\"VPC\"" => {}
        "\"DEFAULT\"" => {
            return Err(EditError::AlreadyInCode { address: service.address_in_root().to_string(), place });
        }
        _ => return Err(by_hand("egress_type is an expression: change the value it takes")),
    }
    let splices = said_explicitly(caller.file, &egress, kind)
        .ok_or_else(|| by_hand("vpc_connector_arn shares its line with other code"))?;
    finish(draft, caller.file, splices);
    Ok(())
}

/// The fields of an object that is written line by line, with their places in the file.
fn fields(file: &File, object: &Range<usize>) -> Option<Vec<Attribute>> {
    let text = file.slice(object.clone());
    let start = object.start + text.find('{')? + 1;
    let end = object.start + text.rfind('}')?;
    text.trim_start().starts_with('{').then_some(())?;
    let body = scan(file.slice(start..end)).ok()?;
    let moved = |span: &Range<usize>| span.start + start..span.end + start;
    let moved = |one: &Attribute| Attribute {
        name: one.name.clone(),
        span: moved(&one.span),
        value: moved(&one.value),
    };
    Some(body.attributes().map(moved).collect())
}

/// From the first column of the attribute's first line past the line end of its last; `None` when it is not alone.
fn whole_lines(file: &File, attribute: &Attribute) -> Option<Range<usize>> {
    let start = file.text.get(..attribute.span.start)?.rfind('\n').map_or(0, |at| at + 1);
    let rest = file.text.get(attribute.span.end..)?;
    let end = rest.find('\n').map_or(file.text.len(), |at| attribute.span.end + at + 1);
    let before = file.text.get(start..attribute.span.start)?;
    let after = file.text.get(attribute.span.end..end)?.trim();
    let alone =
        before.trim().is_empty() && (after.is_empty() || after.starts_with('#') || after.starts_with("//"));
    alone.then_some(start..end)
}

/// Takes the padding before `=` back where the removed line was the longest of its run.
fn realigned(file: &File, attributes: &[Attribute], removed: Option<&Attribute>) -> Vec<Splice> {
    let Some(removed) = removed else { return Vec::new() };
    let line = |at: usize| crate::terraform::lang::scan::line_and_column(&file.text, at).0;
    let column = |attribute: &Attribute| equals(file, attribute).map(|at| at - attribute.span.start);
    let run: Vec<&Attribute> = attributes
        .iter()
        .filter(|attribute| line(attribute.span.start) == line(attribute.span.end))
        .filter(|attribute| line(attribute.span.start).abs_diff(line(removed.span.start)) <= attributes.len())
        .filter(|attribute| column(attribute) == column(removed))
        .collect();
    let kept = || run.iter().filter(|attribute| attribute.name != removed.name);
    let Some(width) = kept().map(|attribute| attribute.name.len()).max() else { return Vec::new() };
    kept().filter_map(|attribute| padded(file, attribute, width)).collect()
}
