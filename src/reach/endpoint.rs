//! VPC endpoints as the target of a route, or as the address of a name.
//!
//! Endpoint policies decide above TCP and give `AccessDenied`, never a time-out: they are not judged here.

use std::net::Ipv4Addr;

use super::judgement::{Judgement, missing};
use super::nacl::{self, Crossing, Direction, LINUX_EPHEMERAL};
use super::security_group::{self, Admission};
use super::trace::{Code, Layer};
use crate::model::{
    Addresses, Call, Endpoint, EndpointId, EndpointKind, NetworkInterface, PortRange, SecurityGroupId,
    Snapshot, Subnet,
};

/// A route to an endpoint.
pub(super) fn gateway(snapshot: &Snapshot, id: &EndpointId, addresses: Addresses) -> Judgement {
    let Some(endpoint) = snapshot.network.endpoints.get(id) else {
        let (call, rule) = (missing(snapshot, Call::DescribeVpcEndpoints), format!("{id} was not read"));
        return Judgement::unknown(Layer::Endpoint, id, addresses, rule, call);
    };
    match &endpoint.kind {
        EndpointKind::Gateway { .. } if endpoint.is_available() => {
            let rule = format!("{id}: gateway endpoint of {}, available", endpoint.service);
            Judgement::pass(Layer::Endpoint, id, addresses, rule)
        }
        EndpointKind::Gateway { .. } => {
            let rule = format!("{id} is {}, not available", endpoint.state);
            Judgement::block(Layer::Endpoint, Code::BadState, id, addresses, rule)
        }
        EndpointKind::Interface { .. } | EndpointKind::Other(_) => {
            let rule = format!("{id} is an appliance's endpoint: what stands behind it decides");
            Judgement::unknown(Layer::Endpoint, id, addresses, rule, None)
        }
    }
}

/// The side that a packet inside the VPC comes from.
pub(super) struct Caller<'a> {
    pub subnet: &'a Subnet,
    pub security_groups: &'a [SecurityGroupId],
    pub port: u16,
}

/// Packets to addresses inside the VPC: endpoints' feet, other interfaces, and what nobody is known to have.
pub(super) fn local(snapshot: &Snapshot, caller: &Caller<'_>, addresses: &Addresses) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    let mut rest = addresses.clone();
    for endpoint in snapshot.network.endpoints.iter().filter(|endpoint| endpoint.vpc == caller.subnet.vpc) {
        let EndpointKind::Interface { interfaces, .. } = &endpoint.kind else { continue };
        for foot in interfaces {
            let Some(subnet) = snapshot.network.subnets.get(&foot.subnet) else { continue };
            let own = match foot.address {
                Some(address) => Addresses::one(address),
                None => continue,
            };
            let part = rest.and(&own);
            if !part.is_empty() {
                rest = rest.minus(&part);
                judgements.extend(foot_judgements(snapshot, caller, endpoint, subnet, part));
            }
        }
    }
    for interface in snapshot.network.network_interfaces.iter() {
        let own: Addresses = interface.addresses.iter().copied().map(ipnet::Ipv4Net::from).collect();
        let part = rest.and(&own);
        if !part.is_empty() {
            rest = rest.minus(&part);
            judgements.extend(interface_judgements(snapshot, caller, interface, part));
        }
    }
    if !rest.is_empty() {
        let call = missing(snapshot, Call::DescribeNetworkInterfaces);
        let rule = format!("which interface of the VPC has {rest} is not known");
        judgements.push(Judgement::unknown(Layer::Target, &caller.subnet.vpc, rest, rule, call));
    }
    judgements
}

fn foot_judgements(
    snapshot: &Snapshot,
    caller: &Caller<'_>,
    endpoint: &Endpoint,
    subnet: &Subnet,
    part: Addresses,
) -> Vec<Judgement> {
    let EndpointKind::Interface { security_groups, .. } = &endpoint.kind else { return Vec::new() };
    let mut judgements = border(snapshot, caller, subnet, &part);
    judgements.push(if endpoint.is_available() {
        let what = format!("{}, interface endpoint of {}", endpoint.id, endpoint.service);
        admission(snapshot, caller, security_groups, &what, endpoint.id.as_str(), part)
    } else {
        let rule = format!("{} is {}, not available", endpoint.id, endpoint.state);
        Judgement::block(Layer::Endpoint, Code::BadState, &endpoint.id, part, rule)
    });
    judgements
}

fn interface_judgements(
    snapshot: &Snapshot,
    caller: &Caller<'_>,
    interface: &NetworkInterface,
    part: Addresses,
) -> Vec<Judgement> {
    let Some(subnet) = snapshot.network.subnets.get(&interface.subnet) else {
        let (call, rule) =
            (missing(snapshot, Call::DescribeSubnets), format!("{} was not read", interface.subnet));
        return vec![Judgement::unknown(Layer::Target, &interface.id, part, rule, call)];
    };
    let mut judgements = border(snapshot, caller, subnet, &part);
    let what = interface.id.as_str();
    judgements.push(admission(snapshot, caller, &interface.security_groups, what, what, part));
    judgements
}

/// Whether the receiving side's groups admit the caller.
fn admission(
    snapshot: &Snapshot,
    caller: &Caller<'_>,
    groups: &[SecurityGroupId],
    what: &str,
    component: &str,
    part: Addresses,
) -> Judgement {
    let Some(range) = caller.subnet.cidr else {
        let rule = format!("{} has no IPv4 range", caller.subnet.id);
        return Judgement::unknown(Layer::Endpoint, component, part, rule, None);
    };
    match security_group::inbound(snapshot, groups, caller.port, caller.security_groups, range) {
        Admission::Admitted(rule) => {
            Judgement::pass(Layer::Endpoint, component, part, format!("{what}: {rule}"))
        }
        Admission::Refused(rule) => {
            let rule = format!("{what}: {rule}");
            Judgement::block(Layer::Endpoint, Code::EndpointSgRulesMismatch, component, part, rule)
        }
        Admission::Unknown(why, call) => {
            Judgement::unknown(Layer::Endpoint, component, part, format!("{what}: {why}"), call)
        }
    }
}

/// The receiving subnet's ACL, when the packet crosses into another subnet.
fn border(snapshot: &Snapshot, caller: &Caller<'_>, subnet: &Subnet, part: &Addresses) -> Vec<Judgement> {
    let Some(range) = caller.subnet.cidr else { return Vec::new() };
    if subnet.id == caller.subnet.id {
        return Vec::new();
    }
    let crossings = [
        Crossing { direction: Direction::Inbound, ports: PortRange::one(caller.port), what: "the request" },
        Crossing { direction: Direction::Outbound, ports: LINUX_EPHEMERAL, what: "the reply" },
    ];
    let judged = nacl::judge(snapshot, Layer::Nacl, subnet, &Addresses::from(range), &crossings);
    judged.into_iter().map(|judgement| Judgement { addresses: part.clone(), ..judgement }).collect()
}

/// A stand-in address for an interface that does not exist yet: the last usable one of its subnet.
#[must_use]
pub(crate) fn stand_in_address(subnet: &Subnet) -> Option<Ipv4Addr> {
    let broadcast = u32::from(subnet.cidr?.broadcast());
    broadcast.checked_sub(1).map(Ipv4Addr::from)
}
