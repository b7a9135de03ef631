//! Routes to a network interface (a NAT instance, a firewall), and routes out of the VPC.
//!
//! The snapshot does not show whether the target forwards packets. Therefore the result is blocked or
//! unknown, never reachable.

use super::acl_rules::LINUX_EPHEMERAL;
use super::border;
use super::deciding::{Deciding, Forwarder};
use super::index::Index;
use super::judgement::{Judgement, missing};
use super::route::Choice;
use super::security_group::{self, Admission};
use super::trace::{Code, Layer, Owner, Subject};
use crate::model::{
    AddressFamily, Addresses, Call, NetworkInterface, NetworkInterfaceId, PUBLIC_V4, ResourceId, RouteTarget,
    SecurityGroupId, Snapshot, Subnet,
};

/// Judges a route to a network interface: its source/destination check must be off
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html>).
pub(super) fn interface(
    index: &Index<'_>,
    source: &Subnet,
    groups: &[SecurityGroupId],
    port: u16,
    id: &NetworkInterfaceId,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let all = || addresses.clone();
    let Some(found) = index.snapshot.network.network_interfaces.get(id) else {
        let call = Deciding::absent(index.snapshot, Call::DescribeNetworkInterfaces);
        return vec![Judgement::unknown(Layer::Target, id, all(), format!("{id} was not read"), call)];
    };
    let owner = Owner::Appliance(id.clone());
    let mut judgements = Vec::new();
    if found.source_dest_check == Some(true) {
        let rule = format!(
            "the source/destination check of {id} is on: it drops packets that it does not send or receive itself"
        );
        let code = Code::EniSourceDestCheckRestriction;
        judgements.push(Judgement::block(Layer::Target, code, id, all(), rule).of(owner.clone()));
    }
    let source_range = source.addresses().only(AddressFamily::Ipv4);
    if let Some(subnet) = index.snapshot.network.subnets.get(&found.subnet)
        && subnet.id != source.id
    {
        let from = (source, AddressFamily::Ipv4);
        let ports = (port, LINUX_EPHEMERAL);
        judgements.extend(border::entry(index, Layer::Nacl, (subnet, &owner), from, ports, addresses));
    }
    if let Admission::Denied(rule) =
        security_group::inbound(index, &found.security_groups, port, groups, &source_range)
    {
        let rule = format!("{id}: {rule}");
        let packets = security_group::inbound_packets(port, source_range);
        let block = Judgement::block(Layer::Target, Code::NatInstanceSgRulesMismatch, id, all(), rule);
        judgements.push(block.about(packets).of(owner.clone()));
    }
    judgements.extend(onward(index, found, addresses).into_iter().map(|one| one.of(owner.clone())));
    let rule = format!("unknown whether {id} ({}) forwards the packets", described(&found.description));
    let deciding = Deciding::Forwarding(Forwarder::Interface);
    judgements.push(Judgement::unknown(Layer::Target, id, all(), rule, deciding));
    judgements
}

/// Judges how a NAT instance sends packets on: by the route table of its subnet, to the internet from its public
/// address. Certain only if the instance has no other network interface.
fn onward(index: &Index<'_>, found: &NetworkInterface, addresses: &Addresses) -> Vec<Judgement> {
    let subnet = index.snapshot.network.subnets.get(&found.subnet);
    let Some((table, _)) = subnet.and_then(|subnet| index.table_of(subnet)) else { return Vec::new() };
    let (id, is_only) = (&found.id, is_only_interface(index.snapshot, found));
    let has_public_address = found.public_address || !found.public_addresses.is_empty();
    let deciding = Deciding::Forwarding(Forwarder::Interface);
    let judge = |(all, choice): (Addresses, Choice<'_>)| match choice {
        Choice::Route { target: target @ RouteTarget::NetworkInterface(next), blackhole: false, matches }
            if next == id =>
        {
            let rule = format!(
                "{}, the route table of {}, routes {matches} to {id}: its packets return to {id} itself",
                table.id, found.subnet
            );
            if !is_only {
                return Some(Judgement::unknown(Layer::Target, id, all, unless_other(&rule), deciding));
            }
            let code = Code::NatInstanceRouteLoop;
            let route =
                Subject::Route { destination: matches.into(), target: target.clone(), is_return: false };
            Some(Judgement::block(Layer::Target, code, &table.id, all, rule).about(route))
        }
        Choice::Route { target: RouteTarget::InternetGateway(gateway), blackhole: false, .. }
            if !has_public_address && !all.and(&PUBLIC_V4).is_empty() =>
        {
            let part = all.and(&PUBLIC_V4);
            let rule = format!("{id} has no public IPv4 address, which {gateway} needs");
            if !is_only {
                return Some(Judgement::unknown(Layer::Target, id, part, unless_other(&rule), deciding));
            }
            Some(Judgement::block(Layer::Target, Code::NatInstanceNoPublicIp, id, part, rule))
        }
        _ => None,
    };
    index.routes(table).select(addresses).into_iter().filter_map(judge).collect()
}

/// Whether the network interface is the only one of a known instance.
fn is_only_interface(snapshot: &Snapshot, found: &NetworkInterface) -> bool {
    let mut others = snapshot.network.network_interfaces.iter().filter(|other| other.id != found.id);
    found.instance.is_some()
        && missing(snapshot, Call::DescribeNetworkInterfaces).is_none()
        && !others.any(|other| other.instance == found.instance)
}

fn unless_other(rule: &str) -> String {
    format!("{rule}; unknown whether the instance sends the packets through another network interface")
}

fn described(description: &str) -> &str {
    if description.is_empty() { "an instance or appliance" } else { description }
}

/// The judgement of a target outside the model.
pub(super) fn unmodelled_target(id: &ResourceId, addresses: Addresses) -> Judgement {
    let description = match id.as_str().split('-').next().unwrap_or_default() {
        "tgw" => {
            "a transit gateway: its route tables, its attachment in this AZ and the return path were not checked"
        }
        "vgw" => {
            "a virtual private gateway: the VPN or Direct Connect connection and the return path were not checked"
        }
        "pcx" => {
            "a peering connection: the peer's route tables, security groups and network ACLs were not checked"
        }
        "lgw" => "a local gateway: the Outpost's network was not checked",
        "cagw" => "a carrier gateway: the carrier's network was not checked",
        "i" => "an instance: its software was not checked",
        _ => "a target of an unsupported type",
    };
    let rule = format!("{id} is outside this VPC ({description})");
    let deciding = Deciding::Forwarding(Forwarder::of_id(id.as_str()));
    Judgement::unknown(Layer::Target, id.clone(), addresses, rule, deciding)
}
