//! Connections that never enter a VPC: DEFAULT egress, and App Runner's own calls.
//!
//! Owns their traces. Does not use route tables, security groups or network ACLs.

use std::net::IpAddr;
use std::sync::Arc;

use super::deciding::Deciding;
use super::index::Index;
use super::interfaces_of_name::interfaces_of_host;
use super::internet::DOCUMENTATION_RANGE;
use super::judgement::Judgement;
use super::own_address::{self, Sender};
use super::private_name::private_name;
use super::trace::{Code, Hop, Layer, Outcome, Owner, Subject, Trace, Via, ViaKind};
use super::walk::Walk;
use crate::model::{
    AddressFamily, Addresses, DOCUMENTATION, Destination, DestinationKind, PUBLIC, ResourceId, Snapshot,
    SubnetId, is_never_public,
};

/// Traces a connection that never enters a VPC: DEFAULT egress, or unknown egress.
pub(crate) fn trace_outside(
    snapshot: &Snapshot,
    egress: &Hop,
    destination: &Destination,
    seen: &[IpAddr],
) -> Trace {
    let mut walk = Walk::new(Addresses::of(AddressFamily::Ipv4), egress.clone());
    let component = egress.component.as_str();
    match (egress.outcome, is_private(snapshot, destination, seen)) {
        (Outcome::Pass, Some(true)) => {
            let host = &destination.host;
            let is_example = host.parse().is_ok_and(|address| DOCUMENTATION.contains(address));
            let rule = if is_example {
                format!("{host} is in {DOCUMENTATION_RANGE}, which no host on the internet has")
            } else {
                format!("{host} has a private address, and DEFAULT egress has no access to the VPC")
            };
            let all = walk.all.clone();
            walk.add(Judgement::block(Layer::Egress, Code::EgressNotInVpc, component, all, rule));
        }
        (Outcome::Pass, None) => {
            let host = &destination.host;
            let resource = snapshot.network.resource_of(host);
            let rule = match resource.and_then(|resource| resource.public) {
                Some(true) => format!("{host} is publicly accessible, but its public address was not read"),
                _ => format!(
                    "{host} has a private address unless it is publicly accessible, which was not read; DEFAULT egress has no access to the VPC"
                ),
            };
            let all = walk.all.clone();
            walk.add(Judgement::unknown(Layer::Egress, component, all, rule, Deciding::Address));
        }
        (Outcome::Pass, Some(false)) => {
            let rule = "public name with a public address".to_owned();
            let all = walk.all.clone();
            walk.arrive(Via { kind: ViaKind::DefaultEgress, id: None }, &all);
            walk.add(Judgement::pass(Layer::Target, component, all.clone(), rule));
            walk.extend(own_interface(snapshot, destination, seen, &all));
        }
        (Outcome::Block(_) | Outcome::Unknown(_), _) => {}
    }
    walk.finish(None, Arc::new(destination.clone()))
}

/// The trace of a connection that the settings send through a proxy: the path to the proxy, and the proxy itself, decide. `subnet` is
/// `None` outside a VPC.
pub(crate) fn trace_by_proxy(
    subnet: Option<SubnetId>,
    egress: &Hop,
    destination: &Destination,
    (proxy, variable): (&Destination, &str),
) -> Trace {
    let all = Addresses::of(AddressFamily::Ipv4);
    let mut walk = Walk::new(all.clone(), egress.clone());
    let rule = format!(
        "the settings ({variable}) send it through the proxy {}:{}, so only the path to the proxy counts",
        proxy.host, proxy.port
    );
    let component = egress.component.clone();
    walk.add(Judgement::unknown(Layer::Egress, component, all, rule, Deciding::Proxy));
    walk.finish(subnet, Arc::new(destination.clone()))
}

/// Judges the network interface that has the destination's public address, if it was read. `all` are the
/// addresses of the trace.
fn own_interface(
    snapshot: &Snapshot,
    destination: &Destination,
    seen: &[IpAddr],
    all: &Addresses,
) -> Vec<Judgement> {
    let addresses = match (&destination.kind, seen) {
        (DestinationKind::Address(address), _) | (_, [address]) => vec![*address],
        (_, []) => public_addresses(snapshot, destination),
        _ => return Vec::new(),
    };
    let (index, sender) = (Index::new(snapshot), Sender::unknown(destination.port));
    let each: Vec<Vec<Judgement>> = addresses
        .iter()
        .map(|address| own_address::arrive(&index, &sender, &Addresses::one(*address)))
        .collect();
    let is = |judgements: &[Judgement], matches: fn(&Outcome) -> bool| {
        judgements.iter().any(|judgement| matches(&judgement.hop.outcome))
    };
    let blocked = each.iter().filter(|one| is(one, |outcome| matches!(outcome, Outcome::Block(_)))).count();
    let judgements = each.into_iter().flatten();
    let for_all = |judgement: Judgement| Judgement { addresses: all.clone(), ..judgement };
    if blocked == 0 || blocked == addresses.len() {
        return judgements.map(for_all).collect();
    }
    // Which of the addresses the name has at a time is not known.
    let doubted = |mut judgement: Judgement| {
        if matches!(judgement.hop.outcome, Outcome::Block(_)) {
            judgement.hop.outcome = Outcome::Unknown(Deciding::Address);
        }
        for_all(judgement)
    };
    judgements.map(doubted).collect()
}

/// The public addresses of the network interfaces of the resource that has the name. Empty if that of one of them is not known.
fn public_addresses(snapshot: &Snapshot, destination: &Destination) -> Vec<IpAddr> {
    let Some(resource) = snapshot.network.resource_of(&destination.host) else { return Vec::new() };
    let interfaces = interfaces_of_host(snapshot, resource, &destination.host);
    let addresses: Option<Vec<IpAddr>> = interfaces
        .iter()
        .map(|interface| interface.public_addresses.first().copied().map(IpAddr::V4))
        .collect();
    addresses.unwrap_or_default()
}

/// Whether a destination's address is private; `None` when neither its name, a log nor an answer of AWS shows it.
fn is_private(snapshot: &Snapshot, destination: &Destination, seen: &[IpAddr]) -> Option<bool> {
    let is_private = |address: &IpAddr| !PUBLIC.contains(*address);
    if private_name(snapshot, destination).is_some_and(|private| !private.can_be_public()) {
        return Some(seen.iter().all(is_private));
    }
    match &destination.kind {
        DestinationKind::Address(address) => Some(is_private(address)),
        DestinationKind::AwsApi(_) | DestinationKind::AwsPublic(_) | DestinationKind::ThirdParty { .. } => {
            Some(false)
        }
        DestinationKind::AwsVpc(_) if !seen.is_empty() => Some(seen.iter().all(is_private)),
        // A private name (`db.internal`), or an internal load balancer.
        DestinationKind::AwsVpc(aws)
            if aws.service.is_none() || destination.host.starts_with("internal-") =>
        {
            Some(true)
        }
        DestinationKind::AwsVpc(_) => match snapshot.network.resource_of(&destination.host) {
            Some(resource) if resource.public == Some(false) => Some(true),
            Some(resource) if resource.public == Some(true) => {
                (!public_addresses(snapshot, destination).is_empty()).then_some(false)
            }
            _ => is_never_public(&destination.host).then_some(true),
        },
    }
}

/// Traces a connection of App Runner itself (image, logs, secrets), which never uses the connector.
#[must_use]
pub fn trace_control_plane(component: ResourceId, destination: &Destination) -> Trace {
    let rule = "App Runner itself connects to it, outside the VPC".into();
    let (owner, subject) = (Owner::Source, Subject::Component);
    let hop = Hop { layer: Layer::Egress, component, owner, subject, outcome: Outcome::Pass, rule };
    let all = Addresses::of(AddressFamily::Ipv4);
    let mut walk = Walk::new(all.clone(), hop);
    walk.arrive(Via { kind: ViaKind::AppRunner, id: None }, &all);
    walk.finish(None, Arc::new(destination.clone()))
}
