//! Rules that network ACLs lack, before the rule that denies: the fewest of request and reply that cure.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>: rules are taken in the order of their numbers, and
//! requests and replies each need one.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::{IpNet, Ipv4Net};

use super::site::{Candidate, Site};
use super::{Change, Met, Precondition};
use crate::model::{AclAction, AclRule, NetworkAcl, NetworkAclId, PortRange, Protocol};
use crate::reach::{Code, Layer};

/// Ports that replies come back to, of Linux and of NAT gateways.
const REPLIES: PortRange = PortRange { from: 1024, to: 65535 };

pub(super) fn candidate(site: &Site<'_>) -> Option<Candidate> {
    // For each ACL: the ports of the stopped calls, and whether it stands in the way of calls that come in (a NAT gateway's).
    let mut ports: BTreeMap<NetworkAclId, (BTreeSet<u16>, bool)> = BTreeMap::new();
    for (finding, hop, code) in site.blockers().filter(|(_, _, code)| *code == Code::SubnetAclRestriction) {
        let acl =
            site.snapshot.network.network_acls.iter().find(|acl| acl.id.as_str() == hop.component.as_str());
        if let Some(acl) = acl {
            let entry = ports.entry(acl.id.clone()).or_default();
            entry.0.insert(finding.need.destination.port);
            entry.1 |= hop.layer == Layer::Nat || code != Code::SubnetAclRestriction;
        }
    }
    let mut changes = Vec::new();
    let mut preconditions = vec![site.not_shared()];
    for (id, (ports, takes_calls)) in &ports {
        let Some(acl) = site.snapshot.network.network_acls.get(id) else { continue };
        for outbound in [true, false] {
            let mut wanted: Vec<PortRange> = Vec::new();
            if outbound || *takes_calls {
                wanted.extend(ports.iter().map(|port| PortRange::one(*port)));
            }
            if !outbound || *takes_calls {
                wanted.push(REPLIES);
            }
            let missing: Vec<PortRange> =
                wanted.into_iter().filter(|range| !allows(acl, outbound, *range)).collect();
            let Some(first) = number_before(acl, outbound, missing.len()) else {
                let text = format!("{id} has no free rule number before its first one: renumber it");
                preconditions.push(Precondition { text, met: Met::No });
                continue;
            };
            for (place, ports) in missing.into_iter().enumerate() {
                let number = first + u16::try_from(place).unwrap_or_default();
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
    if changes.is_empty() {
        return None;
    }
    let names: Vec<&str> = ports.keys().map(NetworkAclId::as_str).collect();
    Some(Candidate {
        title: format!("Rules of {} for the requests and their replies", names.join(", ")),
        changes,
        preconditions,
        side_effects: vec![format!("The rules hold for every subnet of {}.", names.join(", "))],
        takes_effect: "at once, no deployment of the service".to_owned(),
        reversal: "delete the rules".to_owned(),
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

/// The first of so many free numbers in a row before the ACL's first rule.
fn number_before(acl: &NetworkAcl, outbound: bool, count: usize) -> Option<u16> {
    let rules = if outbound { &acl.outbound } else { &acl.inbound };
    let count = u16::try_from(count).ok()?;
    // The last one, 32767, is the end of the list and no rule of anybody's.
    let numbers = rules.iter().map(|rule| rule.number).filter(|number| *number < 32767);
    let lowest = numbers.min().unwrap_or(100 + count);
    lowest.checked_sub(count).filter(|first| *first > 0 || count == 0)
}
