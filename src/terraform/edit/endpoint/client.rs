//! Adds the connector's group to the rules of a security group of interface endpoints that allow other groups: to a list in its block, as
//! a nested block, or as a resource, as the team has them.

use std::collections::BTreeSet;

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::clients::{PEER, connector_group};
use crate::terraform::edit::rule;
use crate::terraform::edit::rule::group_code::peer_group;
use crate::terraform::edit::rule::inbound::{has_port, separate_rules};
use crate::terraform::edit::text::amend::add_block_after_siblings;
use crate::terraform::edit::text::list::insert_element;
use crate::terraform::error::EditError;
use crate::terraform::find::network::connector_arguments;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin, instance_address};
use crate::terraform::lang::render::{Line, attribute};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::place::{Place, is_ignored};

/// The argument of an inline rule with its groups.
const GROUPS: &str = "security_groups";
/// The arguments of a rule for addresses.
const RANGES: [&str; 7] = [
    "cidr_blocks",
    "cidr_ipv4",
    "cidr_ipv6",
    "ipv6_cidr_blocks",
    "prefix_list_id",
    "prefix_list_ids",
    "self",
];

/// Adds the connector's group for these ports, if the rules of the group for them are of other groups only. Returns `false`, and edits
/// nothing, if they are others, or the code cannot refer to the connector's group.
///
/// # Errors
/// The code of the connector's group is not found.
pub(in crate::terraform::edit) fn add_client<'a>(
    draft: &mut Draft<'a>,
    group: &BlockOrigin<'a>,
    ports: &BTreeSet<u16>,
) -> Result<bool, EditError> {
    let Place { module, file, block: owner } = group.place;
    let separate = separate_rules(draft, group);
    let is_generated = owner.body.attribute("ingress").is_some()
        || owner.body.blocks("dynamic").any(|one| one.labels.first().is_some_and(|label| label == "ingress"));
    let inline: Vec<Place<'a>> =
        owner.body.blocks("ingress").map(|block| Place { module, file, block }).collect();
    if separate.is_empty() && !is_ignored(file, owner, "ingress") && add_to_lists(draft, group, ports) {
        return Ok(true);
    }
    let all = if separate.is_empty() { &inline } else { &separate };
    let is_open = module.is_editable()
        && !draft.finder.config.is_used_more_than_once(module)
        && module.overridden(owner).is_none()
        && !is_ignored(file, owner, "ingress");
    if is_generated || group.instance == Instances::All || separate.is_empty() == inline.is_empty() {
        return Ok(false);
    }
    let of_port = |port: u16| all.iter().filter(move |rule| has_port(**rule, &rule.block.body, port));
    let are_clients = |port: &u16| {
        let mut rules = of_port(*port).peekable();
        rules.peek().is_some() && rules.all(|rule| is_of_group(*rule))
    };
    if !ports.iter().all(are_clients) {
        return Ok(false);
    }
    let Some(own) = connector_group(draft) else { return Ok(false) };
    let missing: Vec<u16> = ports
        .iter()
        .copied()
        .filter(|port| !of_port(*port).any(|rule| allows_connector(draft, *rule)))
        .collect();
    if missing.is_empty() || !is_open {
        return Ok(missing.is_empty());
    }
    let target = draft.finder.target;
    if target.address != module.address {
        draft.finder.enter(module)?;
    }
    let peer = peer_group(draft, &own);
    let is_here = peer.as_ref().is_ok_and(|peer| !peer.starts_with('"'));
    if let (true, Ok(peer)) = (is_here, &peer) {
        for port in missing {
            if let Some(sibling) = of_port(port).next_back() {
                add_rule(draft, group, (*sibling, separate.is_empty()), (port, peer))?;
            }
        }
    }
    if target.address != module.address {
        draft.finder.enter(target)?;
    }
    peer.map(|_| is_here)
}

/// Adds the connector's group to the lists of clients outside the block that its inline rules have for these ports.
fn add_to_lists<'a>(draft: &mut Draft<'a>, group: &BlockOrigin<'a>, ports: &BTreeSet<u16>) -> bool {
    let Some(own) = connector_group(draft) else { return false };
    let rules = rule::client_list::inline_rules(group.place);
    let of_port = |port: u16| {
        let mut rules = rules.iter().filter(move |rule| has_port(group.place, rule, port));
        rules.find(|rule| rule::client_list::has_list(group.place, rule))
    };
    let found: Option<Vec<_>> = ports.iter().map(|port| of_port(*port)).collect();
    let Some(mut found) = found else { return false };
    found.dedup_by(|one, other| std::ptr::eq(*one, *other));
    found.into_iter().all(|rule| rule::client_list::add(draft, group.place, rule, &own))
}

/// Whether a rule allows security groups only.
fn is_of_group(rule: Place<'_>) -> bool {
    let has = |name: &str| rule.block.body.attribute(name).is_some();
    let groups = rule.block.body.attribute(GROUPS).map(|list| rule.file.expression(list));
    let is_one =
        has(PEER) || has("referenced_security_group_id") || groups.is_some_and(|list| !list.is_empty_list());
    is_one && !rule.block.repeats() && !RANGES.iter().any(|name| has(name))
}

/// Whether a rule allows the connector's group by a reference to it.
fn allows_connector<'a>(draft: &Draft<'a>, rule: Place<'a>) -> bool {
    let origins = &draft.finder.network.origins;
    let connector = draft.finder.code.connector;
    let own = connector_arguments(connector.block)
        .and_then(|(_, groups)| origins.of_attribute(connector, groups))
        .unwrap_or_default();
    let written = [GROUPS, PEER, "referenced_security_group_id"]
        .iter()
        .find_map(|name| rule.block.body.attribute(name));
    let peers: Vec<Origin<'a>> = written
        .and_then(|written| origins.of(rule.module, rule.file.expression(written)))
        .unwrap_or_default();
    peers.iter().any(|peer| own.iter().any(|own| own.is_same_resource(peer)))
}

/// Adds the rule of one port beside one of its kind.
fn add_rule<'a>(
    draft: &mut Draft<'a>,
    group: &BlockOrigin<'a>,
    (sibling, is_inline): (Place<'a>, bool),
    (port, peer): (u16, &str),
) -> Result<(), EditError> {
    let Place { file, block: owner, .. } = group.place;
    if !is_inline {
        let kind = sibling.block.kind().unwrap_or_default();
        let name = draft.free_name(kind, &format!("vpc_endpoints_{port}"));
        let lines = resource_lines(kind, group, (port, peer));
        draft.add_resource_after((sibling.file, sibling.block), kind, &name, "", &lines);
        return Ok(());
    }
    let list = sibling.block.body.attribute(GROUPS).map(|list| &list.value);
    let is_list = |block: &Block| {
        let list = block.body.attribute(GROUPS).and_then(|list| file.expression(list).tree());
        list.is_some_and(|list| list.as_array().is_some_and(|list| list.len() > 1))
            || block.body.attribute("description").is_none()
    };
    let element = list.filter(|_| is_list(sibling.block)).and_then(|list| insert_element(file, list, peer));
    let splice = match element {
        Some(splice) if !draft.is_changed(file, &splice.span) => splice,
        _ => {
            let lines = [
                attribute("description", "\"For the App Runner service\""),
                attribute("from_port", port.to_string()),
                attribute("to_port", port.to_string()),
                attribute("protocol", "\"tcp\""),
                attribute(GROUPS, format!("[{peer}]")),
            ];
            add_block_after_siblings(file, owner, "ingress", &lines)?
        }
    };
    draft.splice(file, splice);
    draft.change(&group.place.address_in_root());
    Ok(())
}

/// The arguments of a rule that is a resource of this type.
fn resource_lines(kind: &str, group: &BlockOrigin<'_>, (port, peer): (u16, &str)) -> Vec<Line> {
    let is_old_kind = kind == "aws_security_group_rule";
    let mut lines = vec![attribute("security_group_id", format!("{}.id", instance_address(group)))];
    if is_old_kind {
        lines.push(attribute("type", "\"ingress\""));
    }
    lines.extend([
        attribute("description", "\"For the App Runner service\""),
        attribute("from_port", port.to_string()),
        attribute("to_port", port.to_string()),
        attribute(if is_old_kind { "protocol" } else { "ip_protocol" }, "\"tcp\""),
        attribute(if is_old_kind { PEER } else { "referenced_security_group_id" }, peer.to_owned()),
    ]);
    lines
}
