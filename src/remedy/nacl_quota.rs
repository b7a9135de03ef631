//! The room in a network ACL: its quota of rules, and free rule numbers.
//!
//! Owns the sentences about a network ACL that has no room for another rule.

use ipnet::IpNet;

use super::Change;
use crate::model::{AclAction, AclRule, NetworkAcl};
use crate::reach::Direction;

/// The default quota of rules in one direction for one family of addresses. The rule `*` counts
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-nacls>).
const QUOTA: usize = 20;

/// The highest value to which AWS raises the quota.
const HIGHEST_QUOTA: usize = 40;

/// The numbers from here on belong to the rules `*`.
const DEFAULT_RULE: u16 = 32767;

fn rules(acl: &NetworkAcl, direction: Direction) -> &[AclRule] {
    match direction {
        Direction::Inbound => &acl.inbound,
        Direction::Outbound => &acl.outbound,
    }
}

/// The number of rules for one family, with the rule `*`.
fn count(acl: &NetworkAcl, direction: Direction, is_ipv6: bool) -> usize {
    let own = rules(acl, direction).iter().filter(|rule| rule.number < DEFAULT_RULE);
    own.filter(|rule| is_v6(rule.remote) == is_ipv6).count() + 1
}

fn is_v6(range: IpNet) -> bool {
    matches!(range, IpNet::V6(_))
}

/// The quota as far as the network ACLs show it: one that has more rules than the default quota shows that it was raised.
fn quota<'a>(mut acls: impl Iterator<Item = &'a NetworkAcl>) -> usize {
    let is_raised = acls.any(|acl| {
        let directions = [Direction::Inbound, Direction::Outbound].into_iter();
        let mut counts =
            directions.flat_map(|direction| [false, true].map(|is_ipv6| count(acl, direction, is_ipv6)));
        counts.any(|count| count > QUOTA)
    });
    if is_raised { HIGHEST_QUOTA } else { QUOTA }
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "inbound",
        Direction::Outbound => "outbound",
    }
}

fn option(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "--ingress",
        Direction::Outbound => "--egress",
    }
}

/// Why the changes of a fix exceed the quota of a network ACL in one direction, with the step by hand; `None` if they do not.
pub(super) fn over_quota<'a>(
    acls: impl Iterator<Item = &'a NetworkAcl>,
    acl: &NetworkAcl,
    direction: Direction,
    changes: &[Change],
) -> Option<String> {
    let quota = quota(acls);
    let new = |is_ipv6: bool| {
        let own = changes.iter().filter(|change| match change {
            Change::AllowNacl { acl: id, outbound, rule } => {
                *id == acl.id
                    && *outbound == (direction == Direction::Outbound)
                    && is_v6(rule.remote) == is_ipv6
            }
            _ => false,
        });
        own.count()
    };
    let is_over =
        |is_ipv6: &bool| new(*is_ipv6) > 0 && count(acl, direction, *is_ipv6) + new(*is_ipv6) > quota;
    let is_ipv6 = [false, true].into_iter().find(is_over)?;
    let (present, new) = (count(acl, direction, is_ipv6), new(is_ipv6));
    let full = full(acl, direction, is_ipv6, (present, quota));
    Some(format!("{full}, and the fix needs {new} more. {}", replace(acl, direction)))
}

/// How many rules a direction has.
fn full(acl: &NetworkAcl, direction: Direction, is_ipv6: bool, (present, quota): (usize, usize)) -> String {
    let family = if is_ipv6 { "IPv6" } else { "IPv4" };
    let which = if quota == QUOTA { "default" } else { "highest" };
    format!(
        "{} has {present} {} rules for {family} (the rule * counts); the {which} quota is {quota}",
        acl.id,
        word(direction)
    )
}

/// How to make room for a rule.
fn replace(acl: &NetworkAcl, direction: Direction) -> String {
    format!(
        "Replace a rule that is not needed: aws ec2 replace-network-acl-entry --network-acl-id {} {} --rule-number NUMBER --protocol \
         tcp --port-range From=FROM,To=TO --cidr-block RANGE --rule-action allow. Or raise the quota to up to {HIGHEST_QUOTA}: aws \
         service-quotas request-service-quota-increase --service-code vpc --quota-code L-2AEEBF1A --desired-value \
         {HIGHEST_QUOTA}.",
        acl.id,
        option(direction)
    )
}

/// Why no rule can come before the rules that deny, with the step by hand.
pub(super) fn no_free_number(acl: &NetworkAcl, direction: Direction) -> String {
    let deny = rules(acl, direction).iter().filter(|rule| rule.action == AclAction::Deny);
    let first = deny.map(|rule| rule.number).min().unwrap_or(DEFAULT_RULE);
    let (id, option) = (&acl.id, option(direction));
    format!(
        "{id} has no free rule number below its {} deny rule {first}. Renumber it: create it again with a higher number (aws ec2 \
         create-network-acl-entry --network-acl-id {id} {option} --rule-number NUMBER), then delete it: aws ec2 delete-network-acl-entry \
         --network-acl-id {id} {option} --rule-number {first}",
        word(direction)
    )
}

/// What prevents another rule of a network ACL, as sentences: no free number, or a full direction. Empty if nothing does.
pub(super) fn obstacles(acl: &NetworkAcl) -> Vec<String> {
    let mut sentences = Vec::new();
    for direction in [Direction::Outbound, Direction::Inbound] {
        let own = rules(acl, direction);
        let deny = own.iter().filter(|rule| rule.action == AclAction::Deny && rule.number < DEFAULT_RULE);
        let first = deny.map(|rule| rule.number).min();
        let is_used = |number: u16| own.iter().any(|rule| rule.number == number);
        if first.is_some_and(|first| (1..first).all(is_used)) {
            sentences.push(format!("{}.", no_free_number(acl, direction)));
        }
        let present = count(acl, direction, false);
        if [QUOTA, HIGHEST_QUOTA].contains(&present) {
            let full = full(acl, direction, false, (present, present));
            sentences.push(format!("{full}. {}", replace(acl, direction)));
        }
    }
    sentences
}
