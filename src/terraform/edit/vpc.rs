//! Edits for the VPC's DNS attributes and for endpoints that are there: their tables and their private DNS.

use crate::model::{EndpointId, RouteTableId, VpcId};
use crate::remedy::Change;
use crate::terraform::answer::OwnerChoice;
use crate::terraform::edit::amend::{add_attributes, extended, refuse_ignored, set_attribute};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::import;
use crate::terraform::edit::manual;
use crate::terraform::edit::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::found::Found;
use crate::terraform::find::score::Clues;
use crate::terraform::lang::render::{attribute, comment};
use crate::terraform::read::place::location;

const FILE: &str = "vpc-endpoints.tf";

/// Turns the VPC's DNS attributes on.
pub(in crate::terraform) fn dns(
    draft: &mut Draft<'_>,
    change: &Change,
    vpc: &VpcId,
    attributes: &[&str],
) -> Result<(), EditError> {
    let known = draft.finder.snapshot.network.vpcs.get(vpc);
    let range = known.and_then(|vpc| vpc.cidrs.first()).map(ToString::to_string).unwrap_or_default();
    let tag = known.and_then(|vpc| vpc.tags.get("Name"));
    let clues = Clues { id: vpc.as_str(), tag, attributes: &[("cidr_block", &range)] };
    let found = draft.finder.find(&["aws_vpc", "aws_default_vpc"], &clues)?;
    let Some(found) = found else { return import::vpc(draft, change, vpc, attributes) };
    draft.note(&found.evidence);
    found.ensure_single()?;
    let absent: Vec<(&str, &str)> = attributes
        .iter()
        .filter(|name| found.block.body.attribute(name).is_none())
        .map(|name| (*name, "true"))
        .collect();
    if !absent.is_empty() {
        refuse_ignored(found.file, found.block, &absent)?;
        for splice in add_attributes(found.file, found.block, &absent)? {
            draft.splice(found.file, splice);
        }
    }
    for name in attributes.iter().filter(|name| found.block.body.attribute(name).is_some()) {
        turn_on(draft, change, &found, name)?;
    }
    draft.change(&found.address_in_root());
    Ok(())
}

/// Turns an endpoint's private DNS on.
pub(in crate::terraform) fn private_dns(
    draft: &mut Draft<'_>,
    change: &Change,
    endpoint: &EndpointId,
    service: &str,
) -> Result<(), EditError> {
    let Some(found) = endpoint_block(draft, endpoint, service)? else {
        return import::endpoint(draft, change, endpoint);
    };
    draft.note(&found.evidence);
    found.ensure_single()?;
    turn_on(draft, change, &found, "private_dns_enabled")?;
    draft.change(&found.address_in_root());
    Ok(())
}

/// Sets an attribute to `true`: in the block, or at the variable that it takes.
fn turn_on(draft: &mut Draft<'_>, change: &Change, found: &Found<'_>, name: &str) -> Result<(), EditError> {
    refuse_ignored(found.file, found.block, &[(name, "true")])?;
    let written = found.block.body.attribute(name).map(|attribute| found.file.value(attribute).trim());
    match written {
        None | Some("false" | "null") => {
            for splice in set_attribute(found.file, found.block, name, "true")? {
                draft.splice(found.file, splice);
            }
            Ok(())
        }
        Some("true") => Err(EditError::AlreadyInCode {
            address: found.address().to_string(),
            place: location(found.file, found.block),
        }),
        Some(expression) => match expression.strip_prefix("var.") {
            Some(variable) if draft.set_variable(variable, "true", 1) => Ok(()),
            _ => Err(EditError::ByHand {
                place: location(found.file, found.block),
                what: format!("{name} is `{expression}`: change the value that it takes"),
                snippet: manual::snippet(change),
            }),
        },
    }
}

fn endpoint_block<'a>(
    draft: &Draft<'a>,
    endpoint: &EndpointId,
    service: &str,
) -> Result<Option<Found<'a>>, EditError> {
    let known = draft.finder.snapshot.network.endpoints.get(endpoint);
    let clues = Clues {
        id: endpoint.as_str(),
        tag: known.and_then(|endpoint| endpoint.tags.get("Name")),
        attributes: &[("service_name", service)],
    };
    draft.finder.find(&["aws_vpc_endpoint"], &clues)
}

/// Adds tables to a gateway endpoint: to its own list, or as associations where its block is elsewhere.
pub(in crate::terraform) fn associate(
    draft: &mut Draft<'_>,
    endpoint: &EndpointId,
    service: &str,
    tables: &[RouteTableId],
) -> Result<(), EditError> {
    let found = endpoint_block(draft, endpoint, service)?;
    if draft.finder.answers.get(endpoint.as_str()) == Some(&OwnerChoice::Import) {
        let what =
            format!("{endpoint} needs no import for this: say {endpoint}=none where other code makes it");
        return Err(EditError::NotUnderstood { place: draft.finder.code.service.location(), what });
    }
    if let Some(found) = &found {
        draft.note(&found.evidence);
        // Without a list in the block, writing one would take the tables away that others gave it.
        if let Some(list) = found.block.body.attribute("route_table_ids") {
            refuse_ignored(found.file, found.block, &[("route_table_ids", "")])?;
            found.ensure_single()?;
            let more = if found.module.address == draft.finder.target.address {
                draft.route_tables(tables)?.list()
            } else {
                let kinds = ["aws_route_table", "aws_default_route_table"];
                let named =
                    tables.iter().map(|id| draft.finder.expression_in(found.module, &kinds, id.as_str()));
                format!("[{}]", named.collect::<Vec<_>>().join(", "))
            };
            let value = extended(found.file.value(list), &more);
            draft.splice(found.file, Splice::new(list.value.clone(), value));
            draft.change(&found.address_in_root());
            return Ok(());
        }
    } else {
        draft.made_elsewhere(endpoint.as_str());
    }
    let owner = draft.finder.id_expression(found.as_ref(), endpoint.as_str());
    let tables = draft.route_tables(tables)?;
    let kind = "aws_vpc_endpoint_route_table_association";
    let name = draft.free_name(kind, "app_runner");
    let lines = [
        attribute("for_each", tables.each()),
        crate::terraform::lang::render::Line::Blank,
        attribute("vpc_endpoint_id", owner),
        attribute("route_table_id", "each.value"),
    ];
    let comment = comment(&format!("The App Runner subnets' tables take the way of {endpoint} too"));
    draft.add_resource(kind, &name, FILE, &comment, &lines);
    Ok(())
}
