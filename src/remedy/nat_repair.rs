//! A NAT gateway that is there, or was, and leads nowhere: a new one in a public subnet, and the routes to it.
//!
//! A NAT gateway cannot be moved, changed from private to public or revived
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>).

use super::nat_conditions::{attached, fault, gateway, is_default, public_subnet, standing};
use super::site::{Candidate, Site};
use super::{Change, Met, Precondition};
use crate::model::{
    Call, InterfaceKind, NatConnectivity, NatGatewayId, NatPlacement, NatState, RouteState, RouteTable,
    RouteTableId, RouteTarget, SubnetId, Vpc,
};
use crate::reach::route_table_of;

pub(super) fn candidate(site: &Site<'_>) -> Option<Candidate> {
    let vpc = site.vpc()?;
    site.stopped().next()?;
    let mut broken: Vec<(RouteTableId, NatGatewayId, String)> = Vec::new();
    for id in site.route_tables() {
        let Some(table) = site.snapshot.network.route_tables.get(&id) else { continue };
        let default = table.routes.iter().find(|route| is_default(&route.destination));
        let Some((route, RouteTarget::NatGateway(nat))) = default.map(|route| (route, &route.target)) else {
            continue;
        };
        let why = if route.state == RouteState::Blackhole {
            Some(format!("{nat} was deleted"))
        } else {
            fault(site, nat)
        };
        broken.extend(why.map(|why| (id.clone(), nat.clone(), why)));
    }
    let (_, old, why) = broken.first()?.clone();
    if let Some(routed) = way_to_the_internet(site, vpc, &old) {
        return Some(routed);
    }
    let mut route_tables: Vec<RouteTableId> = broken.into_iter().map(|(table, ..)| table).collect();
    // A table without any default route gets one as well.
    route_tables.extend(site.route_tables().into_iter().filter(|id| {
        let table = site.snapshot.network.route_tables.get(id);
        table.is_some_and(|table| !has_default(table))
    }));
    let public = public_subnet(site, vpc);
    let exists = site.snapshot.network.nat_gateways.get(&old).is_some();
    let subnet = public.map_or_else(|| crate::model::SubnetId::from("(none)"), |subnet| subnet.id.clone());
    let leftover = if exists {
        vec![format!("{old} leads nowhere and costs on: delete it once nothing uses it.")]
    } else {
        Vec::new()
    };
    Some(Candidate {
        title: format!("A working NAT gateway instead of {old} ({why})"),
        preconditions: vec![gateway(site, vpc), standing(site, vpc, public), site.not_shared()],
        side_effects: [
            vec![format!(
                "The default routes of {} lead to the new gateway.",
                site.tables_in_words(&route_tables)
            )],
            leftover,
        ]
        .concat(),
        takes_effect: "in two to three minutes, no deployment of the service".to_owned(),
        reversal: "delete the routes, the gateway and its Elastic IP address".to_owned(),
        changes: vec![Change::RepairNat { vpc: vpc.id.clone(), replaces: old, subnet, route_tables }],
    })
}

/// A NAT gateway that works but for its own subnet's table, which lacks the default route, and none but it would be led out by
/// one: that route is all it needs.
fn way_to_the_internet(site: &Site<'_>, vpc: &Vpc, nat: &NatGatewayId) -> Option<Candidate> {
    let network = &site.snapshot.network;
    let nat = network.nat_gateways.get(nat)?;
    let NatPlacement::Subnet(standing) = &nat.placement else { return None };
    let works = nat.state == NatState::Available && nat.connectivity == NatConnectivity::Public;
    let (table, _) = route_table_of(site.snapshot, network.subnets.get(standing)?)?;
    let internet = attached(site, vpc)?;
    let on_it = |id: &SubnetId| {
        let known = network.subnets.get(id).and_then(|subnet| route_table_of(site.snapshot, subnet));
        known.is_some_and(|(one, _)| one.id == table.id)
    };
    let mut company = network.network_interfaces.iter().filter(|one| one.kind != InterfaceKind::NatGateway);
    let alone = site.snapshot.gap(Call::DescribeNetworkInterfaces).is_none()
        && !company.any(|one| on_it(&one.subnet));
    if !works
        || has_default(table)
        || site.subnets.iter().any(on_it)
        || !(alone || public_subnet(site, vpc).is_none())
    {
        return None;
    }
    // Tables of the workload that lead nowhere yet.
    let mut lacking = site.route_tables();
    lacking.retain(|id| network.route_tables.get(id).is_some_and(|table| !has_default(table)));
    let mut changes =
        vec![Change::RouteToInternet { gateway: internet.id.clone(), route_table: table.id.clone() }];
    if !lacking.is_empty() {
        changes.push(Change::RouteToNat { nat: nat.id.clone(), route_tables: lacking });
    }
    Some(Candidate {
        title: format!("A way to the internet for {}", nat.id),
        preconditions: vec![
            gateway(site, vpc),
            Precondition {
                text: format!("{} is available and public, and {} has no default route", nat.id, table.id),
                met: Met::Yes,
            },
            site.not_shared(),
        ],
        side_effects: vec![format!(
            "The subnets of {} become public: what has a public address there can be reached from the internet, as its groups allow.",
            table.id
        )],
        takes_effect: "at once, no deployment of the service".to_owned(),
        reversal: "delete the route".to_owned(),
        changes,
    })
}

fn has_default(table: &RouteTable) -> bool {
    table.routes.iter().any(|route| is_default(&route.destination))
}
