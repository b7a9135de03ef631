//! Edits for rules of security groups and network ACLs, in the form of the existing rules.
//!
//! Inline rules and separate rule resources must not be mixed for one direction: Terraform would remove the
//! rules that are not inline.

use crate::model::{Peer, SecurityGroupId};
use crate::remedy::Change;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint;
use crate::terraform::edit::rule;
use crate::terraform::edit::rule::group_code::{group_expression, peer_group, purpose, security_group};
use crate::terraform::edit::rule::inline::{inline, inline_by_hand};
use crate::terraform::edit::rule::peer::module_of_both;
use crate::terraform::edit::rule::registry_group::GroupCall;
use crate::terraform::edit::rule::variable::rule_by_variable;
use crate::terraform::edit::text::amend::{add_block_after_siblings, replace_empty_list};
use crate::terraform::edit::values;
use crate::terraform::error::EditError;
use crate::terraform::find::found::Found;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::{Line, attribute, block, quoted, resource};
use crate::terraform::lang::scan::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::{Place, is_ignored, location};

pub(in crate::terraform::edit) const FILE: &str = "security.tf";

/// Adds an inbound or outbound rule to a security group. `direction` is `ingress` or `egress`; `all` are the changes of the proposal.
pub(in crate::terraform) fn add_group_rule(
    draft: &mut Draft<'_>,
    direction: &'static str,
    (group, port, peer): (&SecurityGroupId, u16, &Peer),
    all: &[Change],
) -> Result<(), EditError> {
    let found = security_group(draft, group)?;
    let call = if found.is_none() { GroupCall::of(draft, group) } else { None };
    let registry = call.map(|call| call.id());
    let of_module = found.is_none() && registry.is_none();
    let of_module = if of_module { GroupCall::in_any_module(draft, group) } else { None };
    let owner = (group, found.as_ref(), call.or(of_module));
    if rule::existing::has_rule(draft, (direction, port, peer), owner, all)? {
        return Ok(());
    }
    if let Some(found) = &found {
        draft.note(&found.evidence);
    }
    let is_by_other_code = registry.is_none()
        && (rule::commented_out::uncomment_rule(draft, (group, found.as_ref()), (direction, port, peer))
            || rule::entries::add_group_rule(draft, direction, (group, found.as_ref()), (port, peer)));
    if is_by_other_code {
        return Ok(());
    }
    if let Some(found) = &found
        && add_in_block(draft, direction, found, (port, peer))?
    {
        return Ok(());
    }
    if let Some(call) = call
        && call.add_rule(draft, (direction, port, peer))?
    {
        return Ok(());
    }
    if found.is_none()
        && let Some(call) = rule::default_group::call_of(draft, group)
        && rule::registry::add_default_group_rule(draft, &call, (direction, port, peer))?
    {
        return Ok(());
    }
    let database = if found.is_none() { rule::database_groups::call_of_group(draft, group) } else { None };
    if let (None, "ingress", Peer::Group(own)) = (&found, direction, peer)
        && let Some(call) = endpoint::clients::call_of_group(draft, group).or(database)
        && endpoint::clients::add_to_call(draft, call, (port, own))?
    {
        return Ok(());
    }
    match of_module {
        Some(call) => draft.note(&format!(
            "{group} is the group of {} ({}): its name matches.",
            call.address(),
            call.place.location()
        )),
        None if found.is_none() && registry.is_none() && database.is_none() => {
            draft.note_not_managed_here(group.as_str());
        }
        None => {}
    }
    let target = draft.finder.target;
    let origin = match &found {
        Some(found) => found.origin().map(|origin| (found.module, origin)),
        None => of_module.map(|call| (call.place.module, call.origin())),
    };
    if let Some((of_group, origin)) = origin
        && let Some((module, owner)) = module_of_both(draft, (of_group, &origin), peer)
    {
        draft.finder.enter(module)?;
        add_separate_rule(draft, direction, &owner, port, peer)?;
        return draft.finder.enter(target);
    }
    // Beside the other rules of the group, in the module that creates it.
    if let Some(found) = found.as_ref().filter(|found| has_rules_there(draft, found)) {
        draft.finder.enter(found.module)?;
        let owner = format!("{}.id", found.address());
        add_separate_rule(draft, direction, &owner, port, peer)?;
        return draft.finder.enter(target);
    }
    if let Some(call) = database {
        let owner = format!("module.{}.security_group_id", call.block.kind().unwrap_or_default());
        draft.finder.enter(call.module)?;
        add_separate_rule(draft, direction, &owner, port, peer)?;
        return draft.finder.enter(target);
    }
    let owner = registry.unwrap_or_else(|| group_expression(draft, found.as_ref(), group));
    // The rule of a group without a block is beside its peer.
    let beside = if owner == quoted(group.as_str()) { module_of_peer(draft, peer) } else { None };
    let Some(module) = beside else { return add_separate_rule(draft, direction, &owner, port, peer) };
    draft.finder.enter(module)?;
    add_separate_rule(draft, direction, &owner, port, peer)?;
    draft.finder.enter(target)
}

/// Adds a rule to the list that the team's code makes the rules of a group of, or to its block. Returns `false`, and edits nothing, if its
/// rules are resources.
///
/// # Errors
/// The code has the rule, or a list or another value must be changed by hand.
fn add_in_block<'a>(
    draft: &mut Draft<'a>,
    direction: &'static str,
    found: &Found<'a>,
    (port, peer): (u16, &Peer),
) -> Result<bool, EditError> {
    let place = found.rules(direction);
    let is_in_list = !is_ignored(found.file, found.block, direction)
        && match direction {
            "ingress" => rule::client_list::add_peer(draft, place, (port, peer)),
            _ => rule::client_list::add_outbound(draft, place, (port, peer)),
        };
    if is_in_list {
        return Ok(true);
    }
    if let Some(error) = rule::data_file::in_code(draft, direction, found, (port, peer)) {
        return Err(error);
    }
    if rule::values::add(draft, direction, found, (port, peer)) {
        return Ok(true);
    }
    if let Some(error) = rule::data_file::refusal(draft, direction, found, (port, peer))
        .or_else(|| values::unknown_workspace::of_rules(draft, direction, found))
    {
        return Err(error);
    }
    rule::data_file::note(draft, direction, found);
    add_inline_rule(draft, direction, found, (port, peer))
}

/// The module with the block of a peer group, if the target module cannot refer to it.
fn module_of_peer<'a>(draft: &mut Draft<'a>, peer: &Peer) -> Option<&'a Module> {
    let Peer::Group(id) = peer else { return None };
    let found = security_group(draft, id).ok().flatten()?;
    let module = found.module;
    let is_open = module.is_editable() && !draft.finder.config.is_used_more_than_once(module);
    let is_unknown = group_expression(draft, Some(&found), id) == quoted(id.as_str());
    (is_open && is_unknown && module.address != draft.finder.target.address).then_some(module)
}

/// Whether another module than the target creates a group and has its rules as resources, and may be edited.
fn has_rules_there(draft: &Draft<'_>, found: &Found<'_>) -> bool {
    let module = found.module;
    let owner = format!("{}.id", found.address());
    let kinds = [
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
        "aws_security_group_rule",
    ];
    let mut rules = kinds.iter().flat_map(|kind| module.resources(kind));
    module.address != draft.finder.target.address
        && module.is_editable()
        && !draft.finder.config.is_used_more_than_once(module)
        && rules.any(|(file, rule)| {
            let of = rule.body.attribute("security_group_id").map(|id| file.expression(id));
            of.is_some_and(|of| of.is_same(Expr::from(&owner)))
        })
}

/// Adds a rule inside the block of a group. Returns `false` if its rules are resources.
fn add_inline_rule<'a>(
    draft: &mut Draft<'a>,
    direction: &'static str,
    found: &Found<'a>,
    (port, peer): (u16, &Peer),
) -> Result<bool, EditError> {
    let Place { file, block: group, .. } = found.rules(direction);
    // Terraform ignores the inline rules, so the rules of the group are kept elsewhere.
    if is_ignored(found.file, found.block, direction) {
        draft.note(&format!(
            "lifecycle.ignore_changes of {} ({}) lists {direction}, so the rule is a resource of its own.",
            found.address_in_root(),
            location(file, group)
        ));
        return Ok(false);
    }
    let list = group.body.attribute(direction).map(|list| file.expression(list));
    if let Some(empty) =
        group.body.attribute(direction).filter(|_| list.is_some_and(|list| list.is_empty_list()))
    {
        found.ensure_single()?;
        let lines = inline(draft, found.module, port, peer)?;
        draft.splice_all(file, replace_empty_list(file, group, empty, &lines));
        draft.change(&found.address_in_root());
        return Ok(true);
    }
    if let Some(list) = list {
        let lines = inline_by_hand(draft, found.module, port, peer)?;
        return Err(EditError::ByHand {
            place: location(file, group),
            what: format!("{direction} is `{}`: add a rule to this list", list.in_one_line()),
            snippet: element_of_list(direction, list, &lines),
        });
    }
    let is_generated = is_generated(group, direction);
    if !is_generated && group.body.blocks(direction).next().is_none() {
        return Ok(false);
    }
    let place = location(file, group);
    if is_generated
        && draft.finder.config.is_used_more_than_once(found.module)
        && let Some(snippet) =
            rule_by_variable(found.module, (group, &place), (direction, port), literal_rule(port, peer))
    {
        return Err(EditError::ByHand {
            place,
            what: format!(
                "a dynamic block makes the {direction} rules of {}, and no entry of its list gives this rule. A block in the module would \
                 change its other groups: give it a variable that only the call of this service sets",
                found.address_in_root()
            ),
            snippet,
        });
    }
    if is_generated && found.ensure_single().is_err() {
        return Err(EditError::Given {
            place: location(file, group),
            what: format!(
                "a dynamic block makes the {direction} rules of {}, and no entry of its list gives this rule. A block in the module would \
                 change its other groups: give the entries a field for it, and add an entry to the list of this group for this rule",
                found.address_in_root()
            ),
            values: block(direction, &inline_by_hand(draft, found.module, port, peer)?),
        });
    }
    if rule::by_variable::add(draft, direction, found, (port, peer))? {
        return Ok(true);
    }
    found.ensure_single()?;
    let lines = inline(draft, found.module, port, peer)?;
    let splice = add_block_after_siblings(file, group, direction, &lines)?;
    draft.splice(file, splice);
    draft.change(&found.address_in_root());
    Ok(true)
}

/// Whether an expression generates the rules.
pub(in crate::terraform::edit) fn is_generated(block: &Block, direction: &str) -> bool {
    let is_rule = |dynamic: &Block| dynamic.labels.first().is_some_and(|label| label == direction);
    block.body.attribute(direction).is_some() || block.body.blocks("dynamic").any(is_rule)
}

/// An inline rule with ids.
pub(in crate::terraform::edit) fn literal_rule(port: u16, peer: &Peer) -> Vec<Line> {
    let (name, value) = match peer {
        Peer::Ipv4(net) => ("cidr_blocks", net.to_string()),
        Peer::Ipv6(net) => ("ipv6_cidr_blocks", net.to_string()),
        Peer::PrefixList(id) => ("prefix_list_ids", id.to_string()),
        Peer::Group(id) => ("security_groups", id.to_string()),
    };
    vec![
        attribute("description", quoted("For the App Runner service")),
        attribute("from_port", port.to_string()),
        attribute("to_port", port.to_string()),
        attribute("protocol", "\"tcp\""),
        attribute(name, format!("[{}]", quoted(&value))),
    ]
}

/// A separate rule with ids.
pub(in crate::terraform::edit) fn literal_resource(
    direction: &str,
    owner: &str,
    port: u16,
    peer: &Peer,
) -> String {
    let (name, value) = match peer {
        Peer::Ipv4(net) => ("cidr_ipv4", net.to_string()),
        Peer::Ipv6(net) => ("cidr_ipv6", net.to_string()),
        Peer::PrefixList(id) => ("prefix_list_id", id.to_string()),
        Peer::Group(id) => ("referenced_security_group_id", id.to_string()),
    };
    let lines = [
        attribute("security_group_id", owner),
        attribute("description", quoted("For the App Runner service")),
        attribute("ip_protocol", "\"tcp\""),
        attribute("from_port", port.to_string()),
        attribute("to_port", port.to_string()),
        attribute(name, quoted(&value)),
    ];
    resource(&format!("aws_vpc_security_group_{direction}_rule"), &format!("app_runner_{port}"), &lines)
}

/// The list of rules in an attribute with one more rule. Each element needs all fields.
fn element_of_list(direction: &str, present: Expr<'_>, rule: &[Line]) -> String {
    let mut fields: Vec<(String, String)> = rule
        .iter()
        .filter_map(|line| match line {
            Line::Attribute(name, value) => Some((name.clone(), value.clone())),
            Line::Blank | Line::Block(..) => None,
        })
        .collect();
    for name in ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"] {
        if !fields.iter().any(|(known, _)| known == name) {
            fields.push((name.to_owned(), "[]".to_owned()));
        }
    }
    fields.push(("self".to_owned(), "false".to_owned()));
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let fields: String = fields.iter().map(|(name, value)| format!("  {name:<width$} = {value}\n")).collect();
    format!("{direction} = concat({}, [{{\n{fields}}}])\n", present.as_code())
}

/// Adds a separate rule resource, of the type that the code uses.
fn add_separate_rule(
    draft: &mut Draft<'_>,
    direction: &str,
    owner: &str,
    port: u16,
    peer: &Peer,
) -> Result<(), EditError> {
    let new_kind = format!("aws_vpc_security_group_{direction}_rule");
    let has = |kind: &str| draft.finder.target.resources(kind).next().is_some();
    let is_old_kind = has("aws_security_group_rule") && !has(&new_kind);
    let kind = if is_old_kind { "aws_security_group_rule" } else { new_kind.as_str() };
    let name = draft.free_name(kind, &format!("app_runner_{port}"));
    let purpose = quoted(&purpose(draft, peer));
    let mut lines = vec![attribute("security_group_id", owner.to_owned())];
    if is_old_kind {
        lines.push(attribute("type", quoted(direction)));
    }
    lines.push(attribute("description", purpose));
    lines.push(attribute(if is_old_kind { "protocol" } else { "ip_protocol" }, "\"tcp\""));
    lines.push(attribute("from_port", port.to_string()));
    lines.push(attribute("to_port", port.to_string()));
    lines.push(match peer {
        Peer::Ipv4(net) if is_old_kind => attribute("cidr_blocks", format!("[{}]", draft.range(*net))),
        Peer::Ipv6(net) if is_old_kind => {
            attribute("ipv6_cidr_blocks", format!("[{}]", quoted(&net.to_string())))
        }
        Peer::PrefixList(id) if is_old_kind => {
            attribute("prefix_list_ids", format!("[{}]", draft.prefix_list(id)))
        }
        Peer::Group(id) if is_old_kind => attribute("source_security_group_id", peer_group(draft, id)?),
        Peer::Ipv4(net) => attribute("cidr_ipv4", draft.range(*net)),
        Peer::Ipv6(net) => attribute("cidr_ipv6", quoted(&net.to_string())),
        Peer::PrefixList(id) => attribute("prefix_list_id", draft.prefix_list(id)),
        Peer::Group(id) => attribute("referenced_security_group_id", peer_group(draft, id)?),
    });
    match last_rule_of(draft, kind, (direction, owner)) {
        Some(last) => draft.add_resource_after(last, kind, &name, "", &lines),
        None => draft.add_resource_near("aws_security_group", kind, &name, FILE, "", &lines),
    }
    Ok(())
}

/// The last rule of a group as a resource of the target module, of the same direction if it has one.
fn last_rule_of<'a>(
    draft: &Draft<'a>,
    kind: &str,
    (direction, owner): (&str, &str),
) -> Option<(&'a File, &'a Block)> {
    let value = |(file, block): &(&'a File, &'a Block), name: &str| {
        block.body.attribute(name).map(|value| file.expression(value))
    };
    let is_usable = |place: &(&'a File, &'a Block)| {
        !place.0.is_json()
            && !place.0.is_override()
            && place.0.generated.is_none()
            && value(place, "security_group_id").is_some_and(|id| id.is_same(Expr::from(owner)))
    };
    let is_same = |place: &(&'a File, &'a Block)| {
        value(place, "type").is_none_or(|own| own.string().as_deref() == Some(direction))
    };
    let rules: Vec<_> = draft.finder.target.resources(kind).filter(is_usable).collect();
    rules.iter().rev().find(|place| is_same(place)).or(rules.last()).copied()
}
