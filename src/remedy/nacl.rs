//! Remedy `nacl`: the missing rules of network ACLs for requests and replies, with numbers lower than those
//! of the rules that deny.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>: rules are evaluated in the order of
//! their numbers; requests and replies need a rule each.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::context::{Candidate, RemedyContext};
use super::nacl_quota::{no_free_number, over_quota};
use super::rollback;
use super::{Change, Precondition, PreconditionStatus};
use crate::model::{
    AclAction, AclRule, AddressFamily, Addresses, NetworkAcl, NetworkAclId, PortRange, Protocol, Vpc,
};
use crate::reach::{Code, Denial, Direction, Subject, acl_denials};

/// Destination ports of replies. The range covers the ephemeral ports of Linux and of NAT gateways.
const REPLIES: PortRange = PortRange { from: 1024, to: 65535 };

/// The number of the default rule, which denies everything and cannot be changed.
const DEFAULT_RULE: u16 = 32767;

/// Packets that a network ACL denies: those that enter or leave its subnets, to some destination ports.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Packets {
    direction: Direction,
    /// Whether the packets are replies, which go to a port that the client chooses.
    is_reply: bool,
    /// The ports that a rule must allow.
    allowed: PortRange,
    /// Whether all addresses of the destination are known, from a prefix list.
    is_known: bool,
}

/// What a network ACL denies: the ports, and the remote addresses.
type Denied = BTreeMap<Packets, Vec<(PortRange, Addresses)>>;

/// The rules that a network ACL lacks for one remote range.
#[derive(Default)]
struct Missing {
    /// The ports of each rule.
    ports: Vec<PortRange>,
    /// The number of the first rule that denies all of these packets.
    first_deny: Option<u16>,
}

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let denied = denied_packets(context);
    let mut changes = Vec::new();
    let mut preconditions = vec![context.owns_subnets()];
    let mut overridden = BTreeSet::new();
    for (id, packets) in &denied {
        let Some(acl) = context.snapshot.network.network_acls.get(id) else { continue };
        for direction in [Direction::Outbound, Direction::Inbound] {
            let mut used = BTreeSet::new();
            for (remote, missing) in missing(context, acl, direction, packets) {
                let Some(numbers) = free_numbers(acl, direction, &missing, &used) else {
                    preconditions.push(Precondition::not_met(no_free_number(acl, direction)));
                    continue;
                };
                for (number, ports) in numbers.into_iter().zip(missing.ports) {
                    let rules = denials(acl, direction, ports, remote)
                        .into_iter()
                        .filter_map(|denial| deny_rule(&denial));
                    let later = rules.filter(|rule| rule.number > number);
                    overridden.extend(later.map(|rule| format!("{id} rule {}", rule.number)));
                    used.insert(number);
                    let action = AclAction::Allow;
                    let rule = AclRule { number, protocol: Protocol::Tcp, ports, remote, action };
                    let outbound = direction == Direction::Outbound;
                    changes.push(Change::AllowNacl { acl: id.clone(), outbound, rule });
                }
            }
            let acls = &context.snapshot.network.network_acls;
            preconditions
                .extend(over_quota(acls.iter(), acl, direction, &changes).map(Precondition::not_met));
        }
    }
    let is_possible =
        preconditions.iter().all(|precondition| precondition.status != PreconditionStatus::NotMet);
    if changes.is_empty() && is_possible {
        return None;
    }
    let names: Vec<&str> = denied.keys().map(NetworkAclId::as_str).collect();
    let mut side_effects = vec![format!("The rules apply to every subnet of {}.", names.join(", "))];
    if !overridden.is_empty() {
        let list = overridden.into_iter().collect::<Vec<_>>().join(", ");
        side_effects.push(format!("They override deny rules on these ports: {list}."));
    }
    Some(Candidate {
        title: format!("Allow {} in network ACL {}", allowed(&changes), names.join(", ")),
        rollback: rollback::of_rules(changes.len()).to_owned(),
        changes,
        preconditions,
        side_effects,
        takes_effect: "at once, no deployment of the service".to_owned(),
    })
}

/// The packets that the changes allow: `requests and replies`.
fn allowed(changes: &[Change]) -> &'static str {
    let (mut requests, mut replies) = (false, false);
    for change in changes {
        if let Change::AllowNacl { rule, .. } = change {
            let is_reply = rule.ports == REPLIES;
            replies |= is_reply;
            requests |= !is_reply;
        }
    }
    match (requests, replies) {
        (true, false) => "requests",
        (false, true) => "replies",
        _ => "requests and replies",
    }
}

/// The network ACLs that block packets, each with the denied packets.
fn denied_packets(context: &RemedyContext<'_>) -> BTreeMap<NetworkAclId, Denied> {
    let mut acls: BTreeMap<NetworkAclId, Denied> = BTreeMap::new();
    for (finding, hop, _) in context.blockers().filter(|(_, _, code)| *code == Code::SubnetAclRestriction) {
        let mut all = context.snapshot.network.network_acls.iter();
        let Some(acl) = all.find(|acl| acl.id.as_str() == hop.component.as_str()) else { continue };
        let Subject::Packets { direction, is_reply, ports, remote } = &hop.subject else { continue };
        let port = PortRange::one(finding.need.destination.port);
        let allowed = if *is_reply { REPLIES } else { port };
        let offer = finding.need.destination.endpoint().filter(|offer| offer.gateway);
        let lists = &context.snapshot.network.prefix_lists;
        let is_known = offer.is_some_and(|offer| lists.iter().any(|list| list.name == offer.service_name));
        let packets = Packets { direction: *direction, is_reply: *is_reply, allowed, is_known };
        let denied = acls.entry(acl.id.clone()).or_default().entry(packets).or_default();
        if !denied.iter().any(|(known, addresses)| known == ports && addresses.covers(remote)) {
            denied.push((*ports, remote.clone()));
        }
    }
    acls
}

/// The rules that the network ACL lacks in one direction, for each remote range: the range of the VPC that contains the denied addresses,
/// the narrower range of a rule that denies them, or any address for the internet. A rule that denies a range of the internet stays in force if the destination may have other
/// addresses.
fn missing(
    context: &RemedyContext<'_>,
    acl: &NetworkAcl,
    direction: Direction,
    denied: &Denied,
) -> BTreeMap<IpNet, Missing> {
    let mut all: BTreeMap<IpNet, Missing> = BTreeMap::new();
    let vpcs: Vec<Addresses> = context.snapshot.network.vpcs.iter().map(Vpc::addresses).collect();
    let in_vpcs = Addresses::union(&vpcs);
    let denied = denied.iter().filter(|(packets, _)| packets.direction == direction);
    let parts = denied.flat_map(|(packets, parts)| parts.iter().map(move |part| (packets, part)));
    for (packets, (ports, addresses)) in parts {
        let allowed = packets.allowed;
        for family in context.families_with_path(addresses) {
            let everything = anywhere(family);
            for denial in acl_denials(acl, direction, *ports, &addresses.only(family)) {
                let rule = deny_rule(&denial);
                let remote = rule.map_or(everything, |rule| rule.remote);
                let range = context.range_of_vpc(&denial.addresses).filter(|_| remote == everything);
                let remote = range.unwrap_or(remote);
                if remote != everything && !in_vpcs.covers(&denial.addresses) && !packets.is_known {
                    continue;
                }
                let missing = all.entry(remote).or_default();
                if !missing.ports.contains(&allowed) {
                    missing.ports.push(allowed);
                }
                let numbers = [missing.first_deny, rule.map(|rule| rule.number)];
                missing.first_deny = numbers.into_iter().flatten().min();
            }
        }
    }
    all
}

/// Every address of a family.
fn anywhere(family: AddressFamily) -> IpNet {
    match family {
        AddressFamily::Ipv4 => IpNet::V4(Ipv4Net::default()),
        AddressFamily::Ipv6 => IpNet::V6(Ipv6Net::default()),
    }
}

/// The denials of a network ACL for packets to these ports, from or to any address of a range.
fn denials(acl: &NetworkAcl, direction: Direction, ports: PortRange, remote: IpNet) -> Vec<Denial<'_>> {
    acl_denials(acl, direction, ports, &Addresses::from(remote))
}

/// The rule of a denial; `None` for the default rule.
fn deny_rule<'a>(denial: &Denial<'a>) -> Option<&'a AclRule> {
    denial.rule.filter(|rule| rule.number < DEFAULT_RULE)
}

/// Free rule numbers, one for each port range. They are lower than that of the rule that denies all of these packets, and
/// otherwise as high as possible, so that rules that deny some of them still apply.
fn free_numbers(
    acl: &NetworkAcl,
    direction: Direction,
    missing: &Missing,
    chosen: &BTreeSet<u16>,
) -> Option<Vec<u16>> {
    let rules = match direction {
        Direction::Inbound => &acl.inbound,
        Direction::Outbound => &acl.outbound,
    };
    let used: BTreeSet<u16> = rules
        .iter()
        .map(|rule| rule.number)
        .filter(|number| *number < DEFAULT_RULE)
        .chain(chosen.iter().copied())
        .collect();
    let count = missing.ports.len();
    let numbers: Vec<u16> = if let Some(limit) = missing.first_deny {
        let mut numbers: Vec<u16> =
            (1..limit).rev().filter(|number| !used.contains(number)).take(count).collect();
        numbers.reverse();
        numbers
    } else {
        let first = used.last().map_or(100, |last| last + 1);
        (first..DEFAULT_RULE).take(count).collect()
    };
    (numbers.len() == count).then_some(numbers)
}
