//! The edit that replaces a broken NAT gateway: another subnet for it, or a new NAT gateway, which becomes the target of the old gateway's
//! default routes.

use crate::model::{NatConnectivity, NatGatewayId, NatPlacement, NatState, RouteTableId, SubnetId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::nat::gateway::add_nat_gateway;
use crate::terraform::edit::nat::in_code::gateway_in_code;
use crate::terraform::edit::nat::reenable::is_routed_to_internet;
use crate::terraform::edit::network::default_routes::ANYWHERE;
use crate::terraform::edit::text::amend::set_attribute;
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::found::Found;
use crate::terraform::find::origin::{BlockOrigin, Origin};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::{attribute, quoted, resource};
use crate::terraform::lang::scan::{Attribute, Block};
use crate::terraform::read::file::File;
use crate::terraform::read::place::{is_ignored, location};

/// Adds a new NAT gateway, and changes the default routes of the old NAT gateway to it. A NAT gateway of the code that is only in the wrong
/// subnet gets another subnet.
///
/// # Errors
/// Not all of these routes are in this folder. AWS rejects a second default route in a route table.
pub(in crate::terraform) fn replace(
    draft: &mut Draft<'_>,
    old: &NatGatewayId,
    (subnet, tables): (&SubnetId, &[RouteTableId]),
) -> Result<(), EditError> {
    let known = draft.finder.snapshot.network.nat_gateways.get(old);
    let in_code = gateway_in_code(draft, tables);
    if let Some(Origin::Block(gateway)) = &in_code
        && is_in_subnet(draft, gateway, subnet)
    {
        let address = gateway.place.module.address_of(gateway.place.block).to_string();
        return Err(EditError::AlreadyInCode { address, place: gateway.place.location() });
    }
    let found = draft.finder.nat_gateway(old)?;
    if let Some(gateway) = in_code
        && (known.is_none()
            || found.as_ref().and_then(Found::origin).is_some_and(|old| !old.is_same_resource(&gateway)))
        && let Origin::Block(gateway) = gateway
    {
        let address = gateway.place.module.address_of(gateway.place.block).to_string();
        return Err(EditError::AlreadyInCode { address, place: gateway.place.location() });
    }
    if let Some(found) = &found {
        draft.note(&found.evidence);
    }
    let routes = default_routes_to(draft, old, found.as_ref());
    if routes.is_empty()
        && let Some(error) = other_gateway(draft, found.as_ref(), tables.len())
    {
        return Err(error);
    }
    let has_several = routes.iter().any(|route| route.resource.repeats());
    if routes.len() < tables.len() && !has_several {
        let managed = match routes.len() {
            0 => format!("no default route to {old} is managed in this folder"),
            count => {
                format!(
                    "only {count} of the {} default routes to {old} are managed in this folder",
                    tables.len()
                )
            }
        };
        return Err(EditError::Elsewhere {
            what: format!("{managed}, and AWS rejects a second default route in a route table"),
            snippet: snippet(old, subnet, tables),
        });
    }
    if let Some(found) = &found
        && let Some(expression) = subnet_for_move(draft, old, found, subnet)
    {
        let tables = routes.iter().map(|route| draft.finder.target.address_of(route.resource).in_module());
        let tables: Vec<ResourceAddress> = tables.collect();
        return move_gateway(draft, old, found, (&expression, tables));
    }
    // The old gateway keeps its name until it is removed.
    let gateway = add_nat_gateway(draft, subnet, (found.as_ref().map(|_| "2"), None));
    for route in routes {
        let target = format!("{gateway}.id");
        draft.splice(route.file, Splice::new(route.gateway.value.clone(), target));
        draft.change(&draft.finder.target.address_of(route.resource).in_module());
    }
    if let Some(found) = found {
        draft.note(&format!(
            "{} is not removed and is still charged: remove it in a later change.",
            found.address()
        ));
    }
    Ok(())
}

/// Whether a NAT gateway of the code is in a subnet.
fn is_in_subnet(draft: &Draft<'_>, gateway: &BlockOrigin<'_>, subnet: &SubnetId) -> bool {
    let own = draft.finder.network.origins.single_of(gateway, "subnet_id");
    own.zip(draft.finder.subnet_origin(subnet)).is_some_and(|(own, subnet)| own.is_same_resource(&subnet))
}

/// The expression of the public subnet for a NAT gateway of the code that works and is in a private subnet: with another `subnet_id`, Terraform
/// replaces it and keeps its Elastic IP. `None` if the code does not let Terraform replace it, or has no reference to the subnet.
fn subnet_for_move(
    draft: &mut Draft<'_>,
    old: &NatGatewayId,
    found: &Found<'_>,
    subnet: &SubnetId,
) -> Option<String> {
    let network = &draft.finder.snapshot.network;
    let known = network.nat_gateways.get(old)?;
    let NatPlacement::Subnet(present) = &known.placement else { return None };
    let is_misplaced = known.state == NatState::Available
        && known.connectivity == NatConnectivity::Public
        && !is_routed_to_internet(draft.finder.snapshot, network.subnets.get(present)?);
    let Found { file, block, .. } = *found;
    let has = |name: &str| block.body.attribute(name).is_some();
    // A second gateway cannot have the Elastic IP of the first one.
    let is_kept = |lifecycle: &Block| {
        ["prevent_destroy", "create_before_destroy"].iter().any(|name| lifecycle.sets(name))
    };
    let is_open = is_misplaced
        && has("subnet_id")
        && has("allocation_id")
        && found.module.address == draft.finder.target.address
        && found.ensure_single().is_ok()
        && !block.body.blocks("lifecycle").any(is_kept)
        && !is_ignored(file, block, "subnet_id");
    (is_open && draft.finder.subnet_origin(subnet).is_some()).then_some(())?;
    Some(draft.subnet(subnet)).filter(|expression| !expression.starts_with('"'))
}

/// Changes the subnet of a NAT gateway. Terraform replaces it, and changes its routes.
fn move_gateway<'a>(
    draft: &mut Draft<'a>,
    old: &NatGatewayId,
    found: &Found<'a>,
    (subnet, routes): (&str, Vec<ResourceAddress>),
) -> Result<(), EditError> {
    let address = found.address_in_root();
    draft.note(&format!(
        "Terraform replaces {address} ({}): it deletes {old} and creates a NAT gateway in {} with the same Elastic IP. It costs what {old} \
         costs now. After an undo, an apply replaces it again.",
        location(found.file, found.block),
        subnet.strip_suffix(".id").unwrap_or(subnet)
    ));
    let present = found.block.body.attribute("subnet_id").map(|own| found.file.expression(own).in_one_line());
    let present = present.unwrap_or_default();
    draft.rollback = Some(format!(
        "replace {address} again: Terraform deletes the new NAT gateway and creates one in {} with the same Elastic IP",
        present.strip_suffix(".id").unwrap_or(&present)
    ));
    draft.splice_all(found.file, set_attribute(found.file, found.block, "subnet_id", subnet)?);
    for route in routes {
        draft.change(&route);
    }
    draft.reenabled.push(address.clone());
    draft.destroys.push(address);
    Ok(())
}

/// The error for another NAT gateway of the code that has this number of default routes.
fn other_gateway(draft: &Draft<'_>, old: Option<&Found<'_>>, number: usize) -> Option<EditError> {
    let target = draft.finder.target;
    let old = old.and_then(Found::origin);
    let (mut count, mut gateway) = (0, None);
    for (file, resource, route) in default_routes(draft) {
        let Some(value) = route.body.attribute("nat_gateway_id").map(|value| file.expression(value)) else {
            continue;
        };
        let origins = draft.finder.network.origins.of(target, value)?;
        let [origin @ Origin::Block(block)] = origins.as_slice() else { return None };
        let is_other = origin.block_of(&["aws_nat_gateway"]).is_some()
            && old.as_ref().is_some_and(|old| !old.is_same_resource(origin));
        is_other.then_some(())?;
        count += if resource.repeats() { number } else { 1 };
        gateway = Some(block.place);
    }
    let place = gateway.filter(|_| count >= number)?;
    let address = place.module.address_of(place.block).to_string();
    Some(EditError::AlreadyInCode { address, place: place.location() })
}

/// A default route to a NAT gateway: an `aws_route`, or a `route` block of a route table.
struct Route<'a> {
    file: &'a File,
    resource: &'a Block,
    /// `nat_gateway_id`
    gateway: &'a Attribute,
}

fn default_routes_to<'a>(draft: &Draft<'a>, nat: &NatGatewayId, found: Option<&Found<'_>>) -> Vec<Route<'a>> {
    let target = draft.finder.target;
    let is_nat = |expression: Expr<'_>| match found {
        Some(found) => expression.is_attribute_of(&found.address().to_string()),
        None => target.evaluate(expression).as_deref() == Some(nat.as_str()),
    };
    let mut routes = Vec::new();
    for (file, resource, route) in default_routes(draft) {
        if let Some(gateway) = route.body.attribute("nat_gateway_id")
            && is_nat(file.expression(gateway))
        {
            routes.push(Route { file, resource, gateway });
        }
    }
    routes
}

/// The default routes of the target module: the file, the resource, and the block with the arguments of the route.
fn default_routes<'a>(draft: &Draft<'a>) -> Vec<(&'a File, &'a Block, &'a Block)> {
    let target = draft.finder.target;
    let separate = target.resources("aws_route").map(|(file, route)| (file, route, route));
    let tables = target.resources("aws_route_table").chain(target.resources("aws_default_route_table"));
    let inline =
        tables.flat_map(|(file, table)| table.body.blocks("route").map(move |route| (file, table, route)));
    let is_default = |(file, _, route): &(&File, &Block, &Block)| {
        let destination = route.body.attribute("destination_cidr_block");
        let destination = destination.or_else(|| route.body.attribute("cidr_block"));
        destination.and_then(|value| target.evaluate(file.value(value))).as_deref() == Some(ANYWHERE)
    };
    separate.chain(inline).filter(is_default).collect()
}

fn snippet(old: &NatGatewayId, subnet: &SubnetId, tables: &[RouteTableId]) -> String {
    let eip = resource("aws_eip", "nat", &[attribute("domain", quoted("vpc"))]);
    let lines =
        [attribute("allocation_id", "aws_eip.nat.id"), attribute("subnet_id", quoted(subnet.as_str()))];
    let tables: Vec<&str> = tables.iter().map(RouteTableId::as_str).collect();
    format!(
        "{eip}\n{}\n# In the code of the default routes of {}:\n#   nat_gateway_id = aws_nat_gateway.this.id instead of {old}\n",
        resource("aws_nat_gateway", "this", &lines),
        tables.join(", ")
    )
}
