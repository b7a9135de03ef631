//! Remedy `nat-repair`: replaces a NAT gateway that does not work, or was deleted, with a new one in a
//! public subnet. If only the route to the internet gateway is missing in its subnet, that route is added
//! instead.
//!
//! A NAT gateway cannot be moved to another subnet, and a private one cannot become public
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>).

use super::context::{Candidate, RemedyContext};
use super::nat_conditions::{
    has_default_route, has_fault, has_internet_gateway, has_public_subnet, internet_gateway, is_default,
    public_subnet,
};
use super::{Change, Precondition};
use crate::model::{
    Call, InterfaceKind, NatConnectivity, NatGatewayId, NatPlacement, NatState, RouteState, RouteTableId,
    RouteTarget, SubnetId, Vpc,
};
use crate::reach::route_table_of;

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let vpc = context.vpc()?;
    context.blocked().next()?;
    let network = &context.snapshot.network;
    let mut broken: Vec<(RouteTableId, NatGatewayId)> = Vec::new();
    for id in context.route_tables() {
        let Some(table) = network.route_tables.get(&id) else { continue };
        let default = table.routes.iter().find(|route| is_default(&route.destination));
        let Some((route, RouteTarget::NatGateway(nat))) = default.map(|route| (route, &route.target)) else {
            continue;
        };
        if route.state == RouteState::Blackhole || has_fault(context, nat) {
            broken.push((id.clone(), nat.clone()));
        }
    }
    let (_, old) = broken.first()?.clone();
    if let Some(route) = missing_internet_route(context, vpc, &old) {
        return Some(route);
    }
    let mut route_tables: Vec<RouteTableId> = broken.into_iter().map(|(table, _)| table).collect();
    // Also add a default route to the route tables without one.
    route_tables.extend(context.route_tables().into_iter().filter(|id| {
        let table = network.route_tables.get(id);
        table.is_some_and(|table| !has_default_route(table))
    }));
    let public = public_subnet(context, vpc);
    let tables = context.describe_route_tables(&route_tables);
    let mut side_effects = vec![format!("The default routes of {tables} change to the new NAT gateway.")];
    side_effects.extend(old_gateway_note(context, &old));
    // A route cannot lead to a NAT gateway that was deleted.
    let exists = network
        .nat_gateways
        .get(&old)
        .is_some_and(|nat| !matches!(nat.state, NatState::Deleting | NatState::Deleted));
    let rollback = if exists {
        format!(
            "set the default routes to {old} again, then delete the new NAT gateway and its Elastic IP address"
        )
    } else {
        "delete the routes, the NAT gateway and its Elastic IP address".to_owned()
    };
    Some(Candidate {
        title: repair_title(context, &old),
        preconditions: vec![
            has_internet_gateway(context, vpc),
            has_public_subnet(context, vpc, public),
            context.owns_subnets(),
        ],
        side_effects,
        takes_effect: "in two to three minutes, no deployment of the service".to_owned(),
        rollback,
        changes: vec![Change::RepairNat {
            vpc: vpc.id.clone(),
            replaces: old,
            subnet: public.map(|subnet| subnet.id.clone()),
            route_tables,
        }],
    })
}

/// The title of the fix that replaces a NAT gateway.
pub(super) fn repair_title(context: &RemedyContext<'_>, old: &NatGatewayId) -> String {
    if is_private(context, old) {
        format!("Use a public NAT gateway instead of the private {old}")
    } else {
        format!("Replace the broken NAT gateway {old}")
    }
}

fn old_gateway_note(context: &RemedyContext<'_>, old: &NatGatewayId) -> Option<String> {
    match context.snapshot.network.nat_gateways.get(old)?.state {
        // https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
        NatState::Failed => {
            Some(format!("AWS deletes the failed NAT gateway {old} automatically, usually in about an hour."))
        }
        NatState::Deleting | NatState::Deleted => None,
        _ if is_private(context, old) => Some(format!(
            "These route tables no longer use {old}. It still exists and is charged: other networks may use it."
        )),
        // The savings name it.
        _ => None,
    }
}

fn is_private(context: &RemedyContext<'_>, id: &NatGatewayId) -> bool {
    let nat = context.snapshot.network.nat_gateways.get(id);
    nat.is_some_and(|nat| nat.connectivity == NatConnectivity::Private)
}

/// Adds the route to the internet gateway, if only this route is missing in the route table of a NAT
/// gateway's subnet. No other subnet or network interface may use that route table, unless the VPC has no public
/// subnet for a new NAT gateway.
fn missing_internet_route(context: &RemedyContext<'_>, vpc: &Vpc, nat: &NatGatewayId) -> Option<Candidate> {
    let network = &context.snapshot.network;
    let nat = network.nat_gateways.get(nat)?;
    let NatPlacement::Subnet(nat_subnet) = &nat.placement else { return None };
    let works = nat.state == NatState::Available && nat.connectivity == NatConnectivity::Public;
    let (table, _) = route_table_of(context.snapshot, network.subnets.get(nat_subnet)?)?;
    let internet = internet_gateway(context, vpc)?;
    let uses_table = |id: &SubnetId| {
        let own = network.subnets.get(id).and_then(|subnet| route_table_of(context.snapshot, subnet));
        own.is_some_and(|(own, _)| own.id == table.id)
    };
    let mut other_interfaces =
        network.network_interfaces.iter().filter(|interface| interface.kind != InterfaceKind::NatGateway);
    let mut other_subnets =
        network.subnets.iter().filter(|subnet| subnet.vpc == vpc.id && subnet.id != *nat_subnet);
    let is_alone = context.snapshot.gap(Call::DescribeNetworkInterfaces).is_none()
        && !other_subnets.any(|subnet| uses_table(&subnet.id))
        && !other_interfaces.any(|interface| uses_table(&interface.subnet));
    if !works
        || has_default_route(table)
        || context.subnets.iter().any(uses_table)
        || !(is_alone || public_subnet(context, vpc).is_none())
    {
        return None;
    }
    let mut without_default = context.route_tables();
    without_default.retain(|id| network.route_tables.get(id).is_some_and(|table| !has_default_route(table)));
    let mut changes =
        vec![Change::RouteToInternet { gateway: internet.id.clone(), route_table: table.id.clone() }];
    if !without_default.is_empty() {
        changes.push(Change::RouteToNat { nat: nat.id.clone(), route_tables: without_default });
    }
    Some(Candidate {
        title: format!("Internet gateway route for {}", nat.id),
        preconditions: vec![
            has_internet_gateway(context, vpc),
            Precondition::met(format!(
                "{} is available and public, and {} has no default route",
                nat.id, table.id
            )),
            context.owns_subnets(),
        ],
        side_effects: vec![format!(
            "The subnets of {} become public: resources there with a public IP become reachable from the internet, as far as \
             their security groups allow.",
            table.id
        )],
        takes_effect: "at once, no deployment of the service".to_owned(),
        rollback: "delete the route".to_owned(),
        changes,
    })
}
