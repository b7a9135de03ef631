//! The edit that adds private subnets with a route table, a NAT gateway and a connector in them.

use crate::model::{SecurityGroupId, SubnetId};
use crate::remedy::PlannedSubnet;
use crate::terraform::edit::connector::{ConnectorSubnets, replace_connector};
use crate::terraform::edit::default_routes::ANYWHERE;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::listed_subnets::keep;
use crate::terraform::edit::nat::add_nat_gateway;
use crate::terraform::error::EditError;
use crate::terraform::lang::render::{Line, attribute, quoted};

const FILE: &str = "private-subnets.tf";
const NAME: &str = "app_runner";

/// Adds the resources, and changes the service to the new connector.
///
/// # Errors
/// The service or its connector cannot be edited.
pub(in crate::terraform) fn create(
    draft: &mut Draft<'_>,
    (connector, groups): (&str, &[SecurityGroupId]),
    subnets: &[PlannedSubnet],
    nat_subnet: &SubnetId,
) -> Result<(), EditError> {
    keep(draft)?;
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
    let free: Vec<String> =
        subnets.iter().map(|subnet| format!("{} ({})", subnet.cidr, subnet.zone)).collect();
    draft.note(&format!("New subnets need ranges: {} are free in the VPC.", free.join(", ")));
    let comment = "# Private subnets of App Runner, in free ranges of the VPC\n";
    draft.add_resource("aws_subnet", &name, FILE, comment, &lines);
    let mut lines = vec![attribute("vpc_id", vpc)];
    lines.extend(draft.tags("private"));
    draft.add_resource("aws_route_table", &name, FILE, "", &lines);
    let table = format!("{}.id", draft.new_reference(&format!("aws_route_table.{name}")));
    let gateway = add_nat_gateway(draft, nat_subnet, (None, None));
    let lines = [
        attribute("route_table_id", table.clone()),
        attribute("destination_cidr_block", quoted(ANYWHERE)),
        attribute("nat_gateway_id", format!("{gateway}.id")),
    ];
    draft.add_resource("aws_route", &name, FILE, "", &lines);
    let lines = [
        attribute("for_each", format!("aws_subnet.{name}")),
        Line::Blank,
        attribute("subnet_id", "each.value.id"),
        attribute("route_table_id", table),
    ];
    draft.add_resource("aws_route_table_association", &name, FILE, "", &lines);
    let subnets = ConnectorSubnets::New(format!("values(aws_subnet.{name})[*].id"));
    replace_connector(draft, connector, &subnets, groups)
}
