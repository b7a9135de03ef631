//! The edit for endpoints that the `vpc-endpoints` module of the registry creates: an entry in the `endpoints` argument of its call.
//!
//! <https://registry.terraform.io/modules/terraform-aws-modules/vpc/aws/latest/submodules/vpc-endpoints>

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, Object, ObjectKey};

use crate::model::{Peer, Protocol, RouteTableId, SecurityGroupRule};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::list::{extend_list, insert_block_entry, insert_element, missing_elements};
use crate::terraform::edit::reenable_endpoint::EndpointSpec;
use crate::terraform::edit::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::collections::{Literal, literals};
use crate::terraform::find::origin::{Origin, is_same_vpc};
use crate::terraform::find::registry::{RegistryModule, registry_module};
use crate::terraform::find::vpc::vpc_of;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::{Expr, without_parentheses};
use crate::terraform::lang::render::{Line, attribute, block, quoted};
use crate::terraform::read::place::Place;

/// The call of the module, if it gives its endpoints a security group, so that none is created for them.
pub(in crate::terraform) fn call_with_group<'a>(draft: &Draft<'a>) -> Option<Place<'a>> {
    call(draft).filter(|call| {
        let value = |name: &str| call.block.body.attribute(name).map(|value| call.file.expression(value));
        value("security_group_ids").is_some_and(|groups| !groups.is_empty_list()) && !rejects(draft, *call)
            || value("create_security_group")
                .is_some_and(|create| call.module.evaluate(create).as_deref() == Some("true"))
    })
}

/// Whether the only group of a call is the VPC's default group, and that group in AWS does not allow HTTPS from the VPC.
fn rejects(draft: &Draft<'_>, call: Place<'_>) -> bool {
    let finder = &draft.finder;
    let groups = finder.network.origins.of_attribute(call, "security_group_ids");
    let is_default = |group: &Origin<'_>| {
        matches!(group, Origin::Output { call, name, .. }
            if name == "default_security_group_id" && registry_module(call) == Some(RegistryModule::Vpc))
    };
    let is_only = groups.is_some_and(|groups| !groups.is_empty() && groups.iter().all(is_default));
    let Some(vpc) = vpc_of(finder.snapshot, finder.workload).filter(|_| is_only) else { return false };
    let network = &finder.snapshot.network;
    let Some(range) = network.vpcs.get(vpc).and_then(|vpc| vpc.cidrs.first()) else { return false };
    let allows = |rule: &SecurityGroupRule| {
        let has_port = match rule.protocol {
            Protocol::All => true,
            Protocol::Tcp => rule.ports.contains(443),
            Protocol::Udp | Protocol::Number(_) => false,
        };
        has_port && matches!(&rule.peer, Peer::Ipv4(net) if net.contains(range))
    };
    let mut own = network.security_groups.iter().filter(|group| group.vpc == *vpc && group.name == "default");
    own.next().is_some_and(|group| !group.ingress.iter().any(allows))
}

/// Adds the endpoint to the map. Returns `false` if the code has no call of the module for the workload's VPC.
///
/// # Errors
/// The map has the endpoint already, or it is not written in the call or in a local.
pub(in crate::terraform) fn add_to_map(
    draft: &mut Draft<'_>,
    spec: &EndpointSpec<'_>,
    fields: &[(&str, String)],
) -> Result<bool, EditError> {
    let Some(call) = call(draft) else { return Ok(false) };
    let name = call.block.kind().unwrap_or_default();
    let module = ResourceAddress::module_of(call.module.address.as_deref(), name);
    let by_hand = |what: String| EditError::ByHand {
        place: call.location(),
        what,
        snippet: format!("# In the endpoints of module.{name}\n{}", entry(spec, fields, None)),
    };
    if let Some(place) = call.module.overridden(call.block) {
        return Err(by_hand(format!("{place} overrides this call: add an entry to its endpoints")));
    }
    let config = draft.finder.config;
    let argument = call.block.body.attribute("endpoints");
    let all =
        argument.and_then(|argument| literals(config, (call.module, call.file), argument.value.clone()));
    let Some(all) = all else {
        return Err(by_hand(format!(
            "the endpoints of module.{name} are an expression: add an entry to its value"
        )));
    };
    if let Some(key) = all.iter().find_map(|literal| key_in(literal, spec.suffix)) {
        return Err(EditError::AlreadyInCode {
            address: format!("{module}.aws_vpc_endpoint.this[{}]", quoted(&key)),
            place: call.location(),
        });
    }
    let editable = || all.iter().filter(|literal| literal.is_editable(config));
    let list = editable().find_map(|literal| Some((literal, with_name(literal, spec)?)));
    let map = || {
        // The expressions of a new entry are valid in the module of the call.
        let own = editable()
            .filter(|literal| literal.made_by.is_none() && literal.module.address == call.module.address);
        let mut own: Vec<&Literal<'_>> = own.collect();
        own.sort_by_key(|literal| !has_type(literal, spec.endpoint_type));
        own.into_iter().find_map(|literal| {
            let Expression::Object(map) = without_parentheses(&literal.tree()?).clone() else { return None };
            let entry = entry(spec, fields, tags_of_entries(&map, spec));
            Some((literal, insert_block_entry(literal.file, &literal.span, &map, &entry)?))
        })
    };
    let target = &draft.finder.target.address;
    let found = list.or_else(|| map().filter(|(literal, _)| literal.module.address == *target));
    let Some((literal, splice)) = found else {
        let where_to = all.first().map_or_else(String::new, |literal| {
            let line = literal.file.line(literal.span.start);
            format!(" ({}:{line})", literal.file.path.display())
        });
        return Err(by_hand(format!(
            "the endpoints of module.{name}{where_to} are in another module than the network, or on one line: add an entry"
        )));
    };
    draft.splice(literal.file, splice);
    draft.reenabled.push(ResourceAddress::new(Some(&module), "aws_vpc_endpoint", "this"));
    draft.note(&format!("module.{name} creates the endpoint: this edit adds an entry to its endpoints."));
    Ok(true)
}

/// Adds route tables to the list of a gateway endpoint in the map. Returns `false` if no entry in the target module has such a list.
///
/// # Errors
/// The list has all of them.
pub(in crate::terraform) fn add_tables(
    draft: &mut Draft<'_>,
    suffix: &str,
    tables: &[RouteTableId],
) -> Result<bool, EditError> {
    let Some(call) = call(draft) else { return Ok(false) };
    let (config, target) = (draft.finder.config, draft.finder.target.address.clone());
    let argument = call.block.body.attribute("endpoints").filter(|_| call.module.address == target);
    let all =
        argument.and_then(|argument| literals(config, (call.module, call.file), argument.value.clone()));
    let mut entries = all.iter().flatten().filter(|literal| {
        literal.is_editable(config) && literal.made_by.is_none() && literal.module.address == target
    });
    let Some((file, span, key)) = entries.find_map(|literal| {
        let (key, list) = tables_of_entry(literal, suffix)?;
        Some((literal.file, literal.span.start + list.start..literal.span.start + list.end, key))
    }) else {
        return Ok(false);
    };
    let name = call.block.kind().unwrap_or_default();
    let module = ResourceAddress::module_of(call.module.address.as_deref(), name);
    let endpoint = ResourceAddress::new(Some(&module), "aws_vpc_endpoint", "this");
    let endpoint = endpoint.with_key(format!("[{}]", quoted(&key)));
    let wanted = draft.route_tables(tables)?.list();
    let present = file.slice(span.clone());
    let Some(more) = missing_elements(present, &wanted) else {
        let place = format!("{}:{}", file.path.display(), file.line(span.start));
        return Err(EditError::AlreadyInCode { address: format!("route_table_ids of {endpoint}"), place });
    };
    draft.splice(file, Splice::new(span, extend_list(present, &more)));
    draft.change(&endpoint);
    draft.note(&format!(
        "module.{name} creates the endpoint: this edit adds the route tables to its entry {key}."
    ));
    Ok(true)
}

/// The key of the entry of a service, and the span of its route tables.
fn tables_of_entry(literal: &Literal<'_>, suffix: &str) -> Option<(String, Range<usize>)> {
    let tree = literal.tree()?;
    let Expression::Object(map) = without_parentheses(&tree) else { return None };
    let wanted = entry_of(map, suffix)?;
    map.iter().find_map(|(key, value)| {
        let key = match key {
            ObjectKey::Ident(name) => name.as_str().to_owned(),
            ObjectKey::Expression(key) => without_parentheses(key).as_str()?.to_owned(),
        };
        let Expression::Object(fields) = without_parentheses(value.expr()) else { return None };
        let list = fields.iter().find_map(|(name, value)| match name {
            ObjectKey::Ident(name) if name.as_str() == "route_table_ids" => value.expr().span(),
            _ => None,
        })?;
        (key == wanted).then_some((key, list))
    })
}

/// The edit of a list of services from which a `for` makes entries of this type.
fn with_name(literal: &Literal<'_>, spec: &EndpointSpec<'_>) -> Option<Splice> {
    let made_by = literal.made_by.as_ref().filter(|_| literal.has_elements_as_keys())?;
    let Expression::Object(fields) = without_parentheses(&made_by.value_expr) else { return None };
    let field = |name: &str| {
        fields.iter().find_map(|(key, value)| match key {
            ObjectKey::Ident(key) if key.as_str() == name => Some(without_parentheses(value.expr())),
            _ => None,
        })
    };
    let is_element = |value: &Expression| matches!(value, Expression::Variable(name) if name.as_str() == made_by.intro.value_var.as_str());
    let kind = field("service_type").map_or(Some("Interface"), Expression::as_str);
    let has_private_dns =
        || matches!(field("private_dns_enabled"), Some(Expression::Bool(on)) if *on.value());
    let fits = kind == Some(spec.endpoint_type)
        && field("service").is_none_or(is_element)
        && field("service_name").is_none()
        && (spec.endpoint_type == "Gateway" || has_private_dns());
    let tree = literal.tree()?;
    let Expression::Array(elements) = without_parentheses(&tree) else { return None };
    let are_names = elements.iter().all(|one| without_parentheses(one).as_str().is_some());
    (fits && are_names && !elements.is_empty())
        .then(|| insert_element(literal.file, &literal.span, &quoted(spec.suffix)))?
}

/// Whether a map has entries of a type, or by its text is meant for them: `gateway_endpoints = {}`.
fn has_type(literal: &Literal<'_>, endpoint_type: &str) -> bool {
    let text = literal.file.slice(literal.span.clone());
    let before = literal.file.slice(0..literal.span.start);
    let line = before.rsplit('\n').next().unwrap_or_default().to_lowercase();
    text.contains(&format!("\"{endpoint_type}\"")) || line.contains(&endpoint_type.to_lowercase())
}

/// The key of the entry of a service.
fn key_in(literal: &Literal<'_>, suffix: &str) -> Option<String> {
    match without_parentheses(&literal.tree()?) {
        Expression::Object(map) => entry_of(map, suffix),
        Expression::Array(elements) => {
            let mut names = elements.iter().filter_map(|one| without_parentheses(one).as_str());
            names.find(|name| *name == suffix).map(str::to_owned)
        }
        _ => None,
    }
}

/// The call of the module for the workload's VPC.
fn call<'a>(draft: &Draft<'a>) -> Option<Place<'a>> {
    let vpc = draft.finder.network.vpc.as_ref()?;
    let modules = draft.finder.config.modules().into_iter().filter(|module| module.is_editable());
    let mut calls = modules
        .flat_map(|module| module.blocks("module").map(move |(file, block)| Place { module, file, block }));
    calls.find(|call| {
        registry_module(call) == Some(RegistryModule::VpcEndpoints)
            && !call.is_one_of_several()
            && draft
                .finder
                .network
                .origins
                .single(*call, "vpc_id")
                .is_some_and(|one| is_same_vpc(&one, vpc) == Some(true))
    })
}

/// The key of the entry of a service.
fn entry_of(map: &Object, suffix: &str) -> Option<String> {
    map.iter().find_map(|(key, value)| {
        let key = match key {
            ObjectKey::Ident(name) => name.as_str().to_owned(),
            ObjectKey::Expression(key) => without_parentheses(key).as_str()?.to_owned(),
        };
        let fields = match without_parentheses(value.expr()) {
            Expression::Object(fields) => Some(fields),
            _ => None,
        };
        let service = fields.and_then(|fields| {
            fields.iter().find_map(|(name, value)| match name {
                ObjectKey::Ident(name)
                    if ["service", "service_name", "service_endpoint"].contains(&name.as_str()) =>
                {
                    without_parentheses(value.expr()).as_str().map(str::to_owned)
                }
                _ => None,
            })
        });
        let is_service = match service {
            Some(service) => service == suffix || service.ends_with(&format!(".{suffix}")),
            None => key.replace('_', "-") == suffix.replace(['_', '.'], "-"),
        };
        is_service.then_some(key)
    })
}

fn entry(spec: &EndpointSpec<'_>, fields: &[(&str, String)], tags: Option<String>) -> String {
    let key = spec.suffix.replace(['.', '-'], "_");
    let lines: Vec<Line> = [("service", quoted(spec.suffix))]
        .into_iter()
        .chain(fields.iter().cloned())
        .chain(tags.map(|tags| ("tags", tags)))
        .map(|(name, value)| attribute(name, value))
        .collect();
    block(&format!("{key} ="), &lines)
}

/// The tags of a new entry, if all entries have tags of one form that differ by the key of the entry only.
fn tags_of_entries(map: &Object, spec: &EndpointSpec<'_>) -> Option<String> {
    let forms: Option<Vec<String>> = map
        .iter()
        .map(|(key, value)| {
            let key = match key {
                ObjectKey::Ident(name) => name.as_str().to_owned(),
                ObjectKey::Expression(key) => without_parentheses(key).as_str()?.to_owned(),
            };
            let Expression::Object(fields) = without_parentheses(value.expr()) else { return None };
            let tags = fields.iter().find_map(|(name, value)| match name {
                ObjectKey::Ident(name) if name.as_str() == "tags" => Some(value.expr().to_string()),
                _ => None,
            })?;
            let dashed = key.replace('_', "-");
            Some(tags.trim().replace(&key, "\u{0}").replace(&dashed, "\u{0}"))
        })
        .collect();
    let forms = forms?;
    let first = forms.first().filter(|first| forms.iter().all(|form| form == *first))?;
    Some(first.replace('\u{0}', &spec.suffix.replace('.', "-")))
}

/// The fields of an endpoint in the map, without those that the call sets for all endpoints.
pub(in crate::terraform) fn fields(
    draft: &Draft<'_>,
    wanted: Vec<(&'static str, String)>,
) -> Vec<(&'static str, String)> {
    let call = call(draft);
    let is_set = |name: &str| {
        call.is_some_and(|call| {
            call.block
                .body
                .attribute(name)
                .is_some_and(|list| !Expr::from(call.file.value(list)).is_empty_list())
        })
    };
    let has_group = call_with_group(draft).is_some();
    let is_wanted = |(name, _): &(&str, String)| match *name {
        "security_group_ids" => !has_group,
        name => !is_set(name),
    };
    wanted.into_iter().filter(is_wanted).collect()
}
