//! Security groups: a union of allowances, stateful.
//!
//! A rule that names a group matches the private addresses of the interfaces in that group, never a public address
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>).

use super::engine::Engine;
use super::judgement::{Judgement, missing};
use super::trace::{Code, Layer};
use crate::model::{
    Addresses, Call, Peer, Protocol, ResourceId, SecurityGroup, SecurityGroupId, SecurityGroupRule,
};

/// What the groups let out to `addresses` on a TCP port.
pub(super) fn outbound(
    engine: &Engine<'_>,
    groups: &[SecurityGroupId],
    port: u16,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    let mut rest = addresses.clone();
    let mut doubt: Option<(String, Option<Call>)> = None;
    let mut any_rule = false;
    for id in groups {
        let Some(group) = engine.snapshot.network.security_groups.get(id) else {
            doubt =
                Some((format!("{id} was not read"), missing(engine.snapshot, Call::DescribeSecurityGroups)));
            continue;
        };
        any_rule |= !group.egress.is_empty();
        for rule in group.egress.iter().filter(|rule| is_for(rule, port)) {
            let Some(peers) = peer_addresses(engine, &rule.peer) else {
                let why = format!("{id} lets tcp {port} out to {}, whose addresses were not read", rule.peer);
                doubt = Some((why, Some(reader_of(&rule.peer))));
                continue;
            };
            let passed = rest.and(&peers);
            if !passed.is_empty() {
                rest = rest.minus(&passed);
                let text = format!("{id}: {} out to {}", ports_of(rule), rule.peer);
                judgements.push(Judgement::pass(Layer::SecurityGroup, id, passed, text));
            }
        }
    }
    if rest.is_empty() {
        return judgements;
    }
    judgements.push(match (doubt, component(groups)) {
        (_, None) => {
            let why = "the source has no security group on record".to_owned();
            Judgement::unknown(Layer::SecurityGroup, ResourceId::from("?"), rest, why, None)
        }
        (Some((why, call)), Some(at)) => Judgement::unknown(Layer::SecurityGroup, at, rest, why, call),
        (None, Some(at)) if any_rule => {
            let why = format!("{}: no outbound rule allows tcp {port} to {rest}", names(groups));
            Judgement::block(Layer::SecurityGroup, Code::EniSgRulesMismatch, at, rest, why)
        }
        (None, Some(at)) => {
            let why = format!("{}: no outbound rules at all, so nothing may leave", names(groups));
            Judgement::block(Layer::SecurityGroup, Code::SgHasNoRules, at, rest, why)
        }
    });
    judgements
}

/// How groups treat a TCP connection from a source.
pub(super) enum Admission {
    /// By this rule.
    Admitted(String),
    /// By no rule.
    Refused(String),
    /// It cannot be told.
    Unknown(String, Option<Call>),
}

/// Whether `groups` admit TCP `port` from an interface in `source_groups` with an address somewhere in `source`, of one
/// family.
pub(super) fn inbound(
    engine: &Engine<'_>,
    groups: &[SecurityGroupId],
    port: u16,
    source_groups: &[SecurityGroupId],
    source: &Addresses,
) -> Admission {
    if groups.is_empty() {
        return Admission::Unknown("no security group is on record for it".to_owned(), None);
    }
    let mut rest = source.clone();
    let mut doubt = None;
    for id in groups {
        let Some(group) = engine.snapshot.network.security_groups.get(id) else {
            doubt =
                Some((format!("{id} was not read"), missing(engine.snapshot, Call::DescribeSecurityGroups)));
            continue;
        };
        if let Some(rule) = admits_group(group, port, source_groups) {
            return Admission::Admitted(format!("{id}: {} in from {}", ports_of(rule), rule.peer));
        }
        for rule in group.ingress.iter().filter(|rule| is_for(rule, port)) {
            match &rule.peer {
                Peer::Group(_) => {}
                peer => match peer_addresses(engine, peer) {
                    Some(peers) => rest = rest.minus(&peers),
                    None => {
                        doubt =
                            Some((format!("the addresses of {peer} were not read"), Some(reader_of(peer))));
                    }
                },
            }
        }
        if rest.is_empty() {
            return Admission::Admitted(format!("{id}: tcp {port} in from {source}"));
        }
    }
    match doubt {
        Some((why, call)) => Admission::Unknown(why, call),
        None if rest == *source => {
            Admission::Refused(format!("{}: no inbound rule admits tcp {port} from {source}", names(groups)))
        }
        None => {
            Admission::Unknown(format!("{} admits only part of {source} on tcp {port}", names(groups)), None)
        }
    }
}

fn admits_group<'a>(
    group: &'a SecurityGroup,
    port: u16,
    source_groups: &[SecurityGroupId],
) -> Option<&'a SecurityGroupRule> {
    group
        .ingress
        .iter()
        .filter(|rule| is_for(rule, port))
        .find(|rule| matches!(&rule.peer, Peer::Group(peer) if source_groups.contains(peer)))
}

fn is_for(rule: &SecurityGroupRule, port: u16) -> bool {
    rule.protocol.includes_tcp() && (rule.protocol == Protocol::All || rule.ports.contains(port))
}

fn ports_of(rule: &SecurityGroupRule) -> String {
    match rule.protocol {
        Protocol::All => "all traffic".to_owned(),
        _ => format!("tcp {}", rule.ports),
    }
}

/// The addresses behind the other side of a rule; `None` when they were not read.
fn peer_addresses(engine: &Engine<'_>, peer: &Peer) -> Option<Addresses> {
    match peer {
        Peer::Ipv4(net) => Some(Addresses::from(*net)),
        Peer::Ipv6(net) => Some(Addresses::from(*net)),
        Peer::PrefixList(id) => engine.list(id),
        Peer::Group(id) => {
            missing(engine.snapshot, Call::DescribeNetworkInterfaces).is_none().then(|| engine.members(id))
        }
    }
}

fn reader_of(peer: &Peer) -> Call {
    match peer {
        Peer::PrefixList(_) => Call::GetManagedPrefixListEntries,
        Peer::Group(_) | Peer::Ipv4(_) | Peer::Ipv6(_) => Call::DescribeNetworkInterfaces,
    }
}

fn component(groups: &[SecurityGroupId]) -> Option<&SecurityGroupId> {
    groups.first()
}

fn names(groups: &[SecurityGroupId]) -> String {
    groups.iter().map(SecurityGroupId::as_str).collect::<Vec<_>>().join(", ")
}
