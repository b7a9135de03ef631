//! Network ACLs: stateless, rules in ascending order, the first match decides, the end denies.
//!
//! They are asked only when a packet crosses the subnet's border, in both directions; the reply comes back to a port of
//! the client's ephemeral range (<https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html>).

use std::fmt::Write as _;

use super::engine::Engine;
use super::intervals::Intervals;
use super::judgement::{Judgement, missing};
use super::trace::{Code, Layer};
use crate::model::{AclAction, AclRule, Addresses, Call, NetworkAcl, PortRange, Protocol, Snapshot, Subnet};

/// Ports that a Linux client calls from (`net.ipv4.ip_local_port_range`, for IPv6 too).
pub(super) const LINUX_EPHEMERAL: PortRange = PortRange { from: 32768, to: 60999 };
/// Ports that a NAT gateway calls from.
pub(super) const NAT_EPHEMERAL: PortRange = PortRange { from: 1024, to: 65535 };

/// Which way a packet crosses the border.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    Inbound,
    Outbound,
}

/// One crossing of a subnet's border: packets to or from `remote`, to a port of `ports`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Crossing {
    pub direction: Direction,
    pub ports: PortRange,
    pub what: &'static str,
}

impl Crossing {
    /// A connection that leaves the subnet: the request goes out, the reply comes in.
    pub fn leaving(port: u16, replies: PortRange) -> [Self; 2] {
        [
            Self { direction: Direction::Outbound, ports: PortRange::one(port), what: "the request" },
            Self { direction: Direction::Inbound, ports: replies, what: "the reply" },
        ]
    }

    /// A connection that enters the subnet: the request comes in, the reply goes out.
    pub fn entering(port: u16, replies: PortRange) -> [Self; 2] {
        [
            Self { direction: Direction::Inbound, ports: PortRange::one(port), what: "the request" },
            Self { direction: Direction::Outbound, ports: replies, what: "the reply" },
        ]
    }
}

/// The ACL of a subnet. Every subnet has one, so that none is found means that it was not read.
pub(super) fn acl_of<'a>(snapshot: &'a Snapshot, subnet: &Subnet) -> Option<&'a NetworkAcl> {
    snapshot.network.network_acls.iter().find(|acl| acl.subnets.contains(&subnet.id))
}

/// What an ACL does with some crossings, whatever the subnet.
pub(super) struct Verdict {
    passed: Addresses,
    pass_rule: String,
    /// Addresses, and the rule without its subject.
    denied: Vec<(Addresses, String)>,
}

/// What the subnet's ACL says of crossings with `remote`: all of them must pass.
pub(super) fn judge(
    engine: &Engine<'_>,
    layer: Layer,
    subnet: &Subnet,
    remote: &Addresses,
    crossings: &[Crossing],
) -> Vec<Judgement> {
    match engine.acl_of(subnet) {
        Some(acl) => told(layer, subnet, acl, &verdict(engine, acl, remote, crossings)),
        None => vec![unread(engine, layer, subnet, remote)],
    }
}

/// The ACL was not read.
pub(super) fn unread(engine: &Engine<'_>, layer: Layer, subnet: &Subnet, remote: &Addresses) -> Judgement {
    let why = format!("the network ACL of {} was not read", subnet.id);
    let call = missing(engine.snapshot, Call::DescribeNetworkAcls);
    Judgement::unknown(layer, &subnet.id, remote.clone(), why, call)
}

/// A verdict told of one subnet.
pub(super) fn told(layer: Layer, subnet: &Subnet, acl: &NetworkAcl, verdict: &Verdict) -> Vec<Judgement> {
    let mut judgements = Vec::with_capacity(1 + verdict.denied.len());
    if !verdict.passed.is_empty() {
        judgements.push(Judgement::pass(layer, &acl.id, verdict.passed.clone(), verdict.pass_rule.clone()));
    }
    judgements.extend(verdict.denied.iter().map(|(addresses, rule)| {
        let text = format!("{} on {}: {rule}", acl.id, subnet.id);
        Judgement::block(layer, Code::SubnetAclRestriction, &acl.id, addresses.clone(), text)
    }));
    judgements
}

/// What an ACL does with crossings: all of them must pass.
pub(super) fn verdict<'a>(
    engine: &Engine<'a>,
    acl: &'a NetworkAcl,
    remote: &Addresses,
    crossings: &[Crossing],
) -> Verdict {
    let mut denied = Vec::new();
    let mut stopped = Addresses::none();
    let mut pass_rule = format!("{}: allows tcp", acl.id);
    for (place, crossing) in crossings.iter().enumerate() {
        let (way, preposition) = match crossing.direction {
            Direction::Inbound => ("in", "from"),
            Direction::Outbound => ("out", "to"),
        };
        let comma = if place == 0 { "" } else { "," };
        let _ = write!(pass_rule, "{comma} {} {way}", crossing.ports);
        for denial in engine.filter(acl, *crossing).denials(remote) {
            stopped = stopped.or(&denial.addresses);
            let number = denial.number.map_or_else(|| "*".to_owned(), shown_number);
            let rule = format!(
                "rule {number} denies {} {way} on tcp {} {preposition} {}",
                crossing.what, denial.ports, denial.addresses
            );
            denied.push((denial.addresses, rule));
        }
    }
    Verdict { passed: remote.minus(&stopped), pass_rule, denied }
}

/// 32767 is the final rule, which the console shows as `*`.
fn shown_number(number: u16) -> String {
    if number == 32767 { "*".to_owned() } else { number.to_string() }
}

/// Addresses that one rule, or the end of the list, denies on some ports.
struct Denial {
    addresses: Addresses,
    ports: PortRange,
    number: Option<u16>,
}

/// An ACL's rules for one direction and some ports, cut into intervals: the ports are cut wherever a rule begins or ends.
pub(super) struct Filter<'a>(Vec<(PortRange, Vec<&'a AclRule>, Intervals)>);

impl<'a> Filter<'a> {
    pub fn new(acl: &'a NetworkAcl, direction: Direction, ports: PortRange) -> Self {
        let mut rules: Vec<&AclRule> = match direction {
            Direction::Inbound => acl.inbound.iter().collect(),
            Direction::Outbound => acl.outbound.iter().collect(),
        };
        rules.retain(|rule| rule.protocol.includes_tcp());
        rules.sort_by_key(|rule| rule.number);
        let pieces = segments(&rules, ports).into_iter().map(|ports| {
            let own: Vec<&AclRule> = rules.iter().copied().filter(|rule| covers(rule, ports)).collect();
            let intervals = Intervals::new(own.iter().map(|rule| rule.remote));
            (ports, own, intervals)
        });
        Self(pieces.collect())
    }

    /// Every denial of `remote`, exact.
    fn denials(&self, remote: &Addresses) -> Vec<Denial> {
        let mut found: Vec<Denial> = Vec::new();
        for (ports, rules, intervals) in &self.0 {
            let mut deny = |addresses: Addresses, number: Option<u16>| {
                if addresses.is_empty() {
                    return;
                }
                let same = |denial: &&mut Denial| {
                    denial.number == number
                        && denial.ports.to.checked_add(1) == Some(ports.from)
                        && denial.addresses == addresses
                };
                match found.iter_mut().find(same) {
                    Some(denial) => denial.ports.to = ports.to,
                    None => found.push(Denial { addresses, ports: *ports, number }),
                }
            };
            let denying =
                |entry: &usize| rules.get(*entry).is_some_and(|rule| rule.action == AclAction::Deny);
            let split = intervals.split(remote, |entry| Some(entry).filter(denying));
            for part in split.parts {
                deny(part.addresses, rules.get(part.group).map(|rule| rule.number));
            }
            deny(split.rest, None);
        }
        found
    }
}

fn covers(rule: &AclRule, ports: PortRange) -> bool {
    let range = range_of(rule);
    range.from <= ports.from && ports.to <= range.to
}

/// With protocol `-1` the ports of a rule say nothing.
fn range_of(rule: &AclRule) -> PortRange {
    match rule.protocol {
        Protocol::All => PortRange::ALL,
        _ => rule.ports,
    }
}

/// `ports` cut so that every rule covers a piece wholly or not at all.
fn segments(rules: &[&AclRule], ports: PortRange) -> Vec<PortRange> {
    let edges =
        rules.iter().map(|rule| range_of(rule)).flat_map(|range| [Some(range.from), range.to.checked_add(1)]);
    let mut starts: Vec<u16> =
        edges.flatten().filter(|edge| ports.from < *edge && *edge <= ports.to).chain([ports.from]).collect();
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).map(|next| next - 1).chain([ports.to]);
    starts.iter().zip(ends).map(|(from, to)| PortRange { from: *from, to }).collect()
}
