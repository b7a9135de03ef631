//! Refuses a fix that the plan which the user gave creates already: the user must apply first.

use crate::model::RouteTableId;
use crate::remedy::Change;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::network::default_routes::ANYWHERE;
use crate::terraform::error::EditError;
use crate::terraform::read::pending::Pending;
use crate::terraform::read::place::location;

/// Ensures that no resource of the plan does what a change does.
///
/// # Errors
/// The plan creates or changes such a resource.
pub(super) fn ensure_not_pending(draft: &Draft<'_>, change: &Change) -> Result<(), EditError> {
    let found = draft.finder.state.pending.iter().find(|pending| does(draft, pending, change));
    let Some(pending) = found else { return Ok(()) };
    let address = &pending.address;
    let config = draft.finder.config;
    let module = config.module_of(address);
    let block = module.and_then(|module| {
        module.resources(&address.kind).find(|(_, block)| block.name() == Some(address.name.as_str()))
    });
    Err(EditError::Pending {
        address: address.to_string(),
        place: block.map(|(file, block)| location(file, block)),
        is_new: pending.is_new,
    })
}

fn does(draft: &Draft<'_>, pending: &Pending, change: &Change) -> bool {
    let kind = pending.address.kind.as_str();
    let is_new = |of: &str| pending.is_new && kind == of;
    let is_changed = |of: &str, id: &str| !pending.is_new && kind == of && pending.before("id") == Some(id);
    let adds_default_route = |tables: &[RouteTableId]| {
        kind == "aws_route"
            && pending.after("destination_cidr_block") == Some(ANYWHERE)
            && pending
                .after("route_table_id")
                .is_some_and(|id| tables.iter().any(|table| table.as_str() == id))
    };
    match change {
        Change::CreateGatewayEndpoint { vpc, service, .. }
        | Change::CreateInterfaceEndpoint { vpc, service, .. } => {
            let wanted =
                if matches!(change, Change::CreateGatewayEndpoint { .. }) { "Gateway" } else { "Interface" };
            is_new("aws_vpc_endpoint")
                && pending.after("service_name") == Some(service.as_str())
                && pending.may_be("vpc_endpoint_type", wanted)
                && pending.may_be("vpc_id", vpc.as_str())
        }
        Change::EnablePrivateDns { endpoint, .. } => {
            is_changed("aws_vpc_endpoint", endpoint.as_str())
                && pending.after("private_dns_enabled") == Some("true")
        }
        Change::CreateNat { subnet: Some(subnet), route_tables, .. } => {
            is_new("aws_nat_gateway") && pending.may_be("subnet_id", subnet.as_str())
                || adds_default_route(route_tables)
        }
        Change::CreateRegionalNat { route_tables, .. }
        | Change::RepairNat { route_tables, .. }
        | Change::RouteToNat { route_tables, .. } => adds_default_route(route_tables),
        Change::RouteToInternet { route_table, .. } => adds_default_route(std::slice::from_ref(route_table)),
        Change::AllowEgress { group, port, .. } => allows(pending, "egress", group.as_str(), *port),
        Change::AllowEndpointIngress { group, port, .. } => allows(pending, "ingress", group.as_str(), *port),
        Change::EnableVpcDns { vpc, support, hostnames } => {
            is_changed("aws_vpc", vpc.as_str())
                && (!support || pending.after("enable_dns_support") == Some("true"))
                && (!hostnames || pending.after("enable_dns_hostnames") == Some("true"))
        }
        Change::UseDefaultEgress { .. } => {
            let arn = pending.before("arn").unwrap_or_default();
            kind == "aws_apprunner_service"
                && pending.after("egress_type") == Some("DEFAULT")
                && arn == draft.finder.workload.id.as_str()
        }
        _ => false,
    }
}

/// Whether a new rule resource allows a port of a security group.
fn allows(pending: &Pending, direction: &str, group: &str, port: u16) -> bool {
    let kind = pending.address.kind.as_str();
    let is_rule = kind == format!("aws_vpc_security_group_{direction}_rule")
        || kind == "aws_security_group_rule" && pending.after("type") == Some(direction);
    let has_port = pending.after("from_port").is_some_and(|from| from == port.to_string());
    pending.is_new && is_rule && pending.after("security_group_id") == Some(group) && has_port
}
