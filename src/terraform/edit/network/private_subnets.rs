//! The edit that adds private subnets with a route table, a NAT gateway and a connector in them.

use crate::model::SecurityGroupId;
use crate::remedy::PlannedSubnet;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::egress::connector::{ConnectorSubnets, replace_connector};
use crate::terraform::edit::endpoint::existing::associate_new_table;
use crate::terraform::edit::nat::gateway::{add_nat_gateway, existing_gateway};
use crate::terraform::edit::network;
use crate::terraform::edit::network::default_routes::ANYWHERE;
use crate::terraform::edit::network::listed_subnets::keep;
use crate::terraform::edit::network::subnet_paths::{FILE, Gateway, NAME, Paths, add_kept_route};
use crate::terraform::error::EditError;
use crate::terraform::lang::render::{Line, attribute, quoted};
use crate::text::listed;

/// Adds the resources, and changes the service to the new connector.
///
/// # Errors
/// The service or its connector cannot be edited.
pub(in crate::terraform) fn create(
    draft: &mut Draft<'_>,
    (connector, groups): (&str, &[SecurityGroupId]),
    subnets: &[PlannedSubnet],
    paths: &Paths<'_>,
) -> Result<(), EditError> {
    keep(draft)?;
    if network::module_subnets::create(draft, (connector, groups), subnets, paths)?
        || network::own_private_subnets::create(draft, (connector, groups), subnets, paths)?
    {
        note_ranges(draft, subnets);
        return Ok(());
    }
    let vpc = draft.vpc_id();
    let names = ["aws_subnet", "aws_route_table", "aws_route", "aws_route_table_association"];
    let name = names.iter().map(|kind| draft.free_name(kind, NAME)).max().unwrap_or_default();
    let ranges: String = subnets
        .iter()
        .map(|subnet| format!("  {} = {}\n", subnet.zone, quoted(&subnet.cidr.to_string())))
        .collect();
    let mut lines = vec![
        attribute("for_each", format!("{{\n{ranges}}}")),
        Line::Blank,
        attribute("vpc_id", vpc.clone()),
        attribute("availability_zone", "each.key"),
        attribute("cidr_block", "each.value"),
    ];
    lines.extend(draft.tags("private-${each.key}"));
    note_ranges(draft, subnets);
    let comment = "# Private subnets of App Runner, in free ranges of the VPC\n";
    draft.add_resource("aws_subnet", &name, FILE, comment, &lines);
    let mut lines = vec![attribute("vpc_id", vpc)];
    lines.extend(draft.tags("private"));
    // All of them are beside the subnets, if the code has no other one of their types.
    draft.add_resource_near("aws_subnet", "aws_route_table", &name, FILE, "", &lines);
    let has_tables = draft.finder.target.resources("aws_route_table").next().is_some();
    let related = if has_tables { "aws_route_table" } else { "aws_subnet" };
    let table = format!("{}.id", draft.new_reference(&format!("aws_route_table.{name}")));
    let gateway = match paths.gateway {
        Gateway::NewIn(subnet) => format!("{}.id", add_nat_gateway(draft, subnet, (None, None))),
        Gateway::Existing(id) => existing_gateway(draft, id)?,
    };
    let lines = [
        attribute("route_table_id", table.clone()),
        attribute("destination_cidr_block", quoted(ANYWHERE)),
        attribute("nat_gateway_id", gateway),
    ];
    draft.add_resource_near(related, "aws_route", &name, FILE, "", &lines);
    for route in paths.routes {
        add_kept_route(draft, route, &table);
    }
    for endpoint in paths.endpoints {
        associate_new_table(draft, endpoint, &table)?;
    }
    let lines = [
        attribute("for_each", format!("aws_subnet.{name}")),
        Line::Blank,
        attribute("subnet_id", "each.value.id"),
        attribute("route_table_id", table),
    ];
    draft.add_resource_near(related, "aws_route_table_association", &name, FILE, "", &lines);
    let subnets = ConnectorSubnets::New(format!("values(aws_subnet.{name})[*].id"));
    replace_connector(draft, connector, &subnets, groups)
}

fn note_ranges(draft: &mut Draft<'_>, subnets: &[PlannedSubnet]) {
    let free: Vec<String> =
        subnets.iter().map(|subnet| format!("{} ({})", subnet.cidr, subnet.zone)).collect();
    draft.note(&format!(
        "The new subnets use {}, which are free in the VPC. Check them against your address plan.",
        listed(&free, "and")
    ));
}
