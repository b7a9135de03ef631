//! The clients of a security group in a list outside its block: `security_groups = var.allowed_security_groups`, with the list in the
//! argument of a call, in a local, or in a variable file. The connector's group, or the ranges of its subnets, become elements of it. The
//! same for the peers of an outbound rule.
//!
//! The longer list is tried: the code is read again with it, and the rule must have more clients by the number of new ones.

use std::ops::Range;

use ipnet::Ipv4Net;

use crate::model::{Peer, SecurityGroupId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule::entries::id_or_range;
use crate::terraform::edit::rule::group_code::{peer_group, security_group};
use crate::terraform::edit::rule::inbound::has_port;
use crate::terraform::edit::text::list::insert_element;
use crate::terraform::edit::text::splice::{Splice, apply};
use crate::terraform::find::collections::Literal;
use crate::terraform::find::form::Form;
use crate::terraform::find::kept_at::KeptAt;
use crate::terraform::find::kept_value::kept_value;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::find::origins::Origins;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::{Attribute, Body, Item};
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// The arguments of an inline rule with its clients.
const GROUPS: &str = "security_groups";
const RANGES: &str = "cidr_blocks";

/// Who the new clients are.
#[derive(Clone)]
enum Clients {
    Group(SecurityGroupId),
    Ranges(Vec<Ipv4Net>),
    /// The peer of an outbound rule.
    Peer(Peer),
}

/// The rules of a group in its block: those of static blocks, and those of dynamic blocks that only switch a rule on.
pub(in crate::terraform::edit) fn inline_rules(group: Place<'_>) -> Vec<&Body> {
    let is_ingress = |name: Option<&String>| name.is_some_and(|name| name == "ingress");
    let dynamic = group.block.body.blocks("dynamic").filter(|one| is_ingress(one.labels.first()));
    let contents = dynamic.filter_map(|one| one.body.blocks("content").next());
    group.block.body.blocks("ingress").chain(contents).map(|block| &block.body).collect()
}

/// Whether the clients of an inline rule are in a list outside the block.
pub(in crate::terraform::edit) fn has_list(group: Place<'_>, rule: &Body) -> bool {
    [GROUPS, RANGES].iter().any(|name| listed(group, rule, name).is_some())
}

/// The argument of a rule whose value is not written in the rule.
fn listed<'a>(group: Place<'a>, rule: &'a Body, name: &str) -> Option<&'a Attribute> {
    let list = rule.attribute(name)?;
    let tree = group.file.expression(list).tree()?;
    let is_elsewhere = !tree.is_array() && !tree.is_null();
    is_elsewhere.then_some(list)
}

/// Adds the connector's group, or the ranges of its subnets if the clients are ranges, to the list of an inline rule of a group. Returns
/// `false`, and edits nothing, if the rule has no such list, or something else uses the list.
pub(in crate::terraform::edit) fn add<'a>(
    draft: &mut Draft<'a>,
    group: Place<'a>,
    rule: &'a Body,
    peer: &SecurityGroupId,
) -> bool {
    if let Some(list) = listed(group, rule, GROUPS) {
        if refers_to(draft, peer, group) {
            return false;
        }
        return add_to(draft, (group, rule, list), &Clients::Group(peer.clone()));
    }
    let ranges = ranges_of_connector(draft);
    match listed(group, rule, RANGES).filter(|_| rule.attribute(GROUPS).is_none()).zip(ranges) {
        Some((list, ranges)) => add_to(draft, (group, rule, list), &Clients::Ranges(ranges)),
        None => false,
    }
}

/// Whether the code of a security group refers to another one, so that the opposite reference would be a cycle.
fn refers_to<'a>(draft: &Draft<'a>, peer: &SecurityGroupId, group: Place<'a>) -> bool {
    let Ok(Some(found)) = security_group(draft, peer) else { return false };
    let place = Place { module: found.module, file: found.file, block: found.block };
    let lists = place.block.body.items.iter().filter_map(|item| match item {
        Item::Block(rule) => rule.body.attribute(GROUPS),
        Item::Attribute(_) => None,
    });
    let mut origins =
        lists.filter_map(|list| draft.finder.network.origins.of(place, place.file.expression(list)));
    origins
        .any(|all| all.iter().any(|one| matches!(one, Origin::Block(one) if one.place.is_same_block(&group))))
}

/// The same for the rule of a port, if the peer is the connector's group.
pub(in crate::terraform::edit) fn add_peer<'a>(
    draft: &mut Draft<'a>,
    group: Place<'a>,
    (port, peer): (u16, &Peer),
) -> bool {
    let Peer::Group(peer) = peer else { return false };
    let rules = inline_rules(group).into_iter().filter(|rule| has_port(group, rule, port));
    rules.collect::<Vec<_>>().into_iter().any(|rule| add(draft, group, rule, peer))
}

/// Adds the peer of an outbound rule for a TCP port to the list of a rule for this port alone. Returns `false`, and edits nothing, if the
/// group has no such list.
pub(in crate::terraform::edit) fn add_outbound<'a>(
    draft: &mut Draft<'a>,
    group: Place<'a>,
    (port, peer): (u16, &Peer),
) -> bool {
    let name = match peer {
        Peer::Ipv4(_) => RANGES,
        Peer::Ipv6(_) => "ipv6_cidr_blocks",
        Peer::PrefixList(_) => "prefix_list_ids",
        Peer::Group(_) => GROUPS,
    };
    let clients = Clients::Peer(peer.clone());
    let number = |rule: &Body, name: &str| {
        let written = group.file.expression(rule.attribute(name)?);
        group.module.evaluate(written)?.parse::<u16>().ok()
    };
    let is_for_port = |rule: &Body| {
        has_port(group, rule, port)
            && ["from_port", "to_port"].iter().all(|name| number(rule, name) == Some(port))
    };
    group.block.body.blocks("egress").map(|rule| &rule.body).filter(|rule| is_for_port(rule)).any(|rule| {
        listed(group, rule, name).is_some_and(|list| add_to(draft, (group, rule, list), &clients))
    })
}

/// The ranges of the connector's subnets.
fn ranges_of_connector(draft: &Draft<'_>) -> Option<Vec<Ipv4Net>> {
    let subnets = &draft.finder.snapshot.network.subnets;
    draft.finder.workload_subnets().iter().map(|id| subnets.get(id)?.cidr).collect()
}

fn add_to<'a>(
    draft: &mut Draft<'a>,
    (group, rule, list): (Place<'a>, &'a Body, &'a Attribute),
    clients: &Clients,
) -> bool {
    let config = draft.finder.config;
    let Some(form) = Form::of_list(group, rule, list) else { return false };
    let literals = form.open_literals(config);
    let literal = literals.into_iter().next_back().filter(|literal| literal.made_by.is_none());
    // The list can have the clients since another fix that is not applied.
    let Some(clients) = &without_present(draft, (group, list), clients) else { return true };
    match literal {
        Some(literal) => add_to_literal(draft, (group, list), &literal, clients),
        None => set_argument(draft, (group, list), clients),
    }
}

/// The clients that the list does not have yet; `None` if it has all of them.
fn without_present<'a>(
    draft: &Draft<'a>,
    (group, list): (Place<'a>, &Attribute),
    clients: &Clients,
) -> Option<Clients> {
    match clients {
        Clients::Group(id) => {
            let own = security_group(draft, id).ok().flatten().and_then(|found| found.origin());
            let origins = draft.finder.network.origins.of(group, group.file.expression(list));
            let is_present = |one: &Origin<'_>| match one {
                Origin::Text(text) => text == id.as_str(),
                one => own.as_ref().is_some_and(|own| one.is_same_resource(own)),
            };
            let has = origins.unwrap_or_default().iter().any(is_present);
            (!has).then(|| clients.clone())
        }
        Clients::Ranges(ranges) => {
            let present = group.module.texts(group.file.expression(list)).unwrap_or_default();
            let present: Vec<Ipv4Net> = present.iter().filter_map(|one| one.parse().ok()).collect();
            let is_new = |range: &&Ipv4Net| !present.iter().any(|one| one.contains(*range));
            let new: Vec<Ipv4Net> = ranges.iter().filter(is_new).copied().collect();
            (!new.is_empty()).then_some(Clients::Ranges(new))
        }
        Clients::Peer(_) => Some(clients.clone()),
    }
}

fn add_to_literal<'a>(
    draft: &mut Draft<'a>,
    (group, list): (Place<'a>, &'a Attribute),
    literal: &Literal<'a>,
    clients: &Clients,
) -> bool {
    let (file, span) = (literal.file, &literal.span);
    let tree = literal.tree();
    let Some(present) = tree.as_ref().and_then(|tree| tree.as_array()).filter(|_| !file.is_json()) else {
        return false;
    };
    let is_list_of_texts = !present.is_empty() && present.iter().all(|one| one.as_str().is_some());
    // A prefix list has a data source, which the edit adds after the trial.
    let of_list = matches!(clients, Clients::Peer(Peer::PrefixList(_)));
    let are_texts = draft.accepts_only_constants(literal) || is_list_of_texts && !of_list;
    if let Clients::Peer(peer) = clients {
        let text = id_or_range(peer);
        let trial = spliced(file, span, &text).and_then(|splice| apply(file, vec![splice]).ok());
        if trial.is_none_or(|trial| !is_right(draft, (group, list), (file, trial), &[text])) {
            return false;
        }
    }
    let Some(new) = elements(draft, literal.module, clients, are_texts) else { return false };
    // Another change of this edit can have added them.
    let place = (file.path.clone(), span.start);
    let new: Vec<String> =
        new.into_iter().filter(|one| !draft.clients.contains(&(place.clone(), one.clone()))).collect();
    if new.is_empty() {
        return true;
    }
    let joined = new.join(", ");
    let trial = spliced(file, span, &joined).and_then(|splice| apply(file, vec![splice]).ok());
    let is_tried = matches!(clients, Clients::Peer(_));
    if !is_tried && trial.is_none_or(|text| !is_right(draft, (group, list), (file, text), &new)) {
        return false;
    }
    let mut is_first = true;
    for one in &new {
        let is_added = draft.insert_in(file, span, |file, span| {
            whole(file, span, &joined).filter(|_| is_first).or_else(|| insert_element(file, span, one))
        });
        if !is_added {
            return false;
        }
        if is_first && present.is_empty() {
            break;
        }
        is_first = false;
    }
    draft.clients.extend(new.iter().map(|one| (place.clone(), one.clone())));
    let at = format!("{}:{}", file.path.display(), file.line(span.start));
    note(draft, group, clients, &at);
    draft.note_constants(literal, &format!("{}{joined}", file.slice(span.clone())));
    true
}

/// Gives the call of the group's module the argument, if its default is an empty list.
fn set_argument<'a>(
    draft: &mut Draft<'a>,
    (group, list): (Place<'a>, &'a Attribute),
    clients: &Clients,
) -> bool {
    let config = draft.finder.config;
    let present = group.module.value(group.file.expression(list));
    let is_empty = present.is_some_and(|list| list.is_null() || list.as_array().is_some_and(Vec::is_empty));
    let kept = kept_value(config, (group.module, group.file), list.value.clone()).filter(|_| is_empty);
    let Some(kept) = kept else { return false };
    let KeptAt::Argument { call, key: None, .. } = &kept.at else { return false };
    let call = *call;
    let Some(new) = elements(draft, call.module, clients, false) else { return false };
    let place = (call.file.path.clone(), call.block.span.start);
    if new.iter().all(|one| draft.clients.contains(&(place.clone(), one.clone()))) {
        return true;
    }
    let is_set = draft.set_kept(&kept, &format!("[{}]", new.join(", ")), kept.trail.len());
    if is_set {
        draft.clients.extend(new.into_iter().map(|one| (place.clone(), one)));
        note(draft, group, clients, &call.location());
    }
    is_set
}

/// The edit of an empty list.
fn whole(file: &File, span: &Range<usize>, elements: &str) -> Option<Splice> {
    let is_empty = Expr::from(file.slice(span.clone())).is_empty_list();
    is_empty.then(|| Splice::new(span.clone(), format!("[{elements}]")))
}

/// The edit of a list.
fn spliced(file: &File, span: &Range<usize>, elements: &str) -> Option<Splice> {
    whole(file, span, elements).or_else(|| insert_element(file, span, elements))
}

fn note<'a>(draft: &mut Draft<'a>, group: Place<'a>, clients: &Clients, at: &str) {
    let address = group.address_in_root();
    draft.change(&address);
    let what = match clients {
        Clients::Group(_) | Clients::Ranges(_) => "its clients",
        Clients::Peer(_) => "the peers of an outbound rule",
    };
    draft.note(&format!(
        "{address} ({}) has {what} in a list: this edit adds to it ({at}).",
        group.location()
    ));
}

/// The new elements as expressions of a module; `None` if there are none.
fn elements<'a>(
    draft: &mut Draft<'a>,
    module: &'a Module,
    clients: &Clients,
    are_texts: bool,
) -> Option<Vec<String>> {
    let new = match clients {
        Clients::Group(id) if are_texts => vec![quoted(id.as_str())],
        Clients::Peer(peer) if are_texts => vec![id_or_range(peer)],
        Clients::Peer(peer @ Peer::Ipv6(_)) => vec![id_or_range(peer)],
        Clients::Group(id) | Clients::Peer(Peer::Group(id)) => {
            vec![in_module(draft, module, |draft| peer_group(draft, id).ok())?]
        }
        Clients::Peer(Peer::PrefixList(id)) => {
            vec![in_module(draft, module, |draft| Some(draft.prefix_list(id)))?]
        }
        Clients::Peer(Peer::Ipv4(net)) if module.address == draft.finder.target.address => {
            vec![draft.known_range(*net)]
        }
        Clients::Peer(Peer::Ipv4(net)) => vec![draft.range_in(module, *net)],
        Clients::Ranges(ranges) => {
            let known = &draft.finder.snapshot.network.subnets;
            let subnets = draft.finder.workload_subnets();
            let of = |range: &Ipv4Net| {
                let is_own = |id: &&_| known.get(*id).is_some_and(|one| one.cidr.as_ref() == Some(range));
                let id = subnets.iter().find(is_own).filter(|_| !are_texts)?;
                match draft.finder.subnet_origin(id)? {
                    Origin::Block(block) if block.instance != Instances::All => {
                        Some(Origin::Block(BlockOrigin { attribute: "cidr_block".to_owned(), ..block }))
                    }
                    _ => None,
                }
            };
            let origins: Vec<_> = ranges.iter().map(of).collect();
            let text = |range: &Ipv4Net| quoted(&range.to_string());
            let all = ranges.iter().zip(origins);
            all.map(|(range, origin)| {
                origin.and_then(|origin| draft.reference_in(module, &origin)).unwrap_or_else(|| text(range))
            })
            .collect()
        }
    };
    (!new.is_empty()).then_some(new)
}

/// What a function returns with a module as that of new resources.
fn in_module<'a, T>(
    draft: &mut Draft<'a>,
    module: &'a Module,
    run: impl FnOnce(&mut Draft<'a>) -> Option<T>,
) -> Option<T> {
    let target = draft.finder.target;
    if target.address == module.address {
        return run(draft);
    }
    draft.finder.enter(module).ok()?;
    let done = run(draft);
    draft.finder.enter(target).ok()?;
    done
}

/// Whether the code with a changed file has a rule with the former clients and these.
fn is_right<'a>(
    draft: &Draft<'a>,
    (group, list): (Place<'a>, &'a Attribute),
    (file, text): (&File, String),
    new: &[String],
) -> bool {
    let written = group.file.expression(list);
    let values = |module: &Module| module.texts(written).map(|all| all.len());
    let Ok(trial) = draft.finder.config.with_texts(&[(file.path.clone(), text)].into()) else { return false };
    let Some(after) = trial.modules().into_iter().find(|module| module.address == group.module.address)
    else {
        return false;
    };
    let is_longer = |before: Option<usize>, after: Option<usize>| {
        before.is_some_and(|before| after == Some(before + new.len()))
    };
    is_longer(values(group.module), values(after))
        || is_longer(
            draft.finder.network.origins.of(group.module, written).map(|all| all.len()),
            Origins::new(&trial).of(after, written).map(|all| all.len()),
        )
}
