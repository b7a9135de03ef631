//! Remedy `nat-route`: default routes to a NAT gateway that exists and works, also instead of a route to a NAT instance or to
//! a NAT gateway that does not work.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-migrate-nat-instance.html>

use super::Change;
use super::context::{Candidate, RemedyContext};
use super::nat_conditions::{
    blocking_acl, carries_blocked, fault, is_broken_instance, is_default, usable_gateway,
};
use crate::model::{Route, RouteState, RouteTableId, RouteTarget};

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let vpc = context.vpc()?;
    context.blocked().next()?;
    let network = &context.snapshot.network;
    let (nat, carries) = usable_gateway(context, vpc)?;
    let avoids_acl = carries_blocked(context, &nat.id);
    let (mut tables, mut replaced): (Vec<RouteTableId>, Vec<Replaced>) = (Vec::new(), Vec::new());
    for id in context.route_tables() {
        let Some(table) = network.route_tables.get(&id) else { continue };
        let default = table.routes.iter().find(|route| is_default(&route.destination));
        match default {
            None => tables.push(id),
            Some(route) if route.target == RouteTarget::NatGateway(nat.id.clone()) => {}
            Some(route) if is_broken(context, route) || avoids_acl && is_behind_acl(context, route) => {
                tables.push(id);
                let one = Replaced { target: route.target.to_string(), is_dead: is_dead(context, route) };
                if !replaced.contains(&one) {
                    replaced.push(one);
                }
            }
            Some(_) => {}
        }
    }
    if tables.is_empty() {
        return None;
    }
    let shown = context.describe_route_tables(&tables);
    let addresses: Vec<String> = nat.public_addresses.iter().map(ToString::to_string).collect();
    let addresses = match addresses.as_slice() {
        [] => format!("the public address of {}", nat.id),
        known => known.join(" or "),
    };
    let mut side_effects = vec![format!(
        "All subnets that use {shown} use {} for internet access: the destinations see {addresses}.",
        nat.id
    )];
    let targets = |is_dead: Option<bool>| {
        let of_kind = replaced.iter().filter(|one| is_dead.is_none_or(|is_dead| one.is_dead == is_dead));
        of_kind.map(|one| one.target.as_str()).collect::<Vec<_>>().join(" and ")
    };
    let (dead, alive) = (targets(Some(true)), targets(Some(false)));
    if !alive.is_empty() {
        side_effects.push(format!(
            "The default routes to {alive} are replaced: open connections through it end, and its public address no longer \
             appears at the destinations: change their access lists."
        ));
    }
    if !dead.is_empty() {
        side_effects.push(format!(
            "The default routes to {dead}, which carries no packets now, are replaced. The destinations must allow the new \
             public address in their access lists."
        ));
    }
    Some(Candidate {
        title: format!("Routes to the NAT gateway {}", nat.id),
        preconditions: vec![carries, context.owns_subnets()],
        side_effects,
        takes_effect: "at once, no deployment of the service".to_owned(),
        rollback: if replaced.is_empty() {
            "delete the routes".to_owned()
        } else {
            format!("set the default routes to {} again", targets(None))
        },
        changes: vec![Change::RouteToNat { nat: nat.id.clone(), route_tables: tables }],
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
        || matches!(&route.target, RouteTarget::NatGateway(nat) if fault(context, nat).is_some())
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
        RouteTarget::NatGateway(nat) => fault(context, nat).is_some(),
        RouteTarget::NetworkInterface(id) => is_broken_instance(context, id),
        _ => false,
    }
}
