//! The quota of rules of a security group.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups>

use std::collections::BTreeMap;

use super::context::RemedyContext;
use super::{Change, Precondition};
use crate::model::{Peer, PrefixList, SecurityGroup, SecurityGroupId, SecurityGroupRule, Table};

/// The default quota of rules in one direction for one family of addresses. A rule for a security group or a prefix list counts for
/// both; a prefix list counts by its weight.
const QUOTA: usize = 60;

/// How many rules of a family a rule with this peer counts as.
fn weight(lists: &Table<PrefixList>, peer: &Peer, is_ipv6: bool) -> usize {
    match peer {
        Peer::Ipv4(_) => usize::from(!is_ipv6),
        Peer::Ipv6(_) => usize::from(is_ipv6),
        Peer::PrefixList(id) => lists.get(id).map_or(1, |list| weight_of_list(&list.name)),
        Peer::Group(_) => 1,
    }
}

/// The weight of a prefix list of AWS. That of a list of a customer is the number of its entries, which is not known here.
///
/// <https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html#aws-managed-prefix-list-weights>
fn weight_of_list(name: &str) -> usize {
    match name.strip_prefix("com.amazonaws.").and_then(|name| name.rsplit('.').next()) {
        Some("origin-facing") => 55,
        Some("route53-healthchecks") => 25,
        Some("vpc-lattice") => 10,
        Some("s3express") => 6,
        Some("groundstation") => 5,
        Some("ec2-instance-connect") => 2,
        _ => 1,
    }
}

fn rules(group: &SecurityGroup, outbound: bool) -> &[SecurityGroupRule] {
    if outbound { &group.egress } else { &group.ingress }
}

fn count(lists: &Table<PrefixList>, group: &SecurityGroup, outbound: bool, is_ipv6: bool) -> usize {
    rules(group, outbound).iter().map(|rule| weight(lists, &rule.peer, is_ipv6)).sum()
}

/// The requirements of rules that would exceed the default quota. A security group with more rules shows that the quota was raised.
pub(super) fn over_quota(context: &RemedyContext<'_>, changes: &[Change]) -> Vec<Precondition> {
    let groups = &context.snapshot.network.security_groups;
    let lists = &context.snapshot.network.prefix_lists;
    let both = [false, true];
    let is_raised = groups.iter().any(|group| {
        both.iter()
            .any(|outbound| both.iter().any(|is_ipv6| count(lists, group, *outbound, *is_ipv6) > QUOTA))
    });
    let mut new: BTreeMap<(&SecurityGroupId, bool), Vec<&Peer>> = BTreeMap::new();
    for change in changes.iter().filter(|_| !is_raised) {
        match change {
            Change::AllowEgress { group, peer, .. } => new.entry((group, true)).or_default().push(peer),
            Change::AllowEndpointIngress { group, peer, .. } => {
                new.entry((group, false)).or_default().push(peer);
            }
            _ => {}
        }
    }
    let full = new.into_iter().filter_map(|((id, outbound), peers)| {
        let group = groups.get(id)?;
        both.iter().find_map(|is_ipv6| {
            let more: usize = peers.iter().map(|peer| weight(lists, peer, *is_ipv6)).sum();
            let present = count(lists, group, outbound, *is_ipv6);
            (more > 0 && present + more > QUOTA).then(|| not_met(id, outbound, present))
        })
    });
    full.collect()
}

fn not_met(id: &SecurityGroupId, outbound: bool, present: usize) -> Precondition {
    let (word, option) = if outbound { ("outbound", "egress") } else { ("inbound", "ingress") };
    Precondition::not_met(format!(
        "{id} has {present} {word} rules, and the default quota is {QUOTA}. Delete a rule that is not needed: aws ec2 \
         revoke-security-group-{option} --group-id {id} --security-group-rule-ids RULE. Or raise the quota: aws service-quotas \
         request-service-quota-increase --service-code vpc --quota-code L-0EA8095F --desired-value 100"
    ))
}
