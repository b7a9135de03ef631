//! The edit for DEFAULT egress.
//!
//! `network_configuration` is Optional and Computed in the provider: removing the block changes nothing. So
//! `egress_type = "DEFAULT"` is said explicitly, and the connector's line goes.

use std::ops::Range;

use super::EditError;
use super::amend::{equals, padded};
use super::edit::Draft;
use super::locate::{address, at, egress_configuration};
use super::scan::{Attribute, Block};
use super::splice::Splice;
use super::workspace::File;

const SNIPPET: &str =
    "network_configuration {\n  egress_configuration {\n    egress_type = \"DEFAULT\"\n  }\n}";

/// Rewrites `egress_type` and removes `vpc_connector_arn`.
pub(super) fn edit(draft: &mut Draft<'_>) -> Result<(), EditError> {
    let (file, service) = draft.site.service;
    let by_hand = |what: &str| EditError::ByHand {
        place: at(file, service),
        what: what.to_owned(),
        snippet: SNIPPET.to_owned(),
    };
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
            return Err(EditError::AlreadyInCode { address: address(service), place: at(file, service) });
        }
        _ => {
            return Err(by_hand(
                "egress_type is an expression: change the value it takes, not the expression",
            ));
        }
    }
    let connector = egress.body.attribute("vpc_connector_arn");
    let mut splices = vec![Splice::new(kind.value.clone(), "\"DEFAULT\"".to_owned())];
    if let Some(connector) = connector {
        let line = whole_lines(file, connector)
            .ok_or_else(|| by_hand("vpc_connector_arn shares its line with other code"))?;
        splices.push(Splice::new(line, String::new()));
    }
    splices.extend(realigned(file, egress, connector));
    for splice in splices {
        draft.splice(file, splice);
    }
    draft.changes.push(address(service));
    draft
        .notes
        .push("The connector stays: it is no longer used, and can be removed in a later change.".to_owned());
    Ok(())
}

/// Whether `lifecycle.ignore_changes` of a block names an attribute.
pub(super) fn is_ignored(file: &File, service: &Block, name: &str) -> bool {
    service.body.blocks("lifecycle").any(|block| {
        block.body.attribute("ignore_changes").is_some_and(|attribute| {
            let text = file.value(attribute);
            text.contains(name) || text.trim() == "all"
        })
    })
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
fn realigned(file: &File, egress: &Block, removed: Option<&Attribute>) -> Vec<Splice> {
    let Some(removed) = removed else { return Vec::new() };
    let line = |at: usize| super::scan::place(&file.text, at).0;
    let column = |attribute: &Attribute| equals(file, attribute).map(|at| at - attribute.span.start);
    let run: Vec<&Attribute> = egress
        .body
        .attributes()
        .filter(|attribute| line(attribute.span.start) == line(attribute.span.end))
        .filter(|attribute| {
            line(attribute.span.start).abs_diff(line(removed.span.start)) <= egress.body.items.len()
        })
        .filter(|attribute| column(attribute) == column(removed))
        .collect();
    let kept = || run.iter().filter(|attribute| attribute.name != removed.name);
    let Some(width) = kept().map(|attribute| attribute.name.len()).max() else { return Vec::new() };
    kept().filter_map(|attribute| padded(file, attribute, width)).collect()
}
