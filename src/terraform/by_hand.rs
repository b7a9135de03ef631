//! Changes that this version does not write into code: said, with the blocks to place by hand.

use super::EditError;
use super::edit::Draft;
use super::locate::at;
use super::render::{Line, attribute, block, quoted};
use crate::model::{Peer, RouteTableId, VpcId};
use crate::remedy::Change;

/// Why the change is not written, and what to write.
pub(super) fn refuse(draft: &Draft<'_>, change: &Change) -> EditError {
    let (file, service) = draft.site.service;
    EditError::ByHand {
        place: at(file, service),
        what:
            "this version does not write this remedy into code. Ids stand where your own expressions belong"
                .to_owned(),
        snippet: snippet(change),
    }
}

fn resource(of: &str, name: &str, lines: &[Line]) -> String {
    block(&format!("resource \"{of}\" \"{name}\""), lines)
}

pub(super) fn snippet(change: &Change) -> String {
    match change {
        Change::AssociateRouteTables { endpoint, route_tables, .. } => route_tables
            .iter()
            .enumerate()
            .map(|(place, table)| {
                let lines = [
                    attribute("vpc_endpoint_id", quoted(endpoint.as_str())),
                    attribute("route_table_id", quoted(table.as_str())),
                ];
                resource(
                    "aws_vpc_endpoint_route_table_association",
                    &format!("app_runner_{}", place + 1),
                    &lines,
                )
            })
            .collect(),
        Change::AllowEgress { group, port, peer } => resource(
            "aws_vpc_security_group_egress_rule",
            &format!("app_runner_{port}"),
            &rule(group.as_str(), *port, peer),
        ),
        Change::AllowEndpointIngress { group, port, peer } => resource(
            "aws_vpc_security_group_ingress_rule",
            &format!("app_runner_{port}"),
            &rule(group.as_str(), *port, peer),
        ),
        Change::AllowNacl { acl, outbound, rule } => {
            let lines = [
                attribute("network_acl_id", quoted(acl.as_str())),
                attribute("rule_number", rule.number.to_string()),
                attribute("egress", outbound.to_string()),
                attribute("protocol", quoted("tcp")),
                attribute("rule_action", quoted("allow")),
                attribute("cidr_block", quoted(&rule.remote.to_string())),
                attribute("from_port", rule.ports.from.to_string()),
                attribute("to_port", rule.ports.to.to_string()),
            ];
            let way = if *outbound { "out" } else { "in" };
            resource("aws_network_acl_rule", &format!("app_runner_{way}_{}", rule.ports.from), &lines)
        }
        Change::EnableVpcDns { vpc, support, hostnames } => {
            let line = |on: bool, name: &str| if on { format!("  {name} = true\n") } else { String::new() };
            format!(
                "# in the aws_vpc of {vpc}\n{}{}",
                line(*support, "enable_dns_support"),
                line(*hostnames, "enable_dns_hostnames")
            )
        }
        Change::RepairNat { replaces, subnet, route_tables, .. } => {
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
            let lines = [
                attribute("vpc_connector_name", quoted(name)),
                attribute("subnets", list(subnets.iter().map(|id| quoted(id.as_str())).collect())),
                attribute(
                    "security_groups",
                    list(security_groups.iter().map(|id| quoted(id.as_str())).collect()),
                ),
            ];
            format!(
                "{}\n# and in the service's egress_configuration: vpc_connector_arn = aws_apprunner_vpc_connector.moved.arn\n",
                resource("aws_apprunner_vpc_connector", "moved", &lines)
            )
        }
        Change::CreateGatewayEndpoint { .. }
        | Change::CreateInterfaceEndpoint { .. }
        | Change::CreateNat { .. }
        | Change::RouteToNat { .. }
        | Change::UseDefaultEgress { .. } => String::new(),
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

fn rule(group: &str, port: u16, peer: &Peer) -> Vec<Line> {
    let (name, value) = match peer {
        Peer::Ipv4(net) => ("cidr_ipv4", net.to_string()),
        Peer::Ipv6(net) => ("cidr_ipv6", net.to_string()),
        Peer::PrefixList(id) => ("prefix_list_id", id.to_string()),
        Peer::Group(id) => ("referenced_security_group_id", id.to_string()),
    };
    vec![
        attribute("security_group_id", quoted(group)),
        attribute("ip_protocol", quoted("tcp")),
        attribute("from_port", port.to_string()),
        attribute("to_port", port.to_string()),
        attribute(name, quoted(&value)),
    ]
}
