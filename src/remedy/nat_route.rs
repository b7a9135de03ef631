//! Remedy `nat-route`: default routes to a NAT gateway that exists and works, also instead of a route to a NAT instance or to
//! a NAT gateway that does not work.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-migrate-nat-instance.html>

use super::context::{Candidate, RemedyContext};
use super::nat_conditions::{carries_traffic, fault, is_default};
use super::{Change, PreconditionStatus};
use crate::model::{Route, RouteState, RouteTableId, RouteTarget};
use crate::reach::{Code, Layer, Owner};

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let vpc = context.vpc()?;
    context.blocked().next()?;
    let network = &context.snapshot.network;
    let mut gateways = network.nat_gateways.iter().filter(|nat| nat.vpc == vpc.id);
    let (nat, carries) = gateways.find_map(|nat| {
        let carries = carries_traffic(context, &nat.id);
        (carries.status != PreconditionStatus::NotMet).then_some((nat, carries))
    })?;
    let (mut tables, mut replaced): (Vec<RouteTableId>, Vec<String>) = (Vec::new(), Vec::new());
    for id in context.route_tables() {
        let Some(table) = network.route_tables.get(&id) else { continue };
        let default = table.routes.iter().find(|route| is_default(&route.destination));
        match default {
            None => tables.push(id),
            Some(route)
                if route.target != RouteTarget::NatGateway(nat.id.clone()) && is_broken(context, route) =>
            {
                tables.push(id);
                let target = route.target.to_string();
                if !replaced.contains(&target) {
                    replaced.push(target);
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
    if !replaced.is_empty() {
        side_effects.push(format!(
            "The default routes to {} are replaced: open connections through it end, and its public address no longer \
             appears at the destinations: change their access lists.",
            replaced.join(" and ")
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
            format!("set the default routes to {} again", replaced.join(" and "))
        },
        changes: vec![Change::RouteToNat { nat: nat.id.clone(), route_tables: tables }],
    })
}

/// Whether the target of a default route certainly does not carry the workload's packets.
fn is_broken(context: &RemedyContext<'_>, route: &Route) -> bool {
    if route.state == RouteState::Blackhole {
        return true;
    }
    match &route.target {
        RouteTarget::NatGateway(nat) => fault(context, nat).is_some(),
        RouteTarget::NetworkInterface(id) => context.blockers().any(|(_, hop, code)| {
            hop.owner == Owner::Appliance(id.clone())
                || hop.layer == Layer::Target
                    && code == Code::EniSourceDestCheckRestriction
                    && hop.component.as_str() == id.as_str()
        }),
        _ => false,
    }
}
