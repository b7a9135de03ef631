//! Re-enables a NAT gateway that is disabled or commented out in the code, with its Elastic IP and its
//! routes.
//!
//! Only if it is in the target subnet and no other route table has a route to it.

use ipnet::Ipv4Net;

use crate::model::{Route, RouteDestination, RouteTableId, RouteTarget, Snapshot, Subnet, SubnetId};
use crate::reach::route_table_of;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::network::default_routes::{
    ANYWHERE, add_default_routes, ensure_no_default_route, has_inline_routes,
};
use crate::terraform::edit::text::uncomment::uncomment;
use crate::terraform::edit::values::reenable::{enable_block, is_reenabled, switch_for};
use crate::terraform::error::EditError;
use crate::terraform::find::commented_out::{CommentedOut, commented_out};
use crate::terraform::find::found::Found;
use crate::terraform::find::instances::for_instance_of;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::score::Clues;
use crate::terraform::find::switch::{Switch, SwitchValue, switch_of};
use crate::terraform::lang::address::{ResourceAddress, address};
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::partial::references;
use crate::terraform::lang::scan::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::place::{Place, is_ignored, location};

const KIND: &str = "aws_nat_gateway";

/// Enables or uncomments the NAT gateway, and adds missing default routes. Returns `false` if the code has
/// no such NAT gateway.
///
/// # Errors
/// It is unknown whether a NAT gateway in the code is in the subnet, or its switch cannot be edited.
pub(in crate::terraform) fn reenable(
    draft: &mut Draft<'_>,
    subnet: &SubnetId,
    tables: &[RouteTableId],
) -> Result<bool, EditError> {
    let (config, module) = (draft.finder.config, draft.finder.target);
    for (file, block) in module.resources(KIND) {
        let place = Place { module, file, block };
        let is_applied = draft.finder.state.id_at(&place.address_in_root()).is_some();
        let value = |name: &str| module.merged(file, block, name);
        if is_applied
            || switch_of(config, module, file, block).is_on()
            || !is_public(draft, value("connectivity_type"))
        {
            continue;
        }
        let gateway = (address(block), place.location(), "disabled");
        let is_there = is_in_public_subnet(draft, place, subnet)
            || is_in_subnet(draft, subnet, &gateway, value("subnet_id"))?;
        if is_there {
            return enable_gateway(draft, place, tables).map(|()| true);
        }
    }
    if let Some(place) = disabled_elsewhere(draft, subnet) {
        draft.finder.enter(place.module)?;
        return enable_gateway(draft, place, tables).map(|()| true);
    }
    for commented in commented_out(module, KIND) {
        if !is_public(draft, commented.value("connectivity_type")) {
            continue;
        }
        let gateway = (commented.address(), commented.location(), "commented out");
        if is_in_subnet(draft, subnet, &gateway, commented.value("subnet_id"))? {
            ensure_no_default_route(draft, tables, &[])?;
            return uncomment_gateway(draft, &commented, tables).map(|()| true);
        }
    }
    Ok(false)
}

/// A disabled NAT gateway of another module that is known to be in a public subnet of the VPC.
fn disabled_elsewhere<'a>(draft: &Draft<'a>, subnet: &SubnetId) -> Option<Place<'a>> {
    let (config, target) = (draft.finder.config, &draft.finder.target.address);
    let modules = config.modules().into_iter().filter(|module| module.address != *target);
    let mut places = modules
        .flat_map(|module| module.resources(KIND).map(move |(file, block)| Place { module, file, block }));
    places.find(|place| {
        let switch = switch_of(config, place.module, place.file, place.block);
        !switch.is_on()
            && !switch.is_fixed(place.module)
            && draft.finder.state.id_at(&place.address_in_root()).is_none()
            && is_in_public_subnet(draft, *place, subnet)
    })
}

/// Whether references of a NAT gateway lead to the target subnet or another public subnet of its VPC; `false` if unknown.
fn is_in_public_subnet<'a>(draft: &Draft<'a>, gateway: Place<'a>, subnet: &SubnetId) -> bool {
    let finder = &draft.finder;
    let network = &finder.snapshot.network;
    let subnets = finder.network.origins.of_attribute(gateway, "subnet_id").unwrap_or_default();
    let vpc = network.subnets.get(subnet).map(|subnet| &subnet.vpc);
    let mut public = network.subnets.iter().filter(|other| {
        Some(&other.vpc) == vpc && (other.id == *subnet || is_routed_to_internet(finder.snapshot, other))
    });
    public.any(|other| {
        let known = finder.subnet_origin(&other.id);
        known.is_some_and(|known| subnets.iter().any(|one| one.is_same_resource(&known)))
    })
}

/// Whether the route table of a subnet has a default route to an internet gateway.
pub(in crate::terraform::edit) fn is_routed_to_internet(snapshot: &Snapshot, subnet: &Subnet) -> bool {
    let is_public = |route: &Route| {
        route.destination == RouteDestination::Ipv4(Ipv4Net::default())
            && matches!(route.target, RouteTarget::InternetGateway(_))
    };
    route_table_of(snapshot, subnet).is_some_and(|(table, _)| table.routes.iter().any(is_public))
}

/// Enables a disabled NAT gateway with its Elastic IP and its routes.
fn enable_gateway<'a>(
    draft: &mut Draft<'a>,
    gateway: Place<'a>,
    tables: &[RouteTableId],
) -> Result<(), EditError> {
    let (config, module) = (draft.finder.config, draft.finder.target);
    let name = address(gateway.block);
    let switch = switch_for(draft, gateway);
    let found = if let Switch::Value(found) = &switch { Some(found) } else { None };
    let mut unrouted = tables.to_vec();
    let mut related = references(gateway.file.slice(gateway.block.span.clone()));
    related.retain(|reference| reference.starts_with("aws_eip."));
    // The switch of several gateways, and of what watches them.
    let enabled = found.map(|found| found.enabled(module)).unwrap_or_default();
    let with_gateway = ["aws_eip.", "aws_nat_gateway.", "aws_cloudwatch_metric_alarm."];
    related.extend(enabled.into_iter().filter(|one| with_gateway.iter().any(|kind| one.starts_with(kind))));
    for (file, route) in module.resources("aws_route") {
        let place = Place { module, file, block: route };
        let value = |name: &str| module.merged(file, route, name);
        // `for_each = aws_nat_gateway.main` and `each.value.id` lead to it too.
        let targets =
            || draft.finder.network.origins.of_attribute(place, "nat_gateway_id").unwrap_or_default();
        let leads_to_gateway = || {
            let mut targets = targets().into_iter();
            targets.any(|target| matches!(target, Origin::Block(of) if of.place.is_same_block(&gateway)))
        };
        let is_to_gateway = is_route_to(value("nat_gateway_id"), &name) || leads_to_gateway();
        if switch_of(config, module, file, route).is_on() || !is_to_gateway {
            continue;
        }
        let mut routed = tables_of_route(draft, place, found, tables);
        if routed.is_empty() {
            routed.extend(default_route_table(draft, &value, tables)?);
        }
        let is_open = |id: &RouteTableId| Ok(unrouted.contains(id) && !lists_routes(draft, id)?);
        let is_open = routed.iter().map(is_open).collect::<Result<Vec<bool>, EditError>>()?;
        if routed.is_empty() || is_open.contains(&false) {
            return Err(route_of_other_table_error(file, route, &name));
        }
        unrouted.retain(|table| !routed.contains(table));
        related.push(address(route));
    }
    for id in std::mem::take(&mut unrouted) {
        match inline_route(draft, &id, &name, found)? {
            Some(table) => {
                draft.change(&table);
                related.push(table.in_module().without_key().to_string());
            }
            None => unrouted.push(id),
        }
    }
    let keys = found.and_then(|found| found.instances(module, gateway.file, gateway.block));
    let keys: Vec<String> = keys.unwrap_or_else(|| vec!["[0]".to_owned()]);
    // Another block can be the gateway of another AZ.
    let is_only = module.resources(KIND).count() == 1;
    if found.is_some() && is_only && keys.len() < draft.nat_gateways {
        let number = ["count", "for_each"].into_iter().find_map(|argument| {
            let value = gateway.file.expression(gateway.block.body.attribute(argument)?).in_one_line();
            Some(format!(" Its {argument} is `{value}`: give it {} instances there", draft.nat_gateways))
        });
        let what = format!(
            "{name} exists and is disabled, and enabling it creates {} of the {} NAT gateways of this fix.{}, or choose the fix with one NAT \
             gateway",
            keys.len(),
            draft.nat_gateways,
            number.unwrap_or_else(|| " Change what decides its number of instances".to_owned())
        );
        return Err(EditError::Answer { place: gateway.location(), what });
    }
    let id = format!("{name}{}.id", keys.first().map_or("[0]", String::as_str));
    // Enabled by another change of this edit: the gateways of all AZs can have one switch.
    if is_reenabled(draft, gateway.block) {
        return if unrouted.is_empty() { Ok(()) } else { add_default_routes(draft, &unrouted, &id, None) };
    }
    ensure_no_default_route(draft, tables, &related)?;
    enable_block(draft, gateway, &related)?;
    // Enable related resources that another `count` disables.
    for (file, block) in module.blocks("resource").filter(|(_, block)| related.contains(&address(block))) {
        if !is_reenabled(draft, block) && !switch_of(config, module, file, block).is_on() {
            enable_block(draft, Place { module, file, block }, &[])?;
        }
    }
    if keys.len() > 1 {
        draft.note(&format!("{name} creates {} NAT gateways: {}.", keys.len(), keys.join(", ")));
    }
    if unrouted.is_empty() { Ok(()) } else { add_default_routes(draft, &unrouted, &id, None) }
}

/// The route tables that get a default route from an `aws_route`, by the references in the code.
fn tables_of_route<'a>(
    draft: &Draft<'a>,
    route: Place<'a>,
    found: Option<&SwitchValue>,
    tables: &[RouteTableId],
) -> Vec<RouteTableId> {
    let Place { module, file, block } = route;
    let value = |name: &str| module.expression(file, block, name);
    let is_default =
        value("destination_cidr_block").and_then(|to| module.evaluate(to)).as_deref() == Some(ANYWHERE);
    let Some(written) = value("route_table_id").filter(|_| is_default) else { return Vec::new() };
    let origins = &draft.finder.network.origins;
    let keys = found.and_then(|found| found.instances(module, file, block)).filter(|keys| !keys.is_empty());
    let each = value("for_each").and_then(|each| each.tree());
    let each = each.zip(found).map(|(each, found)| found.selected(module, &each).to_string());
    let each = each.map(|each| each.trim().to_owned()).unwrap_or_default();
    let routed: Vec<Origin<'a>> = match keys {
        Some(keys) => {
            let of_key = |key: &String| {
                origins.of(route, Expr::from(&for_instance_of(module, &each, key, written.text)))
            };
            keys.iter().filter_map(of_key).flatten().collect()
        }
        None => origins.of(route, written).unwrap_or_default(),
    };
    let is_routed = |id: &&RouteTableId| {
        let table = draft.finder.chained_table(id);
        table.is_some_and(|table| routed.iter().any(|one| one.is_same_resource(&table)))
    };
    tables.iter().filter(is_routed).cloned().collect()
}

/// The address of a route table whose block has a route to the gateway with the switch: `dynamic "route"`.
fn inline_route(
    draft: &Draft<'_>,
    id: &RouteTableId,
    gateway: &str,
    found: Option<&SwitchValue>,
) -> Result<Option<ResourceAddress>, EditError> {
    let Some((found, table)) = found.zip(draft.finder.route_table(id)?) else { return Ok(None) };
    let is_added = |route: &Block| {
        let list = route.body.attribute("for_each").map(|list| table.file.expression(list));
        let new = list.and_then(|list| found.evaluate(list));
        let content = route.body.blocks("content").next();
        let target = content.and_then(|content| content.body.attribute("nat_gateway_id"));
        route.labels.first().is_some_and(|label| label == "route")
            && new.is_some_and(|new| new.as_array().is_some_and(|new| !new.is_empty()))
            && is_route_to(target.map(|target| table.file.value(target)), gateway)
    };
    let is_here = table.module.address == draft.finder.target.address;
    let is_routed = is_here && table.block.body.blocks("dynamic").any(is_added);
    Ok(is_routed.then(|| table.address_in_root()))
}

/// Uncomments a NAT gateway with its Elastic IP and its routes.
fn uncomment_gateway(
    draft: &mut Draft<'_>,
    gateway: &CommentedOut<'_>,
    tables: &[RouteTableId],
) -> Result<(), EditError> {
    let module = draft.finder.target;
    let name = gateway.address();
    let allocation = Expr::from(gateway.value("allocation_id").unwrap_or_default());
    let is_its_eip = |eip: &CommentedOut<'_>| allocation.is_attribute_of(&eip.address());
    let eip = commented_out(module, "aws_eip").into_iter().find(is_its_eip);
    if let Some(eip) = eip.filter(|eip| !module.declares(&eip.address())) {
        uncomment(draft, &eip, &[])?;
    }
    uncomment(draft, gateway, &[])?;
    let mut unrouted = tables.to_vec();
    for route in commented_out(module, "aws_route") {
        let value = |name: &str| route.value(name);
        if !is_route_to(value("nat_gateway_id"), &name) {
            continue;
        }
        if let Some(id) = default_route_table(draft, &value, tables)?.filter(|id| unrouted.contains(id))
            && !lists_routes(draft, &id)?
        {
            uncomment(draft, &route, &[])?;
            unrouted.retain(|table| *table != id);
        }
    }
    add_default_routes(draft, &unrouted, &format!("{name}.id"), None)
}

/// Whether the block of a route table lists its routes. Terraform would remove a separate `aws_route` of
/// that route table.
fn lists_routes(draft: &Draft<'_>, id: &RouteTableId) -> Result<bool, EditError> {
    let lists =
        |found: Found<'_>| has_inline_routes(found.block) && !is_ignored(found.file, found.block, "route");
    Ok(draft.finder.route_table(id)?.is_some_and(lists))
}

/// Whether a NAT gateway is public; `false` if unknown.
fn is_public(draft: &Draft<'_>, connectivity_type: Option<&str>) -> bool {
    connectivity_type.is_none_or(|kind| draft.finder.target.evaluate(kind).as_deref() == Some("public"))
}

/// Whether a NAT gateway's `subnet_id` is the target subnet. Adds a note if it is another subnet.
///
/// # Errors
/// It is unknown. A new NAT gateway could then duplicate this one, so none is planned.
fn is_in_subnet(
    draft: &mut Draft<'_>,
    subnet: &SubnetId,
    (name, place, state): &(String, String, &str),
    subnet_id: Option<&str>,
) -> Result<bool, EditError> {
    let subnet_id = subnet_id.unwrap_or_default().trim();
    let known = draft.finder.snapshot.network.subnets.get(subnet);
    let range = known.and_then(|subnet| subnet.cidr).map(|range| range.to_string()).unwrap_or_default();
    let tag = known.and_then(|subnet| subnet.tags.get("Name"));
    let attributes: &[(&str, &str)] = if range.is_empty() { &[] } else { &[("cidr_block", &range)] };
    let clues = Clues { id: subnet.as_str(), tag, attributes };
    let found = draft.finder.find(&["aws_subnet", "aws_default_subnet"], &clues)?;
    let id = draft.finder.target.evaluate(subnet_id);
    let reference = Expr::from(subnet_id).reference();
    let is_target = match &found {
        Some(found) => reference == Some(format!("{}.id", found.address())),
        None => id.as_deref() == Some(subnet.as_str()),
    };
    if is_target {
        return Ok(true);
    }
    let is_subnet = |reference: &str| reference.starts_with("aws_subnet.") && !reference.contains('[');
    let is_other = match id {
        Some(id) => id != subnet.as_str(),
        // A reference to another block than the block of the target subnet.
        None => found.is_some() && reference.as_deref().is_some_and(is_subnet),
    };
    if is_other {
        draft.note(&format!(
            "{name} ({place}) is {state} and is in another subnet than {subnet}: this edit does not use it."
        ));
        return Ok(false);
    }
    Err(EditError::NotUnderstood {
        place: place.clone(),
        what: format!(
            "{name} is {state}, and it is unknown whether `{subnet_id}` is {subnet}: enable it yourself, or delete it"
        ),
    })
}

/// Whether a route's `nat_gateway_id` refers to a NAT gateway.
fn is_route_to(nat_gateway_id: Option<&str>, gateway: &str) -> bool {
    let reference = nat_gateway_id.and_then(|id| Expr::from(id).single_reference());
    let rest = reference.as_deref().and_then(|reference| reference.strip_prefix(gateway));
    rest.is_some_and(|rest| rest.starts_with(['.', '[']))
}

/// The route table in `tables` that has this default route; `None` for another route, or another route
/// table.
fn default_route_table<'r>(
    draft: &Draft<'_>,
    value: &impl Fn(&str) -> Option<&'r str>,
    tables: &[RouteTableId],
) -> Result<Option<RouteTableId>, EditError> {
    let destination = value("destination_cidr_block").and_then(|cidr| draft.finder.target.evaluate(cidr));
    if destination.as_deref() != Some(ANYWHERE) {
        return Ok(None);
    }
    let table = Expr::from(value("route_table_id").unwrap_or_default());
    for id in tables {
        let found = draft.finder.route_table(id)?;
        let expected = draft.finder.id_expression(found.as_ref(), id.as_str());
        if table.is_same(Expr::from(&expected)) || table.string().as_deref() == Some(id.as_str()) {
            return Ok(Some(id.clone()));
        }
    }
    Ok(None)
}

fn route_of_other_table_error(file: &File, route: &Block, gateway: &str) -> EditError {
    EditError::NotUnderstood {
        place: location(file, route),
        what: format!(
            "{} routes to {gateway}, which is disabled, and its route table is unknown or is not used by the service: enabling the gateway \
             would give other subnets internet access",
            address(route)
        ),
    }
}
