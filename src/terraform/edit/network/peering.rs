//! Edits for routes that are not default routes for IPv4: to a VPC peering connection, and for IPv6.

use ipnet::Ipv4Net;

use crate::model::{EgressOnlyInternetGatewayId, ResourceId, RouteTableId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::network::default_routes::{add_inline, each_table, takes_inline_routes};
use crate::terraform::error::EditError;
use crate::terraform::lang::render::{Line, attribute, quoted};

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
    let range = draft.range(destination);
    if range.starts_with('"') {
        draft
            .note(&format!("{destination} is written as a range: no block in this folder has the peer VPC."));
    }
    let target = ("vpc_peering_connection_id", draft.finder.expression_for(&kinds, peering.as_str()));
    let route = NewRoute {
        name: "peering",
        destination: ("cidr_block", range),
        target: &target,
        comment: "# Route to the peer VPC\n",
    };
    add_routes(draft, tables, &route)
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
        let mut lines = vec![attribute("vpc_id", draft.vpc_id())];
        lines.extend(draft.tags("eigw"));
        let comment = "# Outbound internet access over IPv6, at no hourly charge\n";
        draft.add_resource(kind, &name, "egress-only.tf", comment, &lines);
        format!("{}.id", draft.new_reference(&format!("{kind}.{name}")))
    };
    let target = ("egress_only_gateway_id", expression);
    let route = NewRoute {
        name: "ipv6_egress",
        destination: ("ipv6_cidr_block", quoted("::/0")),
        target: &target,
        comment: "# Outbound IPv6 of the App Runner subnets\n",
    };
    add_routes(draft, tables, &route)
}

struct NewRoute<'r> {
    name: &'static str,
    /// The attribute of an inline route, and the expression of the range.
    destination: (&'static str, String),
    target: &'r (&'static str, String),
    comment: &'static str,
}

/// Adds a route to each route table: inline if its block lists routes. One `aws_route` adds it to all other tables of the connector's
/// subnets.
fn add_routes(draft: &mut Draft<'_>, tables: &[RouteTableId], route: &NewRoute<'_>) -> Result<(), EditError> {
    let (of_range, range) = &route.destination;
    let (of_target, target) = route.target;
    let destination = attribute(&format!("destination_{of_range}"), range.clone());
    let (explicit, main) = draft.finder.workload_tables();
    let is_own = |id: &RouteTableId| explicit.iter().copied().chain(main).any(|table| table.id == *id);
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for table in tables {
        let found = draft.finder.route_table(table)?;
        match &found {
            Some(found) if takes_inline_routes(draft, table, found, of_target) => {
                add_inline(draft, found, (of_range, range), (of_target, target))?;
            }
            _ if is_own(table) => own.push(table.clone()),
            Some(found) => {
                draft.note(&found.evidence);
                others.push(draft.finder.id_expression(Some(found), table.as_str()));
            }
            None => {
                draft.note_not_managed_here(table.as_str());
                others.push(quoted(table.as_str()));
            }
        }
    }
    let mut resources: Vec<(Vec<Line>, String)> =
        others.into_iter().map(|table| (Vec::new(), table)).collect();
    if !own.is_empty() {
        let (lines, table, _) = each_table(draft.route_tables(&own)?.repetition());
        resources.insert(0, (lines, table));
    }
    for (mut lines, table) in resources {
        let name = draft.free_name("aws_route", route.name);
        let target = attribute(of_target, target.clone());
        lines.extend([attribute("route_table_id", table), destination.clone(), target]);
        draft.add_resource("aws_route", &name, FILE, route.comment, &lines);
    }
    Ok(())
}
