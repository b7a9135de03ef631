//! Routes to a network interface (a NAT instance, a firewall), and routes out of the VPC.
//!
//! The snapshot does not show whether the target forwards packets. Therefore the result is blocked or
//! unknown, never reachable.

use super::border;
use super::deciding::{Deciding, Forwarder};
use super::index::Index;
use super::judgement::Judgement;
use super::security_group::{self, Admission};
use super::trace::{Code, Layer};
use crate::model::{
    AddressFamily, Addresses, Call, NetworkInterfaceId, PUBLIC, ResourceId, SecurityGroupId, Subnet,
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
    let mut judgements = Vec::new();
    if found.source_dest_check == Some(true) {
        let rule = format!(
            "the source/destination check of {id} is on: it drops packets that it does not send or receive itself"
        );
        let code = Code::EniSourceDestCheckRestriction;
        judgements.push(Judgement::block(Layer::Target, code, id, all(), rule));
    }
    let source_range = source.addresses().only(AddressFamily::Ipv4);
    if let Some(subnet) = index.snapshot.network.subnets.get(&found.subnet)
        && subnet.id != source.id
    {
        let from = (source, AddressFamily::Ipv4);
        judgements.extend(border::entry(index, Layer::Nacl, subnet, from, port, addresses));
    }
    if let Admission::Denied(rule) =
        security_group::inbound(index, &found.security_groups, port, groups, &source_range)
    {
        let rule = format!("{id}: {rule}");
        judgements.push(Judgement::block(Layer::Target, Code::EniSgRulesMismatch, id, all(), rule));
    }
    let rule = format!("unknown whether {id} ({}) forwards the packets", described(&found.description));
    let deciding = Deciding::Forwarding(Forwarder::Interface);
    judgements.push(Judgement::unknown(Layer::Target, id, all(), rule, deciding));
    judgements
}

fn described(description: &str) -> &str {
    if description.is_empty() { "an instance or appliance" } else { description }
}

/// Judges a route to a peering connection: it carries only addresses of the peer VPC, never traffic to the
/// internet or to a gateway endpoint
/// (<https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>).
pub(super) fn peering(id: &ResourceId, is_name: bool, addresses: &Addresses) -> Vec<Judgement> {
    let public = addresses.and(&PUBLIC);
    let inside = addresses.minus(&public);
    let mut judgements = Vec::new();
    if !public.is_empty() && is_name {
        let rule = format!(
            "{id} is a peering connection: a peer cannot use the other VPC's gateways and endpoints to reach {public}"
        );
        let code = Code::PcxRequiresAddressInVpcCidr;
        judgements.push(Judgement::block(Layer::Target, code, id.clone(), public, rule));
    } else if !public.is_empty() {
        judgements.push(unmodelled_target(id, public));
    }
    if !inside.is_empty() {
        judgements.push(unmodelled_target(id, inside));
    }
    judgements
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
