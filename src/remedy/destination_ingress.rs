//! Remedy `destination-ingress`: adds missing inbound rules to the security group of a database or another
//! destination in a VPC. The rules allow the workload's security group, or the address of the NAT gateway that the packets come
//! from.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.Scenarios.html>

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::context::{Candidate, RemedyContext};
use super::group_quota::over_quota;
use super::rollback;
use super::{Change, Precondition};
use crate::model::{NetworkInterfaceId, Peer, SecurityGroupId};
use crate::reach::{Code, Hop, Owner, Subject};

/// The number of public addresses up to which they are those of a NAT gateway, not all public addresses.
const FEW: usize = 8;

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let own = context.security_groups().first().cloned();
    let mut rules: BTreeSet<(SecurityGroupId, u16, String)> = BTreeSet::new();
    let mut changes: Vec<Change> = Vec::new();
    for (finding, hop, code) in context.blockers() {
        let peers: Vec<Peer> = match code {
            Code::TargetSgRulesMismatch if is_in_other_region(context, hop) => source_ranges(context),
            Code::TargetSgRulesMismatch => own.iter().cloned().map(Peer::Group).collect(),
            Code::TargetSgPublicAddressMismatch => single_sources(hop),
            Code::TargetSgNatAddressMismatch => source_of_nat(hop),
            _ => continue,
        };
        let Some(group) = group_of(context, hop) else { continue };
        for peer in peers {
            let port = finding.need.destination.port;
            if rules.insert((group.clone(), port, peer.to_string())) {
                changes.push(Change::AllowEndpointIngress { group: group.clone(), port, peer });
            }
        }
    }
    if changes.is_empty() {
        return None;
    }
    let list: Vec<String> = rules
        .iter()
        .map(|(group, port, peer)| format!("{port} on the destination's security group {group} from {peer}"))
        .collect();
    let mut side_effects: Vec<String> = Vec::new();
    for change in &changes {
        let Change::AllowEndpointIngress { group, peer, .. } = change else { continue };
        let effect = match peer {
            Peer::Group(own) => {
                format!(
                    "Everything in {own} can then connect to the network interfaces in {group}, on these ports only."
                )
            }
            Peer::Ipv4(range) if range.prefix_len() < 32 => format!(
                "Everything in {range} can then connect to the network interfaces in {group}, on these ports only."
            ),
            peer => format!(
                "Everything that uses the {} address {peer} can then connect to the network interfaces in {group}, on these ports \
                 only.",
                if is_of_nat(context, peer) { "private" } else { "public" }
            ),
        };
        if !side_effects.contains(&effect) {
            side_effects.push(effect);
        }
    }
    let groups: BTreeSet<&SecurityGroupId> = rules.iter().map(|(group, ..)| group).collect();
    for group in groups {
        let vpc = context.snapshot.network.security_groups.get(group).map(|group| &group.vpc);
        if let Some(owner) = vpc.and_then(|vpc| context.snapshot.owner_of(vpc)) {
            side_effects
                .push(format!("Account {} owns security group {group}: change it there.", owner.account));
        }
    }
    let mut preconditions = vec![Precondition::met("the security groups of the destinations were read")];
    preconditions.extend(over_quota(context, &changes));
    Some(Candidate {
        title: format!("Allow inbound {}", list.join(", ")),
        rollback: format!("{}; open connections stay until they end", rollback::of_rules(changes.len())),
        changes,
        preconditions,
        side_effects,
        takes_effect: "at once, no deployment of the service".to_owned(),
    })
}

/// Whether the destination is in a peer VPC in another Region. A rule cannot name a security group there
/// (<https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html>).
fn is_in_other_region(context: &RemedyContext<'_>, hop: &Hop) -> bool {
    let network = &context.snapshot.network;
    let group = group_of(context, hop);
    let vpc = group.and_then(|group| network.security_groups.get(&group)).map(|group| &group.vpc);
    let place =
        vpc.and_then(|vpc| network.peering_connections.iter().find_map(|peering| peering.place_of(vpc)));
    place.is_some_and(|place| place.region != context.snapshot.region)
}

/// Whether it is the private address of a NAT gateway.
fn is_of_nat(context: &RemedyContext<'_>, peer: &Peer) -> bool {
    let mut nats = context.snapshot.network.nat_gateways.iter();
    matches!(peer, Peer::Ipv4(range) if nats.any(|nat| nat.private_addresses.contains(&range.addr())))
}

/// The IPv4 ranges of the workload's subnets.
fn source_ranges(context: &RemedyContext<'_>) -> Vec<Peer> {
    let subnets = context.subnets.iter().filter_map(|id| context.snapshot.network.subnets.get(id));
    subnets.filter_map(|subnet| subnet.cidr).map(Peer::Ipv4).collect()
}

/// The private address of the NAT gateway that the packets come from, or the range of its subnet.
fn source_of_nat(hop: &Hop) -> Vec<Peer> {
    let Subject::Packets { remote, .. } = &hop.subject else { return Vec::new() };
    let range = |net: &ipnet::IpNet| match net {
        ipnet::IpNet::V4(range) => Some(Peer::Ipv4(*range)),
        ipnet::IpNet::V6(_) => None,
    };
    remote.cidrs().iter().filter_map(range).collect()
}

/// The public addresses that the packets come from, if they are known.
fn single_sources(hop: &Hop) -> Vec<Peer> {
    let Subject::Packets { remote, .. } = &hop.subject else { return Vec::new() };
    let ranges = remote.cidrs();
    if ranges.len() > FEW {
        return Vec::new();
    }
    let address = |net: &ipnet::IpNet| match net.addr() {
        IpAddr::V4(address) => Some(Peer::Ipv4(address.into())),
        IpAddr::V6(_) => None,
    };
    ranges.iter().filter_map(address).collect()
}

/// The first security group of the destination's network interface.
fn group_of(context: &RemedyContext<'_>, hop: &Hop) -> Option<SecurityGroupId> {
    let id = match &hop.owner {
        Owner::Destination(id) => id.clone(),
        Owner::Resource(id) => {
            return context.snapshot.network.named_resources.get(id)?.security_groups.first().cloned();
        }
        _ => NetworkInterfaceId::from(hop.component.as_str()),
    };
    context.snapshot.network.network_interfaces.get(&id)?.security_groups.first().cloned()
}
