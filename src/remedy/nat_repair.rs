//! A NAT gateway that is there, or was, and leads nowhere: a new one in a public subnet, and the routes to it.
//!
//! A NAT gateway cannot be moved, changed from private to public or revived
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>).

use super::Change;
use super::nat::{gateway, public_subnet, standing};
use super::site::{Candidate, Site};
use crate::model::{
    NatConnectivity, NatGatewayId, NatPlacement, RouteDestination, RouteState, RouteTableId, RouteTarget,
};
use crate::reach::route_table_of;

pub(super) fn candidate(site: &Site<'_>) -> Option<Candidate> {
    let vpc = site.vpc()?;
    site.stopped().next()?;
    let mut broken: Vec<(RouteTableId, NatGatewayId, String)> = Vec::new();
    for id in site.route_tables() {
        let Some(table) = site.snapshot.network.route_tables.get(&id) else { continue };
        let default = table
            .routes
            .iter()
            .find(|route| route.destination == RouteDestination::Ipv4(ipnet::Ipv4Net::default()));
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
    let mut route_tables: Vec<RouteTableId> = broken.into_iter().map(|(table, ..)| table).collect();
    // A table without any default route gets one as well.
    route_tables.extend(site.route_tables().into_iter().filter(|id| {
        let table = site.snapshot.network.route_tables.get(id);
        table.is_some_and(|table| {
            !table
                .routes
                .iter()
                .any(|route| route.destination == RouteDestination::Ipv4(ipnet::Ipv4Net::default()))
        })
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

/// Why a NAT gateway leads nowhere; `None` when it seems to work, or was not read.
pub(super) fn fault(site: &Site<'_>, id: &NatGatewayId) -> Option<String> {
    let nat = site.snapshot.network.nat_gateways.get(id)?;
    if nat.state.eq_ignore_ascii_case("pending") {
        return None;
    }
    if !nat.state.eq_ignore_ascii_case("available") {
        return Some(format!("it is {}", nat.state));
    }
    if nat.connectivity == NatConnectivity::Private {
        return Some("it is private".to_owned());
    }
    let NatPlacement::Subnet(subnet) = &nat.placement else { return None };
    let subnet = site.snapshot.network.subnets.get(subnet)?;
    let (table, _) = route_table_of(site.snapshot, subnet)?;
    let leads_out = table.routes.iter().any(|route| {
        route.destination == RouteDestination::Ipv4(ipnet::Ipv4Net::default())
            && matches!(route.target, RouteTarget::InternetGateway(_))
            && route.state == RouteState::Active
    });
    (!leads_out).then(|| format!("it stands in {}, whose table leads to no internet gateway", subnet.id))
}
