//! The edit that changes the target of existing default routes.

use crate::model::RouteTableId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::network::default_routes::ANYWHERE;
use crate::terraform::edit::text::amend::replace_attribute;
use crate::terraform::error::EditError;
use crate::terraform::find::found::Found;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::scan::{Attribute, Block, Body};
use crate::terraform::read::file::File;
use crate::terraform::read::place::location;

/// The attributes of a route that name its target.
const TARGETS: &[&str] = &[
    "network_interface_id",
    "instance_id",
    "nat_gateway_id",
    "gateway_id",
    "vpc_endpoint_id",
    "transit_gateway_id",
    "vpc_peering_connection_id",
];

/// A default route: an `aws_route`, or a `route` block of a route table.
struct DefaultRoute<'a> {
    file: &'a File,
    resource: &'a Block,
    /// The body with the target.
    body: &'a Body,
    target: &'a Attribute,
}

/// Sets the target of the default route of each route table.
///
/// # Errors
/// Not all of these routes are in this folder, or one block creates several. AWS rejects a second default route in a route table.
pub(in crate::terraform) fn replace_default_routes(
    draft: &mut Draft<'_>,
    tables: &[RouteTableId],
    (name, target): (&str, &str),
) -> Result<(), EditError> {
    let mut in_code = None;
    let mut is_changed = false;
    for id in tables {
        let found = draft.finder.route_table(id)?;
        let route = default_route_of(draft, found.as_ref(), id).filter(|route| !route.resource.repeats());
        let Some(route) = route else {
            return Err(EditError::Elsewhere {
                what: format!(
                    "egress-doctor found no block for the default route of {id} in this folder, or its block creates several routes, and AWS rejects a second \
                     default route in a route table"
                ),
                snippet: format!(
                    "# In the aws_route or route block of 0.0.0.0/0 of {}, instead of the present target\n{name} = {target}\n",
                    tables.iter().map(RouteTableId::as_str).collect::<Vec<_>>().join(", ")
                ),
            });
        };
        if is_target(draft, &route, (name, target)) {
            let address = draft.finder.target.address_of(route.resource).to_string();
            let place = location(route.file, route.resource);
            in_code = in_code.or(Some(EditError::AlreadyInCode { address, place }));
            continue;
        }
        is_changed = true;
        if let Some(found) = &found {
            draft.note(&found.evidence);
        }
        // The attribute has another name, so the whole argument is replaced.
        for splice in replace_attribute(route.file, route.body, route.target, (name, target)) {
            draft.splice(route.file, splice);
        }
        draft.change(&draft.finder.target.address_of(route.resource).in_module());
    }
    match in_code.filter(|_| !is_changed) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Whether a route has the target already, or another NAT gateway of the code instead of the new one.
fn is_target(draft: &Draft<'_>, route: &DefaultRoute<'_>, (name, target): (&str, &str)) -> bool {
    if route.target.name != name {
        return false;
    }
    let present = route.file.expression(route.target);
    let module = draft.finder.target;
    let leads_to_gateway = || {
        let origins = draft.finder.network.origins.of(module, present).unwrap_or_default();
        let is_new = draft.adds.iter().any(|added| target == format!("{}.id", added.in_module()));
        is_new && origins.iter().any(|origin| origin.block_of(&["aws_nat_gateway"]).is_some())
    };
    present.is_same(Expr::from(target)) || leads_to_gateway()
}

fn default_route_of<'a>(
    draft: &Draft<'a>,
    found: Option<&Found<'a>>,
    id: &RouteTableId,
) -> Option<DefaultRoute<'a>> {
    let module = draft.finder.target;
    let is_default = |file: &File, route: &Block, name: &str| {
        let destination = route.body.attribute(name);
        destination.and_then(|value| module.evaluate(file.value(value))).as_deref() == Some(ANYWHERE)
    };
    let target_of = |route: &'a Block| TARGETS.iter().find_map(|name| route.body.attribute(name));
    if let Some(found) = found.filter(|found| found.module.address == module.address) {
        let mut inline = found.block.body.blocks("route");
        if let Some(route) = inline.find(|route| is_default(found.file, route, "cidr_block")) {
            return Some(DefaultRoute {
                file: found.file,
                resource: found.block,
                body: &route.body,
                target: target_of(route)?,
            });
        }
    }
    let is_of_table = |expression: Expr<'_>| match found {
        Some(found) => {
            expression.is_attribute_of(&found.address().to_string())
                || module.evaluate(expression).as_deref() == Some(id.as_str())
        }
        None => module.evaluate(expression).as_deref() == Some(id.as_str()),
    };
    module.resources("aws_route").find_map(|(file, route)| {
        let table = route.body.attribute("route_table_id")?;
        let matches =
            is_default(file, route, "destination_cidr_block") && is_of_table(file.expression(table));
        matches.then_some(DefaultRoute {
            file,
            resource: route,
            body: &route.body,
            target: target_of(route)?,
        })
    })
}
