//! Adds rules of security groups and network ACLs as entries of the lists and maps from which the team's code makes its rules.

use crate::model::{AclRule, Peer, SecurityGroupId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule::group_code::{peer_group, purpose};
use crate::terraform::edit::text::entries::Values;
use crate::terraform::find::entry_value::{Argument, Need};
use crate::terraform::find::form::Form;
use crate::terraform::find::found::Found;
use crate::terraform::find::origin::Origin;
use crate::terraform::lang::expression::parse;
use crate::terraform::lang::json::ROUTE_FIELDS;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::Attribute;
use crate::terraform::read::place::{Place, is_ignored};

/// The owner of a rule or route: its AWS id, and its block in the code.
#[derive(Clone, Copy)]
pub(in crate::terraform::edit) struct Owner<'o, 'a> {
    pub id: &'o str,
    pub found: Option<&'o Found<'a>>,
}

/// Adds a rule of a security group. Returns `false`, and edits nothing, if no list of the code can get it.
pub(in crate::terraform::edit) fn add_group_rule<'a>(
    draft: &mut Draft<'a>,
    direction: &'static str,
    (group, found): (&SecurityGroupId, Option<&Found<'a>>),
    (port, peer): (u16, &Peer),
) -> bool {
    let name = format!("app_runner_{port}");
    let new_kind = if direction == "egress" {
        "aws_vpc_security_group_egress_rule"
    } else {
        "aws_vpc_security_group_ingress_rule"
    };
    if let Some(found) = found.filter(|found| !is_ignored(found.file, found.block, direction)) {
        let place = found.rules(direction);
        let list = list_of(place, direction);
        for form in Form::of_dynamic(place, direction).into_iter().chain(list) {
            let arguments = |draft: &mut Draft<'a>, values: Values<'a>| {
                rule_arguments(draft, &form, values, Kind::Inline, (direction, port, peer))
            };
            if draft.add_entry(&form, &name, arguments) {
                return true;
            }
        }
        // Inline rules and rule resources must not be mixed.
        if place.block.body.blocks(direction).next().is_some()
            || place.block.body.attribute(direction).is_some()
        {
            return false;
        }
    }
    let owner = Owner { id: group.as_str(), found };
    [(new_kind, Kind::Resource), ("aws_security_group_rule", Kind::OldResource)].into_iter().any(
        |(resource, kind)| {
            forms(draft, resource).iter().any(|form| {
                let arguments = |draft: &mut Draft<'a>, values: Values<'a>| {
                    let own = owner_argument(draft, form, values, ("security_group_id", owner))?;
                    let mut all = rule_arguments(draft, form, values, kind, (direction, port, peer))?;
                    all.extend(own);
                    Some(all)
                };
                draft.add_entry(form, &name, arguments)
            })
        },
    )
}

/// The same for a rule of a network ACL.
pub(in crate::terraform::edit) fn add_acl_rule<'a>(
    draft: &mut Draft<'a>,
    (acl, found): (&str, Option<&Found<'a>>),
    (outbound, rule): (bool, &AclRule),
) -> bool {
    let direction = if outbound { "egress" } else { "ingress" };
    let name = format!("app_runner_{direction}_{}", rule.number);
    let arguments_of = |number: &'static str, action: &'static str| {
        let range = rule.remote.to_string();
        let (own, other) = match rule.remote {
            ipnet::IpNet::V4(_) => ("cidr_block", "ipv6_cidr_block"),
            ipnet::IpNet::V6(_) => ("ipv6_cidr_block", "cidr_block"),
        };
        vec![
            fixed(number, rule.number.to_string()),
            fixed(action, quoted("allow")),
            fixed("protocol", quoted("tcp")),
            fixed(own, quoted(&range)),
            empty(other, "null"),
            fixed("from_port", rule.ports.from.to_string()),
            fixed("to_port", rule.ports.to.to_string()),
        ]
    };
    if let Some(found) = found.filter(|found| !is_ignored(found.file, found.block, direction)) {
        let place = Place { module: found.module, file: found.file, block: found.block };
        for form in Form::of_dynamic(place, direction).into_iter().chain(list_of(place, direction)) {
            let arguments = |_: &mut Draft<'a>, _: Values<'a>| {
                let mut all = arguments_of("rule_no", "action");
                all.extend(["icmp_code", "icmp_type"].map(|name| empty(name, "null")));
                Some(all)
            };
            if draft.add_entry(&form, &name, arguments) {
                return true;
            }
        }
    }
    let owner = Owner { id: acl, found };
    forms(draft, "aws_network_acl_rule").iter().any(|form| {
        let arguments = |draft: &mut Draft<'a>, values: Values<'a>| {
            let own = owner_argument(draft, form, values, ("network_acl_id", owner))?;
            let mut all = arguments_of("rule_number", "rule_action");
            all.push(Argument { need: Need::SameOr("false"), ..fixed("egress", outbound.to_string()) });
            all.extend(own);
            Some(all)
        };
        draft.add_entry(form, &name, arguments)
    })
}

/// Adds a route to the inline routes of a table that a list makes. `route` has its range and its target, as expressions of the target
/// module.
pub(in crate::terraform::edit) fn add_inline_route<'a>(
    draft: &mut Draft<'a>,
    found: &Found<'a>,
    route: [(&'static str, &str); 2],
) -> bool {
    let place = Place { module: found.module, file: found.file, block: found.block };
    let module = draft.finder.target;
    let list = list_of(place, "route");
    Form::of_dynamic(place, "route").iter().chain(&list).any(|form| {
        let arguments = |_: &mut Draft<'a>, values: Values<'a>| {
            (values.module.address == module.address && !values.are_constants).then_some(())?;
            let mut all: Vec<Argument> =
                route.iter().map(|(name, value)| fixed(name, (*value).to_owned())).collect();
            let others = ROUTE_FIELDS.iter().filter(|other| route.iter().all(|(name, _)| name != *other));
            all.extend(others.map(|other| empty(other, "null")));
            Some(all)
        };
        draft.add_entry(form, "app_runner", arguments)
    })
}

/// The form of an attribute that is a list of blocks. An empty list in the block is no form: a block replaces it.
fn list_of<'a>(place: Place<'a>, name: &str) -> Option<Form<'a>> {
    let is_empty = |list: &Attribute| place.file.expression(list).is_empty_list();
    place.block.body.attribute(name).filter(|list| !is_empty(list))?;
    Form::of_attribute(place, name)
}

/// The forms of resources of a type that are switched on.
pub(in crate::terraform::edit) fn forms<'a>(draft: &Draft<'a>, kind: &str) -> Vec<Form<'a>> {
    let config = draft.finder.config;
    let modules = config.modules().into_iter().filter(|module| !module.is_installed);
    let places = modules.flat_map(|module| {
        let resources = module.resources(kind).map(|(file, block)| Place { module, file, block });
        resources.collect::<Vec<_>>()
    });
    places.filter_map(Form::of_resource).collect()
}

/// The argument that names the owner; empty if it does not depend on the entry, and `None` if the form makes rules of another owner.
pub(in crate::terraform::edit) fn owner_argument<'a>(
    draft: &mut Draft<'a>,
    form: &Form<'a>,
    values: Values<'a>,
    (name, owner): (&'static str, Owner<'_, 'a>),
) -> Option<Vec<Argument>> {
    let Place { module, file, block } = form.place;
    let written = parse(file.value(block.body.attribute(name)?))?;
    let group = owner.found.and_then(Found::origin);
    if !form.depends(&written) {
        let origins = draft.finder.network.origins.of_attribute(form.place, name)?;
        let is_own = |origin: &Origin<'_>| match origin {
            Origin::Text(text) => text == owner.id,
            origin => group.as_ref().is_some_and(|group| origin.is_same_resource(group)),
        };
        return (origins.len() == 1 && origins.iter().all(is_own)).then(Vec::new);
    }
    let found = owner.found?;
    let here = if found.module.address == module.address {
        format!("{}.id", found.address())
    } else {
        quoted(owner.id)
    };
    let is_here = values.module.address == module.address && found.module.address == module.address;
    let value = match () {
        () if values.are_constants => quoted(owner.id),
        () if is_here => here.clone(),
        () if values.is_trial => format!("{}.trial.id", found.block.kind().unwrap_or_default()),
        () => draft.reference(&group?)?,
    };
    Some(vec![Argument { name, value, here, need: Need::Same }])
}

/// How a rule of a security group is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Inline,
    Resource,
    OldResource,
}

/// The arguments of a rule of a security group.
fn rule_arguments<'a>(
    draft: &mut Draft<'a>,
    form: &Form<'a>,
    values: Values<'a>,
    kind: Kind,
    (direction, port, peer): (&'static str, u16, &Peer),
) -> Option<Vec<Argument>> {
    let peers: [&'static str; 4] = match kind {
        Kind::Inline => ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"],
        Kind::OldResource => {
            ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "source_security_group_id"]
        }
        Kind::Resource => ["cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"],
    };
    let own = match peer {
        Peer::Ipv4(_) => 0,
        Peer::Ipv6(_) => 1,
        Peer::PrefixList(_) => 2,
        Peer::Group(_) => 3,
    };
    let is_list = |name: &str| name.ends_with('s');
    let value = peer_value(draft, values, peer)?;
    let is_here = values.module.address == form.place.module.address;
    let here = if is_here { value.clone() } else { id_or_range(peer) };
    let description = quoted(&purpose(draft, peer));
    let protocol = if kind == Kind::Resource { "ip_protocol" } else { "protocol" };
    let mut all = vec![
        Argument { need: Need::Text, ..fixed("description", description) },
        fixed("from_port", port.to_string()),
        fixed("to_port", port.to_string()),
        fixed(protocol, quoted("tcp")),
    ];
    for (number, name) in peers.into_iter().enumerate() {
        let listed = |text: &str| if is_list(name) { format!("[{text}]") } else { text.to_owned() };
        all.push(if number == own {
            Argument { name, value: listed(&value), here: listed(&here), need: Need::Same }
        } else {
            empty(name, if is_list(name) { "[]" } else { "null" })
        });
    }
    match kind {
        Kind::Resource => {}
        Kind::Inline => all.push(empty("self", "false")),
        Kind::OldResource => {
            all.push(empty("self", "null"));
            all.push(fixed("type", quoted(direction)));
        }
    }
    Some(all)
}

/// The peer of a rule in the module of a new entry.
fn peer_value<'a>(draft: &mut Draft<'a>, values: Values<'a>, peer: &Peer) -> Option<String> {
    if values.are_constants {
        return Some(id_or_range(peer));
    }
    match peer {
        Peer::Ipv4(net) => Some(draft.known_range(*net)),
        Peer::Ipv6(_) => Some(id_or_range(peer)),
        Peer::PrefixList(_) if values.is_trial => Some("data.aws_prefix_list.trial.id".to_owned()),
        Peer::PrefixList(id) => Some(draft.prefix_list(id)),
        Peer::Group(_) if values.is_trial => Some("aws_security_group.trial.id".to_owned()),
        Peer::Group(id) => peer_group(draft, id).ok(),
    }
}

/// The id or the range of a peer as text.
pub(in crate::terraform::edit) fn id_or_range(peer: &Peer) -> String {
    quoted(&match peer {
        Peer::Ipv4(net) => net.to_string(),
        Peer::Ipv6(net) => net.to_string(),
        Peer::PrefixList(id) => id.to_string(),
        Peer::Group(id) => id.to_string(),
    })
}

/// An argument whose value is the same in the module of the form and in that of the entry.
pub(in crate::terraform::edit) fn fixed(name: &'static str, value: String) -> Argument {
    Argument { name, here: value.clone(), value, need: Need::Same }
}

/// An argument without a value; `value` is its value in a list that has all arguments.
pub(in crate::terraform::edit) fn empty(name: &'static str, value: &str) -> Argument {
    Argument { name, value: value.to_owned(), here: value.to_owned(), need: Need::Empty }
}
