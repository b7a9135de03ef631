//! Remedy `nat-route`: default routes to a NAT gateway that exists and works, also instead of a route to a NAT instance or to
//! a NAT gateway that does not work.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-migrate-nat-instance.html>

use super::context::{Candidate, RemedyContext};
use super::nat_conditions::{
    UsableGateway, blocking_acl, gateway_for, has_fault, is_broken_instance, is_default, usable_gateways,
};
use super::{Change, Precondition};
use crate::model::{Route, RouteState, RouteTableId, RouteTarget};
use crate::text::listed;

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let vpc = context.vpc()?;
    context.blocked().next()?;
    let network = &context.snapshot.network;
    let gateways = usable_gateways(context, vpc);
    let mut chosen: Vec<(&UsableGateway<'_>, Vec<RouteTableId>)> = Vec::new();
    let mut replaced: Vec<Replaced> = Vec::new();
    for id in context.route_tables() {
        let Some(table) = network.route_tables.get(&id) else { continue };
        let gateway = gateway_for(context, &gateways, &id)?;
        let default = table.routes.iter().find(|route| is_default(&route.destination));
        match default {
            None => {}
            Some(route) if route.target == RouteTarget::NatGateway(gateway.nat.id.clone()) => continue,
            Some(route)
                if is_broken(context, route) || gateway.is_certain && is_behind_acl(context, route) =>
            {
                let one = Replaced { target: route.target.to_string(), is_dead: is_dead(context, route) };
                if !replaced.contains(&one) {
                    replaced.push(one);
                }
            }
            Some(_) => continue,
        }
        match chosen.iter_mut().find(|(known, _)| known.nat.id == gateway.nat.id) {
            Some((_, tables)) => tables.push(id),
            None => chosen.push((gateway, vec![id])),
        }
    }
    if chosen.is_empty() {
        return None;
    }
    let mut side_effects: Vec<String> =
        chosen.iter().map(|(one, tables)| new_path(context, one, tables)).collect();
    side_effects.extend(effects_of_replacement(&replaced));
    side_effects.extend(chosen.iter().filter_map(|(one, tables)| other_zones(context, one, tables)));
    let names: Vec<&str> = chosen.iter().map(|(one, _)| one.nat.id.as_str()).collect();
    let noun = if names.len() == 1 { "NAT gateway" } else { "NAT gateways" };
    let all: Vec<&str> = replaced.iter().map(|one| one.target.as_str()).collect();
    let mut preconditions: Vec<Precondition> = chosen.iter().map(|(one, _)| one.carries.clone()).collect();
    preconditions.push(context.owns_subnets());
    Some(Candidate {
        title: format!("Routes to the {noun} {}", listed(&names, "and")),
        preconditions,
        side_effects,
        takes_effect: "at once, no deployment of the service".to_owned(),
        rollback: if replaced.is_empty() {
            "delete the routes".to_owned()
        } else {
            format!("set the default routes to {} again", listed(&all, "and"))
        },
        changes: chosen
            .into_iter()
            .map(|(one, route_tables)| Change::RouteToNat { nat: one.nat.id.clone(), route_tables })
            .collect(),
    })
}

/// The addresses that the destinations see.
fn new_path(context: &RemedyContext<'_>, gateway: &UsableGateway<'_>, tables: &[RouteTableId]) -> String {
    let (id, shown) = (&gateway.nat.id, context.describe_route_tables(tables));
    let addresses: Vec<String> = gateway.nat.public_addresses.iter().map(ToString::to_string).collect();
    let addresses = match addresses.as_slice() {
        [] => format!("the public address of {id}"),
        known => listed(known, "or"),
    };
    format!("All subnets that use {shown} use {id} for internet access: the destinations see {addresses}.")
}

/// The effects on what the default routes lead to now.
fn effects_of_replacement(replaced: &[Replaced]) -> Vec<String> {
    let targets = |is_dead: bool| {
        let of_kind = replaced.iter().filter(|one| one.is_dead == is_dead);
        listed(&of_kind.map(|one| one.target.as_str()).collect::<Vec<_>>(), "and")
    };
    let (dead, alive) = (targets(true), targets(false));
    let mut effects = Vec::new();
    if !alive.is_empty() {
        effects.push(format!(
            "The default routes to {alive} are replaced: open connections through it end, and its public address no longer \
             appears at the destinations: change their access lists."
        ));
    }
    if !dead.is_empty() {
        effects.push(format!(
            "The default routes to {dead}, which carries no packets now, are replaced. The destinations must allow the new \
             public address in their access lists."
        ));
    }
    effects
}

/// The effect of a gateway in another AZ than subnets that use it.
fn other_zones(
    context: &RemedyContext<'_>,
    gateway: &UsableGateway<'_>,
    tables: &[RouteTableId],
) -> Option<String> {
    let zone = gateway.zone?;
    let is_other = tables.iter().any(|table| context.zones_of(table).iter().any(|own| *own != zone));
    is_other.then(|| {
        format!("{} is in {zone}: if that AZ fails, egress of subnets in other AZs fails.", gateway.nat.id)
    })
}

/// The present target of a default route.
#[derive(PartialEq, Eq)]
struct Replaced {
    target: String,
    /// Whether no connection uses it.
    is_dead: bool,
}

/// Whether no connection to the internet uses a route: its target was deleted or stopped, or is a NAT gateway with a fault.
fn is_dead(context: &RemedyContext<'_>, route: &Route) -> bool {
    route.state == RouteState::Blackhole
        || matches!(&route.target, RouteTarget::NatGateway(nat) if has_fault(context, nat))
}

/// Whether the target of a default route is a NAT gateway whose subnet has a network ACL that blocks a destination.
fn is_behind_acl(context: &RemedyContext<'_>, route: &Route) -> bool {
    matches!(&route.target, RouteTarget::NatGateway(nat) if blocking_acl(context, nat).is_some())
}

/// Whether the target of a default route certainly does not carry the workload's packets.
fn is_broken(context: &RemedyContext<'_>, route: &Route) -> bool {
    if route.state == RouteState::Blackhole {
        return true;
    }
    match &route.target {
        RouteTarget::NatGateway(nat) => has_fault(context, nat),
        RouteTarget::NetworkInterface(id) => is_broken_instance(context, id),
        _ => false,
    }
}
