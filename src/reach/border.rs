//! Packets that cross from one subnet of a VPC into another: the receiving subnet's network ACL, and the
//! return path.
//!
//! Owns the checks that are the same for network interfaces, endpoints, NAT gateways and appliances in
//! another subnet. Does not check the receiver of the packets.

use std::net::IpAddr;

use super::acl_rules::Crossing;
use super::deciding::{Deciding, Forwarder};
use super::index::Index;
use super::judgement::Judgement;
use super::nacl;
use super::route::Choice;
use super::trace::{Code, Layer, Owner, Subject};
use crate::model::{
    AddressFamily, Addresses, Call, PUBLIC, PortRange, ResourceId, RouteTarget, SecurityGroupId, Subnet,
};

/// The source of packets inside the VPC.
pub(super) struct Caller<'a> {
    pub subnet: &'a Subnet,
    pub security_groups: &'a [SecurityGroupId],
    /// The destination port.
    pub port: u16,
    /// The peering connection that carries the packets into another VPC.
    pub peering: Option<&'a ResourceId>,
    /// The ports from which it sends.
    pub ephemeral: PortRange,
}

impl Caller<'_> {
    /// The source addresses that are possible when it connects to `address`.
    pub fn range(&self, address: IpAddr) -> Addresses {
        self.subnet.addresses().only(family_of(address))
    }
}

fn family_of(address: IpAddr) -> AddressFamily {
    if address.is_ipv4() { AddressFamily::Ipv4 } else { AddressFamily::Ipv6 }
}

/// Judges packets from the caller to `address` in `subnet`, the subnet of `owner`. The result is empty when both are in the same
/// subnet.
pub(super) fn border<'a>(
    index: &Index<'a>,
    caller: &Caller<'_>,
    address: IpAddr,
    (subnet, owner): (&'a Subnet, &Owner),
    part: &Addresses,
) -> Vec<Judgement> {
    if subnet.id == caller.subnet.id {
        return Vec::new();
    }
    let from = (caller.subnet, family_of(address));
    let ports = (caller.port, caller.ephemeral);
    let mut judgements = entry(index, Layer::Nacl, (subnet, owner), from, ports, part);
    match caller.peering {
        None => judgements.extend(return_path(index, Layer::Route, (subnet, owner), from, part)),
        Some(peering) => {
            let target = RouteTarget::Peering(peering.clone());
            let (code, place) = (Code::EgressNoReturnRoute, "the subnet of the destination");
            judgements.extend(return_across(index, (&target, code, place), (subnet, owner), from, part));
        }
    }
    judgements
}

/// Judges whether replies from `subnet` to `to`, in another VPC, take the peering connection or transit gateway `across`. The route
/// tables of both VPCs need a route to it (<https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html>).
/// `code` is the code of a missing route, `place` says what `subnet` is.
pub(super) fn return_across<'a>(
    index: &Index<'a>,
    (across, code, place): (&RouteTarget, Code, &str),
    (subnet, owner): (&'a Subnet, &Owner),
    (to, family): (&Subnet, AddressFamily),
    destination: &Addresses,
) -> Vec<Judgement> {
    let (layer, range, all) = (Layer::Route, to.addresses().only(family), destination.clone());
    let Some((table, _)) = index.table_of(subnet) else {
        let call = Deciding::absent(index.snapshot, Call::DescribeRouteTables);
        let rule = format!("return path: the route table of {} was not read", subnet.id);
        return vec![Judgement::unknown(layer, &subnet.id, all, rule, call)];
    };
    let id = &table.id;
    let judge = |(part, choice): (Addresses, Choice<'a>)| match choice {
        Choice::Route { target, blackhole: false, .. } if target == across => None,
        Choice::Unknown(why, deciding) => Some(Judgement::unknown(layer, id, all.clone(), why, deciding)),
        Choice::None if part == range => {
            let rule = format!(
                "route table {id} of {}, {place}, has no route back to {range} through {across}",
                subnet.id
            );
            Some(Judgement::block(layer, code, id, all.clone(), rule).of(owner.clone()))
        }
        Choice::Route { blackhole: true, matches, target } if part == range => {
            let rule =
                format!("return path: {id}, the route table of {}: {matches} is a blackhole", subnet.id);
            let route =
                Subject::Route { destination: matches.into(), target: target.clone(), is_return: true };
            let block = Judgement::block(layer, Code::BadStateRoute, id, all.clone(), rule);
            Some(block.about(route).of(owner.clone()))
        }
        Choice::None => {
            let rule = format!("return path: {id}, the route table of {}, has no route to {part}", subnet.id);
            Some(Judgement::unknown(layer, id, all.clone(), rule, Deciding::SourceAddress))
        }
        Choice::Route { target: gateway @ RouteTarget::InternetGateway(_), matches, .. }
            if matches!(across, RouteTarget::Other(_)) && part == range && part.and(&PUBLIC).is_empty() =>
        {
            let rule = format!(
                "route table {id} of {}, {place}, has no route back to {range} through {across}: it routes the replies to \
                 {gateway} (route {matches}), which does not forward packets to private addresses",
                subnet.id
            );
            Some(Judgement::block(layer, code, id, all.clone(), rule).of(owner.clone()))
        }
        Choice::Route { target, matches, .. } => {
            let rule = format!(
                "return path: {id}, the route table of {}, routes replies to {target} (route {matches})",
                subnet.id
            );
            let deciding = Deciding::Forwarding(Forwarder::of(target));
            Some(Judgement::unknown(layer, id, all.clone(), rule, deciding))
        }
    };
    index.routes(table).select(&range).into_iter().filter_map(judge).collect()
}

/// Judges packets that enter `subnet` from another one by the network ACL of `subnet`. The
/// judgements contain the addresses of `destination`.
pub(super) fn entry(
    index: &Index<'_>,
    layer: Layer,
    (subnet, owner): (&Subnet, &Owner),
    (from, family): (&Subnet, AddressFamily),
    (port, ephemeral): (u16, PortRange),
    destination: &Addresses,
) -> Vec<Judgement> {
    let key = (layer, from.id.clone(), subnet.id.clone(), family, port);
    let judgements = index.entries.get(key, || {
        let range = from.addresses().only(family);
        nacl::judge(index, layer, subnet, &range, &Crossing::entering(port, ephemeral))
    });
    with_addresses(&judgements, destination, owner)
}

/// The judgements of a border, with the destination's addresses and the owner of the subnet.
fn with_addresses(judgements: &[Judgement], destination: &Addresses, owner: &Owner) -> Vec<Judgement> {
    let for_destination = |judgement: &Judgement| {
        Judgement { addresses: destination.clone(), ..judgement.clone() }.of(owner.clone())
    };
    judgements.iter().map(for_destination).collect()
}

/// Judges whether replies from `subnet` to `to` stay inside the VPC. The result is empty when they do. A
/// route that is more specific than `local` may have another target
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html>).
pub(super) fn return_path<'a>(
    index: &Index<'a>,
    layer: Layer,
    (subnet, owner): (&'a Subnet, &Owner),
    (to, family): (&Subnet, AddressFamily),
    destination: &Addresses,
) -> Vec<Judgement> {
    let key = (layer, to.id.clone(), subnet.id.clone(), family);
    let judgements = index.returns.get(key, || replies(index, layer, subnet, &to.addresses().only(family)));
    with_addresses(&judgements, destination, owner)
}

fn replies<'a>(index: &Index<'a>, layer: Layer, subnet: &'a Subnet, range: &Addresses) -> Vec<Judgement> {
    let all = || range.clone();
    let Some((table, _)) = index.table_of(subnet) else {
        let call = Deciding::absent(index.snapshot, Call::DescribeRouteTables);
        let rule = format!("return path: the route table of {} was not read", subnet.id);
        return vec![Judgement::unknown(layer, &subnet.id, all(), rule, call)];
    };
    let id = &table.id;
    let judge = |(part, choice): (Addresses, Choice<'a>)| match choice {
        // A route table always has local routes for the VPC's own ranges, so `None` does not occur.
        Choice::Route { target: RouteTarget::Local, blackhole: false, .. } | Choice::None => None,
        Choice::Route { blackhole: true, matches, target } if part == *range => {
            let rule =
                format!("return path: {id}, the route table of {}: {matches} is a blackhole", subnet.id);
            let route =
                Subject::Route { destination: matches.into(), target: target.clone(), is_return: true };
            Some(Judgement::block(layer, Code::BadStateRoute, id, all(), rule).about(route))
        }
        Choice::Route { target, blackhole, matches } => {
            let lost = if blackhole { ", blackhole" } else { "" };
            let rule = format!(
                "return path: {id}, the route table of {}, routes replies to {target} (route {matches}{lost})",
                subnet.id
            );
            let deciding = Deciding::Forwarding(Forwarder::of(target));
            Some(Judgement::unknown(layer, id, all(), rule, deciding))
        }
        Choice::Unknown(why, deciding) => Some(Judgement::unknown(layer, id, all(), why, deciding)),
    };
    index.routes(table).select(range).into_iter().filter_map(judge).collect()
}
