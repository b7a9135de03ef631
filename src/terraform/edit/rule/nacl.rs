//! Edits for rules of network ACLs, in the form of the existing rules.

use ipnet::IpNet;

use crate::model::{AclAction, AclRule, NetworkAclId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule;
use crate::terraform::edit::rule::in_code::{self, Owner};
use crate::terraform::edit::rule::registry_acl::AclCall;
use crate::terraform::edit::rule::rules::{FILE, is_generated};
use crate::terraform::edit::text::amend::{add_block_after_siblings, replace_empty_list};
use crate::terraform::error::EditError;
use crate::terraform::find::found::Found;
use crate::terraform::find::origin::{BlockOrigin, Instances};
use crate::terraform::find::score::Clues;
use crate::terraform::lang::render::{attribute, block, quoted};
use crate::terraform::read::place::{Place, location};

/// The number of the final rule, which denies all traffic.
const FINAL_RULE: u16 = 32767;

/// The largest number with which a rule has the effect of the wanted one: before the next rule that denies traffic.
fn last_number(draft: &Draft<'_>, acl: &NetworkAclId, (outbound, wanted): (bool, &AclRule)) -> u16 {
    let known = draft.finder.snapshot.network.network_acls.get(acl);
    let rules = known.map(|acl| if outbound { &acl.outbound } else { &acl.inbound });
    let denies = |rule: &&AclRule| rule.action == AclAction::Deny && rule.number > wanted.number;
    let next = rules.into_iter().flatten().filter(denies).map(|rule| rule.number).min();
    next.unwrap_or(FINAL_RULE).saturating_sub(1)
}

/// An inline rule of a network ACL.
pub(in crate::terraform::edit) fn acl_rule(direction: &str, rule: &AclRule) -> String {
    block(
        direction,
        &[
            attribute("rule_no", rule.number.to_string()),
            attribute("action", "\"allow\""),
            attribute("protocol", "\"tcp\""),
            attribute(range_name(rule), quoted(&rule.remote.to_string())),
            attribute("from_port", rule.ports.from.to_string()),
            attribute("to_port", rule.ports.to.to_string()),
        ],
    )
}

/// The argument of a network ACL's rule for its range.
fn range_name(rule: &AclRule) -> &'static str {
    match rule.remote {
        IpNet::V4(_) => "cidr_block",
        IpNet::V6(_) => "ipv6_cidr_block",
    }
}

/// The block of the default network ACL of the workload's VPC.
fn default_acl<'a>(draft: &Draft<'a>) -> Option<BlockOrigin<'a>> {
    let network = &draft.finder.network;
    let vpc = network.vpc.as_ref()?;
    let modules = draft.finder.config.modules().into_iter();
    let places = modules.flat_map(|module| {
        let all = module.resources("aws_default_network_acl");
        all.map(move |(file, block)| Place { module, file, block })
    });
    let is_default = |place: &Place<'a>| {
        let of = network.origins.single(*place, "default_network_acl_id");
        !place.block.repeats() && of.is_some_and(|of| of.is_same_resource(vpc))
    };
    let mut found = places.filter(is_default);
    let place = found.next().filter(|_| found.next().is_none())?;
    Some(BlockOrigin { place, instance: Instances::Only, attribute: "id".to_owned() })
}

/// Adds a rule to a network ACL.
pub(in crate::terraform) fn add_rule(
    draft: &mut Draft<'_>,
    acl: &NetworkAclId,
    outbound: bool,
    rule: &AclRule,
) -> Result<(), EditError> {
    let known = draft.finder.snapshot.network.network_acls.get(acl);
    let clues = Clues { id: acl.as_str(), tag: known.and_then(|acl| acl.tags.get("Name")), attributes: &[] };
    let is_open = draft.finder.state.is_empty() && !draft.finder.answers.contains_key(acl.as_str());
    let default = known.filter(|known| known.default && is_open).and_then(|_| default_acl(draft));
    let found = match default {
        Some(block) => Some(draft.finder.found_by_reference(
            acl.as_str(),
            &block,
            "it is the default of the connector's VPC",
        )?),
        None => draft.finder.find(&["aws_network_acl", "aws_default_network_acl"], &clues)?,
    };
    let direction = if outbound { "egress" } else { "ingress" };
    let call = if found.is_none() { AclCall::of(draft, acl) } else { None };
    let by_id = || draft.finder.id_expression(found.as_ref(), acl.as_str());
    let owner = call.as_ref().map_or_else(by_id, AclCall::id);
    let origin = found.as_ref().and_then(Found::origin);
    let own = Owner { id: acl.as_str(), found: found.as_ref(), origin, expression: &owner };
    let number_limit = last_number(draft, acl, (outbound, rule));
    if let Some(error) = in_code::acl_rule(draft, &own, (outbound, rule, number_limit)) {
        return Err(error);
    }
    let number = |name: &str| attribute(name, rule.number.to_string());
    let range = [
        attribute(range_name(rule), quoted(&rule.remote.to_string())),
        attribute("from_port", rule.ports.from.to_string()),
        attribute("to_port", rule.ports.to.to_string()),
    ];
    if let Some(found) = &found {
        draft.note(&found.evidence);
    }
    if let Some(call) = &call
        && call.add_rule(draft, (outbound, rule, number_limit))?
    {
        return Ok(());
    }
    if rule::entries::add_acl_rule(draft, (acl.as_str(), found.as_ref()), (outbound, rule)) {
        return Ok(());
    }
    if let Some(found) = &found {
        let rules = known.map(|acl| if outbound { &acl.outbound } else { &acl.inbound });
        let used: Vec<u16> = rules.into_iter().flatten().map(|rule| rule.number).collect();
        if rule::acl_ports::add(draft, found, (direction, rule), (number_limit, &used))? {
            return Ok(());
        }
    }
    if let Some(found) = &found {
        let body = &found.block.body;
        let mut lines =
            vec![number("rule_no"), attribute("action", "\"allow\""), attribute("protocol", "\"tcp\"")];
        lines.extend(range.iter().cloned());
        let list = body.attribute(direction);
        if let Some(list) = list.filter(|list| found.file.expression(list).is_empty_list()) {
            found.ensure_single()?;
            draft.splice_all(found.file, replace_empty_list(found.file, found.block, list, &lines));
            draft.change(&found.address_in_root());
            return Ok(());
        }
        if is_generated(found.block, direction)
            && (body.attribute(direction).is_some() || found.ensure_single().is_err())
        {
            return Err(EditError::ByHand {
                place: location(found.file, found.block),
                what: format!(
                    "an expression generates the {direction} rules: add rule {} to its value, or this block beside it",
                    rule.number
                ),
                snippet: acl_rule(direction, rule),
            });
        }
        let is_default = found.block.labels.first().is_some_and(|kind| kind == "aws_default_network_acl");
        if is_default || is_generated(found.block, direction) || body.blocks(direction).next().is_some() {
            found.ensure_single()?;
            let splice = add_block_after_siblings(found.file, found.block, direction, &lines)?;
            draft.splice(found.file, splice);
            draft.change(&found.address_in_root());
            return Ok(());
        }
    }
    if found.is_none() && call.is_none() {
        draft.note_not_managed_here(acl.as_str());
    }
    let name = draft.free_name("aws_network_acl_rule", &format!("app_runner_{direction}_{}", rule.number));
    let mut lines = vec![
        attribute("network_acl_id", owner),
        number("rule_number"),
        attribute("egress", outbound.to_string()),
        attribute("rule_action", "\"allow\""),
        attribute("protocol", "\"tcp\""),
    ];
    lines.extend(range);
    draft.add_resource_near("aws_network_acl", "aws_network_acl_rule", &name, FILE, "", &lines);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first unexpected result")]

    use super::*;
    use crate::model::{AclAction, PortRange, Protocol};

    /// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/network_acl>
    #[test]
    fn a_rule_of_a_network_acl_has_the_argument_of_its_family() {
        for (range, argument) in [("0.0.0.0/0", "  cidr_block "), ("::/0", "  ipv6_cidr_block ")] {
            let rule = AclRule {
                number: 7,
                protocol: Protocol::Tcp,
                ports: PortRange::one(443),
                remote: range.parse().unwrap(),
                action: AclAction::Allow,
            };
            let text = acl_rule("egress", &rule);
            assert!(text.contains(argument) && text.contains(range), "{text}");
        }
    }
}
