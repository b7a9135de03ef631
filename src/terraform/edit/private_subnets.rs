//! The edit that adds private subnets with a route table, a NAT gateway and a connector in them.

use crate::model::{EndpointId, NatGatewayId, SecurityGroupId, SubnetId};
use crate::remedy::{KeptRoute, PlannedSubnet};
use crate::terraform::edit::connector::{ConnectorSubnets, replace_connector};
use crate::terraform::edit::default_routes::ANYWHERE;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::existing_endpoints::associate_new_table;
use crate::terraform::edit::listed_subnets::keep;
use crate::terraform::edit::nat::{add_nat_gateway, existing_gateway};
use crate::terraform::error::EditError;
use crate::terraform::lang::render::{Line, attribute, quoted};
use crate::text::listed;

const FILE: &str = "private-subnets.tf";
const NAME: &str = "app_runner";

/// The NAT gateway of the new subnets.
pub(in crate::terraform) enum Gateway<'a> {
    /// One that exists.
    Existing(&'a NatGatewayId),
    /// A new one in this public subnet.
    NewIn(&'a SubnetId),
}

/// What the new route table leads to.
pub(in crate::terraform) struct Paths<'a> {
    pub gateway: Gateway<'a>,
    /// The gateway endpoints that the new route table uses.
    pub endpoints: &'a [EndpointId],
    /// The routes to other networks.
    pub routes: &'a [KeptRoute],
}

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
    draft.note(&format!(
        "The new subnets use {}, which are free in the VPC. Check them against your address plan.",
        listed(&free, "and")
    ));
    let comment = "# Private subnets of App Runner, in free ranges of the VPC\n";
    draft.add_resource("aws_subnet", &name, FILE, comment, &lines);
    let mut lines = vec![attribute("vpc_id", vpc)];
    lines.extend(draft.tags("private"));
    draft.add_resource("aws_route_table", &name, FILE, "", &lines);
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
    draft.add_resource("aws_route", &name, FILE, "", &lines);
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
    draft.add_resource("aws_route_table_association", &name, FILE, "", &lines);
    let subnets = ConnectorSubnets::New(format!("values(aws_subnet.{name})[*].id"));
    replace_connector(draft, connector, &subnets, groups)
}

/// Adds a route to another network, which the present route tables have.
fn add_kept_route(draft: &mut Draft<'_>, route: &KeptRoute, table: &str) {
    let target = route.target.to_string();
    let (argument, kinds): (&str, &[&str]) = match target.split('-').next() {
        Some("pcx") => (
            "vpc_peering_connection_id",
            &["aws_vpc_peering_connection", "aws_vpc_peering_connection_accepter"],
        ),
        Some("tgw") => ("transit_gateway_id", &["aws_ec2_transit_gateway"]),
        Some("eni") => ("network_interface_id", &["aws_network_interface"]),
        _ => ("gateway_id", &["aws_vpn_gateway"]),
    };
    let lines = [
        attribute("route_table_id", table.to_owned()),
        attribute("destination_cidr_block", quoted(&route.destination.to_string())),
        attribute(argument, draft.finder.expression_for(kinds, &target)),
    ];
    let name = draft.free_name("aws_route", NAME);
    draft.add_resource("aws_route", &name, FILE, "", &lines);
}
