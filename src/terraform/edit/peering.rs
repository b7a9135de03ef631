//! Edits for routes that are not default routes for IPv4: to a VPC peering connection, and for IPv6.

use ipnet::Ipv4Net;

use crate::model::{EgressOnlyInternetGatewayId, ResourceId, RouteTableId};
use crate::terraform::edit::default_routes::{add_inline, has_inline_routes};
use crate::terraform::edit::draft::Draft;
use crate::terraform::error::EditError;
use crate::terraform::lang::render::{attribute, quoted};

/// The file of new routes.
const FILE: &str = "routes.tf";

/// Adds a route to a VPC peering connection in each route table.
pub(in crate::terraform) fn route_to_peering(
    draft: &mut Draft<'_>,
    peering: &ResourceId,
    destination: Ipv4Net,
    tables: &[RouteTableId],
) -> Result<(), EditError> {
    let kinds = ["aws_vpc_peering_connection", "aws_vpc_peering_connection_accepter"];
    let target = ("vpc_peering_connection_id", draft.finder.expression_for(&kinds, peering.as_str()));
    let route = NewRoute {
        name: "peering",
        destination: ("cidr_block", destination.to_string()),
        target: &target,
        comment: "# Route to the peer VPC\n",
    };
    tables.iter().try_for_each(|table| add_route(draft, table, &route))
}

/// Adds the route `::/0` to an egress-only internet gateway in each route table, and the gateway if it does not exist.
pub(in crate::terraform) fn route_ipv6(
    draft: &mut Draft<'_>,
    gateway: Option<&EgressOnlyInternetGatewayId>,
    tables: &[RouteTableId],
) -> Result<(), EditError> {
    let kind = "aws_egress_only_internet_gateway";
    let expression = if let Some(id) = gateway {
        draft.finder.expression_for(&[kind], id.as_str())
    } else {
        let name = draft.free_name(kind, "main");
        let mut lines = vec![attribute("vpc_id", draft.finder.code.vpc_id.clone())];
        lines.extend(draft.tags("eigw"));
        let comment = "# Outbound internet access over IPv6, at no hourly charge\n";
        draft.add_resource(kind, &name, "egress-only.tf", comment, &lines);
        format!("{}.id", draft.new_reference(&format!("{kind}.{name}")))
    };
    let target = ("egress_only_gateway_id", expression);
    let route = NewRoute {
        name: "ipv6_egress",
        destination: ("ipv6_cidr_block", "::/0".to_owned()),
        target: &target,
        comment: "# Outbound IPv6 of the App Runner subnets\n",
    };
    tables.iter().try_for_each(|table| add_route(draft, table, &route))
}

struct NewRoute<'r> {
    name: &'static str,
    /// The attribute of an inline route, and the range.
    destination: (&'static str, String),
    target: &'r (&'static str, String),
    comment: &'static str,
}

/// Adds a route to a route table: inline if its block lists routes.
fn add_route(draft: &mut Draft<'_>, table: &RouteTableId, route: &NewRoute<'_>) -> Result<(), EditError> {
    let (of_range, range) = &route.destination;
    let (of_target, target) = route.target;
    let found = draft.finder.route_table(table)?;
    if let Some(found) = found.as_ref().filter(|found| has_inline_routes(found.block)) {
        return add_inline(
            draft,
            found,
            &[attribute(of_range, quoted(range)), attribute(of_target, target.clone())],
        );
    }
    match &found {
        Some(found) => draft.note(&found.evidence),
        None => draft.note_not_managed_here(table.as_str()),
    }
    let name = draft.free_name("aws_route", route.name);
    let lines = [
        attribute("route_table_id", draft.finder.id_expression(found.as_ref(), table.as_str())),
        attribute(&format!("destination_{of_range}"), quoted(range)),
        attribute(of_target, target.clone()),
    ];
    draft.add_resource("aws_route", &name, FILE, route.comment, &lines);
    Ok(())
}
