//! Network ACLs: stateless, rules in ascending order, the first match decides, the end denies.
//!
//! They are asked only when a packet crosses the subnet's border, in both directions; the reply comes back to a port of
//! the client's ephemeral range (<https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html>).

use super::judgement::{Judgement, missing};
use super::trace::{Code, Layer};
use crate::model::{AclAction, AclRule, Addresses, Call, NetworkAcl, PortRange, Snapshot, Subnet};

/// Ports that a Linux client calls from (`net.ipv4.ip_local_port_range`).
pub(super) const LINUX_EPHEMERAL: PortRange = PortRange { from: 32768, to: 60999 };
/// Ports that a NAT gateway calls from.
pub(super) const NAT_EPHEMERAL: PortRange = PortRange { from: 1024, to: 65535 };

/// Which way a packet crosses the border.
#[derive(Clone, Copy)]
pub(super) enum Direction {
    Inbound,
    Outbound,
}

/// One crossing of a subnet's border: packets to or from `remote`, to a port of `ports`.
pub(super) struct Crossing {
    pub direction: Direction,
    pub ports: PortRange,
    pub what: &'static str,
}

/// The ACL of a subnet. Every subnet has one, so that none is found means that it was not read.
pub(super) fn acl_of<'a>(snapshot: &'a Snapshot, subnet: &Subnet) -> Option<&'a NetworkAcl> {
    snapshot.network.network_acls.iter().find(|acl| acl.subnets.contains(&subnet.id))
}

/// What the subnet's ACL says of crossings with `remote`: all of them must pass.
pub(super) fn judge(
    snapshot: &Snapshot,
    layer: Layer,
    subnet: &Subnet,
    remote: &Addresses,
    crossings: &[Crossing],
) -> Vec<Judgement> {
    let Some(acl) = acl_of(snapshot, subnet) else {
        let why = format!("the network ACL of {} was not read", subnet.id);
        let call = missing(snapshot, Call::DescribeNetworkAcls);
        return vec![Judgement::unknown(layer, &subnet.id, remote.clone(), why, call)];
    };
    let mut judgements = Vec::new();
    let mut passed = remote.clone();
    for crossing in crossings {
        for denial in denials(acl, remote, crossing) {
            passed = passed.minus(&denial.addresses);
            let number = denial.rule.map_or_else(|| "*".to_owned(), |rule| shown_number(rule.number));
            let (way, preposition) = match crossing.direction {
                Direction::Inbound => ("in", "from"),
                Direction::Outbound => ("out", "to"),
            };
            let text = format!(
                "{} on {}: rule {number} denies {} {way} on tcp {} {preposition} {}",
                acl.id, subnet.id, crossing.what, denial.ports, denial.addresses
            );
            judgements.push(Judgement::block(
                layer,
                Code::SubnetAclRestriction,
                &acl.id,
                denial.addresses,
                text,
            ));
        }
    }
    if !passed.is_empty() {
        let list = crossings.iter().map(|crossing| {
            let way = match crossing.direction {
                Direction::Inbound => "in",
                Direction::Outbound => "out",
            };
            format!("{} {way}", crossing.ports)
        });
        let text = format!("{}: allows tcp {}", acl.id, list.collect::<Vec<_>>().join(", "));
        judgements.insert(0, Judgement::pass(layer, &acl.id, passed, text));
    }
    judgements
}

/// 32767 is the final rule, which the console shows as `*`.
fn shown_number(number: u16) -> String {
    if number == 32767 { "*".to_owned() } else { number.to_string() }
}

/// Addresses that one rule, or the end of the list, denies on some ports.
struct Denial<'a> {
    addresses: Addresses,
    ports: PortRange,
    rule: Option<&'a AclRule>,
}

/// Every denial among `ports` and `remote`, exact: the ports are cut wherever a rule begins or ends.
fn denials<'a>(acl: &'a NetworkAcl, remote: &Addresses, crossing: &Crossing) -> Vec<Denial<'a>> {
    let mut rules: Vec<&AclRule> = match crossing.direction {
        Direction::Inbound => acl.inbound.iter().collect(),
        Direction::Outbound => acl.outbound.iter().collect(),
    };
    rules.retain(|rule| rule.protocol.includes_tcp());
    rules.sort_by_key(|rule| rule.number);
    let mut found: Vec<Denial<'a>> = Vec::new();
    for ports in segments(&rules, crossing.ports) {
        let mut rest = remote.clone();
        let mut deny = |addresses: Addresses, rule: Option<&'a AclRule>| {
            if addresses.is_empty() {
                return;
            }
            let same = |denial: &&mut Denial<'a>| {
                denial.rule == rule
                    && denial.addresses == addresses
                    && denial.ports.to.checked_add(1) == Some(ports.from)
            };
            match found.iter_mut().find(same) {
                Some(denial) => denial.ports.to = ports.to,
                None => found.push(Denial { addresses, ports, rule }),
            }
        };
        for rule in rules.iter().copied().filter(|rule| covers(rule, ports)) {
            let matched = rest.and(&Addresses::from(rule.remote));
            rest = rest.minus(&matched);
            if rule.action == AclAction::Deny {
                deny(matched, Some(rule));
            }
        }
        deny(rest, None);
    }
    found
}

fn covers(rule: &AclRule, ports: PortRange) -> bool {
    let range = range_of(rule);
    range.from <= ports.from && ports.to <= range.to
}

/// With protocol `-1` the ports of a rule say nothing.
fn range_of(rule: &AclRule) -> PortRange {
    match rule.protocol {
        crate::model::Protocol::All => PortRange::ALL,
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
