//! Evaluates the rules of a network ACL: the addresses and ports that it denies, and the rule for each.
//!
//! Owns the rules of one network ACL (<https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>):
//! they are evaluated in ascending order, the first matching rule applies, and packets that no rule matches
//! are denied. Does not check which connections cross the border of a subnet: see `nacl.rs` and `border.rs`.

use super::intervals::Intervals;
use crate::model::{AclAction, AclRule, Addresses, NetworkAcl, PortRange, Protocol, Snapshot, Subnet};

/// Source ports of a Linux client (`net.ipv4.ip_local_port_range`, for IPv6 too).
pub const LINUX_EPHEMERAL: PortRange = PortRange { from: 32768, to: 60999 };
/// Source ports of a NAT gateway.
pub const NAT_EPHEMERAL: PortRange = PortRange { from: 1024, to: 65535 };

/// The direction of a packet, as seen from the subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// The packet enters the subnet.
    Inbound,
    /// The packet leaves the subnet.
    Outbound,
}

/// Packets of one connection that cross the border of a subnet in one direction.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Crossing {
    pub direction: Direction,
    /// The packets' destination ports.
    pub ports: PortRange,
    /// Whether the packets are the replies of the connection.
    pub is_reply: bool,
}

impl Crossing {
    /// A connection from this subnet: the request leaves, the reply enters.
    pub fn leaving(port: u16, replies: PortRange) -> [Self; 2] {
        [
            Self { direction: Direction::Outbound, ports: PortRange::one(port), is_reply: false },
            Self { direction: Direction::Inbound, ports: replies, is_reply: true },
        ]
    }

    /// A connection into this subnet: the request enters, the reply leaves.
    pub fn entering(port: u16, replies: PortRange) -> [Self; 2] {
        [
            Self { direction: Direction::Inbound, ports: PortRange::one(port), is_reply: false },
            Self { direction: Direction::Outbound, ports: replies, is_reply: true },
        ]
    }
}

impl Crossing {
    /// `the request` or `the reply`, for the text of the rule.
    pub fn packets(self) -> &'static str {
        if self.is_reply { "the reply" } else { "the request" }
    }
}

/// The network ACL of a subnet. Every subnet has one: `None` means that it was not read.
pub(super) fn acl_of<'a>(snapshot: &'a Snapshot, subnet: &Subnet) -> Option<&'a NetworkAcl> {
    snapshot.network.network_acls.iter().find(|acl| acl.subnets.contains(&subnet.id))
}

/// Addresses and ports that one rule of a network ACL denies.
#[derive(Clone, Debug)]
pub struct Denial<'a> {
    /// The remote addresses: sources of inbound packets, destinations of outbound packets.
    pub addresses: Addresses,
    /// The packets' destination ports.
    pub ports: PortRange,
    /// The rule that denies them; `None` when no rule matches.
    pub rule: Option<&'a AclRule>,
}

/// The denials of TCP packets by a network ACL; empty when it allows all of the packets.
///
/// `ports` are the packets' destination ports, `remote` the sources of inbound and the destinations of
/// outbound packets. The result is exact: a rule that an earlier rule overrides for all of these packets is
/// not in it.
#[must_use]
pub fn acl_denials<'a>(
    acl: &'a NetworkAcl,
    direction: Direction,
    ports: PortRange,
    remote: &Addresses,
) -> Vec<Denial<'a>> {
    Filter::new(acl, direction, ports).denials(remote)
}

/// The TCP rules of a network ACL for one direction and some ports, indexed by address. The port range is
/// split where the port range of a rule begins or ends.
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

    /// The exact denials of packets to or from `remote`.
    pub fn denials(&self, remote: &Addresses) -> Vec<Denial<'a>> {
        let mut denials: Vec<Denial<'a>> = Vec::new();
        for (ports, rules, intervals) in &self.0 {
            let mut deny = |addresses: Addresses, rule: Option<&'a AclRule>| {
                if addresses.is_empty() {
                    return;
                }
                let continues = |denial: &&mut Denial<'a>| {
                    denial.rule.map(|rule| rule.number) == rule.map(|rule| rule.number)
                        && denial.ports.to.checked_add(1) == Some(ports.from)
                        && denial.addresses == addresses
                };
                match denials.iter_mut().find(continues) {
                    Some(denial) => denial.ports.to = ports.to,
                    None => denials.push(Denial { addresses, ports: *ports, rule }),
                }
            };
            let denying =
                |entry: &usize| rules.get(*entry).is_some_and(|rule| rule.action == AclAction::Deny);
            let split = intervals.split(remote, |entry| Some(entry).filter(denying));
            for part in split.parts {
                deny(part.addresses, rules.get(part.group).copied());
            }
            deny(split.rest, None);
        }
        denials
    }
}

/// Whether the rule is for all of `ports`.
fn covers(rule: &AclRule, ports: PortRange) -> bool {
    let range = range_of(rule);
    range.from <= ports.from && ports.to <= range.to
}

/// The ports of a rule: all for protocol `-1`, whatever its port fields contain.
pub(super) fn range_of(rule: &AclRule) -> PortRange {
    match rule.protocol {
        Protocol::All => PortRange::ALL,
        _ => rule.ports,
    }
}

/// `ports`, split so that every rule covers each piece completely or not at all.
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
