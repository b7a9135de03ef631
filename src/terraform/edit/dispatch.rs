//! Passes each change to its editor. Must not plan several changes.

use crate::model::SubnetId;
use crate::remedy::Change;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::egress;
use crate::terraform::edit::egress::connector::ConnectorSubnets;
use crate::terraform::edit::endpoint;
use crate::terraform::edit::nat;
use crate::terraform::edit::network;
use crate::terraform::edit::network::subnet_paths::{Gateway, Paths};
use crate::terraform::edit::rule;
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
            endpoint::new::create_gateway(draft, service, route_tables)
        }
        Change::CreateInterfaceEndpoint { service, subnets, .. } => {
            endpoint::new::create_interface(draft, service, subnets)
        }
        Change::AssociateRouteTables { endpoint, service, route_tables } => {
            endpoint::existing::associate_tables(draft, endpoint, service, route_tables)
        }
        Change::EnablePrivateDns { endpoint, service, .. } => {
            endpoint::existing::enable_private_dns(draft, endpoint, service)
        }
        Change::CreateNat { subnet, route_tables, .. } => {
            // The module adds default routes, and AWS rejects a second one.
            let replaces = !nat::gateway::with_and_without_default_route(draft, route_tables).0.is_empty();
            let is_new = draft.new_public_subnet.is_some();
            let is_of_module = !replaces
                && !is_new
                && (nat::vpc_module::enable_nat(draft, route_tables, one_nat_per_az)?
                    || nat::cloudposse::enable_nat(draft, one_nat_per_az)?
                    || nat::wrapped_vpc::enable_nat(draft, one_nat_per_az)?);
            if is_of_module {
                return Ok(());
            }
            if one_nat_per_az {
                return nat::zones::create(draft, (public_subnet(subnet.as_ref())?, route_tables), all);
            }
            nat::gateway::create(draft, public_subnet(subnet.as_ref())?, route_tables)
        }
        Change::CreateRegionalNat { vpc, route_tables, .. } => {
            Err(nat::gateway::create_regional(draft, vpc, route_tables))
        }
        Change::RouteToNat { nat, route_tables } => {
            if uses_present && nat::zones::by_blocks(draft, all)? {
                return Ok(());
            }
            nat::gateway::route_to_nat(draft, nat, route_tables)
        }
        Change::RouteToInternet { gateway, route_table } => {
            nat::gateway::route_to_internet(draft, gateway, route_table)
        }
        Change::RepairNat { replaces, subnet, route_tables, .. } => {
            nat::repair::replace(draft, replaces, (public_subnet(subnet.as_ref())?, route_tables))
        }
        Change::AttachInternetGateway { vpc, gateway } => {
            network::internet_gateway::attach(draft, gateway, vpc)
        }
        Change::CreateInternetGateway { route_tables, public_subnet, .. } => {
            network::internet_gateway::create(draft, route_tables, public_subnet.as_ref())
        }
        Change::DisableSourceDestCheck { interface } => nat::instance::disable_check(draft, interface),
        Change::AssociateElasticIp { interface } => {
            nat::instance::add_elastic_ip(draft, interface);
            Ok(())
        }
        Change::RouteToPeering { peering: id, destination, route_tables } => {
            network::peering::route_to_peering(draft, id, *destination, route_tables)
        }
        Change::RouteIpv6 { gateway, route_tables, .. } => {
            network::peering::route_ipv6(draft, gateway.as_ref(), route_tables)
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
            network::private_subnets::create(draft, (connector_name, security_groups), subnets, &paths)
        }
        Change::UseDefaultEgress { .. } => egress::default::use_default_egress(draft),
        Change::MoveConnector { name, subnets, security_groups, .. } => {
            let subnets = ConnectorSubnets::Existing(subnets);
            egress::connector::replace_connector(draft, name, &subnets, security_groups)
        }
        Change::AllowEgress { group, port, peer } => {
            rule::rules::add_group_rule(draft, "egress", (group, *port, peer), all)
        }
        Change::AllowEndpointIngress { group, port, peer } => {
            rule::rules::add_group_rule(draft, "ingress", (group, *port, peer), all)
        }
        Change::AllowNacl { acl, outbound, rule } => rule::nacl::add_rule(draft, acl, *outbound, rule),
        Change::EnableVpcDns { vpc, support, hostnames } => {
            network::vpc_dns::enable_dns(draft, vpc, *support, *hostnames)
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
