//! Rules in the call of Cloud Posse's security-group module: elements of `rules`, or of a list in `rules_map`.
//!
//! <https://registry.terraform.io/modules/cloudposse/security-group/aws/latest>

use std::collections::BTreeSet;

use hcl_edit::expr::{Expression, Object};
use ipnet::IpNet;

use crate::model::Peer;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule::group_code::{peer_group, purpose};
use crate::terraform::edit::text::amend::add_paragraph;
use crate::terraform::edit::text::list::{append_element, insert_block_entry};
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::collections::{Literal, literals};
use crate::terraform::find::form::key_text;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::{Expr, without_parentheses};
use crate::terraform::lang::render::{Line, attribute, block, quoted};
use crate::terraform::read::place::Place;

const RULES: &str = "rules";
const MAP: &str = "rules_map";

/// Adds a rule to the call. Returns `false`, and edits nothing, if its arguments are expressions.
///
/// # Errors
/// The call has the rule already.
pub(in crate::terraform::edit) fn add_rule<'a>(
    draft: &mut Draft<'a>,
    call: Place<'a>,
    (direction, port, peer): (&'static str, u16, &Peer),
) -> Result<bool, EditError> {
    let name =
        ResourceAddress::module_of(call.module.address.as_deref(), call.block.kind().unwrap_or_default());
    let is_open = draft.is_editable_call(call)
        && call.module.address == draft.finder.target.address
        && !call.file.is_json()
        && call.file.generated.is_none();
    if !is_open {
        return Ok(false);
    }
    let (field, value) = peer_field(draft, peer)?;
    let present = elements(draft, call);
    let is_rule = |element: &Object| is_rule(call, element, (direction, port), (field, &value, peer));
    if present.iter().any(|(element, _)| is_rule(element)) {
        let address = format!("this rule of {name}");
        return Err(EditError::AlreadyInCode { address, place: call.location() });
    }
    let fields = [
        ("key", quoted(&format!("app_runner_{port}"))),
        ("type", quoted(direction)),
        ("from_port", port.to_string()),
        ("to_port", port.to_string()),
        ("protocol", quoted("tcp")),
        (field, value),
        ("description", quoted(&purpose(draft, peer))),
    ];
    // All elements of a list have the same fields.
    let listed: Vec<&Object> =
        present.iter().filter(|(_, argument)| *argument == RULES).map(|(element, _)| element).collect();
    let names = |element: &Object| -> Option<BTreeSet<String>> {
        element.iter().map(|(name, _)| key_text(name)).collect()
    };
    let wanted = listed.first().and_then(|first| names(first));
    let is_own = |name: &&str| wanted.as_ref().is_none_or(|wanted| wanted.contains(*name));
    let own: Vec<_> = fields.iter().filter(|(name, _)| is_own(name)).collect();
    let optional = |name: &str| ["key", "description"].contains(&name);
    let fits = wanted.as_ref().is_none_or(|wanted| wanted.len() == own.len())
        && fields.iter().all(|(name, _)| optional(name) || is_own(name))
        && listed.iter().all(|element| names(element) == wanted);
    let text = |indent: &str| {
        let lines: Vec<_> = own.iter().map(|(name, value)| attribute(name, value.clone())).collect();
        object(&lines, indent)
    };
    let argument = call.block.body.attribute(RULES);
    let (argument, done) = match argument.map(|list| list.value.clone()) {
        Some(span) if fits && !listed.is_empty() => {
            let start = call.file.slice(0..span.start).rsplit('\n').next().unwrap_or_default();
            let indent: String = start.chars().take_while(|c| c.is_whitespace()).collect();
            (RULES, append_element(call.file, &span, &text(&format!("{indent}  "))).into_iter().collect())
        }
        None => {
            let list = format!("[\n  {},\n]", text("  "));
            (RULES, add_paragraph(call.file, call.block, &[(RULES, &list)])?)
        }
        Some(_) => (MAP, Vec::new()),
    };
    let (argument, splices) = if done.is_empty() { (MAP, in_map(call, &fields)?) } else { (argument, done) };
    if splices.is_empty() {
        return Ok(false);
    }
    draft.splice_all(call.file, splices);
    draft.reenabled.push(ResourceAddress::new(Some(&name), "aws_security_group_rule", "keyed"));
    draft.note(&format!("{name} creates the rule: this edit adds it to {argument} of its call."));
    Ok(true)
}

/// The edit that adds a list with the rule to the map.
fn in_map(call: Place<'_>, fields: &[(&str, String)]) -> Result<Vec<Splice>, EditError> {
    let key = "app_runner";
    let lines: Vec<_> = fields.iter().map(|(name, value)| attribute(name, value.clone())).collect();
    let Some(map) = call.block.body.attribute(MAP) else {
        let map = format!("{{\n  {key} = [\n    {},\n  ]\n}}", object(&lines, "    "));
        return match below_rules(call, &map) {
            Some(splice) => Ok(vec![splice]),
            None => add_paragraph(call.file, call.block, &[(MAP, &map)]),
        };
    };
    let tree = call.file.expression(map).tree();
    let Some(Expression::Object(present)) = tree.as_deref() else { return Ok(Vec::new()) };
    if present.iter().any(|(name, _)| key_text(name).as_deref() == Some(key)) {
        return Ok(Vec::new());
    }
    let entry = format!("{key} = [\n  {},\n]", object(&lines, "  "));
    Ok(insert_block_entry(call.file, &map.value, present, &entry).into_iter().collect())
}

/// The edit that adds the map below the other rules; `None` if they share a line with other code.
fn below_rules(call: Place<'_>, map: &str) -> Option<Splice> {
    let (file, rules) = (call.file, call.block.body.attribute(RULES)?);
    let start = file.slice(0..rules.span.start).rfind('\n')? + 1;
    let indent = file.slice(start..rules.span.start);
    let end = rules.span.end + file.text.get(rules.span.end..)?.find('\n')? + 1;
    let is_alone = indent.trim().is_empty() && file.slice(rules.span.end..end).trim().is_empty();
    let map = map.replace('\n', &format!("\n{indent}"));
    is_alone.then(|| Splice::new(end..end, format!("\n{indent}{MAP} = {map}\n")))
}

/// An object over several lines, whose lines after the first have an indentation.
fn object(lines: &[Line], indent: &str) -> String {
    let text = block("x =", lines);
    let (_, object) = text.trim_end().split_once(" = ").unwrap_or_default();
    object.replace('\n', &format!("\n{indent}"))
}

/// The field with the peer, and its value.
fn peer_field(draft: &mut Draft<'_>, peer: &Peer) -> Result<(&'static str, String), EditError> {
    Ok(match peer {
        Peer::Ipv4(net) => ("cidr_blocks", format!("[{}]", draft.range(*net))),
        Peer::Ipv6(net) => ("ipv6_cidr_blocks", format!("[{}]", quoted(&net.to_string()))),
        Peer::PrefixList(id) => ("prefix_list_ids", format!("[{}]", draft.prefix_list(id))),
        Peer::Group(id) => ("source_security_group_id", peer_group(draft, id)?),
    })
}

/// The rules of the call with the arguments that have them.
fn elements(draft: &Draft<'_>, call: Place<'_>) -> Vec<(Object, &'static str)> {
    let mut all = Vec::new();
    for argument in [RULES, MAP] {
        let Some(written) = call.block.body.attribute(argument) else { continue };
        let Some(module) =
            draft.finder.config.modules().into_iter().find(|own| own.address == call.module.address)
        else {
            continue;
        };
        let found = literals(draft.finder.config, (module, call.file), written.value.clone());
        for tree in found.iter().flatten().filter_map(Literal::tree) {
            collect(&tree, argument, &mut all);
        }
    }
    all
}

fn collect(value: &Expression, argument: &'static str, all: &mut Vec<(Object, &'static str)>) {
    match without_parentheses(value) {
        Expression::Array(list) => list.iter().for_each(|one| collect(one, argument, all)),
        Expression::Object(object) => {
            let is_rule = object.iter().any(|(name, _)| key_text(name).as_deref() == Some("type"));
            if is_rule {
                all.push((object.clone(), argument));
            } else {
                object.iter().for_each(|(_, one)| collect(one.expr(), argument, all));
            }
        }
        _ => {}
    }
}

/// Whether an element is the rule.
fn is_rule(
    call: Place<'_>,
    element: &Object,
    (direction, port): (&str, u16),
    (field, value, peer): (&str, &str, &Peer),
) -> bool {
    let written = |name: &str| {
        element.iter().find(|(own, _)| key_text(own).as_deref() == Some(name)).map(|(_, value)| value.expr())
    };
    let text = |name: &str| call.module.evaluate(Expr::parsed("", written(name)?));
    let number = |name: &str| text(name)?.parse::<i64>().ok();
    let is_open = match text("protocol").as_deref() {
        Some("-1" | "all") => true,
        Some("tcp" | "6") => number("from_port")
            .zip(number("to_port"))
            .is_some_and(|(from, to)| (from..=to).contains(&i64::from(port))),
        _ => false,
    };
    let net = match peer {
        Peer::Ipv4(net) => Some(IpNet::V4(*net)),
        Peer::Ipv6(net) => Some(IpNet::V6(*net)),
        Peer::PrefixList(_) | Peer::Group(_) => None,
    };
    let has_range = |own: &Expression| {
        let ranges = call.module.texts(Expr::parsed("", own)).unwrap_or_default();
        let contains = |range: &String| {
            range.parse::<IpNet>().ok().zip(net).is_some_and(|(range, net)| range.contains(&net))
        };
        ranges.iter().any(contains)
    };
    let is_peer = written(field).is_some_and(|own| {
        let own_text = own.to_string();
        Expr::from(own_text.trim()).is_same(Expr::from(value)) || has_range(own)
    });
    text("type").as_deref() == Some(direction) && is_open && is_peer
}
