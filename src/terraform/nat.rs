//! The edit for a NAT gateway.
//!
//! Routes are `aws_route` resources: one inline `route` block in a table that has none would delete its other routes.

use super::EditError;
use super::edit::Draft;
use super::locate::{address, at};
use super::render::{attribute, quoted};
use crate::model::{RouteTableId, SubnetId};

const FILE: &str = "nat-gateway.tf";

/// An Elastic IP, a NAT gateway in the public subnet, and a default route to it from each table.
pub(super) fn gateway(
    draft: &mut Draft<'_>,
    subnet: &SubnetId,
    tables: &[RouteTableId],
) -> Result<(), EditError> {
    for (file, block) in draft.workspace.resources("aws_route_table") {
        if block.body.blocks("route").next().is_some() || block.body.attribute("route").is_some() {
            return Err(EditError::ByHand {
                place: at(file, block),
                what: format!("{} has inline routes, which must not be mixed with aws_route", address(block)),
                snippet:
                    "route {\n  cidr_block     = \"0.0.0.0/0\"\n  nat_gateway_id = aws_nat_gateway.main.id\n}"
                        .to_owned(),
            });
        }
    }
    let zone =
        draft.snapshot.network.subnets.get(subnet).map(|subnet| subnet.zone.to_string()).unwrap_or_default();
    let expression = draft.route_tables(tables);
    let (eip, nat) = (draft.free_name("aws_eip", "nat"), draft.free_name("aws_nat_gateway", "main"));
    let route = draft.free_name("aws_route", "nat");
    let mut lines = vec![attribute("domain", "\"vpc\"")];
    lines.extend(draft.tags("nat-eip"));
    draft.add_resource("aws_eip", &eip, FILE, "# Public address of the NAT gateway\n", &lines);
    let mut lines = vec![
        attribute("allocation_id", format!("aws_eip.{eip}.id")),
        attribute("subnet_id", quoted(subnet.as_str())),
    ];
    lines.extend(draft.tags("nat"));
    let comment =
        format!("# Stands in the public subnet of {zone}, whose route table leads to the internet gateway\n");
    draft.add_resource("aws_nat_gateway", &nat, FILE, &comment, &lines);
    let lines = [
        attribute("for_each", format!("toset({expression})")),
        super::render::Line::Blank,
        attribute("route_table_id", "each.value"),
        attribute("destination_cidr_block", "\"0.0.0.0/0\""),
        attribute("nat_gateway_id", format!("aws_nat_gateway.{nat}.id")),
    ];
    draft.add_resource("aws_route", &route, FILE, "# Default route of the App Runner subnets\n", &lines);
    Ok(())
}
