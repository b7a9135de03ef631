//! Remedy `nacl`: the missing rules of network ACLs for requests and replies, with numbers lower than those
//! of the rules that deny.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>: rules are evaluated in the order of
//! their numbers; requests and replies need a rule each.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::context::{Candidate, RemedyContext};
use super::{Change, Precondition, PreconditionStatus};
use crate::model::{
    AclAction, AclRule, AddressFamily, Addresses, NetworkAcl, NetworkAclId, PortRange, Protocol,
};
use crate::reach::{Code, Denial, Direction, Hop, Layer, Subject, acl_denials};

/// Destination ports of replies. The range covers the ephemeral ports of Linux and of NAT gateways.
const REPLIES: PortRange = PortRange { from: 1024, to: 65535 };

/// The number of the default rule, which denies everything and cannot be changed.
const DEFAULT_RULE: u16 = 32767;

/// The packets that a network ACL blocks.
#[derive(Default)]
struct Blocked {
    /// The ports of the requests.
    ports: BTreeSet<u16>,
    /// Whether requests enter the network ACL's subnets.
    inbound: bool,
    /// Whether requests leave the network ACL's subnets.
    outbound: bool,
    /// The families of the addresses.
    families: BTreeSet<AddressFamily>,
}

impl Blocked {
    /// The packets' destination ports that must be allowed in a direction.
    fn ports(&self, direction: Direction) -> Vec<PortRange> {
        let (requests, replies) = match direction {
            Direction::Inbound => (self.inbound, self.outbound),
            Direction::Outbound => (self.outbound, self.inbound),
        };
        let ports = self.ports.iter().filter(|_| requests).map(|port| PortRange::one(*port));
        ports.chain(replies.then_some(REPLIES)).collect()
    }
}

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let blocked = blocked_by_acl(context);
    let mut changes = Vec::new();
    let mut preconditions = vec![context.owns_subnets()];
    let mut overridden = BTreeSet::new();
    for (id, blocked) in &blocked {
        let Some(acl) = context.snapshot.network.network_acls.get(id) else { continue };
        for direction in [Direction::Outbound, Direction::Inbound] {
            let mut used = BTreeSet::new();
            for family in &blocked.families {
                let mut missing = blocked.ports(direction);
                missing.retain(|ports| !denials(acl, direction, *ports, *family).is_empty());
                let Some(numbers) = free_numbers(acl, direction, &missing, *family, &used) else {
                    preconditions.push(Precondition::not_met(format!(
                        "{id} has no free rule number below its deny rules: renumber the rules"
                    )));
                    continue;
                };
                for (number, ports) in numbers.into_iter().zip(missing) {
                    let rules = denials(acl, direction, ports, *family)
                        .into_iter()
                        .filter_map(|denial| deny_rule(&denial));
                    let later = rules.filter(|rule| rule.number > number);
                    overridden.extend(later.map(|rule| format!("{id} rule {}", rule.number)));
                    used.insert(number);
                    let rule = AclRule {
                        number,
                        protocol: Protocol::Tcp,
                        ports,
                        remote: anywhere(*family),
                        action: AclAction::Allow,
                    };
                    let outbound = direction == Direction::Outbound;
                    changes.push(Change::AllowNacl { acl: id.clone(), outbound, rule });
                }
            }
        }
    }
    let is_possible =
        preconditions.iter().all(|precondition| precondition.status != PreconditionStatus::NotMet);
    if changes.is_empty() && is_possible {
        return None;
    }
    let names: Vec<&str> = blocked.keys().map(NetworkAclId::as_str).collect();
    let mut side_effects = vec![format!("The rules apply to every subnet of {}.", names.join(", "))];
    if !overridden.is_empty() {
        let list = overridden.into_iter().collect::<Vec<_>>().join(", ");
        side_effects.push(format!("They override deny rules on these ports: {list}."));
    }
    Some(Candidate {
        title: format!("Allow requests and replies in network ACL {}", names.join(", ")),
        changes,
        preconditions,
        side_effects,
        takes_effect: "at once, no deployment of the service".to_owned(),
        rollback: "delete the rules".to_owned(),
    })
}

/// The network ACLs that block packets, each with the blocked packets.
fn blocked_by_acl(context: &RemedyContext<'_>) -> BTreeMap<NetworkAclId, Blocked> {
    let mut acls: BTreeMap<NetworkAclId, Blocked> = BTreeMap::new();
    for (finding, hop, _) in context.blockers().filter(|(_, _, code)| *code == Code::SubnetAclRestriction) {
        let mut all = context.snapshot.network.network_acls.iter();
        let Some(acl) = all.find(|acl| acl.id.as_str() == hop.component.as_str()) else { continue };
        let blocked = acls.entry(acl.id.clone()).or_default();
        blocked.ports.insert(finding.need.destination.port);
        // Requests enter a subnet of an endpoint, a destination or a NAT gateway.
        let has_own_subnet = context.subnets.iter().any(|id| acl.subnets.contains(id));
        let has_other_subnet = acl.subnets.iter().any(|id| !context.subnets.contains(id));
        let is_receiver = |hop: &Hop| matches!(hop.layer, Layer::Endpoint | Layer::Target);
        let meets_receiver = finding.traces.iter().flat_map(|trace| &trace.hops).any(is_receiver);
        blocked.inbound |= hop.layer == Layer::Nat || !has_own_subnet || meets_receiver && has_other_subnet;
        blocked.outbound |= has_own_subnet || hop.layer == Layer::Nat;
        // A rule is for IPv4 or for IPv6.
        if let Subject::Packets { remote, .. } = &hop.subject {
            blocked.families.extend(context.families_with_path(remote));
        }
    }
    acls
}

/// Every address of a family.
fn anywhere(family: AddressFamily) -> IpNet {
    match family {
        AddressFamily::Ipv4 => IpNet::V4(Ipv4Net::default()),
        AddressFamily::Ipv6 => IpNet::V6(Ipv6Net::default()),
    }
}

/// The denials of a network ACL for packets to these ports, from or to any address of a family.
fn denials(
    acl: &NetworkAcl,
    direction: Direction,
    ports: PortRange,
    family: AddressFamily,
) -> Vec<Denial<'_>> {
    acl_denials(acl, direction, ports, &Addresses::of(family))
}

/// The rule of a denial; `None` for the default rule.
fn deny_rule<'a>(denial: &Denial<'a>) -> Option<&'a AclRule> {
    denial.rule.filter(|rule| rule.number < DEFAULT_RULE)
}

/// Free rule numbers, one for each port range. They are lower than that of the first rule that denies all
/// addresses on these ports, and otherwise as high as possible, so that rules that deny single ranges still
/// apply.
fn free_numbers(
    acl: &NetworkAcl,
    direction: Direction,
    ranges: &[PortRange],
    family: AddressFamily,
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
    let count = ranges.len();
    let first_deny_all = ranges
        .iter()
        .flat_map(|ports| denials(acl, direction, *ports, family))
        .filter_map(|denial| deny_rule(&denial))
        .filter(|rule| rule.remote == anywhere(family))
        .map(|rule| rule.number)
        .min();
    let numbers: Vec<u16> = if let Some(limit) = first_deny_all {
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
