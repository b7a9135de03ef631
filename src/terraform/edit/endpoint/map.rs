//! The edit for endpoints that the `vpc-endpoints` module of the registry creates: an entry in the `endpoints` argument of its call.
//!
//! <https://registry.terraform.io/modules/terraform-aws-modules/vpc/aws/latest/submodules/vpc-endpoints>

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ForExpr, Object, ObjectKey};

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::entry::{Entry, call, key_in};
use crate::terraform::edit::endpoint::group_in_aws::{Admission, admission};
use crate::terraform::edit::endpoint::reenable::EndpointSpec;
use crate::terraform::edit::text::list::{insert_block_entry, insert_element, key_like};
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::edit::values::all_environments::note_users;
use crate::terraform::error::EditError;
use crate::terraform::find::collections::{Literal, literals};
use crate::terraform::find::entry_value::object;
use crate::terraform::find::form::elements;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::registry::{RegistryModule, registry_module};
use crate::terraform::find::vpc::vpc_of;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::{Expr, parse, without_parentheses};
use crate::terraform::lang::layout::laid_out;
use crate::terraform::lang::render::{Line, attribute, block, quoted};
use crate::terraform::read::file::File;
use crate::terraform::read::instantiate::Bindings;
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

/// Whether the groups of a call do not allow HTTPS from the VPC in AWS, and the code has none of them, so that no edit adds the rule.
fn rejects(draft: &Draft<'_>, call: Place<'_>) -> bool {
    let finder = &draft.finder;
    let has_code = |group: &Origin<'_>| match group {
        Origin::Block(group) => group.place.block.block_type == "resource",
        Origin::Output { call, .. } => registry_module(call) == Some(RegistryModule::SecurityGroup),
        Origin::Variable { .. } | Origin::Text(_) => false,
    };
    let groups = finder.network.origins.of_attribute(call, "security_group_ids").unwrap_or_default();
    let vpc = vpc_of(finder.snapshot, finder.workload).and_then(|vpc| finder.snapshot.network.vpcs.get(vpc));
    let range = vpc.and_then(|vpc| vpc.cidrs.first());
    let known = range.and_then(|range| admission(draft, call, (&[443].into(), std::slice::from_ref(range))));
    !groups.iter().any(has_code) && known.is_some_and(|(found, _)| found != Admission::Vpc)
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
    if let Some(present) =
        all.iter().find_map(|literal| Some(Entry { call, literal, key: key_in(literal, spec.suffix)? }))
    {
        let keys = all.iter().map(|literal| literal.tree().map_or(0, |tree| elements(&tree).len())).sum();
        return present.enable(draft, spec, keys).map(|()| true);
    }
    let editable = || all.iter().filter(|literal| literal.is_editable(config));
    let in_list = editable().find(|literal| {
        takes_name(literal, spec)
            && draft.insert_in(literal.file, &literal.span, |file, span| {
                insert_element(file, span, &quoted(spec.suffix))
            })
    });
    // The expressions of a new entry are valid in the module of the call.
    let target = draft.finder.target.address.clone();
    let mut maps: Vec<&Literal<'_>> = editable()
        .filter(|literal| literal.made_by.is_none() && literal.module.address == call.module.address)
        .filter(|literal| literal.module.address == target)
        .collect();
    maps.sort_by_key(|literal| !has_type(literal, spec.endpoint_type));
    let added = in_list.or_else(|| {
        maps.into_iter().find(|literal| {
            draft.insert_in(literal.file, &literal.span, |file, span| new_entry(file, span, (spec, fields)))
        })
    });
    let merged = |draft: &Draft<'_>| {
        merged(draft, (call, all.iter().any(|one| one.made_by.is_some())), &entry(spec, fields, None))
    };
    if let Some(splice) = if added.is_some() { None } else { merged(draft) } {
        draft.splice(call.file, splice);
        draft.reenabled.push(ResourceAddress::new(Some(&module), "aws_vpc_endpoint", "this"));
        draft.note(&format!(
            "module.{name} creates the endpoint: this edit merges an entry into its endpoints."
        ));
        return Ok(true);
    }
    let Some(added) = added else {
        let where_to = all.first().map_or_else(String::new, |literal| {
            let line = literal.file.line(literal.span.start);
            format!(" ({}:{line})", literal.file.path.display())
        });
        return Err(by_hand(format!(
            "the endpoints of module.{name}{where_to} are in another module than the network: add an entry"
        )));
    };
    draft.reenabled.push(ResourceAddress::new(Some(&module), "aws_vpc_endpoint", "this"));
    draft.note(&format!("module.{name} creates the endpoint: this edit adds an entry to its endpoints."));
    note_users(draft, added);
    Ok(true)
}

/// The edit that merges an entry into the endpoints of a call, which a `for` makes: `merge({ for … }, { s3 = { … } })`.
fn merged(draft: &Draft<'_>, (call, is_made): (Place<'_>, bool), entry: &str) -> Option<Splice> {
    let argument = call.block.body.attribute("endpoints")?;
    let text = call.file.value(argument).trim();
    let is_open = is_made
        && call.module.address == draft.finder.target.address
        && draft.is_editable_call(call)
        && !draft.is_changed(call.file, &argument.value)
        && !text.contains("<<");
    is_open.then_some(())?;
    let before = call.file.slice(0..argument.span.start);
    let indent = before.rsplit('\n').next().filter(|indent| indent.trim().is_empty())?;
    let indented = |text: &str, by: &str| -> String {
        let line =
            |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("{indent}{by}{line}\n") };
        text.lines().map(line).collect()
    };
    let merged = if text.contains('\n') {
        let mut lines = text.lines();
        let first = lines.next()?;
        let rest: String =
            lines.map(|line| if line.is_empty() { "\n".to_owned() } else { format!("\n  {line}") }).collect();
        let entry = indented(entry, "    ");
        format!("merge(\n{indent}  {first}{rest},\n{indent}  {{\n{entry}{indent}  }}\n{indent})")
    } else {
        format!("merge({text}, {{\n{}{indent}}})", indented(entry, "  "))
    };
    Some(Splice::new(argument.value.clone(), merged))
}

/// The edit of a map of endpoints that adds an entry.
fn new_entry(
    file: &File,
    span: &Range<usize>,
    (spec, fields): (&EndpointSpec<'_>, &[(&str, String)]),
) -> Option<Splice> {
    let Expression::Object(map) = without_parentheses(&parse(file.slice(span.clone()))?).clone() else {
        return None;
    };
    insert_block_entry(file, span, &map, &entry(spec, fields, Some(&map))).or_else(|| {
        // All on one line: each entry gets its own one.
        let key = key_like(&map, &spec.suffix.replace(['.', '-'], "_"));
        let service = [("service".to_owned(), quoted(spec.suffix))];
        let others = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let all: Vec<(String, String)> = service.into_iter().chain(others).collect();
        let line = file.slice(0..span.start).rsplit('\n').next()?;
        let indent: String = line.chars().take_while(|c| *c == ' ').collect();
        let text = file.slice(span.clone());
        let present = map.iter().map(|(key, value)| {
            let start = match key {
                ObjectKey::Ident(name) => name.span(),
                ObjectKey::Expression(key) => key.span(),
            };
            text.get(start?.start..value.expr().span()?.end)
        });
        let present: Vec<&str> = present.collect::<Option<_>>().filter(|_| !text.contains('\n'))?;
        let lines: String = present.iter().map(|entry| format!("{entry}\n")).collect();
        let new = laid_out("x", &format!("{{\n{lines}{key} = {}\n}}", object(&all)));
        Some(Splice::new(span.clone(), new.replace('\n', &format!("\n{indent}"))))
    })
}

/// Whether a list of services, of which a `for` makes entries of this type, can get this one.
fn takes_name(literal: &Literal<'_>, spec: &EndpointSpec<'_>) -> bool {
    let Some(made_by) = literal.made_by.as_ref().filter(|_| has_own_key(literal, spec.suffix)) else {
        return false;
    };
    let Expression::Object(fields) = without_parentheses(&made_by.value_expr) else { return false };
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
    let Some(Expression::Array(elements)) = literal.tree().map(|tree| without_parentheses(&tree).clone())
    else {
        return false;
    };
    let are_names = elements.iter().all(|one| without_parentheses(one).as_str().is_some());
    fits && are_names && !elements.is_empty()
}

/// Whether the key of a new element is that of no other, `replace(name, ".", "_")`.
fn has_own_key(literal: &Literal<'_>, new: &str) -> bool {
    let key = |made_by: &ForExpr, element: Expression| {
        let mut bindings = Bindings::default();
        bindings.add_expression(made_by.intro.value_var.as_str(), element);
        literal.module.evaluate(Expr::parsed("", &bindings.bind(made_by.key_expr.as_ref()?)))
    };
    let Some((made_by, tree)) = literal.made_by.as_deref().zip(literal.tree()) else { return false };
    let new = parse(&quoted(new)).and_then(|new| key(made_by, new));
    let others: Option<Vec<String>> =
        elements(&tree).into_iter().map(|element| key(made_by, element.value)).collect();
    literal.has_elements_as_keys() || new.zip(others).is_some_and(|(new, others)| !others.contains(&new))
}

/// Whether a map has entries of a type, or by its text is meant for them: `gateway_endpoints = {}`.
fn has_type(literal: &Literal<'_>, endpoint_type: &str) -> bool {
    let text = literal.file.slice(literal.span.clone());
    let before = literal.file.slice(0..literal.span.start);
    let line = before.rsplit('\n').next().unwrap_or_default().to_lowercase();
    text.contains(&format!("\"{endpoint_type}\"")) || line.contains(&endpoint_type.to_lowercase())
}

fn entry(spec: &EndpointSpec<'_>, fields: &[(&str, String)], map: Option<&Object>) -> String {
    let key = spec.suffix.replace(['.', '-'], "_");
    let key = map.map_or_else(|| key.clone(), |map| key_like(map, &key));
    let tags = map.and_then(|map| tags_of_entries(map, spec));
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
