//! Changes that are not written into code, here or at all: said, with the blocks to place by hand.

use crate::model::{RouteTableId, VpcId};
use crate::remedy::Change;
use crate::terraform::edit::draft::Draft;
use crate::terraform::error::EditError;
use crate::terraform::lang::render::{Line, attribute, block, create_before_destroy, quoted};

/// Why the change is not written, and what to write.
pub(in crate::terraform) fn refuse(draft: &Draft<'_>, change: &Change) -> EditError {
    EditError::ByHand {
        place: draft.finder.code.service.location(),
        what:
            "this version does not write this remedy into code. Ids stand where your own expressions belong"
                .to_owned(),
        snippet: snippet(change),
    }
}

fn resource(of: &str, name: &str, lines: &[Line]) -> String {
    block(&format!("resource \"{of}\" \"{name}\""), lines)
}

pub(in crate::terraform) fn snippet(change: &Change) -> String {
    match change {
        Change::EnableVpcDns { vpc, support, hostnames } => {
            let line = |on: bool, name: &str| if on { format!("  {name} = true\n") } else { String::new() };
            format!(
                "# in the aws_vpc of {vpc}\n{}{}",
                line(*support, "enable_dns_support"),
                line(*hostnames, "enable_dns_hostnames")
            )
        }
        Change::RepairNat { replaces, subnet: Some(subnet), route_tables, .. } => {
            let address = resource("aws_eip", "nat", &[attribute("domain", quoted("vpc"))]);
            let lines = [
                attribute("allocation_id", "aws_eip.nat.id"),
                attribute("subnet_id", quoted(subnet.as_str())),
            ];
            let tables: Vec<&str> = route_tables.iter().map(RouteTableId::as_str).collect();
            format!(
                "{address}\n{}\n# and in {}: nat_gateway_id = aws_nat_gateway.this.id instead of {replaces}\n",
                resource("aws_nat_gateway", "this", &lines),
                tables.join(", ")
            )
        }
        Change::CreateRegionalNat { vpc, route_tables, .. } => regional_nat(vpc, route_tables),
        Change::EnablePrivateDns { endpoint, .. } => {
            format!("# in the aws_vpc_endpoint of {endpoint}\n  private_dns_enabled = true\n")
        }
        Change::MoveConnector { name, subnets, security_groups, .. } => {
            let list = |ids: Vec<String>| format!("[{}]", ids.join(", "));
            let mut lines = vec![
                attribute("vpc_connector_name", quoted(name)),
                attribute("subnets", list(subnets.iter().map(|id| quoted(id.as_str())).collect())),
                attribute(
                    "security_groups",
                    list(security_groups.iter().map(|id| quoted(id.as_str())).collect()),
                ),
            ];
            lines.extend(create_before_destroy());
            format!(
                "{}\n# and in the service's egress_configuration: vpc_connector_arn = aws_apprunner_vpc_connector.moved.arn\n",
                resource("aws_apprunner_vpc_connector", "moved", &lines)
            )
        }
        // Every other change has an editor that writes it.
        _ => String::new(),
    }
}

fn regional_nat(vpc: &VpcId, route_tables: &[RouteTableId]) -> String {
    let lines = [
        attribute("vpc_id", quoted(vpc.as_str())),
        attribute("availability_mode", quoted("regional")),
        attribute("connectivity_type", quoted("public")),
    ];
    let routes: String = route_tables
        .iter()
        .enumerate()
        .map(|(place, table)| {
            let lines = [
                attribute("route_table_id", quoted(table.as_str())),
                attribute("destination_cidr_block", quoted("0.0.0.0/0")),
                attribute("nat_gateway_id", "aws_nat_gateway.regional.id"),
            ];
            resource("aws_route", &format!("nat_{}", place + 1), &lines)
        })
        .collect();
    format!(
        "# needs version 6.24 or later of the aws provider\n{}\n{routes}",
        resource("aws_nat_gateway", "regional", &lines)
    )
}
