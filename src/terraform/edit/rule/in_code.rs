//! Finds the rules of security groups and network ACLs that the code has already and AWS does not have yet: the next apply adds them.

use std::cell::RefCell;
use std::rc::Rc;

use hcl::Value;
use ipnet::{IpNet, Ipv4Net};

use crate::model::{AclRule, Peer};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule::group_code::is_prefix_list;
use crate::terraform::edit::rule::unknown_range::{refusal, variable_of};
use crate::terraform::edit::text::list::missing_elements;
use crate::terraform::error::EditError;
use crate::terraform::find::form::{Form, WrittenEntry};
use crate::terraform::find::found::Found;
use crate::terraform::find::instances::{for_instance, instance_keys};
use crate::terraform::find::origin::Origin;
use crate::terraform::find::registry::searched_modules;
use crate::terraform::find::switch::switch_of;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::Body;
use crate::terraform::read::config::Config;
use crate::terraform::read::place::{Place, is_ignored};

/// A rule that a group needs.
pub(in crate::terraform::edit) struct WantedRule<'w> {
    /// `ingress` or `egress`.
    pub direction: &'static str,
    pub port: u16,
    pub peer: &'w Peer,
    /// The peer as an expression in the target module.
    pub value: &'w str,
    /// The peer in the code: a group, or the subnet with the range.
    pub peer_origin: Option<Origin<'w>>,
}

/// The owner of rules.
pub(in crate::terraform::edit) struct Owner<'w, 'a> {
    /// Its AWS id.
    pub id: &'w str,
    pub found: Option<&'w Found<'a>>,
    /// Its block, or the call that creates it.
    pub origin: Option<Origin<'a>>,
    /// Its id as an expression in the target module.
    pub expression: &'w str,
}

/// The error for a rule of a security group that the code has already; `None` if it has none that allows the port.
pub(in crate::terraform::edit) fn group_rule(
    draft: &Draft<'_>,
    owner: &Owner<'_, '_>,
    wanted: &WantedRule<'_>,
) -> Option<EditError> {
    if let Some(found) = owner.found {
        let place = found.rules(wanted.direction);
        if !is_ignored(found.file, found.block, wanted.direction) {
            let inline = place.block.body.blocks(wanted.direction);
            let inline = inline.map(|rule| Rule { place, body: &rule.body, key: None });
            let list = place.block.body.attribute(wanted.direction).map(|list| place.file.expression(list));
            let list = list.and_then(|list| found.module.value(list));
            let mut elements = list.iter().filter_map(Value::as_array).flatten();
            let made = made_rules(draft, place, wanted.direction);
            let switched = switched_rules(place, wanted.direction).into_iter();
            let mut inline = inline.chain(switched.map(|body| Rule { place, body, key: None }));
            if inline.any(|rule| allows(draft, &Fields::Rule(rule), wanted))
                || elements.any(|element| allows(draft, &Fields::Element(element), wanted))
                || made.iter().any(|rule| allows(draft, rule, wanted))
            {
                let address = format!("this {} rule of {}", wanted.direction, found.address_in_root());
                return Some(EditError::AlreadyInCode { address, place: place.location() });
            }
        }
    }
    let new_kind = format!("aws_vpc_security_group_{}_rule", wanted.direction);
    let rules = [new_kind.as_str(), "aws_security_group_rule"];
    in_resources(draft, &rules, ("security_group_id", owner), |rule| {
        let has_direction = rule.text("type").is_none_or(|kind| kind == wanted.direction);
        has_direction && allows(draft, rule, wanted)
    })
}

/// The same for a rule of a network ACL. `last` is the largest number with the effect of the wanted one: no rule before it denies the
/// traffic.
pub(in crate::terraform::edit) fn acl_rule(
    draft: &Draft<'_>,
    owner: &Owner<'_, '_>,
    (outbound, wanted, last): (bool, &AclRule, u16),
) -> Option<EditError> {
    let (number, wanted) = (wanted.number, &AclRule { number: last, ..wanted.clone() });
    let direction = if outbound { "egress" } else { "ingress" };
    if let Some(found) = owner.found.filter(|found| !is_ignored(found.file, found.block, direction)) {
        let place = Place { module: found.module, file: found.file, block: found.block };
        let inline = found.block.body.blocks(direction);
        let mut inline = inline.map(|rule| Fields::Rule(Rule { place, body: &rule.body, key: None }));
        let made = made_rules(draft, place, direction);
        if inline.any(|rule| admits(&rule, ("rule_no", "action"), wanted))
            || made.iter().any(|rule| admits(rule, ("rule_no", "action"), wanted))
        {
            let address = format!("{direction} rule {number} of {}", found.address_in_root());
            return Some(EditError::AlreadyInCode { address, place: place.location() });
        }
    }
    in_resources(draft, &["aws_network_acl_rule"], ("network_acl_id", owner), |rule| {
        let is_outbound = rule.text("egress").is_some_and(|egress| egress == "true");
        is_outbound == outbound && admits(rule, ("rule_number", "rule_action"), wanted)
    })
}

/// The error for the first resource of these types, in any module, that is a rule of the owner and is wanted.
fn in_resources<'a>(
    draft: &Draft<'a>,
    kinds: &[&str],
    (argument, owner): (&str, &Owner<'_, '_>),
    is_wanted: impl Fn(&Fields<'a>) -> bool,
) -> Option<EditError> {
    let config = draft.finder.config;
    let group = &owner.origin;
    let modules = searched_modules(config).into_iter();
    let places = modules.flat_map(|module| {
        let rules = kinds.iter().flat_map(|kind| module.resources(kind));
        rules.map(move |(file, block)| Place { module, file, block })
    });
    for place in places.filter(|place| switch_of(config, place.module, place.file, place.block).is_on()) {
        let is_of_owner = |rule: &Fields<'a>| {
            let is_here = place.module.address == draft.finder.target.address;
            let Some((_, written)) = rule.written(argument) else { return false };
            let origins = match rule {
                Fields::Rule(Rule { key, .. }) => {
                    draft.finder.network.origins.of_instance(place, key.as_deref(), argument)
                }
                _ => draft.finder.network.origins.of(place, Expr::from(&written)),
            };
            origins.unwrap_or_default().iter().any(|one| match one {
                Origin::Text(text) => text == owner.id,
                one => group.as_ref().is_some_and(|group| one.is_same_resource(group)),
            }) || is_here && Expr::from(&written).is_same(Expr::from(owner.expression))
        };
        let address = place.module.address_of(place.block);
        for (rule, key) in rules_of(config, place) {
            if is_of_owner(&rule) && is_wanted(&rule) {
                let address = key.map_or(address.clone(), |key| address.clone().with_key(key));
                let address = address.to_string();
                return Some(EditError::AlreadyInCode { address, place: place.location() });
            }
        }
    }
    None
}

/// The rules that a resource makes, each with the key of its instance.
fn rules_of<'a>(config: &'a Config, place: Place<'a>) -> Vec<(Fields<'a>, Option<String>)> {
    let rule =
        |key: Option<String>| (Fields::Rule(Rule { place, body: &place.block.body, key: key.clone() }), key);
    if let Some(form) = Form::of_resource(place).map(Rc::new) {
        let made = form.known_entries(config).into_iter().map(|entry| {
            let own = entry.key.as_deref().or_else(|| entry.value.as_str());
            let own = own.map(|key| format!("[{}]", quoted(key)));
            (Fields::Made(Rc::clone(&form), Box::new(entry)), own)
        });
        let made: Vec<_> = made.collect();
        if !made.is_empty() {
            return made;
        }
    }
    let keys = instance_keys(place).filter(|keys| !keys.is_empty());
    keys.map_or_else(|| vec![rule(None)], |keys| keys.into_iter().map(|key| rule(Some(key))).collect())
}

/// A rule in the code: a nested block, or an instance of a resource.
struct Rule<'a> {
    place: Place<'a>,
    body: &'a Body,
    key: Option<String>,
}

impl Rule<'_> {
    /// The expression of an argument, with the key and value of the instance.
    fn written(&self, name: &str) -> Option<String> {
        let text = self.place.file.value(self.body.attribute(name)?);
        Some(self.key.as_ref().map_or_else(|| text.to_owned(), |key| for_instance(self.place, key, text)))
    }
}

/// The rules in a block that dynamic blocks and a list of blocks make.
fn made_rules<'a>(draft: &Draft<'a>, place: Place<'a>, direction: &str) -> Vec<Fields<'a>> {
    let forms = Form::of_dynamic(place, direction).into_iter().chain(Form::of_attribute(place, direction));
    let made = forms.flat_map(|form| {
        let form = Rc::new(form);
        let entries = form.known_entries(draft.finder.config);
        entries.into_iter().map(move |entry| Fields::Made(Rc::clone(&form), Box::new(entry)))
    });
    made.collect()
}

/// Whether the dynamic blocks of a group, or the list that is its rules, allow a TCP port inbound from a range.
pub(in crate::terraform::edit) fn is_made_for(
    draft: &Draft<'_>,
    group: Place<'_>,
    port: u16,
    range: Ipv4Net,
) -> bool {
    let (peer, value) = (Peer::Ipv4(range), draft.known_range(range));
    let wanted = WantedRule { direction: "ingress", port, peer: &peer, value: &value, peer_origin: None };
    let made = made_rules(draft, group, wanted.direction);
    let switched = switched_rules(group, wanted.direction).into_iter();
    let switched = switched.map(|body| Fields::Rule(Rule { place: group, body, key: None }));
    switched.chain(made).any(|rule| allows(draft, &rule, &wanted))
}

/// Whether a dynamic block of a group makes an inbound rule for a TCP port, or for an unknown one, whose ranges are unknown.
pub(in crate::terraform::edit) fn has_unknown_ranges(draft: &Draft<'_>, group: Place<'_>, port: u16) -> bool {
    made_rules(draft, group, "ingress").iter().any(|rule| {
        let is_for_port = rule.has_ports(port, port) || rule.text("from_port").is_none();
        is_for_port && rule.written("cidr_blocks").is_some() && rule.value("cidr_blocks").is_none()
    })
}

/// The refusal for a rule of a group whose port another rule of the group has, for ranges that are unknown.
pub(in crate::terraform::edit) fn unknown_rule(
    draft: &Draft<'_>,
    owner: &Owner<'_, '_>,
    wanted: &WantedRule<'_>,
) -> Option<EditError> {
    let Peer::Ipv4(net) = wanted.peer else { return None };
    let config = draft.finder.config;
    let port = wanted.port.to_string();
    let unknown = |rule: &Fields<'_>| {
        let has = |name: &str| rule.text(name).as_deref() == Some(port.as_str());
        (rule.has_ports(wanted.port, wanted.port) && has("from_port") && has("to_port")).then_some(())?;
        let (place, written) = ["cidr_blocks", "cidr_ipv4"].iter().find_map(|name| rule.written(name))?;
        if draft.finder.is_range_of_workload_vpc(place.module, written.as_str()) {
            return None;
        }
        let variable = variable_of(place, Expr::from(&written))?;
        let direction = if wanted.direction == "egress" { "outbound" } else { "inbound" };
        let of = format!("the {direction} rule for TCP {port} of {}", owner.id);
        Some(refusal(config, place, (&of, Expr::from(&written), &variable), &net.to_string()))
    };
    if let Some(found) = owner.found.filter(|one| !is_ignored(one.file, one.block, wanted.direction)) {
        let place = found.rules(wanted.direction);
        let inline = place.block.body.blocks(wanted.direction);
        let mut inline = inline.map(|rule| Fields::Rule(Rule { place, body: &rule.body, key: None }));
        if let Some(error) = inline.find_map(|rule| unknown(&rule)) {
            return Some(error);
        }
    }
    let new_kind = format!("aws_vpc_security_group_{}_rule", wanted.direction);
    let error = RefCell::new(None);
    in_resources(
        draft,
        &[new_kind.as_str(), "aws_security_group_rule"],
        ("security_group_id", owner),
        |rule| {
            let has_direction = rule.text("type").is_none_or(|kind| kind == wanted.direction);
            let found = if has_direction { unknown(rule) } else { None };
            let is_found = found.is_some();
            error.replace(found);
            is_found
        },
    )?;
    error.into_inner()
}

/// The contents of the dynamic blocks that are not known to make no block: those that only switch a rule on have its arguments.
fn switched_rules<'a>(place: Place<'a>, direction: &str) -> Vec<&'a Body> {
    let is_empty = |form: &Form<'a>| {
        let list = place.module.value(form.collection());
        list.is_some_and(|list| list.as_array().is_some_and(Vec::is_empty))
    };
    let forms = Form::of_dynamic(place, direction).into_iter().filter(|form| !is_empty(form));
    forms.map(|form| form.body).collect()
}

/// The arguments of a rule.
enum Fields<'a> {
    Rule(Rule<'a>),
    /// An entry of a form.
    Made(Rc<Form<'a>>, Box<WrittenEntry<'a>>),
    /// An element of a list of rules.
    Element(&'a Value),
}

impl<'a> Fields<'a> {
    /// The expression of an argument, and the block that it is in.
    fn written(&self, name: &str) -> Option<(Place<'a>, String)> {
        match self {
            Self::Rule(rule) => Some((rule.place, rule.written(name)?)),
            Self::Made(form, entry) => {
                let source = entry.source.as_ref().filter(|_| form.is_of_entry_only(name));
                let (module, value) = match source {
                    Some((module, value)) => (*module, value),
                    None => (form.place.module, &entry.value),
                };
                let written = form.argument(name, (entry.key.as_deref(), value))?;
                Some((Place { module, ..form.place }, written.to_string().trim().to_owned()))
            }
            Self::Element(_) => None,
        }
    }

    fn value(&self, name: &str) -> Option<Value> {
        match self {
            Self::Rule(_) | Self::Made(..) => {
                let (place, written) = self.written(name)?;
                place.module.value(written.as_str())
            }
            Self::Element(element) => element.as_object()?.get(name).cloned(),
        }
    }

    /// A text, number or truth value as text.
    fn text(&self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(on) => Some(on.to_string()),
            _ => None,
        }
    }

    /// The texts of a list, or a single text.
    fn texts(&self, name: &str) -> Vec<String> {
        match self.value(name) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(list)) => {
                list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn ranges(&self, names: &[&str]) -> Vec<IpNet> {
        names.iter().flat_map(|name| self.texts(name)).filter_map(|text| text.parse().ok()).collect()
    }

    /// Whether it allows TCP to these ports.
    fn has_ports(&self, from: u16, to: u16) -> bool {
        let number = |name: &str| self.text(name).and_then(|text| text.parse::<u16>().ok());
        let protocol = self.text("protocol").or_else(|| self.text("ip_protocol"));
        match protocol.map(|protocol| protocol.to_ascii_lowercase()).as_deref() {
            Some("-1" | "all") => true,
            Some("tcp" | "6") => number("from_port")
                .zip(number("to_port"))
                .is_some_and(|(first, last)| first <= from && to <= last),
            _ => false,
        }
    }
}

/// Whether a rule of a security group allows what is wanted.
fn allows(draft: &Draft<'_>, rule: &Fields<'_>, wanted: &WantedRule<'_>) -> bool {
    if !rule.has_ports(wanted.port, wanted.port) {
        return false;
    }
    let ranges = rule.ranges(&["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"]);
    let (has_range, id, names): (bool, _, &[&str]) = match wanted.peer {
        Peer::Ipv4(net) => {
            let names = &["cidr_blocks", "cidr_ipv4"];
            let refers_to_vpc = draft.vpc_range().is_some_and(|range| range.contains(net))
                && names.iter().filter_map(|name| rule.written(name)).any(|(place, written)| {
                    draft.finder.is_range_of_workload_vpc(place.module, written.as_str())
                });
            let has_range = covers(&ranges, *net);
            (has_range || refers_to_vpc, None, names)
        }
        Peer::Ipv6(net) => (
            ranges.iter().any(|own| own.contains(&IpNet::V6(*net))),
            None,
            &["ipv6_cidr_blocks", "cidr_ipv6"],
        ),
        Peer::PrefixList(id) => {
            (covers(&ranges, Ipv4Net::default()), Some(id.as_str()), &["prefix_list_ids", "prefix_list_id"])
        }
        Peer::Group(id) => (
            false,
            Some(id.as_str()),
            &["security_groups", "source_security_group_id", "referenced_security_group_id"],
        ),
    };
    has_range
        || names.iter().any(|name| {
            id.is_some_and(|id| rule.texts(name).iter().any(|text| text == id))
                || is_peer(draft, rule, name, wanted)
        })
}

/// Whether ranges together have all addresses of a range.
fn covers(ranges: &[IpNet], wanted: Ipv4Net) -> bool {
    let ranges = ranges.iter().filter_map(|range| match range {
        IpNet::V4(range) => Some(*range),
        IpNet::V6(_) => None,
    });
    Ipv4Net::aggregate(&ranges.collect()).iter().any(|range| range.contains(&wanted))
}

/// Whether an argument of a rule refers to the peer.
fn is_peer(draft: &Draft<'_>, rule: &Fields<'_>, name: &str, wanted: &WantedRule<'_>) -> bool {
    let Some((place, written)) = rule.written(name) else { return false };
    let is_here = place.module.address == draft.finder.target.address;
    let is_list = name.ends_with('s');
    if is_here
        && (Expr::from(&written).is_same(Expr::from(wanted.value))
            || is_list && missing_elements(&written, &format!("[{}]", wanted.value)).is_none())
    {
        return true;
    }
    if let Peer::PrefixList(id) = wanted.peer {
        return is_prefix_list(draft, place, &written, id);
    }
    if let Peer::Group(id) = wanted.peer
        && draft.is_group_of_connector(place.module, &written, id)
    {
        return true;
    }
    let Some(peer) = &wanted.peer_origin else { return false };
    let origins = draft.finder.network.origins.of(place, Expr::from(&written)).unwrap_or_default();
    origins.iter().any(|origin| origin.is_same_resource(peer))
}

/// Whether a rule of a network ACL allows what is wanted.
fn admits(rule: &Fields<'_>, (number, action): (&str, &str), wanted: &AclRule) -> bool {
    let own = rule.text(number).and_then(|text| text.parse::<u16>().ok());
    own.is_some_and(|own| own <= wanted.number)
        && rule.text(action).is_some_and(|action| action.eq_ignore_ascii_case("allow"))
        && rule.has_ports(wanted.ports.from, wanted.ports.to)
        && rule.ranges(&["cidr_block", "ipv6_cidr_block"]).iter().any(|range| range.contains(&wanted.remote))
}
