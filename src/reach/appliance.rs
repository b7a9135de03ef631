//! Routes to an interface (a NAT instance, a firewall) or out of the VPC.
//!
//! What stands behind them decides and is not read, so that nothing here is ever reachable; what is known to stop packets
//! is told all the same.

use super::border;
use super::index::Index;
use super::judgement::{Judgement, missing};
use super::security_group::{self, Admission};
use super::trace::{Code, Layer};
use crate::model::{
    AddressFamily, Addresses, Call, NetworkInterfaceId, PUBLIC, ResourceId, SecurityGroupId, Subnet,
};

/// A route to an interface: it must take packets that are not its own
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
        let call = missing(index.snapshot, Call::DescribeNetworkInterfaces);
        return vec![Judgement::unknown(Layer::Target, id, all(), format!("{id} was not read"), call)];
    };
    let mut judgements = Vec::new();
    if found.source_dest_check == Some(true) {
        let rule = format!("{id} checks source and destination: it drops packets that are not its own");
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
    if let Admission::Refused(rule) =
        security_group::inbound(index, &found.security_groups, port, groups, &source_range)
    {
        let rule = format!("{id}: {rule}");
        judgements.push(Judgement::block(Layer::Target, Code::EniSgRulesMismatch, id, all(), rule));
    }
    let rule = format!("{id} ({}) forwards as what runs there decides", described(&found.description));
    judgements.push(Judgement::unknown(Layer::Target, id, all(), rule, None));
    judgements
}

fn described(description: &str) -> &str {
    if description.is_empty() { "an instance or appliance" } else { description }
}

/// A route to a peering connection: it carries addresses of the peer's VPC, never the internet or a gateway endpoint
/// (<https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>).
pub(super) fn peering(id: &ResourceId, is_name: bool, addresses: &Addresses) -> Vec<Judgement> {
    let public = addresses.and(&PUBLIC);
    let inside = addresses.minus(&public);
    let mut judgements = Vec::new();
    if !public.is_empty() && is_name {
        let rule = format!(
            "{id} leads to another VPC, whose gateways and endpoints no peer can use: no way to {public}"
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

/// A route out of the VPC.
pub(super) fn unmodelled_target(id: &ResourceId, addresses: Addresses) -> Judgement {
    let look = match id.as_str().split('-').next().unwrap_or_default() {
        "tgw" => "a transit gateway: its route tables, its attachment in this zone and the way back decide",
        "vgw" => "a virtual private gateway: the VPN or Direct Connect behind it and the way back decide",
        "pcx" => "a peering connection: the peer's routes, groups and ACLs decide",
        "lgw" => "a local gateway: the Outpost's network decides",
        "cagw" => "a carrier gateway: the carrier's network decides",
        "i" => "an instance: what runs there decides",
        _ => "what is beyond it was not read",
    };
    let rule = format!("{id} leads out of this VPC ({look})");
    Judgement::unknown(Layer::Target, id.clone(), addresses, rule, None)
}
