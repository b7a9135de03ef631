//! Edits for rules of security groups and network ACLs, in the form that the group or ACL has already.
//!
//! Rules inside the block and rules of their own must not be mixed for one direction: Terraform would take the ones that it
//! does not see in the block away.

use crate::model::{AclRule, NetworkAclId, Peer, SecurityGroupId};
use crate::reach::{Egresses, egresses};
use crate::terraform::edit::amend::add_block_beside;
use crate::terraform::edit::amend::refuse_ignored;
use crate::terraform::edit::draft::Draft;
use crate::terraform::error::EditError;
use crate::terraform::find::found::Found;
use crate::terraform::find::score::Clues;
use crate::terraform::lang::address::address;
use crate::terraform::lang::render::{Line, attribute, block, quoted};
use crate::terraform::lang::scan::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::{Place, location};

const FILE: &str = "security.tf";

/// An outbound or inbound rule of a group.
pub(in crate::terraform) fn group_rule(
    draft: &mut Draft<'_>,
    direction: &'static str,
    (group, port, peer): (&SecurityGroupId, u16, &Peer),
) -> Result<(), EditError> {
    let found = security_group(draft, group)?;
    if let Some(found) = &found {
        draft.note(&found.evidence);
        let body = &found.block.body;
        if is_generated(found.block, direction) {
            return Err(EditError::ByHand {
                place: location(found.file, found.block),
                what: format!("the {direction} rules are generated: add one to what they are made of"),
                snippet: block(direction, &inline(draft, found.module, port, peer)?),
            });
        }
        if body.blocks(direction).next().is_some() {
            found.ensure_single()?;
            refuse_ignored(found.file, found.block, &[(direction, "")])?;
            let lines = inline(draft, found.module, port, peer)?;
            let splice = add_block_beside(found.file, found.block, direction, &lines)?;
            draft.splice(found.file, splice);
            draft.change(&found.address_in_root());
            return Ok(());
        }
    }
    if found.is_none() {
        draft.made_elsewhere(group.as_str());
    }
    let owner = draft.finder.id_expression(found.as_ref(), group.as_str());
    standalone(draft, direction, &owner, port, peer)
}

/// Whether the rules are made by an expression.
fn is_generated(block: &Block, direction: &str) -> bool {
    let is_it = |inner: &Block| inner.labels.first().is_some_and(|label| label == direction);
    block.body.attribute(direction).is_some() || block.body.blocks("dynamic").any(is_it)
}

/// The block of a group: the connector may name it.
fn security_group<'a>(draft: &Draft<'a>, group: &SecurityGroupId) -> Result<Option<Found<'a>>, EditError> {
    let known = draft.finder.snapshot.network.security_groups.get(group);
    let name = known.map(|group| group.name.clone()).unwrap_or_default();
    let clues = Clues {
        id: group.as_str(),
        tag: known.and_then(|group| group.tags.get("Name")),
        attributes: &[("name", &name)],
    };
    if draft.finder.state.is_empty()
        && !draft.finder.answers.contains_key(group.as_str())
        && let Some((file, block)) = named_by_connector(draft, group)
    {
        if !draft.finder.may_be(file, block, &clues) {
            let what = format!(
                "the connector names {}, and what that says of itself is not {group}",
                address(block)
            );
            return Err(EditError::NotUnderstood { place: location(file, block), what });
        }
        return draft
            .finder
            .found_by_reference(group.as_str(), (file, block), "the connector names it")
            .map(Some);
    }
    draft.finder.find(&["aws_security_group", "aws_default_security_group"], &clues)
}

/// `security_groups = [aws_security_group.app_runner.id]`, where the connector has this one group.
fn named_by_connector<'a>(draft: &Draft<'a>, group: &SecurityGroupId) -> Option<(&'a File, &'a Block)> {
    let Egresses::Vpc(sources) = egresses(draft.finder.snapshot, draft.finder.workload) else { return None };
    if sources.first()?.security_groups.as_slice() != std::slice::from_ref(group) {
        return None;
    }
    let Place { file, block: connector, module } = draft.finder.code.connector;
    if module.address != draft.finder.target.address {
        return None;
    }
    let list = file.value(connector.body.attribute("security_groups")?);
    let (file, block) = draft.finder.referenced_block(list.trim().strip_prefix('[')?.strip_suffix(']')?)?;
    let several = ["count", "for_each"].iter().any(|name| block.body.attribute(name).is_some());
    let is_group = block.labels.first().is_some_and(|kind| kind == "aws_security_group");
    (is_group && !several).then_some((file, block))
}

/// The other side as an expression: a group by its block where there is one.
fn peer_group(draft: &Draft<'_>, group: &SecurityGroupId) -> Result<String, EditError> {
    Ok(draft.finder.id_expression(security_group(draft, group)?.as_ref(), group.as_str()))
}

/// A rule inside a group's block, in the words of the code that the block is in.
fn inline(draft: &Draft<'_>, module: &Module, port: u16, peer: &Peer) -> Result<Vec<Line>, EditError> {
    let (name, value) = match peer {
        Peer::Ipv4(net) => ("cidr_blocks", quoted(&net.to_string())),
        Peer::Ipv6(net) => ("ipv6_cidr_blocks", quoted(&net.to_string())),
        Peer::PrefixList(id) => ("prefix_list_ids", quoted(id.as_str())),
        Peer::Group(id) if module.address == draft.finder.target.address => {
            ("security_groups", peer_group(draft, id)?)
        }
        Peer::Group(id) => {
            ("security_groups", draft.finder.expression_in(module, &["aws_security_group"], id.as_str()))
        }
    };
    Ok(vec![
        attribute("description", quoted(&purpose(draft, peer))),
        attribute("from_port", port.to_string()),
        attribute("to_port", port.to_string()),
        attribute("protocol", "\"tcp\""),
        attribute(name, format!("[{value}]")),
    ])
}

/// A rule of its own, in the form that the tree uses.
fn standalone(
    draft: &mut Draft<'_>,
    direction: &str,
    owner: &str,
    port: u16,
    peer: &Peer,
) -> Result<(), EditError> {
    let modern = format!("aws_vpc_security_group_{direction}_rule");
    let has = |kind: &str| draft.finder.target.resources(kind).next().is_some();
    let old_style = has("aws_security_group_rule") && !has(&modern);
    let kind = if old_style { "aws_security_group_rule" } else { modern.as_str() };
    let name = draft.free_name(kind, &format!("app_runner_{port}"));
    let purpose = quoted(&purpose(draft, peer));
    let mut lines = vec![attribute("security_group_id", owner.to_owned())];
    if old_style {
        lines.push(attribute("type", quoted(direction)));
    }
    lines.push(attribute("description", purpose));
    lines.push(attribute(if old_style { "protocol" } else { "ip_protocol" }, "\"tcp\""));
    lines.push(attribute("from_port", port.to_string()));
    lines.push(attribute("to_port", port.to_string()));
    lines.push(match peer {
        Peer::Ipv4(net) if old_style => attribute("cidr_blocks", format!("[{}]", quoted(&net.to_string()))),
        Peer::Ipv6(net) if old_style => {
            attribute("ipv6_cidr_blocks", format!("[{}]", quoted(&net.to_string())))
        }
        Peer::PrefixList(id) if old_style => {
            attribute("prefix_list_ids", format!("[{}]", quoted(id.as_str())))
        }
        Peer::Group(id) if old_style => attribute("source_security_group_id", peer_group(draft, id)?),
        Peer::Ipv4(net) => attribute("cidr_ipv4", quoted(&net.to_string())),
        Peer::Ipv6(net) => attribute("cidr_ipv6", quoted(&net.to_string())),
        Peer::PrefixList(id) => attribute("prefix_list_id", quoted(id.as_str())),
        Peer::Group(id) => attribute("referenced_security_group_id", peer_group(draft, id)?),
    });
    draft.add_resource_beside("aws_security_group", kind, &name, FILE, "", &lines);
    Ok(())
}

/// A description that AWS accepts: letters, digits and a few signs.
fn purpose(draft: &Draft<'_>, peer: &Peer) -> String {
    let list = match peer {
        Peer::PrefixList(id) => {
            draft.finder.snapshot.network.prefix_lists.get(id).map(|list| list.name.clone())
        }
        Peer::Group(_) => Some("the App Runner service".to_owned()),
        Peer::Ipv4(_) | Peer::Ipv6(_) => None,
    };
    match (list, peer) {
        (Some(list), Peer::Group(_)) => format!("From {list}"),
        (Some(list), _) => format!("To {list}"),
        (None, _) => "For the App Runner service".to_owned(),
    }
}

/// A rule of a network ACL.
pub(in crate::terraform) fn acl_rule(
    draft: &mut Draft<'_>,
    acl: &NetworkAclId,
    outbound: bool,
    rule: &AclRule,
) -> Result<(), EditError> {
    let known = draft.finder.snapshot.network.network_acls.get(acl);
    let clues = Clues { id: acl.as_str(), tag: known.and_then(|acl| acl.tags.get("Name")), attributes: &[] };
    let found = draft.finder.find(&["aws_network_acl", "aws_default_network_acl"], &clues)?;
    let direction = if outbound { "egress" } else { "ingress" };
    let numbers = |name: &str| attribute(name, rule.number.to_string());
    let range = [
        attribute("cidr_block", quoted(&rule.remote.to_string())),
        attribute("from_port", rule.ports.from.to_string()),
        attribute("to_port", rule.ports.to.to_string()),
    ];
    if let Some(found) = &found {
        draft.note(&found.evidence);
        let body = &found.block.body;
        if is_generated(found.block, direction) {
            return Err(EditError::NotUnderstood {
                place: location(found.file, found.block),
                what: format!(
                    "the {direction} rules are generated: add rule {} to what they are made of",
                    rule.number
                ),
            });
        }
        let is_default = found.block.labels.first().is_some_and(|kind| kind == "aws_default_network_acl");
        if is_default || body.blocks(direction).next().is_some() {
            found.ensure_single()?;
            let mut lines =
                vec![numbers("rule_no"), attribute("action", "\"allow\""), attribute("protocol", "\"tcp\"")];
            lines.extend(range);
            let splice = add_block_beside(found.file, found.block, direction, &lines)?;
            draft.splice(found.file, splice);
            draft.change(&found.address_in_root());
            return Ok(());
        }
    }
    if found.is_none() {
        draft.made_elsewhere(acl.as_str());
    }
    let owner = draft.finder.id_expression(found.as_ref(), acl.as_str());
    let name = draft.free_name("aws_network_acl_rule", &format!("app_runner_{direction}_{}", rule.number));
    let mut lines = vec![
        attribute("network_acl_id", owner),
        numbers("rule_number"),
        attribute("egress", outbound.to_string()),
        attribute("rule_action", "\"allow\""),
        attribute("protocol", "\"tcp\""),
    ];
    lines.extend(range);
    draft.add_resource_beside("aws_network_acl", "aws_network_acl_rule", &name, FILE, "", &lines);
    Ok(())
}
