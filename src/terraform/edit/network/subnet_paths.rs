//! What the route table of new private subnets leads to.

use crate::model::{EndpointId, NatGatewayId, SubnetId};
use crate::remedy::KeptRoute;
use crate::terraform::edit::draft::Draft;
use crate::terraform::lang::render::{attribute, quoted};

/// The file of new private subnets.
pub(in crate::terraform::edit) const FILE: &str = "private-subnets.tf";
/// The name of their resources.
pub(in crate::terraform::edit) const NAME: &str = "app_runner";

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

/// Adds a route to another network, which the present route tables have.
pub(in crate::terraform::edit) fn add_kept_route(draft: &mut Draft<'_>, route: &KeptRoute, table: &str) {
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
