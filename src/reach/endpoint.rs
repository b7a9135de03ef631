//! VPC endpoints as the target of a route, and whatever else has an address inside the VPC.
//!
//! Endpoint policies decide above TCP and give `AccessDenied`, never a time-out: they are not judged here.

use std::net::{IpAddr, Ipv4Addr};

use super::border::{Caller, border};
use super::index::{Index, Owner};
use super::judgement::{Judgement, missing};
use super::security_group::{self, Admission};
use super::trace::{Code, Layer};
use crate::model::{
    Addresses, Call, EncryptionControl, EndpointId, EndpointKind, ResourceId, SecurityGroupId, Snapshot,
    Subnet, Vpc,
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

/// Packets to addresses inside the VPC: endpoints' feet, other interfaces, and what nobody is known to have.
pub(super) fn local<'a>(
    index: &Index<'a>,
    vpc: &'a Vpc,
    caller: &Caller<'_>,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    let mut found: Vec<IpAddr> = Vec::new();
    for (address, owner) in index.owners(&vpc.id).iter() {
        if found.last() == Some(address) || !addresses.contains(*address) {
            continue;
        }
        found.push(*address);
        let part = Addresses::one(*address);
        match owner {
            Owner::Endpoint(endpoint, subnet) => {
                let EndpointKind::Interface { security_groups, .. } = &endpoint.kind else { continue };
                judgements.extend(border(index, caller, *address, subnet, &part));
                judgements.extend(encryption(vpc, caller.port, &part));
                judgements.push(if endpoint.is_available() {
                    let receiver = Receiver {
                        layer: Layer::Endpoint,
                        code: Code::EndpointSgRulesMismatch,
                        component: (&endpoint.id).into(),
                        what: format!("{}, interface endpoint of {}", endpoint.id, endpoint.service),
                        groups: security_groups,
                    };
                    admission(index, caller, receiver, *address, part)
                } else {
                    let rule = format!("{} is {}, not available", endpoint.id, endpoint.state);
                    Judgement::block(Layer::Endpoint, Code::BadState, &endpoint.id, part, rule)
                });
            }
            Owner::Interface(interface) => match index.snapshot.network.subnets.get(&interface.subnet) {
                None => {
                    let call = missing(index.snapshot, Call::DescribeSubnets);
                    let rule = format!("{} was not read", interface.subnet);
                    judgements.push(Judgement::unknown(Layer::Target, &interface.id, part, rule, call));
                }
                Some(subnet) => {
                    judgements.extend(border(index, caller, *address, subnet, &part));
                    if interface.unattached {
                        let rule = format!("{} hangs on nothing: nobody answers there", interface.id);
                        let code = Code::TargetUnattached;
                        judgements.push(Judgement::block(Layer::Target, code, &interface.id, part, rule));
                        continue;
                    }
                    let receiver = Receiver {
                        layer: Layer::Target,
                        code: Code::EniSgRulesMismatch,
                        component: (&interface.id).into(),
                        what: interface.id.to_string(),
                        groups: &interface.security_groups,
                    };
                    judgements.push(admission(index, caller, receiver, *address, part));
                }
            },
        }
    }
    let rest = addresses.minus(&found.into_iter().map(ipnet::IpNet::from).collect());
    if !rest.is_empty() {
        let call = missing(index.snapshot, Call::DescribeNetworkInterfaces);
        let rule = format!("which interface of the VPC has {rest} is not known");
        judgements.push(Judgement::unknown(Layer::Target, &vpc.id, rest, rule, call));
    }
    merge_duplicates(judgements)
}

/// Two addresses of one endpoint are often judged by the very same rule: that is told once.
fn merge_duplicates(judgements: Vec<Judgement>) -> Vec<Judgement> {
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
struct Receiver<'a> {
    layer: Layer,
    /// Why a caller that is not admitted is stopped.
    code: Code,
    component: ResourceId,
    what: String,
    groups: &'a [SecurityGroupId],
}

/// Whether the receiving side's groups admit the caller.
fn admission(
    index: &Index<'_>,
    caller: &Caller<'_>,
    receiver: Receiver<'_>,
    address: IpAddr,
    part: Addresses,
) -> Judgement {
    let Receiver { layer, code, component, what, groups } = receiver;
    let range = caller.range(address);
    if range.is_empty() {
        let rule = format!("{} has no address of the family of {address}", caller.subnet.id);
        return Judgement::unknown(layer, component, part, rule, None);
    }
    match security_group::inbound(index, groups, caller.port, caller.security_groups, &range) {
        Admission::Admitted(rule) => Judgement::pass(layer, component, part, format!("{what}: {rule}")),
        Admission::Refused(rule) => Judgement::block(layer, code, component, part, format!("{what}: {rule}")),
        Admission::Unknown(why, call) => {
            Judgement::unknown(layer, component, part, format!("{what}: {why}"), call)
        }
    }
}

/// A stand-in address for an interface that does not exist yet: the last usable one of its subnet.
#[must_use]
pub(crate) fn stand_in_address(subnet: &Subnet) -> Option<Ipv4Addr> {
    let broadcast = u32::from(subnet.cidr?.broadcast());
    broadcast.checked_sub(1).map(Ipv4Addr::from)
}
