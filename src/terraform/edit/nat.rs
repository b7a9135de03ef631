//! The edit for a NAT gateway.
//!
//! A route goes into its table's block where that lists routes, else it is an `aws_route` of its own: one inline `route` block in a
//! table that has none would delete its other routes.

use crate::model::{InternetGatewayId, NatGatewayId, RouteTableId, SubnetId};
use crate::remedy::Change;
use crate::terraform::edit::amend::add_block_beside;
use crate::terraform::edit::amend::refuse_ignored;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::manual;
use crate::terraform::edit::reenable_nat;
use crate::terraform::edit::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::found::Found;
use crate::terraform::find::score::Clues;
use crate::terraform::find::switch::switch_of;
use crate::terraform::lang::address::address;
use crate::terraform::lang::render::{Line, attribute, block};
use crate::terraform::lang::scan::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::place::location;

const FILE: &str = "nat-gateway.tf";

/// An Elastic IP, a NAT gateway in the public subnet, and a default route to it from each table.
pub(in crate::terraform) fn gateway(
    draft: &mut Draft<'_>,
    subnet: &SubnetId,
    tables: &[RouteTableId],
) -> Result<(), EditError> {
    if reenable_nat::wake(draft, subnet, tables)? {
        return Ok(());
    }
    refuse_double(draft, tables, &[])?;
    let nat = standing_in(draft, subnet);
    default_routes(draft, tables, &format!("aws_nat_gateway.{nat}.id"))
}

/// A default route from each table to a gateway that is there.
pub(in crate::terraform) fn routes(
    draft: &mut Draft<'_>,
    nat: &NatGatewayId,
    tables: &[RouteTableId],
) -> Result<(), EditError> {
    refuse_double(draft, tables, &[])?;
    let known = draft.finder.snapshot.network.nat_gateways.get(nat);
    let clues = Clues { id: nat.as_str(), tag: known.and_then(|nat| nat.tags.get("Name")), attributes: &[] };
    let found = draft.finder.find(&["aws_nat_gateway"], &clues)?;
    if let Some(found) = &found {
        draft.note(&found.evidence);
    }
    let gateway = draft.finder.id_expression(found.as_ref(), nat.as_str());
    default_routes(draft, tables, &gateway)
}

/// AWS has no default route in these tables. Where the code has one, it is not applied yet, and a second one helps nobody.
///
/// # Errors
/// One does, by another route than those that are `known`.
pub(in crate::terraform) fn refuse_double(
    draft: &mut Draft<'_>,
    tables: &[RouteTableId],
    known: &[String],
) -> Result<(), EditError> {
    let has_routes = draft.finder.target.resources("aws_route").next().is_some();
    let each = if has_routes { Some(draft.route_tables(tables)?.each()) } else { None };
    tables.iter().try_for_each(|id| refuse_double_of(draft, id, (each.as_deref(), known)))
}

/// The same for one table; `each` is how a `for_each` over all of them is written.
fn refuse_double_of(
    draft: &Draft<'_>,
    id: &RouteTableId,
    (each, known): (Option<&str>, &[String]),
) -> Result<(), EditError> {
    let everywhere = |draft: &Draft<'_>, file: &File, route: &Block, name: &str| {
        let to = route.body.attribute(name).and_then(|to| draft.finder.target.evaluate(file.value(to)));
        to.as_deref() == Some("0.0.0.0/0")
    };
    let found = draft.finder.route_table(id)?;
    if let Some(found) = &found
        && found.block.body.blocks("route").any(|route| everywhere(draft, found.file, route, "cidr_block"))
    {
        return Err(EditError::AlreadyInCode {
            address: format!("a default route of {}", found.address_in_root()),
            place: location(found.file, found.block),
        });
    }
    let name = found.as_ref().map(|found| format!("{}.", address(found.block)));
    for (file, route) in draft.finder.target.resources("aws_route") {
        if known.contains(&address(route)) || !everywhere(draft, file, route, "destination_cidr_block") {
            continue;
        }
        let says = |attribute: &str| route.body.attribute(attribute).map(|one| file.value(one));
        let (table, list) =
            (says("route_table_id").unwrap_or_default(), says("for_each").unwrap_or_default());
        let names = |text: &str| {
            text.contains(id.as_str()) || name.as_ref().is_some_and(|name| text.contains(name.as_str()))
        };
        let is_same_list = each.is_some_and(|each| squeezed(list) == squeezed(each));
        if (names(table) || names(list) || is_same_list)
            && !switch_of(draft.finder.target, file, route).is_on()
        {
            let what = format!("{} is there and switched off: turn that on", address(route));
            return Err(EditError::NotUnderstood { place: location(file, route), what });
        }
        if names(table) || names(list) || is_same_list {
            return Err(EditError::AlreadyInCode { address: address(route), place: location(file, route) });
        }
    }
    Ok(())
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// A default route from the table of a NAT gateway's subnet to the internet gateway.
pub(in crate::terraform) fn internet_route(
    draft: &mut Draft<'_>,
    gateway: &InternetGatewayId,
    table: &RouteTableId,
) -> Result<(), EditError> {
    refuse_double_of(draft, table, (None, &[]))?;
    let known = draft.finder.snapshot.network.internet_gateways.get(gateway);
    let tag = known.and_then(|gateway| gateway.tags.get("Name"));
    let clues = Clues { id: gateway.as_str(), tag, attributes: &[] };
    let kinds = ["aws_internet_gateway"];
    // Where the code does not tell which, the id is right all the same.
    let target = match draft.finder.find(&kinds, &clues) {
        Ok(found) => draft.finder.id_expression(found.as_ref(), gateway.as_str()),
        Err(_) => draft.finder.expression_for(&kinds, gateway.as_str()),
    };
    let found = draft.finder.route_table(table)?;
    if let Some(found) = found.as_ref().filter(|found| has_inline_routes(found.block)) {
        return inline_route(draft, found, "gateway_id", &target);
    }
    match &found {
        Some(found) => draft.note(&found.evidence),
        None => draft.made_elsewhere(table.as_str()),
    }
    let name = draft.free_name("aws_route", "nat_to_internet");
    let lines = [
        attribute("route_table_id", draft.finder.id_expression(found.as_ref(), table.as_str())),
        attribute("destination_cidr_block", "\"0.0.0.0/0\""),
        attribute("gateway_id", target),
    ];
    draft.add_resource("aws_route", &name, FILE, "# The NAT gateway's own way to the internet\n", &lines);
    Ok(())
}

/// A default route from each table: in the table's block where its routes are there, else one of its own.
pub(in crate::terraform) fn default_routes(
    draft: &mut Draft<'_>,
    tables: &[RouteTableId],
    gateway: &str,
) -> Result<(), EditError> {
    let mut others = Vec::new();
    for id in tables {
        match draft.finder.route_table(id)? {
            Some(found) if has_inline_routes(found.block) => {
                inline_route(draft, &found, "nat_gateway_id", gateway)?;
            }
            Some(_) | None => others.push(id.clone()),
        }
    }
    if others.is_empty() {
        return Ok(());
    }
    let tables = draft.route_tables(&others)?;
    let route = draft.free_name("aws_route", "nat");
    let lines = [
        attribute("for_each", tables.each()),
        Line::Blank,
        attribute("route_table_id", "each.value"),
        attribute("destination_cidr_block", "\"0.0.0.0/0\""),
        attribute("nat_gateway_id", gateway),
    ];
    draft.add_resource("aws_route", &route, FILE, "# Default route of the App Runner subnets\n", &lines);
    Ok(())
}

fn inline_route(
    draft: &mut Draft<'_>,
    found: &Found<'_>,
    target: &str,
    gateway: &str,
) -> Result<(), EditError> {
    draft.note(&found.evidence);
    let route = [attribute("cidr_block", "\"0.0.0.0/0\""), attribute(target, gateway)];
    let is_plain = found.module.address == draft.finder.target.address
        && found.block.body.attribute("route").is_none()
        && found.block.body.blocks("route").next().is_some()
        && found.ensure_single().is_ok();
    if !is_plain {
        return Err(EditError::ByHand {
            place: location(found.file, found.block),
            what: format!(
                "the routes of {} are generated, those of several tables, or in other code than the gateway: add one there",
                found.address()
            ),
            snippet: block("route", &route),
        });
    }
    refuse_ignored(found.file, found.block, &[("route", "")])?;
    let splice = add_block_beside(found.file, found.block, "route", &route)?;
    draft.splice(found.file, splice);
    draft.change(&found.address_in_root());
    Ok(())
}

/// Whether a table's block lists its routes: those must not be mixed with routes of their own.
pub(in crate::terraform) fn has_inline_routes(table: &Block) -> bool {
    let is_route = |inner: &Block| inner.labels.first().is_some_and(|label| label == "route");
    table.body.blocks("route").next().is_some()
        || table.body.attribute("route").is_some()
        || table.body.blocks("dynamic").any(is_route)
}

/// The gateway in a public subnet, with its Elastic IP; gives its label.
fn standing_in(draft: &mut Draft<'_>, subnet: &SubnetId) -> String {
    let zone = draft
        .finder
        .snapshot
        .network
        .subnets
        .get(subnet)
        .map(|subnet| subnet.zone.to_string())
        .unwrap_or_default();
    let (eip, nat) = (draft.free_name("aws_eip", "nat"), draft.free_name("aws_nat_gateway", "main"));
    let mut lines = vec![attribute("domain", "\"vpc\"")];
    lines.extend(draft.tags("nat-eip"));
    let comment = "# Public address of the NAT gateway\n";
    draft.add_resource_beside("aws_nat_gateway", "aws_eip", &eip, FILE, comment, &lines);
    let mut lines = vec![
        attribute("allocation_id", format!("aws_eip.{eip}.id")),
        attribute("subnet_id", draft.finder.expression_for(&["aws_subnet"], subnet.as_str())),
    ];
    lines.extend(draft.tags("nat"));
    let comment =
        format!("# Stands in the public subnet of {zone}, whose route table leads to the internet gateway\n");
    draft.add_resource("aws_nat_gateway", &nat, FILE, &comment, &lines);
    nat
}

/// A new gateway, and the default routes of the old one on it.
pub(in crate::terraform) fn repair(
    draft: &mut Draft<'_>,
    change: &Change,
    old: &NatGatewayId,
    (subnet, tables): (&SubnetId, &[RouteTableId]),
) -> Result<(), EditError> {
    let known = draft.finder.snapshot.network.nat_gateways.get(old);
    let clues = Clues { id: old.as_str(), tag: known.and_then(|nat| nat.tags.get("Name")), attributes: &[] };
    let found = draft.finder.find(&["aws_nat_gateway"], &clues)?;
    if let Some(found) = &found {
        draft.note(&found.evidence);
    }
    let leads_to_it = |expression: &str| match &found {
        Some(found) => expression.trim().starts_with(&format!("{}.", found.address())),
        None => draft.finder.target.evaluate(expression).as_deref() == Some(old.as_str()),
    };
    // Routes of their own, and those inside a table's block.
    let own = draft.finder.target.resources("aws_route").map(|(file, block)| (file, block, block));
    let tables_in_code = draft.finder.target.resources("aws_route_table");
    let inside = tables_in_code
        .chain(draft.finder.target.resources("aws_default_route_table"))
        .flat_map(|(file, table)| table.body.blocks("route").map(move |route| (file, table, route)));
    let mut routes = Vec::new();
    let mut several = false;
    for (file, resource, route) in own.chain(inside) {
        let to = ["destination_cidr_block", "cidr_block"].iter().find_map(|name| route.body.attribute(name));
        let to = to.and_then(|attribute| draft.finder.target.evaluate(file.value(attribute)));
        let gateway = route.body.attribute("nat_gateway_id").filter(|_| to.as_deref() == Some("0.0.0.0/0"));
        if let Some(gateway) = gateway.filter(|gateway| leads_to_it(file.value(gateway))) {
            several |= ["count", "for_each"].iter().any(|name| resource.body.attribute(name).is_some());
            routes.push((file, draft.finder.target.address_of(resource).in_module(), gateway));
        }
    }
    if routes.len() < tables.len() && !several {
        return Err(EditError::ByHand {
            place: draft.finder.code.service.location(),
            what: format!(
                "{} of the {} default routes to {old} are in this folder: a second one beside them would be refused by AWS",
                routes.len(),
                tables.len()
            ),
            snippet: manual::snippet(change),
        });
    }
    let nat = standing_in(draft, subnet);
    for (file, address, attribute) in routes {
        let text = format!("aws_nat_gateway.{nat}.id");
        draft.splice(file, Splice::new(attribute.value.clone(), text));
        draft.change(&address);
    }
    if let Some(found) = found {
        draft.note(&format!("{} stays and costs on: take it away in a later change.", found.address()));
    }
    Ok(())
}
