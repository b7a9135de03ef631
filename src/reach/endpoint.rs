//! Endpoints as route targets, and destinations inside the VPC.
//!
//! Endpoint policies apply to requests, after the TCP connection: they cause `AccessDenied`, not a timeout.
//! They are not checked here.

use std::net::{IpAddr, Ipv4Addr};

use super::border::{Caller, border};
use super::deciding::{Deciding, Forwarder};
use super::index::{AddressOwner, Index};
use super::internet::{self, Through};
use super::judgement::{Judgement, missing};
use super::security_group::{self, Admission};
use super::trace::{Code, Layer, Owner};
use crate::model::{
    AddressFamily, Addresses, BlockPublicAccess, Call, EncryptionControl, Endpoint, EndpointId, EndpointKind,
    InterfaceKind, InterfaceState, NamedResource, NetworkInterface, PUBLIC, ResourceId, SecurityGroupId,
    Snapshot, Subnet, Vpc,
};

/// The tag with the ARN of the firewall that AWS Network Firewall gives to its endpoints
/// (<https://docs.aws.amazon.com/network-firewall/latest/developerguide/vpc-config.html>).
const FIREWALL: &str = "Firewall";

/// Whether AWS Network Firewall manages an endpoint.
fn is_firewall(endpoint: &Endpoint) -> bool {
    endpoint.tags.contains_key("AWSNetworkFirewallManaged")
}

/// Judges a route to an endpoint.
pub(super) fn gateway(snapshot: &Snapshot, id: &EndpointId, addresses: Addresses) -> Judgement {
    let Some(endpoint) = snapshot.network.endpoints.get(id) else {
        let deciding = Deciding::absent(snapshot, Call::DescribeVpcEndpoints);
        return Judgement::unknown(Layer::Endpoint, id, addresses, format!("{id} was not read"), deciding);
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
        EndpointKind::Interface { .. } | EndpointKind::Other(_) if is_firewall(endpoint) => {
            let firewall = endpoint.tags.get(FIREWALL).map_or(String::new(), |arn| format!(" ({arn})"));
            let rule = format!(
                "{id} is an endpoint of AWS Network Firewall{firewall}; unknown whether its rules allow the packets"
            );
            let deciding = Deciding::Forwarding(Forwarder::NetworkFirewall);
            Judgement::unknown(Layer::Endpoint, id, addresses, rule, deciding)
        }
        EndpointKind::Interface { .. } | EndpointKind::Other(_) => {
            let rule = format!("{id} is not a gateway endpoint; unknown whether it forwards the packets");
            let deciding = Deciding::Forwarding(Forwarder::LoadBalancerEndpoint);
            Judgement::unknown(Layer::Endpoint, id, addresses, rule, deciding)
        }
    }
}

/// Judges VPC Block Public Access for a route to an endpoint with appliances: it blocks the internet traffic of the subnet also through
/// AWS Network Firewall and Gateway Load Balancers
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html>).
pub(super) fn public_access(
    snapshot: &Snapshot,
    id: &EndpointId,
    subnet: &Subnet,
    addresses: &Addresses,
) -> Option<Judgement> {
    let endpoint = snapshot.network.endpoints.get(id)?;
    let has_appliances = !matches!(endpoint.kind, EndpointKind::Gateway { .. });
    let is_off = subnet.block_public_access != BlockPublicAccess::BlockBidirectional;
    if !has_appliances || is_off {
        return None;
    }
    internet::public_access(subnet, &addresses.and(&PUBLIC), Through::Nat)
}

/// Judges VPC encryption controls, which in enforce mode drop unencrypted traffic at endpoints. Traffic to
/// port 443 counts as encrypted, so enforce mode does not affect it
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html>).
pub(super) fn encryption(vpc: &Vpc, port: u16, addresses: &Addresses) -> Option<Judgement> {
    let (rule, deciding) = match &vpc.encryption {
        EncryptionControl::Enforce if port != 443 => (
            format!(
                "{} enforces encryption: whether the traffic to port {port} is encrypted is unknown",
                vpc.id
            ),
            Deciding::Encryption,
        ),
        EncryptionControl::Other(mode) => (
            format!("the encryption control of {} has the unsupported mode {mode}", vpc.id),
            Deciding::Value(Call::DescribeVpcs),
        ),
        EncryptionControl::Off | EncryptionControl::Monitor | EncryptionControl::Enforce => return None,
    };
    Some(Judgement::unknown(Layer::Endpoint, &vpc.id, addresses.clone(), rule, deciding))
}

/// Judges packets to addresses inside the VPC: endpoint ENIs, other ENIs and unassigned addresses.
pub(super) fn local<'a>(
    index: &Index<'a>,
    vpc: &'a Vpc,
    caller: &Caller<'_>,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    // Those of network interfaces that belong to no endpoint.
    let mut receivers = Vec::new();
    let mut found: Vec<IpAddr> = Vec::new();
    for (address, owner) in index.owners(&vpc.id).iter() {
        if found.last() == Some(address) || !addresses.contains(*address) {
            continue;
        }
        found.push(*address);
        let part = Addresses::one(*address);
        match owner {
            AddressOwner::Endpoint(endpoint, subnet) => {
                let owner = Owner::Endpoint(endpoint.id.clone());
                let EndpointKind::Interface { security_groups, .. } = &endpoint.kind else { continue };
                judgements.extend(border(index, caller, *address, (subnet, &owner), &part));
                judgements.extend(encryption(vpc, caller.port, &part));
                judgements.push(if endpoint.is_available() {
                    let receiver = Receiver {
                        layer: Layer::Endpoint,
                        code: Code::EndpointSgRulesMismatch,
                        component: (&endpoint.id).into(),
                        description: format!("{}, interface endpoint of {}", endpoint.id, endpoint.service),
                        groups: security_groups,
                        owner,
                    };
                    receive(index, caller, receiver, *address, part)
                } else {
                    let rule = format!("{} is {}, not available", endpoint.id, endpoint.state);
                    Judgement::block(Layer::Endpoint, Code::BadState, &endpoint.id, part, rule).of(owner)
                });
            }
            AddressOwner::Interface(interface) => match index.snapshot.network.subnets.get(&interface.subnet)
            {
                None => {
                    let deciding = Deciding::absent(index.snapshot, Call::DescribeSubnets);
                    let rule = format!("{} was not read", interface.subnet);
                    receivers.push(Judgement::unknown(Layer::Target, &interface.id, part, rule, deciding));
                }
                Some(subnet) => {
                    let owner = Owner::Destination(interface.id.clone());
                    receivers.extend(border(index, caller, *address, (subnet, &owner), &part));
                    receivers.push(interface_accepts(index, caller, interface, *address, part));
                }
            },
        }
    }
    let rest = addresses.minus(&found.into_iter().map(ipnet::IpNet::from).collect());
    if let Some(address) = rest.single() {
        let rule = format!("no network interface of {} that was read has {address}", vpc.id);
        let deciding = match missing(index.snapshot, Call::DescribeNetworkInterfaces) {
            Some(call) => Deciding::Answer(call),
            None => Deciding::Interface(address),
        };
        judgements.push(Judgement::unknown(Layer::Target, &vpc.id, rest, rule, deciding));
    } else if !rest.is_empty() {
        // These are all addresses that the name can have: what a network interface of the VPC denies says nothing about the name.
        let possible: Vec<Addresses> =
            receivers.iter().map(|one: &Judgement| one.addresses.clone()).collect();
        let rest = rest.or(&Addresses::union(&possible));
        receivers.clear();
        let rule =
            format!("it is unknown which address in {} the name has, so its receiver is unknown", vpc.id);
        judgements.push(Judgement::unknown(Layer::Target, &vpc.id, rest, rule, Deciding::Address));
    }
    judgements.extend(receivers);
    merge_duplicates(judgements)
}

/// Judges packets to a resource in the VPC whose network interfaces were not read, by its security groups and subnets.
pub(super) fn by_groups(
    index: &Index<'_>,
    caller: &Caller<'_>,
    resource: &NamedResource,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let owner = Owner::Resource(resource.id.clone());
    let subnets = resource.subnets.iter().filter_map(|id| index.snapshot.network.subnets.get(id));
    let mut judgements = Vec::new();
    for subnet in subnets {
        for family in [AddressFamily::Ipv4, AddressFamily::Ipv6] {
            let part = subnet.addresses().only(family).and(addresses);
            let Some(first) = part.cidrs().first().map(ipnet::IpNet::addr) else { continue };
            judgements.extend(border(index, caller, first, (subnet, &owner), &part));
            let receiver = Receiver {
                layer: Layer::Target,
                code: Code::TargetSgRulesMismatch,
                component: resource.id.clone(),
                description: resource.described(),
                groups: &resource.security_groups,
                owner: owner.clone(),
            };
            judgements.push(receive(index, caller, receiver, first, part));
        }
    }
    merge_duplicates(judgements)
}

/// Judges packets to an address of a network interface that belongs to no endpoint.
fn interface_accepts(
    index: &Index<'_>,
    caller: &Caller<'_>,
    interface: &NetworkInterface,
    address: IpAddr,
    part: Addresses,
) -> Judgement {
    let owner = Owner::Destination(interface.id.clone());
    if interface.is_unattached() {
        let rule =
            format!("{} is not attached to an instance or service: nothing listens there", interface.id);
        let code = Code::TargetUnattached;
        let block = Judgement::block(Layer::Target, code, &interface.id, part, rule);
        return block.of(owner);
    }
    if let InterfaceState::Other(state) = &interface.state {
        let rule = format!(
            "{} has the state {state}, which this version of egress-doctor does not support",
            interface.id
        );
        let deciding = Deciding::Value(Call::DescribeNetworkInterfaces);
        return Judgement::unknown(Layer::Target, &interface.id, part, rule, deciding);
    }
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
    if interface.security_groups.is_empty() && interface.kind == InterfaceKind::NetworkLoadBalancer {
        let rule = format!("{}: a Network Load Balancer without security groups", interface.id);
        return Judgement::pass(Layer::Target, &interface.id, part, rule).of(owner);
    }
    let receiver = Receiver {
        layer: Layer::Target,
        code: Code::TargetSgRulesMismatch,
        component: (&interface.id).into(),
        description: interface.id.to_string(),
        groups: &interface.security_groups,
        owner,
    };
    receive(index, caller, receiver, address, part)
}

/// Merges equal hops: two addresses of one endpoint often have the same rule.
fn merge_duplicates(judgements: Vec<Judgement>) -> Vec<Judgement> {
    let mut once: Vec<Judgement> = Vec::new();
    for judgement in judgements {
        match once.iter_mut().find(|other| other.hop == judgement.hop) {
            Some(other) => other.addresses = other.addresses.or(&judgement.addresses),
            None => once.push(judgement),
        }
    }
    once
}

/// The network interface that receives the connection.
struct Receiver<'a> {
    layer: Layer,
    /// The code when its security groups do not allow the caller.
    code: Code,
    component: ResourceId,
    description: String,
    groups: &'a [SecurityGroupId],
    owner: Owner,
}

/// Judges whether the receiver's security groups allow the caller.
fn receive(
    index: &Index<'_>,
    caller: &Caller<'_>,
    receiver: Receiver<'_>,
    address: IpAddr,
    part: Addresses,
) -> Judgement {
    let Receiver { layer, code, component, description, groups, owner } = receiver;
    let range = caller.range(address);
    if range.is_empty() {
        let rule = format!("{} has no address of the same IP version as {address}", caller.subnet.id);
        let deciding = Deciding::value(index.snapshot, Call::DescribeSubnets);
        return Judgement::unknown(layer, component, part, rule, deciding);
    }
    match security_group::inbound(index, groups, caller.port, caller.security_groups, &range) {
        Admission::Allowed(rule) => {
            Judgement::pass(layer, component, part, format!("{description}: {rule}")).of(owner)
        }
        Admission::Denied(rule) => {
            Judgement::block(layer, code, component, part, format!("{description}: {rule}"))
                .about(security_group::inbound_packets(caller.port, range))
                .of(owner)
        }
        Admission::Unknown(why, deciding) => {
            Judgement::unknown(layer, component, part, format!("{description}: {why}"), deciding)
        }
    }
}

/// An assumed address for a network interface that does not exist yet: the last usable one of its subnet.
#[must_use]
pub(crate) fn stand_in_address(subnet: &Subnet) -> Option<Ipv4Addr> {
    let broadcast = u32::from(subnet.cidr?.broadcast());
    broadcast.checked_sub(1).map(Ipv4Addr::from)
}
