//! A NAT gateway that is in the code and does nothing, with its address and its routes: reenabled instead of built beside.
//!
//! Only where it would stand in the subnet that the remedy means, and lead out nobody else.

use crate::model::{RouteTableId, SubnetId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::nat::{default_routes, has_inline_routes, refuse_double};
use crate::terraform::edit::reenable::{take_in, turn_on};
use crate::terraform::error::EditError;
use crate::terraform::find::commented_out::{CommentedOut, commented_out};
use crate::terraform::find::score::Clues;
use crate::terraform::find::switch::switch_of;
use crate::terraform::lang::address::address;
use crate::terraform::lang::partial::references;
use crate::terraform::lang::scan::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::place::Place;

/// Wakes the gateway, and routes the tables to it that its own routes leave out. `false` where none sleeps.
///
/// # Errors
/// One does, and whether it is the one that is wanted cannot be told, or its switch cannot be turned here.
pub(in crate::terraform) fn wake(
    draft: &mut Draft<'_>,
    subnet: &SubnetId,
    tables: &[RouteTableId],
) -> Result<bool, EditError> {
    let module = draft.finder.target;
    for (file, block) in module.resources("aws_nat_gateway") {
        let place = Place { module, file, block };
        let is_applied = draft.finder.state.id_at(&place.address_in_root()).is_some();
        let says = |name: &str| module.merged(file, block, name);
        if is_applied
            || switch_of(module, file, block).is_on()
            || !is_public(draft, says("connectivity_type"))
        {
            continue;
        }
        let name = address(block);
        if !is_meant(draft, subnet, (&name, &place.location(), "switched off"), says("subnet_id"))? {
            continue;
        }
        let mut left = tables.to_vec();
        // Its address and its routes, and nothing that leads out others.
        let mut besides: Vec<String> = references(file.slice(block.span.clone()));
        besides.retain(|one| one.starts_with("aws_eip."));
        for (file, route) in module.resources("aws_route") {
            let says = |name: &str| module.merged(file, route, name);
            if switch_of(module, file, route).is_on() || !leads_to(&says, &name) {
                continue;
            }
            match routed(draft, &says, tables)? {
                Some(id) if left.contains(&id) && !lists_routes(draft, &id)? => {
                    left.retain(|one| *one != id);
                    besides.push(address(route));
                }
                _ => return Err(elsewhere(file, route, &name)),
            }
        }
        refuse_double(draft, tables, &besides)?;
        turn_on(draft, place, &besides)?;
        // What the same variable switches is on with it.
        for (file, block) in module.blocks("resource").filter(|(_, block)| besides.contains(&address(block)))
        {
            let is_turned = draft.reenabled.contains(&module.address_of(block).with_key("[0]"));
            if !is_turned && !switch_of(module, file, block).is_on() {
                turn_on(draft, Place { module, file, block }, &[])?;
            }
        }
        default_routes(draft, &left, &format!("{name}[0].id"))?;
        return Ok(true);
    }
    let all = commented_out(module, "aws_nat_gateway");
    for gateway in &all {
        if !is_public(draft, gateway.value("connectivity_type")) {
            continue;
        }
        let (name, stands) = (gateway.address(), gateway.value("subnet_id"));
        if is_meant(draft, subnet, (&name, &gateway.location(), "commented out"), stands)? {
            refuse_double(draft, tables, &[])?;
            return taken_in(draft, gateway, tables).map(|()| true);
        }
    }
    Ok(false)
}

/// Whether a table's block lists its routes: one of its own beside them would be taken away.
fn lists_routes(draft: &Draft<'_>, id: &RouteTableId) -> Result<bool, EditError> {
    Ok(draft.finder.route_table(id)?.is_some_and(|found| has_inline_routes(found.block)))
}

/// Whether a gateway leads to the internet: one of another kind, or of nobody knows which, is left alone.
fn is_public(draft: &Draft<'_>, kind: Option<&str>) -> bool {
    kind.is_none_or(|kind| draft.finder.target.evaluate(kind).as_deref() == Some("public"))
}

/// The gateway, the address that it names, and its routes from the tables.
fn taken_in(
    draft: &mut Draft<'_>,
    gateway: &CommentedOut<'_>,
    tables: &[RouteTableId],
) -> Result<(), EditError> {
    let module = draft.finder.target;
    let name = gateway.address();
    let wants = gateway.value("allocation_id").unwrap_or_default();
    let ips = commented_out(module, "aws_eip");
    let ip = ips.iter().find(|ip| wants.starts_with(&format!("{}.", ip.address())));
    if let Some(ip) = ip.filter(|ip| !module.declares(&ip.address())) {
        take_in(draft, ip, &[])?;
    }
    take_in(draft, gateway, &[])?;
    let mut left = tables.to_vec();
    for route in commented_out(module, "aws_route") {
        let says = |name: &str| route.value(name);
        if !leads_to(&says, &name) {
            continue;
        }
        if let Some(id) = routed(draft, &says, tables)?.filter(|id| left.contains(id))
            && !lists_routes(draft, &id)?
        {
            take_in(draft, &route, &[])?;
            left.retain(|one| *one != id);
        }
    }
    default_routes(draft, &left, &format!("{name}.id"))
}

/// Whether the subnet that a gateway is written to stand in is the one that is meant. One that stands in another is told, and left.
///
/// # Errors
/// It cannot be told: a second gateway beside it is what nobody wants.
fn is_meant(
    draft: &mut Draft<'_>,
    subnet: &SubnetId,
    (name, place, how): (&str, &str, &str),
    stands: Option<&str>,
) -> Result<bool, EditError> {
    let stands = stands.unwrap_or_default().trim();
    let known = draft.finder.snapshot.network.subnets.get(subnet);
    let range = known.and_then(|subnet| subnet.cidr).map(|range| range.to_string()).unwrap_or_default();
    let tag = known.and_then(|subnet| subnet.tags.get("Name"));
    let attributes: &[(&str, &str)] = if range.is_empty() { &[] } else { &[("cidr_block", &range)] };
    let found = draft
        .finder
        .find(&["aws_subnet", "aws_default_subnet"], &Clues { id: subnet.as_str(), tag, attributes })?;
    let meant = match &found {
        Some(found) => stands == format!("{}.id", found.address()),
        None => draft.finder.target.evaluate(stands).as_deref() == Some(subnet.as_str()),
    };
    let is_another = match draft.finder.target.evaluate(stands) {
        Some(id) => id != subnet.as_str(),
        // A block of its own that is not the one found.
        None => found.is_some() && stands.starts_with("aws_subnet.") && !stands.contains(['[', '?']),
    };
    if meant {
        return Ok(true);
    }
    if is_another {
        draft.note(&format!(
            "{name} ({place}) is {how} and stands in another subnet than {subnet}: it is left alone."
        ));
        return Ok(false);
    }
    Err(EditError::NotUnderstood {
        place: place.to_owned(),
        what: format!(
            "{name} is there and {how}, and whether `{stands}` is {subnet} cannot be told: wake it, or take it away"
        ),
    })
}

/// Whether a route leads to a gateway.
fn leads_to<'r>(says: &impl Fn(&str) -> Option<&'r str>, gateway: &str) -> bool {
    let leads = says("nat_gateway_id").map(str::trim).and_then(|leads| leads.strip_prefix(gateway));
    leads.is_some_and(|rest| rest.starts_with(['.', '[']))
}

/// Which of the tables has this default route; `None` where it is another route, or another table.
fn routed<'r>(
    draft: &Draft<'_>,
    says: &impl Fn(&str) -> Option<&'r str>,
    tables: &[RouteTableId],
) -> Result<Option<RouteTableId>, EditError> {
    let to = says("destination_cidr_block").and_then(|to| draft.finder.target.evaluate(to));
    if to.as_deref() != Some("0.0.0.0/0") {
        return Ok(None);
    }
    table_of(draft, tables, says("route_table_id").unwrap_or_default().trim())
}

/// Which of the tables an expression is.
fn table_of(
    draft: &Draft<'_>,
    tables: &[RouteTableId],
    written: &str,
) -> Result<Option<RouteTableId>, EditError> {
    for id in tables {
        let found = draft.finder.route_table(id)?;
        if written == draft.finder.id_expression(found.as_ref(), id.as_str())
            || written.trim_matches('"') == id.as_str()
        {
            return Ok(Some(id.clone()));
        }
    }
    Ok(None)
}

fn elsewhere(file: &File, route: &Block, gateway: &str) -> EditError {
    EditError::NotUnderstood {
        place: crate::terraform::read::place::location(file, route),
        what: format!(
            "{} leads to {gateway}, which is switched off, from a table that is none of the service's or cannot be told: turning it on would \
             lead out others",
            address(route)
        ),
    }
}
