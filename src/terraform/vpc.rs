//! Edits for the VPC's DNS attributes and for endpoints that are there: their tables and their private DNS.

use super::EditError;
use super::amend::{extended, set_attribute};
use super::by_hand;
use super::edit::Draft;
use super::find::{Clues, Found};
use super::locate::at;
use super::render::{attribute, quoted};
use crate::model::{EndpointId, RouteTableId, VpcId};
use crate::remedy::Change;

const FILE: &str = "vpc-endpoints.tf";

/// Turns the VPC's DNS attributes on.
pub(super) fn dns(
    draft: &mut Draft<'_>,
    change: &Change,
    vpc: &VpcId,
    attributes: &[&str],
) -> Result<(), EditError> {
    let known = draft.snapshot.network.vpcs.get(vpc);
    let named = draft.site.vpc_block.as_deref().and_then(|name| draft.referred(name));
    let found = match named {
        Some((file, block)) => Some(draft.found(vpc.as_str(), file, block, "the tree's own VPC")),
        None => {
            let clues =
                Clues { id: vpc.as_str(), tag: known.and_then(|vpc| vpc.tags.get("Name")), attributes: &[] };
            draft.find(&["aws_vpc", "aws_default_vpc"], &clues)?
        }
    };
    let Some(found) = found else { return Err(not_here(draft, change, vpc.as_str())) };
    draft.note(&found.evidence);
    for name in attributes {
        turn_on(draft, change, &found, name)?;
    }
    draft.change(&found.address());
    Ok(())
}

/// Turns an endpoint's private DNS on.
pub(super) fn private_dns(
    draft: &mut Draft<'_>,
    change: &Change,
    endpoint: &EndpointId,
    service: &str,
) -> Result<(), EditError> {
    let Some(found) = endpoint_block(draft, endpoint, service)? else {
        return Err(not_here(draft, change, endpoint.as_str()));
    };
    draft.note(&found.evidence);
    turn_on(draft, change, &found, "private_dns_enabled")?;
    draft.change(&found.address());
    Ok(())
}

/// Sets an attribute to `true`: in the block, or at the variable that it takes.
fn turn_on(draft: &mut Draft<'_>, change: &Change, found: &Found<'_>, name: &str) -> Result<(), EditError> {
    let written = found.block.body.attribute(name).map(|attribute| found.file.value(attribute).trim());
    match written {
        None | Some("false" | "null") => {
            for splice in set_attribute(found.file, found.block, name, "true")? {
                draft.splice(found.file, splice);
            }
            Ok(())
        }
        Some("true") => {
            Err(EditError::AlreadyInCode { address: found.address(), place: at(found.file, found.block) })
        }
        Some(expression) => match expression.strip_prefix("var.") {
            Some(variable) if draft.set_variable(variable, "true") => Ok(()),
            _ => Err(EditError::ByHand {
                place: at(found.file, found.block),
                what: format!("{name} is `{expression}`: change the value that it takes"),
                snippet: by_hand::snippet(change),
            }),
        },
    }
}

fn endpoint_block<'a>(
    draft: &Draft<'a>,
    endpoint: &EndpointId,
    service: &str,
) -> Result<Option<Found<'a>>, EditError> {
    let known = draft.snapshot.network.endpoints.get(endpoint);
    let clues = Clues {
        id: endpoint.as_str(),
        tag: known.and_then(|endpoint| endpoint.tags.get("Name")),
        attributes: &[("service_name", service)],
    };
    draft.find(&["aws_vpc_endpoint"], &clues)
}

/// Adds tables to a gateway endpoint: to its own list, or as associations where its block is elsewhere.
pub(super) fn associate(
    draft: &mut Draft<'_>,
    endpoint: &EndpointId,
    service: &str,
    tables: &[RouteTableId],
) -> Result<(), EditError> {
    let found = endpoint_block(draft, endpoint, service)?;
    let more = draft.route_tables(tables)?;
    if let Some(found) = &found {
        draft.note(&found.evidence);
        let associations =
            draft.workspace.resources("aws_vpc_endpoint_route_table_association").any(|(file, block)| {
                let id = block.body.attribute("vpc_endpoint_id").map(|attribute| file.value(attribute));
                id.is_some_and(|text| text.starts_with(&format!("{}.", found.address())))
            });
        let list = found.block.body.attribute("route_table_ids");
        if !associations || list.is_some() {
            let value = list.map_or(more.clone(), |list| extended(found.file.value(list), &more));
            for splice in set_attribute(found.file, found.block, "route_table_ids", &value)? {
                draft.splice(found.file, splice);
            }
            draft.change(&found.address());
            return Ok(());
        }
    }
    let owner = found.map_or_else(|| quoted(endpoint.as_str()), |found| format!("{}.id", found.address()));
    let kind = "aws_vpc_endpoint_route_table_association";
    let name = draft.free_name(kind, "app_runner");
    let lines = [
        attribute("for_each", format!("toset({more})")),
        super::render::Line::Blank,
        attribute("vpc_endpoint_id", owner),
        attribute("route_table_id", "each.value"),
    ];
    let comment = format!("# The App Runner subnets' tables take the way of {endpoint} too\n");
    draft.add_resource(kind, &name, FILE, &comment, &lines);
    Ok(())
}

/// The resource is made by other code.
fn not_here(draft: &Draft<'_>, change: &Change, id: &str) -> EditError {
    let (file, service) = draft.site.service;
    EditError::ByHand {
        place: at(file, service),
        what: format!("{id} is not made in this folder: the change belongs where it is"),
        snippet: by_hand::snippet(change),
    }
}
