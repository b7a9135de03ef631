//! VPC endpoints as the target of a route, and whatever else has an address inside the VPC.
//!
//! Endpoint policies decide above TCP and give `AccessDenied`, never a time-out: they are not judged here.

use std::net::{IpAddr, Ipv4Addr};

use super::engine::{Engine, Owner};
use super::judgement::{Judgement, missing};
use super::nacl::{self, Crossing, LINUX_EPHEMERAL};
use super::route::Choice;
use super::security_group::{self, Admission};
use super::trace::{Code, Layer};
use crate::model::{
    AddressFamily, Addresses, Call, EncryptionControl, EndpointId, EndpointKind, ResourceId, RouteTarget,
    SecurityGroupId, Snapshot, Subnet, Vpc,
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

/// VPC encryption controls that enforce encryption drop plain text at endpoints; nothing to tell on the port of TLS
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html>).
pub(super) fn encryption(vpc: &Vpc, port: u16, addresses: &Addresses) -> Option<Judgement> {
    let rule = match &vpc.encryption {
        EncryptionControl::Enforce if port != 443 => {
            format!(
                "{} enforces encryption: whether what is sent to port {port} is encrypted is not known",
                vpc.id
            )
        }
        EncryptionControl::Other(mode) => {
            format!("the encryption control of {} is {mode}, which is not known here", vpc.id)
        }
        EncryptionControl::Off | EncryptionControl::Monitor | EncryptionControl::Enforce => return None,
    };
    Some(Judgement::unknown(Layer::Endpoint, &vpc.id, addresses.clone(), rule, None))
}

/// The side that a packet inside the VPC comes from.
pub(super) struct Caller<'a> {
    pub subnet: &'a Subnet,
    pub security_groups: &'a [SecurityGroupId],
    pub port: u16,
}

impl Caller<'_> {
    /// The addresses it may have when it speaks to `address`.
    fn range(&self, address: IpAddr) -> Addresses {
        self.subnet.addresses().only(family_of(address))
    }
}

fn family_of(address: IpAddr) -> AddressFamily {
    if address.is_ipv4() { AddressFamily::Ipv4 } else { AddressFamily::Ipv6 }
}

/// Packets to addresses inside the VPC: endpoints' feet, other interfaces, and what nobody is known to have.
pub(super) fn local<'a>(
    engine: &Engine<'a>,
    vpc: &'a Vpc,
    caller: &Caller<'_>,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    let mut found: Vec<IpAddr> = Vec::new();
    for (address, owner) in engine.owners(&vpc.id).iter() {
        if found.last() == Some(address) || !addresses.contains(*address) {
            continue;
        }
        found.push(*address);
        let part = Addresses::one(*address);
        match owner {
            Owner::Endpoint(endpoint, subnet) => {
                let EndpointKind::Interface { security_groups, .. } = &endpoint.kind else { continue };
                judgements.extend(border(engine, caller, *address, subnet, &part));
                judgements.extend(encryption(vpc, caller.port, &part));
                judgements.push(if endpoint.is_available() {
                    let door = Door {
                        layer: Layer::Endpoint,
                        code: Code::EndpointSgRulesMismatch,
                        component: (&endpoint.id).into(),
                        what: format!("{}, interface endpoint of {}", endpoint.id, endpoint.service),
                        groups: security_groups,
                    };
                    admission(engine, caller, door, *address, part)
                } else {
                    let rule = format!("{} is {}, not available", endpoint.id, endpoint.state);
                    Judgement::block(Layer::Endpoint, Code::BadState, &endpoint.id, part, rule)
                });
            }
            Owner::Interface(interface) => match engine.snapshot.network.subnets.get(&interface.subnet) {
                None => {
                    let call = missing(engine.snapshot, Call::DescribeSubnets);
                    let rule = format!("{} was not read", interface.subnet);
                    judgements.push(Judgement::unknown(Layer::Target, &interface.id, part, rule, call));
                }
                Some(subnet) => {
                    judgements.extend(border(engine, caller, *address, subnet, &part));
                    if interface.unattached {
                        let rule = format!("{} hangs on nothing: nobody answers there", interface.id);
                        let code = Code::TargetUnattached;
                        judgements.push(Judgement::block(Layer::Target, code, &interface.id, part, rule));
                        continue;
                    }
                    let door = Door {
                        layer: Layer::Target,
                        code: Code::EniSgRulesMismatch,
                        component: (&interface.id).into(),
                        what: interface.id.to_string(),
                        groups: &interface.security_groups,
                    };
                    judgements.push(admission(engine, caller, door, *address, part));
                }
            },
        }
    }
    let rest = addresses.minus(&found.into_iter().map(ipnet::IpNet::from).collect());
    if !rest.is_empty() {
        let call = missing(engine.snapshot, Call::DescribeNetworkInterfaces);
        let rule = format!("which interface of the VPC has {rest} is not known");
        judgements.push(Judgement::unknown(Layer::Target, &vpc.id, rest, rule, call));
    }
    told_once(judgements)
}

/// Two addresses of one endpoint are often judged by the very same rule: that is told once.
fn told_once(judgements: Vec<Judgement>) -> Vec<Judgement> {
    let mut once: Vec<Judgement> = Vec::new();
    for judgement in judgements {
        match once.iter_mut().find(|told| told.hop == judgement.hop) {
            Some(told) => told.addresses = told.addresses.or(&judgement.addresses),
            None => once.push(judgement),
        }
    }
    once
}

/// A receiving interface, as its groups guard it.
struct Door<'a> {
    layer: Layer,
    /// Why a caller that is not admitted is stopped.
    code: Code,
    component: ResourceId,
    what: String,
    groups: &'a [SecurityGroupId],
}

/// Whether the receiving side's groups admit the caller.
fn admission(
    engine: &Engine<'_>,
    caller: &Caller<'_>,
    door: Door<'_>,
    address: IpAddr,
    part: Addresses,
) -> Judgement {
    let Door { layer, code, component, what, groups } = door;
    let range = caller.range(address);
    if range.is_empty() {
        let rule = format!("{} has no address of the family of {address}", caller.subnet.id);
        return Judgement::unknown(layer, component, part, rule, None);
    }
    match security_group::inbound(engine, groups, caller.port, caller.security_groups, &range) {
        Admission::Admitted(rule) => Judgement::pass(layer, component, part, format!("{what}: {rule}")),
        Admission::Refused(rule) => Judgement::block(layer, code, component, part, format!("{what}: {rule}")),
        Admission::Unknown(why, call) => {
            Judgement::unknown(layer, component, part, format!("{what}: {why}"), call)
        }
    }
}

/// The receiving subnet's ACL and its way back, when the packet crosses into another subnet.
fn border<'a>(
    engine: &Engine<'a>,
    caller: &Caller<'_>,
    address: IpAddr,
    subnet: &'a Subnet,
    part: &Addresses,
) -> Vec<Judgement> {
    if subnet.id == caller.subnet.id {
        return Vec::new();
    }
    let from = (caller.subnet, family_of(address));
    let mut judged = entry(engine, Layer::Nacl, subnet, from, caller.port, part);
    judged.extend(way_back(engine, Layer::Route, subnet, from, part));
    judged
}

/// What the ACL of a subnet says of packets that enter it from another one, `told` of the destination.
pub(super) fn entry(
    engine: &Engine<'_>,
    layer: Layer,
    subnet: &Subnet,
    (from, family): (&Subnet, AddressFamily),
    port: u16,
    told: &Addresses,
) -> Vec<Judgement> {
    let border = (layer, from.id.clone(), subnet.id.clone(), family, port);
    let judged = engine.entries.get(border, || {
        let range = from.addresses().only(family);
        nacl::judge(engine, layer, subnet, &range, &Crossing::entering(port, LINUX_EPHEMERAL))
    });
    of(&judged, told)
}

/// What was judged of a border, told of the destination.
fn of(judged: &[Judgement], told: &Addresses) -> Vec<Judgement> {
    judged.iter().map(|judgement| Judgement { addresses: told.clone(), ..judgement.clone() }).collect()
}

/// Whether replies from a subnet go straight to `range`, inside the VPC; nothing to tell when they do. A route that is
/// longer than `local` may lead them elsewhere
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html>).
pub(super) fn way_back<'a>(
    engine: &Engine<'a>,
    layer: Layer,
    subnet: &'a Subnet,
    (to, family): (&Subnet, AddressFamily),
    told: &Addresses,
) -> Vec<Judgement> {
    let border = (layer, to.id.clone(), subnet.id.clone(), family);
    of(&engine.returns.get(border, || replies(engine, layer, subnet, &to.addresses().only(family))), told)
}

fn replies<'a>(engine: &Engine<'a>, layer: Layer, subnet: &'a Subnet, range: &Addresses) -> Vec<Judgement> {
    let all = || range.clone();
    let Some((table, _)) = engine.table_of(subnet) else {
        let call = missing(engine.snapshot, Call::DescribeRouteTables);
        let rule = format!("the route table of {}, which leads the replies, was not read", subnet.id);
        return vec![Judgement::unknown(layer, &subnet.id, all(), rule, call)];
    };
    let id = &table.id;
    let judge = |(of, choice): (Addresses, Choice<'a>)| match choice {
        // A table always holds the VPC's own ranges.
        Choice::Route { target: RouteTarget::Local, blackhole: false, .. } | Choice::None => None,
        Choice::Route { blackhole: true, matches, .. } if of == *range => {
            let rule =
                format!("{id}, the table of {}, loses the replies: {matches} is a blackhole", subnet.id);
            Some(Judgement::block(layer, Code::BadStateRoute, id, all(), rule))
        }
        Choice::Route { target, blackhole, matches } => {
            let lost = if blackhole { " a blackhole" } else { "" };
            let rule =
                format!("{id}, the table of {}, leads replies by {matches} to{lost} {target}", subnet.id);
            Some(Judgement::unknown(layer, id, all(), rule, None))
        }
        Choice::Unknown(why, call) => Some(Judgement::unknown(layer, id, all(), why, call)),
    };
    engine.chart(table).select(range).into_iter().filter_map(judge).collect()
}

/// A stand-in address for an interface that does not exist yet: the last usable one of its subnet.
#[must_use]
pub(crate) fn stand_in_address(subnet: &Subnet) -> Option<Ipv4Addr> {
    let broadcast = u32::from(subnet.cidr?.broadcast());
    broadcast.checked_sub(1).map(Ipv4Addr::from)
}
