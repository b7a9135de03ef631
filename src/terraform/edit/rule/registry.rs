//! Rules in the arguments of well-known registry modules: the lists of the security-group module, and those of the VPC module for the default
//! security group.
//!
//! <https://registry.terraform.io/modules/terraform-aws-modules/security-group/aws/latest>

use hcl::Value;
use hcl_edit::expr::Expression;
use ipnet::IpNet;

use crate::model::{Peer, SecurityGroupId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule::entries::fixed;
use crate::terraform::edit::rule::group_code::{
    group_origin, is_prefix_list, peer_group, purpose, security_group,
};
use crate::terraform::edit::text::amend::add_paragraph;
use crate::terraform::edit::text::entries::Values;
use crate::terraform::edit::text::list::append_element;
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::collections::literals;
use crate::terraform::find::entry_value::{Argument, fields};
use crate::terraform::find::form::{Form, elements};
use crate::terraform::find::registry::{RegistryCall, RegistryModule};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::quoted;
use crate::terraform::read::place::Place;

/// The names that the security-group module has for rules of one TCP port
/// (<https://github.com/terraform-aws-modules/terraform-aws-security-group/blob/master/rules.tf>).
const NAMED_RULES: [(&str, u16); 14] = [
    ("https-443-tcp", 443),
    ("http-80-tcp", 80),
    ("postgresql-tcp", 5432),
    ("mysql-tcp", 3306),
    ("mssql-tcp", 1433),
    ("oracle-db-tcp", 1521),
    ("redshift-tcp", 5439),
    ("mongodb-27017-tcp", 27017),
    ("redis-tcp", 6379),
    ("memcached-tcp", 11211),
    ("elasticsearch-rest-tcp", 9200),
    ("kafka-broker-tcp", 9092),
    ("kafka-broker-tls-tcp", 9094),
    ("rabbitmq-5671-tcp", 5671),
];

/// The name of the rule for a port.
fn rule_name(port: u16) -> Option<&'static str> {
    NAMED_RULES.iter().find(|(_, own)| *own == port).map(|(name, _)| *name)
}

/// Whether a rule with a name includes a port.
fn includes(name: &str, port: u16) -> bool {
    matches!(name, "all-all" | "all-tcp") || rule_name(port) == Some(name)
}

/// Adds a rule to the lists in a call of the security-group module. Returns `false`, and edits nothing, if no list can get it.
///
/// # Errors
/// A list has the rule already.
pub(in crate::terraform::edit) fn add_group_rule<'a>(
    draft: &mut Draft<'a>,
    call: Place<'a>,
    (direction, port, peer): (&'static str, u16, &Peer),
) -> Result<bool, EditError> {
    let (rule, list) = NewRule::of(draft, (direction, port, peer));
    if let Some(error) = rule.error_in_code(draft, call, &list) {
        return Err(error);
    }
    if call.block.body.attribute(&list).is_none()
        && let Some(argument) = rule.add_computed(draft, call, &list)
    {
        announce(draft, call, &argument);
        return Ok(true);
    }
    if call.file.is_json() || call.file.generated.is_some() || !draft.is_editable_call(call) {
        return Ok(false);
    }
    if rule.extend_new_list(draft, call, &list) {
        announce(draft, call, &list);
        return Ok(true);
    }
    let argument = if rule.add_entry(draft, call, &list) {
        list
    } else if call.block.body.attribute(&list).is_some() {
        return Ok(false);
    } else if let Some(argument) = rule.add_name(draft, call) {
        argument
    } else if has_list(call, peer) {
        rule.add_list(draft, call, &list)?;
        list
    } else {
        return Ok(false);
    };
    announce(draft, call, &argument);
    Ok(true)
}

/// Adds a rule to the list in a call of the VPC module that has the rules of the default security group. Returns `false`, and edits nothing,
/// if the list cannot get it.
///
/// # Errors
/// The list has the rule already.
pub(in crate::terraform::edit) fn add_default_group_rule<'a>(
    draft: &mut Draft<'a>,
    call: &RegistryCall<'a>,
    (direction, port, peer): (&'static str, u16, &Peer),
) -> Result<bool, EditError> {
    let list = format!("default_security_group_{direction}");
    let (mut rule, _) = NewRule::of(draft, (direction, port, peer));
    rule.is_of_default_group = true;
    if matches!(peer, Peer::Group(_)) {
        rule.field = "security_groups";
    }
    if let Some(error) = rule.error_in_code(draft, call.place, &list) {
        return Err(error);
    }
    let group = ResourceAddress::new(Some(&call.address()), "aws_default_security_group", "this");
    let group = group.with_key("[0]");
    if call.place.file.is_json() || call.place.file.generated.is_some() || !draft.is_editable_call(call.place)
    {
        return Ok(false);
    }
    if call.has(&list) {
        if !rule.add_entry(draft, call.place, &list) {
            return Ok(false);
        }
    } else if !rule.extend_new_list(draft, call.place, &list) {
        rule.add_list(draft, call.place, &list)?;
    }
    draft.change(&group);
    draft.note(&format!(
        "{} manages the default security group of the VPC, and removes the rules that its call does not list: this edit adds the rule to {list} \
         of the call.",
        call.address()
    ));
    Ok(true)
}

/// The error for a rule that the lists in a call of the security-group module have already.
pub(in crate::terraform::edit) fn in_code(
    draft: &Draft<'_>,
    call: Place<'_>,
    rule: (&'static str, u16, &Peer),
) -> Option<EditError> {
    let (rule, list) = NewRule::of(draft, rule);
    rule.error_in_code(draft, call, &list)
}

/// Whether the module has a list for a peer in all versions that a call permits.
fn has_list(call: Place<'_>, peer: &Peer) -> bool {
    match peer {
        Peer::Ipv4(_) | Peer::Ipv6(_) | Peer::Group(_) => true,
        Peer::PrefixList(_) => RegistryCall::instances(call, RegistryModule::SecurityGroup)
            .iter()
            .any(|call| call.version().is_some_and(|version| version >= (5, 2))),
    }
}

/// The address of the module that a block calls.
fn module_address(call: Place<'_>) -> String {
    let name = call.block.kind().unwrap_or_default();
    ResourceAddress::module_of(call.module.address.as_deref(), name)
}

/// Announces the resource that the module makes of an argument.
fn announce(draft: &mut Draft<'_>, call: Place<'_>, argument: &str) {
    let address = module_address(call);
    draft.reenabled.push(ResourceAddress::new(Some(&address), "aws_security_group_rule", argument));
    draft.note(&format!("{address} creates the rule: this edit adds it to {argument} of its call."));
}

/// A rule of a security group.
struct NewRule<'r> {
    direction: &'static str,
    port: u16,
    peer: &'r Peer,
    /// The field with the peer.
    field: &'static str,
    /// The reference to the peer in the module of the call.
    reference: Option<String>,
    /// Whether it is of the default security group of the VPC module, whose rules are for all protocols by default.
    is_of_default_group: bool,
}

impl<'r> NewRule<'r> {
    /// A rule, and the list of the call for it.
    fn of(draft: &Draft<'_>, (direction, port, peer): (&'static str, u16, &'r Peer)) -> (Self, String) {
        let field = match peer {
            Peer::Ipv4(_) => "cidr_blocks",
            Peer::Ipv6(_) => "ipv6_cidr_blocks",
            Peer::PrefixList(_) => "prefix_list_ids",
            Peer::Group(_) => "source_security_group_id",
        };
        let reference = match peer {
            Peer::Group(id) => {
                let found = security_group(draft, id).ok().flatten();
                Some(draft.finder.id_expression(found.as_ref(), id.as_str()))
            }
            _ => None,
        };
        let rule = Self { direction, port, peer, field, reference, is_of_default_group: false };
        (rule, format!("{direction}_with_{field}"))
    }

    /// Adds an entry to the list for values that are known after apply, `computed_ingress_with_cidr_blocks`, and counts it in
    /// `number_of_computed_ingress_with_cidr_blocks`. Returns the argument; `None`, and no edit, if the call has no such list, or another
    /// number than that of its elements.
    fn add_computed<'a>(&self, draft: &mut Draft<'a>, call: Place<'a>, list: &str) -> Option<String> {
        let list = format!("computed_{list}");
        let body = &call.block.body;
        let number = body.attribute(&format!("number_of_{list}"))?;
        let present: usize = call.file.value(number).trim().parse().ok()?;
        let count = known_elements(draft, call, &list).len();
        let is_open = count == present
            && count > 0
            && !call.file.is_json()
            && call.file.generated.is_none()
            && draft.is_editable_call(call)
            && !draft.is_changed(call.file, &number.value);
        if !is_open || !self.add_entry(draft, call, &list) {
            return None;
        }
        draft.splice(call.file, Splice::new(number.value.clone(), (count + 1).to_string()));
        Some(list)
    }

    fn error_in_code(&self, draft: &Draft<'_>, call: Place<'_>, list: &str) -> Option<EditError> {
        let argument = self.in_code(draft, call, list)?;
        let address = format!("this rule of {argument} of {}", module_address(call));
        Some(EditError::AlreadyInCode { address, place: call.location() })
    }

    /// The argument of the call that has the rule.
    fn in_code<'a>(&self, draft: &Draft<'a>, call: Place<'a>, list: &str) -> Option<String> {
        for list in [list.to_owned(), format!("computed_{list}")] {
            let elements = known_elements(draft, call, &list);
            if elements.iter().any(|element| self.is_in_element(draft, call, element)) {
                return Some(list);
            }
        }
        let rules = format!("{}_rules", self.direction);
        let names = texts(call, &rules).unwrap_or_default();
        let is_named = names.iter().any(|name| includes(name, self.port));
        (is_named && self.ranges(call)?.iter().any(|range| self.is_peer(range))).then_some(rules)
    }

    /// Whether an element of a list is the rule. An element gives the ports and the protocol, or the name of a rule.
    fn is_in_element<'a>(&self, draft: &Draft<'a>, call: Place<'a>, element: &Value) -> bool {
        let has = |name: &str| element.as_object().is_some_and(|fields| fields.contains_key(name));
        let is_open = if has("from_port") || has("to_port") || has("protocol") {
            covers(element, (self.port, self.port)) || self.is_of_default_group && !has("protocol")
        } else if self.is_of_default_group {
            true
        } else {
            let name = text(element, "rule").unwrap_or_default();
            includes(&name, self.port)
        };
        let is_peer = if has(self.field) {
            let peers = text(element, self.field).unwrap_or_default();
            let refers_to_vpc = matches!(self.peer, Peer::Ipv4(net)
                if draft.vpc_range().is_some_and(|range| range.contains(net)))
                && draft.finder.is_range_of_workload_vpc(call.module, peers.as_str());
            let refers_to_list = matches!(self.peer, Peer::PrefixList(id)
                if peers.split(',').any(|peer| is_prefix_list(draft, call, peer.trim(), id)));
            let refers_to_group = matches!(self.peer, Peer::Group(id) if refers_to(draft, call, &peers, id));
            refers_to_vpc
                || refers_to_list
                || refers_to_group
                || peers.split(',').any(|peer| self.is_peer(peer.trim()))
        } else {
            self.field == "cidr_blocks"
                && self.ranges(call).is_some_and(|ranges| ranges.iter().any(|range| self.is_peer(range)))
        };
        is_open && is_peer
    }

    fn is_peer(&self, text: &str) -> bool {
        let range = text.parse::<IpNet>().ok();
        match self.peer {
            Peer::Ipv4(net) => range.is_some_and(|range| range.contains(&IpNet::V4(*net))),
            Peer::Ipv6(net) => range.is_some_and(|range| range.contains(&IpNet::V6(*net))),
            Peer::PrefixList(id) => id.as_str() == text,
            Peer::Group(id) => id.as_str() == text || self.reference.as_deref() == Some(text),
        }
    }

    /// The ranges of the rules that have none of their own; `None` if unknown.
    fn ranges(&self, call: Place<'_>) -> Option<Vec<String>> {
        let name = format!("{}_cidr_blocks", self.direction);
        match (call.block.body.attribute(&name), self.direction) {
            (Some(_), _) => texts(call, &name),
            (None, "egress") => Some(vec!["0.0.0.0/0".to_owned()]),
            (None, _) => Some(Vec::new()),
        }
    }

    /// Adds an entry to a list of the call, with the name of the rule if the others have names.
    fn add_entry<'a>(&self, draft: &mut Draft<'a>, call: Place<'a>, list: &str) -> bool {
        let Some(form) = Form::of_attribute(call, list) else { return false };
        let others = known_elements(draft, call, list);
        let has =
            |element: &Value, name: &str| element.as_object().is_some_and(|fields| fields.contains_key(name));
        let is_named = !others.is_empty() && others.iter().all(|other| has(other, "rule"));
        let is_described = others.iter().any(|other| has(other, "description"));
        let rule = rule_name(self.port).filter(|_| !others.iter().any(|other| has(other, "from_port")));
        if is_named && rule.is_none() {
            return false;
        }
        draft.add_entry(&form, "", |draft, values| {
            let all = self.arguments(draft, values)?;
            let is_kept = |one: &Argument| {
                one.name == self.field || !is_named || is_described && one.name == "description"
            };
            let name = rule.filter(|_| is_named).map(|rule| fixed("rule", quoted(rule)));
            Some(name.into_iter().chain(all.into_iter().filter(is_kept)).collect())
        })
    }

    fn description(&self, draft: &Draft<'_>) -> String {
        match (self.direction, self.peer) {
            ("ingress", Peer::Ipv4(_)) if self.port == 443 => {
                "HTTPS from the VPC to its interface endpoints".to_owned()
            }
            _ => purpose(draft, self.peer),
        }
    }

    /// The fields of an entry.
    fn arguments<'a>(&self, draft: &mut Draft<'a>, values: Values<'a>) -> Option<Vec<Argument>> {
        let is_literal = values.are_constants || values.is_trial;
        let peer = match self.peer {
            Peer::Ipv4(net) if is_literal => quoted(&net.to_string()),
            Peer::Ipv4(net) => draft.range(*net),
            Peer::Ipv6(net) => quoted(&net.to_string()),
            Peer::PrefixList(id) if is_literal => quoted(id.as_str()),
            Peer::PrefixList(id) => draft.prefix_list(id),
            Peer::Group(id) if is_literal => quoted(id.as_str()),
            Peer::Group(id) => peer_group(draft, id).ok()?,
        };
        Some(vec![
            fixed("from_port", self.port.to_string()),
            fixed("to_port", self.port.to_string()),
            fixed("protocol", quoted("tcp")),
            fixed("description", quoted(&self.description(draft))),
            fixed(self.field, peer),
        ])
    }

    /// Adds the name of the rule to the names, if they have only the range of the rule. Returns the argument.
    ///
    /// The name goes to the end: a place before others would replace their rules. A range in `egress_cidr_blocks` would do the same.
    fn add_name(&self, draft: &mut Draft<'_>, call: Place<'_>) -> Option<String> {
        let Peer::Ipv4(net) = self.peer else { return None };
        let argument = format!("{}_rules", self.direction);
        let rule = rule_name(self.port)?;
        texts(call, &argument).filter(|names| !names.is_empty())?;
        if self.ranges(call)?.as_slice() != [net.to_string()] {
            return None;
        }
        let attribute = call.block.body.attribute(&argument)?;
        let list = call.file.expression(attribute).tree()?.into_owned();
        if !matches!(list, Expression::Array(_)) {
            return None;
        }
        let splice = append_element(call.file, &attribute.value, &quoted(rule))?;
        draft.splice(call.file, splice);
        let ipv6 = format!("{}_ipv6_cidr_blocks", self.direction);
        if self.direction == "egress" && call.block.body.attribute(&ipv6).is_none() {
            draft.note(&format!(
                "The rules of {argument} allow the IPv6 range ::/0 too: the call does not set {ipv6}."
            ));
        }
        Some(argument)
    }

    /// Adds the list with the rule to the call.
    fn add_list<'a>(&self, draft: &mut Draft<'a>, call: Place<'a>, list: &str) -> Result<(), EditError> {
        let value = format!("[\n{}]", self.element(draft, call, ""));
        let splices = add_paragraph(call.file, call.block, &[(list, &value)])?;
        draft.splice_all(call.file, splices);
        Ok(())
    }

    /// Adds the rule to the list that this edit adds to the call. Returns `false`, and edits nothing, if it adds none.
    fn extend_new_list<'a>(&self, draft: &mut Draft<'a>, call: Place<'a>, list: &str) -> bool {
        let (head, path) = (format!("{list} = [\n"), &call.file.path);
        let Some((at, indent)) = draft.splices.get(path).into_iter().flatten().find_map(|splice| {
            let is_inside =
                call.block.span.start <= splice.span.start && splice.span.end <= call.block.span.end;
            let start = splice.text.find(&head).filter(|_| is_inside)?;
            let line = splice.text.get(..start)?.rfind('\n').map_or(0, |end| end + 1);
            let indent = splice.text.get(line..start).filter(|indent| indent.trim().is_empty())?;
            Some((splice.span.start, indent.to_owned()))
        }) else {
            return false;
        };
        let element = self.element(draft, call, &indent);
        let splices = draft.splices.get_mut(path).into_iter().flatten();
        for splice in splices.filter(|splice| splice.span.start == at) {
            let Some(start) = splice.text.find(&head) else { continue };
            let Some(rest) = splice.text.get(start..) else { continue };
            if let Some(end) = rest.find(&format!("\n{indent}]")) {
                splice.text.insert_str(start + end + 1, &element);
                return true;
            }
        }
        false
    }

    /// The rule as an element of a list in the call, in lines of their own.
    fn element<'a>(&self, draft: &mut Draft<'a>, call: Place<'a>, indent: &str) -> String {
        let values = Values { module: call.module, are_constants: false, is_trial: false };
        let fields = self.arguments(draft, values).unwrap_or_default();
        let width = fields.iter().map(|field| field.name.len()).max().unwrap_or_default();
        let line = |field: &Argument| format!("{indent}    {:<width$} = {}\n", field.name, field.value);
        let lines: String = fields.iter().map(line).collect();
        format!("{indent}  {{\n{lines}{indent}  }},\n")
    }
}

/// Whether an expression in the module of a call refers to a group.
fn refers_to<'a>(draft: &Draft<'a>, call: Place<'a>, written: &str, group: &SecurityGroupId) -> bool {
    let Some((_, group)) = group_origin(draft, group) else { return false };
    let origins = draft.finder.network.origins.of(call, Expr::from(written)).unwrap_or_default();
    origins.iter().any(|origin| origin.is_same_resource(&group))
}

/// The elements of a list in a call with their fields: a field whose value is unknown has the text of its expression.
pub(in crate::terraform::edit) fn known_elements<'a>(
    draft: &Draft<'a>,
    call: Place<'a>,
    argument: &str,
) -> Vec<Value> {
    let Some(attribute) = call.block.body.attribute(argument) else { return Vec::new() };
    let found = literals(draft.finder.config, (call.module, call.file), attribute.value.clone());
    let mut known = Vec::new();
    for literal in found.unwrap_or_default() {
        for element in literal.tree().iter().flat_map(elements) {
            // The text of a reference stands for its value: `aws_security_group.app.id`.
            let is_here = literal.module.address == call.module.address;
            let reference = |value: &Expression| {
                let text = value.to_string().trim().to_owned();
                if is_here { Value::String(text) } else { Value::Null }
            };
            let field = |(name, value): (String, Expression)| {
                (name, literal.module.value(Expr::parsed("", &value)).unwrap_or_else(|| reference(&value)))
            };
            known.push(Value::Object(fields(&element.value).into_iter().map(field).collect()));
        }
    }
    known
}

/// Whether the protocol and the ports of an element include TCP ports.
pub(in crate::terraform::edit) fn covers(element: &Value, (from, to): (u16, u16)) -> bool {
    let port = |name: &str| text(element, name)?.parse::<i64>().ok();
    match text(element, "protocol").as_deref() {
        Some("-1" | "all") => true,
        Some("tcp" | "6") => port("from_port")
            .zip(port("to_port"))
            .is_some_and(|(first, last)| first <= from.into() && i64::from(to) <= last),
        _ => false,
    }
}

/// The value of an argument that is a list of texts.
fn texts(call: Place<'_>, argument: &str) -> Option<Vec<String>> {
    call.module.texts(call.file.expression(call.block.body.attribute(argument)?))
}

/// A field as text.
pub(in crate::terraform::edit) fn text(element: &Value, name: &str) -> Option<String> {
    match element.as_object()?.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
