//! Remedy `nacl`: the missing rules of network ACLs for requests and replies, with numbers lower than those of the rules that deny.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>: rules are evaluated in the order of their numbers; requests and
//! replies need a rule each.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::{IpNet, Ipv4Net};

use super::context::{Candidate, RemedyContext};
use super::{Change, Precondition, PreconditionStatus};
use crate::model::{AclAction, AclRule, NetworkAcl, NetworkAclId, PortRange, Protocol};
use crate::reach::{Code, Hop, Layer};

/// Ports that replies come back to, of Linux and of NAT gateways.
const REPLIES: PortRange = PortRange { from: 1024, to: 65535 };

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let mut stopped: BTreeMap<NetworkAclId, Stopped> = BTreeMap::new();
    for (finding, hop, _) in context.blockers().filter(|(_, _, code)| *code == Code::SubnetAclRestriction) {
        let acl = context
            .snapshot
            .network
            .network_acls
            .iter()
            .find(|acl| acl.id.as_str() == hop.component.as_str());
        if let Some(acl) = acl {
            let entry = stopped.entry(acl.id.clone()).or_default();
            entry.ports.insert(finding.need.destination.port);
            // Calls come in where the ACL guards no subnet of the workload, or an endpoint's or NAT gateway's as well.
            let guards_it = context.subnets.iter().any(|id| acl.subnets.contains(id));
            let inside = |hop: &Hop| matches!(hop.layer, Layer::Endpoint | Layer::Target);
            let meets_one = finding.traces.iter().flat_map(|trace| &trace.hops).any(inside);
            let guards_others = acl.subnets.iter().any(|id| !context.subnets.contains(id));
            entry.takes_calls |= hop.layer == Layer::Nat || !guards_it || meets_one && guards_others;
            entry.makes_calls |= guards_it || hop.layer == Layer::Nat;
        }
    }
    let mut changes = Vec::new();
    let mut preconditions = vec![context.owns_subnets()];
    let mut overridden = Vec::new();
    for (id, Stopped { ports, takes_calls, makes_calls }) in &stopped {
        let Some(acl) = context.snapshot.network.network_acls.get(id) else { continue };
        for outbound in [true, false] {
            let mut wanted: Vec<PortRange> = Vec::new();
            if outbound && *makes_calls || !outbound && *takes_calls {
                wanted.extend(ports.iter().map(|port| PortRange::one(*port)));
            }
            if !outbound && *makes_calls || outbound && *takes_calls {
                wanted.push(REPLIES);
            }
            let missing: Vec<PortRange> =
                wanted.into_iter().filter(|range| !allows(acl, outbound, *range)).collect();
            let Some(numbers) = free_numbers(acl, outbound, &missing) else {
                let text = format!("{id} has no free rule number before its deny rules: renumber them");
                preconditions.push(Precondition::not_met(text));
                continue;
            };
            for (number, ports) in numbers.into_iter().zip(missing) {
                let later =
                    denials(acl, outbound).filter(|rule| rule.number > number && overlaps(rule, ports));
                overridden.extend(later.map(|rule| format!("{id} rule {}", rule.number)));
                let rule = AclRule {
                    number,
                    protocol: Protocol::Tcp,
                    ports,
                    remote: IpNet::V4(Ipv4Net::default()),
                    action: AclAction::Allow,
                };
                changes.push(Change::AllowNacl { acl: id.clone(), outbound, rule });
            }
        }
    }
    if changes.is_empty() && preconditions.iter().all(|one| one.status != PreconditionStatus::NotMet) {
        return None;
    }
    let names: Vec<&str> = stopped.keys().map(NetworkAclId::as_str).collect();
    let mut side_effects = vec![format!("The rules apply to every subnet of {}.", names.join(", "))];
    overridden.sort_unstable();
    overridden.dedup();
    if !overridden.is_empty() {
        side_effects.push(format!("They override deny rules on these ports: {}.", overridden.join(", ")));
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

/// Whether the ACL as it is lets the whole range pass, from and to anywhere.
fn allows(acl: &NetworkAcl, outbound: bool, range: PortRange) -> bool {
    let mut rules: Vec<&AclRule> =
        if outbound { acl.outbound.iter().collect() } else { acl.inbound.iter().collect() };
    rules.retain(|rule| rule.protocol.includes_tcp() && matches!(rule.remote, IpNet::V4(_)));
    rules.sort_by_key(|rule| rule.number);
    let ports_of = |rule: &AclRule| if rule.protocol == Protocol::All { PortRange::ALL } else { rule.ports };
    let first = rules.into_iter().find(|rule| {
        let ports = ports_of(rule);
        ports.from <= range.to && range.from <= ports.to
    });
    first.is_some_and(|rule| {
        let ports = ports_of(rule);
        rule.action == AclAction::Allow
            && rule.remote == IpNet::V4(Ipv4Net::default())
            && ports.from <= range.from
            && range.to <= ports.to
    })
}

/// What an ACL stops.
#[derive(Default)]
struct Stopped {
    /// The ports of the calls.
    ports: BTreeSet<u16>,
    /// Whether calls enter its subnets.
    takes_calls: bool,
    /// Whether calls leave its subnets.
    makes_calls: bool,
}

fn overlaps(rule: &AclRule, range: PortRange) -> bool {
    let ports = if rule.protocol == Protocol::All { PortRange::ALL } else { rule.ports };
    ports.from <= range.to && range.from <= ports.to
}

/// Rules that deny TCP, by number; the end of the list is none of them.
fn denials(acl: &NetworkAcl, outbound: bool) -> impl Iterator<Item = &AclRule> {
    let rules = if outbound { &acl.outbound } else { &acl.inbound };
    rules.iter().filter(|rule| {
        rule.action == AclAction::Deny
            && rule.number < LAST
            && rule.protocol.includes_tcp()
            && matches!(rule.remote, IpNet::V4(_))
    })
}

/// The end of the list, which is no rule of anybody's.
const LAST: u16 = 32767;

/// Free numbers, one for each range: before the first rule that denies all of the internet on these ports, and behind everything
/// else, so that what is denied to some ranges stays denied.
fn free_numbers(acl: &NetworkAcl, outbound: bool, ranges: &[PortRange]) -> Option<Vec<u16>> {
    let rules = if outbound { &acl.outbound } else { &acl.inbound };
    let taken: BTreeSet<u16> = rules.iter().map(|rule| rule.number).filter(|number| *number < LAST).collect();
    let denies_all = |rule: &&AclRule| {
        rule.remote == IpNet::V4(Ipv4Net::default()) && ranges.iter().any(|range| overlaps(rule, *range))
    };
    let count = ranges.len();
    let limit = denials(acl, outbound).filter(denies_all).map(|rule| rule.number).min();
    let free: Vec<u16> = if let Some(limit) = limit {
        // The last ones that are free before it.
        let mut free: Vec<u16> =
            (1..limit).rev().filter(|number| !taken.contains(number)).take(count).collect();
        free.reverse();
        free
    } else {
        let first = taken.last().map_or(100, |last| last + 1);
        (first..LAST).take(count).collect()
    };
    (free.len() == count).then_some(free)
}
