//! Rules of security groups that are commented out: an edit uncomments the team's rule instead of a new one.
//!
//! The code without the comment is tried: it is read again, and must have the wanted rule. Must not change the rule.

use ipnet::IpNet;

use crate::model::{Peer, SecurityGroupId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule::existing;
use crate::terraform::edit::text::splice::{Splice, apply};
use crate::terraform::edit::text::uncomment::{uncomment_as_it_is, uncomment_inside};
use crate::terraform::find::commented_out::{CommentedOut, commented_out, commented_out_inside};
use crate::terraform::find::found::Found;
use crate::terraform::lang::structure::Body;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::{Place, is_ignored};

/// The arguments with ranges.
const RANGES: [&str; 4] = ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"];

/// Uncomments a rule that allows the port for the peer. Returns `false`, and edits nothing, if the code has none that can be used as it is.
pub(in crate::terraform::edit) fn uncomment_rule<'a>(
    draft: &mut Draft<'a>,
    (group, found): (&SecurityGroupId, Option<&Found<'a>>),
    rule: (&'static str, u16, &Peer),
) -> bool {
    inline(draft, (group, found), rule) || resource(draft, (group, found), rule)
}

/// Uncomments a block in the code of the group, if it takes no rules from the group that are not in its code.
fn inline<'a>(
    draft: &mut Draft<'a>,
    (group, found): (&SecurityGroupId, Option<&Found<'a>>),
    rule: (&'static str, u16, &Peer),
) -> bool {
    let Some(found) = found else { return false };
    let (direction, ..) = rule;
    let place = found.rules(direction);
    let is_open = found.ensure_single().is_ok()
        && found.module.is_editable()
        && !place.file.is_json()
        && place.file.generated.is_none()
        && place.block.body.attribute(direction).is_none()
        && !is_ignored(found.file, found.block, direction)
        && (has_inline(found, direction) || !has_other_rules(draft, (group, found), direction));
    if !is_open {
        return false;
    }
    let target = draft.finder.target;
    commented_out_inside(place.file, place.block, direction).iter().any(|commented| {
        let Some(body) = commented.block().map(|block| &block.body) else { return false };
        if !is_wanted(draft, (found.module, commented, body), group, rule) {
            return false;
        }
        if commented.span.as_ref().is_some_and(|span| draft.is_changed(commented.file, span)) {
            return true;
        }
        if draft.finder.enter(found.module).is_err() {
            return false;
        }
        let is_done = uncomment_inside(draft, &found.address().to_string(), commented);
        let is_back = draft.finder.enter(target).is_ok();
        if is_done {
            draft.change(&found.address_in_root());
            note_more(draft, (found.module, commented, body), rule);
        }
        is_done && is_back
    })
}

/// Uncomments a resource, if the group has no rules of this direction in its block: the two must not be mixed.
fn resource<'a>(
    draft: &mut Draft<'a>,
    (group, found): (&SecurityGroupId, Option<&Found<'a>>),
    rule: (&'static str, u16, &Peer),
) -> bool {
    let (direction, ..) = rule;
    let is_mixed =
        |found: &Found<'_>| has_inline(found, direction) && !is_ignored(found.file, found.block, direction);
    if found.is_some_and(is_mixed) {
        return false;
    }
    let (config, target) = (draft.finder.config, draft.finder.target);
    let kinds = [format!("aws_vpc_security_group_{direction}_rule"), "aws_security_group_rule".to_owned()];
    let modules = config.modules().into_iter();
    for module in modules.filter(|one| one.is_editable() && !config.is_used_more_than_once(one)) {
        for commented in kinds.iter().flat_map(|kind| commented_out(module, kind)) {
            let Some(body) = commented.block().map(|block| &block.body) else { continue };
            let is_open = commented.file.generated.is_none() && !commented.file.is_json();
            if !is_open || !is_wanted(draft, (module, &commented, body), group, rule) {
                continue;
            }
            if commented.span.as_ref().is_some_and(|span| draft.is_changed(commented.file, span)) {
                return true;
            }
            if draft.finder.enter(module).is_err() {
                continue;
            }
            let is_done = uncomment_as_it_is(draft, &commented);
            let is_back = draft.finder.enter(target).is_ok();
            if is_done && is_back {
                note_more(draft, (module, &commented, body), rule);
                return true;
            }
        }
    }
    false
}

/// Whether the block of a group has rules of a direction.
fn has_inline(found: &Found<'_>, direction: &str) -> bool {
    let body = &found.rules(direction).block.body;
    let is_made = body.blocks("dynamic").any(|one| one.labels.first().is_some_and(|own| own == direction));
    body.blocks(direction).next().is_some() || body.attribute(direction).is_some() || is_made
}

/// Whether a group has rules of a direction in AWS, or as resources in the code.
fn has_other_rules<'a>(
    draft: &Draft<'a>,
    (group, found): (&SecurityGroupId, &Found<'a>),
    direction: &str,
) -> bool {
    let known = draft.finder.snapshot.network.security_groups.get(group);
    let is_in_aws = known.is_none_or(|group| {
        let rules = if direction == "egress" { &group.egress } else { &group.ingress };
        !rules.is_empty()
    });
    let Some(own) = found.origin() else { return true };
    let kinds = [format!("aws_vpc_security_group_{direction}_rule"), "aws_security_group_rule".to_owned()];
    let is_of_group = |place: Place<'a>| {
        let origins = draft.finder.network.origins.of_attribute(place, "security_group_id");
        origins.is_none_or(|all| all.iter().any(|one| one.is_same_resource(&own)))
    };
    is_in_aws
        || draft.finder.config.modules().into_iter().any(|module| {
            let rules = kinds.iter().flat_map(|kind| module.resources(kind));
            rules.map(|(file, block)| Place { module, file, block }).any(is_of_group)
        })
}

/// Whether the code without the comment has the rule. An inbound rule for all ports or all addresses is none that the fix needs.
fn is_wanted(
    draft: &Draft<'_>,
    (module, commented, body): (&Module, &CommentedOut<'_>, &Body),
    group: &SecurityGroupId,
    rule: (&'static str, u16, &Peer),
) -> bool {
    let (direction, port, _) = rule;
    let Some(span) = commented.span.clone() else { return false };
    if direction == "ingress"
        && (!is_for_port(module, commented, body, port) || is_open(module, commented, body))
    {
        return false;
    }
    let splice = Splice::new(span, commented.code.text.clone());
    let trial = apply(commented.file, vec![splice])
        .ok()
        .and_then(|text| draft.finder.config.with_texts(&[(commented.file.path.clone(), text)].into()).ok());
    trial.is_some_and(|trial| existing::is_in(draft, &trial, group, rule))
}

/// The value of an argument.
fn text(module: &Module, commented: &CommentedOut<'_>, body: &Body, name: &str) -> Option<String> {
    module.evaluate(commented.code.expression(body.attribute(name)?))
}

/// Whether a rule is for one TCP port.
fn is_for_port(module: &Module, commented: &CommentedOut<'_>, body: &Body, port: u16) -> bool {
    let has = |name: &str, value: &str| text(module, commented, body, name).as_deref() == Some(value);
    let port = port.to_string();
    let is_tcp = ["protocol", "ip_protocol"].iter().any(|name| has(name, "tcp") || has(name, "6"));
    is_tcp && has("from_port", &port) && has("to_port", &port)
}

/// The known ranges of a rule.
fn ranges(module: &Module, commented: &CommentedOut<'_>, body: &Body) -> Vec<IpNet> {
    let of = |name: &str| {
        let written = commented.code.expression(body.attribute(name)?);
        module.texts(written).or_else(|| Some(vec![module.evaluate(written)?]))
    };
    let texts = RANGES.iter().filter_map(|name| of(name)).flatten();
    texts.filter_map(|text| text.parse().ok()).collect()
}

/// Whether a rule is for all addresses.
fn is_open(module: &Module, commented: &CommentedOut<'_>, body: &Body) -> bool {
    ranges(module, commented, body).iter().any(|range| range.prefix_len() == 0)
}

/// Notes that the rule allows more than the fix needs.
fn note_more(
    draft: &mut Draft<'_>,
    (module, commented, body): (&Module, &CommentedOut<'_>, &Body),
    (direction, port, peer): (&str, u16, &Peer),
) {
    let wanted = match peer {
        Peer::Ipv4(net) => Some(IpNet::V4(*net)),
        Peer::Ipv6(net) => Some(IpNet::V6(*net)),
        Peer::PrefixList(_) | Peer::Group(_) => None,
    };
    let has_more = ranges(module, commented, body).iter().any(|range| Some(*range) != wanted);
    if has_more || !is_for_port(module, commented, body, port) {
        let towards = if direction == "egress" { "to" } else { "from" };
        let peer = match peer {
            Peer::Ipv4(net) => net.to_string(),
            Peer::Ipv6(net) => net.to_string(),
            Peer::PrefixList(id) => id.to_string(),
            Peer::Group(id) => id.to_string(),
        };
        draft.note(&format!(
            "The {direction} rule ({}) allows more than this fix needs: TCP {port} {towards} {peer}.",
            commented.location()
        ));
    }
}
