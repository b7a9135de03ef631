//! The layer of network ACLs: request and reply, at the border of a subnet.
//!
//! A network ACL is stateless and filters only packets that cross the border of a subnet. The reply goes to
//! a port of the client's ephemeral range
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html>). `acl_rules.rs`
//! evaluates the rules of one network ACL.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::acl_rules::{Crossing, Denial, Direction, range_of};
use super::deciding::Deciding;
use super::index::Index;
use super::judgement::Judgement;
use super::trace::{Code, Layer, Subject};
use crate::model::{AclRule, Addresses, Call, NetworkAcl, PortRange, Subnet};

/// The decision of one network ACL about some crossings: the same for every subnet that uses it.
pub(super) struct Decision {
    allowed: Addresses,
    allow_rule: String,
    /// The denied addresses, each with the text of the rule, without the ids of the network ACL and the
    /// subnet.
    denied: Vec<(Addresses, String, Subject)>,
}

/// Judges crossings with `remote` by the subnet's network ACL: it must allow all of them.
pub(super) fn judge(
    index: &Index<'_>,
    layer: Layer,
    subnet: &Subnet,
    remote: &Addresses,
    crossings: &[Crossing],
) -> Vec<Judgement> {
    match index.acl_of(subnet) {
        Some(acl) => to_judgements(layer, subnet, acl, &decide(index, acl, remote, crossings)),
        None => vec![not_read(index, layer, subnet, remote)],
    }
}

/// The judgement when the subnet's network ACL was not read.
pub(super) fn not_read(index: &Index<'_>, layer: Layer, subnet: &Subnet, remote: &Addresses) -> Judgement {
    let why = format!("the network ACL of {} was not read", subnet.id);
    let deciding = Deciding::absent(index.snapshot, Call::DescribeNetworkAcls);
    Judgement::unknown(layer, &subnet.id, remote.clone(), why, deciding)
}

/// A decision, rendered for one subnet.
pub(super) fn to_judgements(
    layer: Layer,
    subnet: &Subnet,
    acl: &NetworkAcl,
    decision: &Decision,
) -> Vec<Judgement> {
    let mut judgements = Vec::with_capacity(1 + decision.denied.len());
    if !decision.allowed.is_empty() {
        judgements.push(Judgement::pass(
            layer,
            &acl.id,
            decision.allowed.clone(),
            decision.allow_rule.clone(),
        ));
    }
    judgements.extend(decision.denied.iter().map(|(addresses, rule, packets)| {
        let text = format!("{} on {}: {rule}", acl.id, subnet.id);
        Judgement::block(layer, Code::SubnetAclRestriction, &acl.id, addresses.clone(), text)
            .about(packets.clone())
    }));
    judgements
}

/// Decides about crossings with `remote`: the ACL must allow all of them.
pub(super) fn decide<'a>(
    index: &Index<'a>,
    acl: &'a NetworkAcl,
    remote: &Addresses,
    crossings: &[Crossing],
) -> Decision {
    let mut denied = Vec::new();
    let mut denied_addresses = Addresses::none();
    let mut narrow = BTreeSet::new();
    let mut allow_rule = format!("{} allows", acl.id);
    for (place, crossing) in crossings.iter().enumerate() {
        let (direction, preposition) = match crossing.direction {
            Direction::Inbound => ("inbound", "from"),
            Direction::Outbound => ("outbound", "to"),
        };
        let comma = if place == 0 { "" } else { "," };
        let _ = write!(allow_rule, "{comma} {direction} tcp {}", crossing.ports);
        let denials = index.filter(acl, *crossing).denials(remote);
        let few =
            crossing.is_reply.then(|| few_ports(&denials, crossing.ports)).flatten().unwrap_or_default();
        for denial in denials {
            if let Some(rule) = denial.rule.filter(|rule| few.contains(&rule.number)) {
                narrow.insert((rule.number, denial.ports));
                continue;
            }
            denied_addresses = denied_addresses.or(&denial.addresses);
            let number = denial.rule.map_or_else(|| "*".to_owned(), shown_number);
            let rule = format!(
                "rule {number} denies {}: {direction} tcp {} {preposition} {}",
                crossing.packets(),
                denial.ports,
                denial.addresses
            );
            let packets = Subject::Packets {
                direction: crossing.direction,
                is_reply: crossing.is_reply,
                ports: denial.ports,
                remote: denial.addresses.clone(),
            };
            denied.push((denial.addresses, rule, packets));
        }
    }
    let narrow: Vec<String> =
        narrow.iter().map(|(number, ports)| format!("tcp {ports} (rule {number})")).collect();
    if !narrow.is_empty() {
        let _ = write!(
            allow_rule,
            "; it denies replies to {}, which fewer than 1 of 1,000 connections use",
            narrow.join(", ")
        );
    }
    Decision { allowed: remote.minus(&denied_addresses), allow_rule, denied }
}

/// The rules that together deny replies to so few ports that they do not decide: clients choose another port for more than 999 of
/// 1,000 connections. An example is a rule that denies Remote Desktop, tcp 3389, in the subnet of a NAT gateway. The final rule is
/// not one of them. `None` if the ports are more.
fn few_ports(denials: &[Denial<'_>], replies: PortRange) -> Option<BTreeSet<u16>> {
    let size = |ports: PortRange| u32::from(ports.to) + 1 - u32::from(ports.from);
    let of_rules = || denials.iter().filter_map(|denial| denial.rule).filter(|rule| rule.number != 32767);
    let clipped = |rule: &AclRule| {
        let ports = range_of(rule);
        PortRange { from: ports.from.max(replies.from), to: ports.to.min(replies.to) }
    };
    let sizes: BTreeMap<u16, u32> = of_rules().map(|rule| (rule.number, size(clipped(rule)))).collect();
    let is_few = sizes.values().sum::<u32>() * 1000 < size(replies);
    is_few.then(|| sizes.into_keys().collect())
}

/// The rule's number as the console shows it: `*` for 32767, the final rule.
fn shown_number(rule: &AclRule) -> String {
    if rule.number == 32767 { "*".to_owned() } else { rule.number.to_string() }
}
