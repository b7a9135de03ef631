//! Security groups: a union of allowances, stateful.
//!
//! A rule that names a group matches the private addresses of the interfaces in that group, never a public address
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>).

use super::index::Index;
use super::judgement::{Judgement, missing};
use super::trace::{Code, Layer};
use crate::model::{
    AddressFamily, Addresses, Call, PUBLIC_V4, Peer, Protocol, ResourceId, SecurityGroup, SecurityGroupId,
    SecurityGroupRule,
};

/// What the groups let out to `addresses` on a TCP port.
pub(super) fn outbound(
    index: &Index<'_>,
    groups: &[SecurityGroupId],
    port: u16,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    let mut rest = addresses.clone();
    let mut doubts: Vec<(Addresses, String, Option<Call>)> = Vec::new();
    let mut any_rule = false;
    for id in groups {
        let Some(group) = index.snapshot.network.security_groups.get(id) else {
            let call = missing(index.snapshot, Call::DescribeSecurityGroups);
            doubts.push((addresses.clone(), format!("{id} was not read"), call));
            continue;
        };
        any_rule |= !group.egress.is_empty();
        for rule in group.egress.iter().filter(|rule| is_for(rule, port)) {
            let Peers { known, doubtful } = peers(index, &rule.peer);
            if !doubtful.is_empty() {
                let why = format!("{id} lets tcp {port} out to {}, whose addresses were not read", rule.peer);
                doubts.push((doubtful, why, reader_of(index, &rule.peer)));
            }
            let passed = rest.and(&known);
            if !passed.is_empty() {
                rest = rest.minus(&passed);
                let text = format!("{id}: {} out to {}", ports_of(rule), rule.peer);
                judgements.push(Judgement::pass(Layer::SecurityGroup, id, passed, text));
            }
        }
    }
    let Some(at) = groups.first() else {
        let why = "the source has no security group on record".to_owned();
        return vec![Judgement::unknown(Layer::SecurityGroup, ResourceId::from("?"), rest, why, None)];
    };
    for (doubtful, why, call) in doubts {
        let open = rest.and(&doubtful);
        if !open.is_empty() {
            rest = rest.minus(&open);
            judgements.push(Judgement::unknown(Layer::SecurityGroup, at, open, why, call));
        }
    }
    if !rest.is_empty() {
        let (code, why) = if any_rule {
            let why = format!("{}: no outbound rule allows tcp {port} to {rest}", names(groups));
            (Code::EniSgRulesMismatch, why)
        } else {
            let why = format!("{}: no outbound rules at all, so nothing may leave", names(groups));
            (Code::SgHasNoRules, why)
        };
        judgements.push(Judgement::block(Layer::SecurityGroup, code, at, rest, why));
    }
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
    index: &Index<'_>,
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
        let Some(group) = index.snapshot.network.security_groups.get(id) else {
            doubt =
                Some((format!("{id} was not read"), missing(index.snapshot, Call::DescribeSecurityGroups)));
            continue;
        };
        if let Some(rule) = admits_group(group, port, source_groups) {
            return Admission::Admitted(format!("{id}: {} in from {}", ports_of(rule), rule.peer));
        }
        for rule in group.ingress.iter().filter(|rule| is_for(rule, port)) {
            match &rule.peer {
                Peer::Group(_) => {}
                peer => {
                    let Peers { known, doubtful } = peers(index, peer);
                    rest = rest.minus(&known);
                    if !doubtful.is_empty() {
                        doubt =
                            Some((format!("the addresses of {peer} were not read"), reader_of(index, peer)));
                    }
                }
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

/// The addresses behind the other side of a rule, and those that may be.
struct Peers {
    known: Addresses,
    doubtful: Addresses,
}

fn peers(index: &Index<'_>, peer: &Peer) -> Peers {
    let all = || Addresses::of(AddressFamily::Ipv4).or(&Addresses::of(AddressFamily::Ipv6));
    let known = |known| Peers { known, doubtful: Addresses::none() };
    match peer {
        Peer::Ipv4(net) => known(Addresses::from(*net)),
        Peer::Ipv6(net) => known(Addresses::from(*net)),
        Peer::PrefixList(id) => match index.list(id) {
            Some(addresses) => known(addresses),
            None => Peers { known: Addresses::none(), doubtful: all() },
        },
        Peer::Group(id) => {
            // A group of a peer's VPC, or of another account, has members that cannot be seen: private ones.
            let is_whole = index.snapshot.network.security_groups.get(id).is_some()
                && missing(index.snapshot, Call::DescribeNetworkInterfaces).is_none();
            let doubtful = if is_whole { Addresses::none() } else { all().minus(&PUBLIC_V4) };
            Peers { known: index.members(id), doubtful }
        }
    }
}

/// The call whose answer is missing when addresses of a rule's other side are.
fn reader_of(index: &Index<'_>, peer: &Peer) -> Option<Call> {
    match peer {
        Peer::PrefixList(_) => Some(Call::GetManagedPrefixListEntries),
        Peer::Group(_) => missing(index.snapshot, Call::DescribeNetworkInterfaces),
        Peer::Ipv4(_) | Peer::Ipv6(_) => None,
    }
}

fn names(groups: &[SecurityGroupId]) -> String {
    groups.iter().map(SecurityGroupId::as_str).collect::<Vec<_>>().join(", ")
}
