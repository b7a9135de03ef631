//! Remedy `peering-route`: routes to a VPC peering connection that exists and connects the VPC of the destination, and the
//! routes back.
//!
//! <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html>

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;

use super::context::{Candidate, RemedyContext};
use super::{Change, Precondition};
use crate::diagnose::Finding;
use crate::model::{
    DestinationKind, NetworkInterface, PeeringConnection, PeeringState, Route, RouteDestination, RouteTable,
    RouteTableId, RouteTarget, Vpc,
};
use crate::reach::{Code, known_interfaces, route_table_of};

/// A peering connection, the peer VPC, its range with an address of the destination, and the network interface with the address.
type Place<'a> = (&'a PeeringConnection, &'a Vpc, Ipv4Net, Option<&'a NetworkInterface>);

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let own = context.vpc()?;
    let is_route = |code| {
        matches!(
            code,
            Code::NoRouteToDestination | Code::EgressNoRouteToPrivateAddress | Code::EgressNoReturnRoute
        )
    };
    let network = &context.snapshot.network;
    let mut changes: Vec<Change> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let blocked = context.blocked_by(|_, code| is_route(code));
    let is_meant = |finding: &&Finding| blocked.contains(&&finding.need.destination);
    let places =
        context.blocked_findings().filter(is_meant).flat_map(|finding| peerings_of(context, own, finding));
    for (peering, peer, range, interface) in places {
        let target = RouteTarget::Peering(peering.id.clone());
        let missing = |table: &RouteTable, range: Ipv4Net| {
            let to = RouteDestination::Ipv4(range);
            // A route of the same destination to a NAT gateway stays: the NAT gateway sends the packets on.
            let is_in_place =
                |route: &Route| route.target == target || matches!(route.target, RouteTarget::NatGateway(_));
            !table.routes.iter().any(|route| route.destination == to && is_in_place(route))
        };
        let tables: Vec<RouteTableId> = context
            .route_tables()
            .into_iter()
            .filter(|id| network.route_tables.get(id).is_some_and(|table| missing(table, range)))
            .collect();
        let mut add = |destination: Ipv4Net, route_tables: Vec<RouteTableId>| {
            let peering = peering.id.clone();
            let change = Change::RouteToPeering { peering, destination, route_tables };
            if !matches!(&change, Change::RouteToPeering { route_tables, .. } if route_tables.is_empty())
                && !changes.contains(&change)
            {
                changes.push(change);
            }
        };
        add(range, tables);
        let subnet = interface.and_then(|interface| network.subnets.get(&interface.subnet));
        let back = subnet.and_then(|subnet| route_table_of(context.snapshot, subnet));
        for source in &own.cidrs {
            let table = back.filter(|(table, _)| missing(table, *source));
            add(*source, table.map(|(table, _)| table.id.clone()).into_iter().collect());
        }
        let name = format!("{} ({})", peering.id, peer.id);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if changes.is_empty() {
        return None;
    }
    let mut side_effects = vec![format!(
        "All subnets that use the route tables of both VPCs can then exchange packets through {}, as far as security groups \
         and network ACLs allow.",
        names.join(", ")
    )];
    for change in &changes {
        let Change::RouteToPeering { route_tables, .. } = change else { continue };
        for id in route_tables {
            let vpc = network.route_tables.get(id).map(|table| &table.vpc).filter(|vpc| **vpc != own.id);
            if let Some(owner) = vpc.and_then(|vpc| context.snapshot.owner_of(vpc)) {
                let sentence = format!("Account {} owns route table {id}: change it there.", owner.account);
                if !side_effects.contains(&sentence) {
                    side_effects.push(sentence);
                }
            }
        }
    }
    Some(Candidate {
        title: format!("Routes to the VPC peering connection {}", names.join(", ")),
        changes,
        preconditions: vec![
            Precondition::met("the VPC peering connection is active"),
            context.owns_subnets(),
        ],
        side_effects,
        takes_effect: "at once, no deployment of the service".to_owned(),
        rollback: "delete the routes".to_owned(),
    })
}

/// The active peering connection to the VPC that has an address of a destination, that VPC, its range with the address, and the
/// network interface with the address. One for each address.
fn peerings_of<'a>(context: &RemedyContext<'a>, own: &Vpc, finding: &Finding) -> Vec<Place<'a>> {
    let network = &context.snapshot.network;
    let need = &finding.need;
    let interfaces = known_interfaces(context.snapshot, &need.destination);
    let of_name = interfaces.iter().flat_map(|interface| interface.addresses.iter().copied());
    let addresses: BTreeSet<IpAddr> = match need.destination.kind {
        DestinationKind::Address(address) => [address].into(),
        _ => of_name.chain(need.addresses.iter().copied()).collect(),
    };
    let place = |address: Ipv4Addr| {
        network.peering_connections.iter().find_map(|peering| {
            let peer = network.vpcs.get(peering.peer_of(&own.id)?)?;
            let range = peer.cidrs.iter().find(|range| range.contains(&address))?;
            let has_address = |interface: &&NetworkInterface| {
                interface.vpc == peer.id && interface.addresses.contains(&IpAddr::V4(address))
            };
            let interface = network.network_interfaces.iter().find(has_address);
            (peering.state == PeeringState::Active).then_some((peering, peer, *range, interface))
        })
    };
    let ipv4 = addresses.into_iter().filter_map(|address| match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    });
    // An address in the VPC of the service needs no peering connection.
    ipv4.filter(|address| !own.cidrs.iter().any(|range| range.contains(address))).filter_map(place).collect()
}
