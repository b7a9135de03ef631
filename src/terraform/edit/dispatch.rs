//! Passes each change to its editor. Must not plan several changes.

use crate::model::SubnetId;
use crate::remedy::Change;
use crate::terraform::edit::connector::ConnectorSubnets;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::subnet_paths::{Gateway, Paths};
use crate::terraform::edit::{
    cloudposse, connector, default_egress, endpoints, existing_endpoints, internet_gateway, nacl, nat,
    nat_instance, nat_repair, nat_zones, peering, private_subnets, rules, vpc_dns, vpc_module, wrapped_vpc,
};
use crate::terraform::error::EditError;

/// Passes a change to its editor. `all` are the changes of the proposal.
pub(super) fn edit(draft: &mut Draft<'_>, change: &Change, all: &[Change]) -> Result<(), EditError> {
    let is_nat = |change: &&Change| matches!(change, Change::CreateNat { .. });
    let is_route = |change: &Change| matches!(change, Change::RouteToNat { .. });
    // One fix adds routes to the NAT gateways of some AZs, and NAT gateways for the others.
    let uses_present = all.iter().any(is_route) && all.iter().any(|change| is_nat(&change));
    let one_nat_per_az = uses_present || all.iter().filter(is_nat).count() > 1;
    match change {
        Change::CreateGatewayEndpoint { service, route_tables, .. } => {
            endpoints::create_gateway(draft, service, route_tables)
        }
        Change::CreateInterfaceEndpoint { service, subnets, .. } => {
            endpoints::create_interface(draft, service, subnets)
        }
        Change::AssociateRouteTables { endpoint, service, route_tables } => {
            existing_endpoints::associate_tables(draft, endpoint, service, route_tables)
        }
        Change::EnablePrivateDns { endpoint, service, .. } => {
            existing_endpoints::enable_private_dns(draft, endpoint, service)
        }
        Change::CreateNat { subnet, route_tables, .. } => {
            // The module adds default routes, and AWS rejects a second one.
            let replaces = !nat::with_and_without_default_route(draft, route_tables).0.is_empty();
            let is_new = draft.new_public_subnet.is_some();
            let is_of_module = !replaces
                && !is_new
                && (vpc_module::enable_nat(draft, route_tables, one_nat_per_az)?
                    || cloudposse::enable_nat(draft, one_nat_per_az)?
                    || wrapped_vpc::enable_nat(draft, one_nat_per_az)?);
            if is_of_module {
                return Ok(());
            }
            if one_nat_per_az {
                return nat_zones::create(draft, (public_subnet(subnet.as_ref())?, route_tables), all);
            }
            nat::create(draft, public_subnet(subnet.as_ref())?, route_tables)
        }
        Change::CreateRegionalNat { vpc, route_tables, .. } => {
            Err(nat::create_regional(draft, vpc, route_tables))
        }
        Change::RouteToNat { nat, route_tables } => {
            if uses_present && nat_zones::by_blocks(draft, all)? {
                return Ok(());
            }
            nat::route_to_nat(draft, nat, route_tables)
        }
        Change::RouteToInternet { gateway, route_table } => {
            nat::route_to_internet(draft, gateway, route_table)
        }
        Change::RepairNat { replaces, subnet, route_tables, .. } => {
            nat_repair::replace(draft, replaces, (public_subnet(subnet.as_ref())?, route_tables))
        }
        Change::AttachInternetGateway { vpc, gateway } => internet_gateway::attach(draft, gateway, vpc),
        Change::CreateInternetGateway { route_tables, public_subnet, .. } => {
            internet_gateway::create(draft, route_tables, public_subnet.as_ref())
        }
        Change::DisableSourceDestCheck { interface } => nat_instance::disable_check(draft, interface),
        Change::AssociateElasticIp { interface } => {
            nat_instance::add_elastic_ip(draft, interface);
            Ok(())
        }
        Change::RouteToPeering { peering: id, destination, route_tables } => {
            peering::route_to_peering(draft, id, *destination, route_tables)
        }
        Change::RouteIpv6 { gateway, route_tables, .. } => {
            peering::route_ipv6(draft, gateway.as_ref(), route_tables)
        }
        Change::CreatePrivateSubnets {
            subnets,
            nat_subnet,
            nat,
            gateway_endpoints,
            routes,
            connector_name,
            security_groups,
            ..
        } => {
            let gateway = match nat {
                Some(id) => Gateway::Existing(id),
                None => Gateway::NewIn(public_subnet(nat_subnet.as_ref())?),
            };
            let paths = Paths { gateway, endpoints: gateway_endpoints, routes };
            private_subnets::create(draft, (connector_name, security_groups), subnets, &paths)
        }
        Change::UseDefaultEgress { .. } => default_egress::use_default_egress(draft),
        Change::MoveConnector { name, subnets, security_groups, .. } => {
            let subnets = ConnectorSubnets::Existing(subnets);
            connector::replace_connector(draft, name, &subnets, security_groups)
        }
        Change::AllowEgress { group, port, peer } => {
            rules::add_group_rule(draft, "egress", (group, *port, peer), all)
        }
        Change::AllowEndpointIngress { group, port, peer } => {
            rules::add_group_rule(draft, "ingress", (group, *port, peer), all)
        }
        Change::AllowNacl { acl, outbound, rule } => nacl::add_rule(draft, acl, *outbound, rule),
        Change::EnableVpcDns { vpc, support, hostnames } => {
            vpc_dns::enable_dns(draft, vpc, *support, *hostnames)
        }
    }
}

/// The subnet of a new NAT gateway.
///
/// # Errors
/// The VPC has no public subnet, so the remedy is not possible.
fn public_subnet(subnet: Option<&SubnetId>) -> Result<&SubnetId, EditError> {
    subnet.ok_or_else(|| EditError::NotFound { what: "a public subnet for the NAT gateway".to_owned() })
}
