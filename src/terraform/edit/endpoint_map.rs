//! The edit for endpoints that the `vpc-endpoints` module of the registry creates: an entry in the `endpoints` argument of its call.
//!
//! <https://registry.terraform.io/modules/terraform-aws-modules/vpc/aws/latest/submodules/vpc-endpoints>

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, Object, ObjectKey};

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::reenable_endpoint::EndpointSpec;
use crate::terraform::edit::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::origin::is_same_vpc;
use crate::terraform::find::registry::{RegistryModule, registry_module};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::{Expr, parse, without_parentheses};
use crate::terraform::lang::render::{Line, attribute, block, quoted};
use crate::terraform::read::file::File;
use crate::terraform::read::place::Place;

/// The call of the module, if it gives its endpoints a security group, so that none is created for them.
pub(in crate::terraform) fn call_with_group<'a>(draft: &Draft<'a>) -> Option<Place<'a>> {
    call(draft).filter(|call| {
        let value = |name: &str| call.block.body.attribute(name).map(|value| call.file.expression(value));
        value("security_group_ids").is_some_and(|groups| !groups.is_empty_list())
            || value("create_security_group")
                .is_some_and(|create| call.module.evaluate(create).as_deref() == Some("true"))
    })
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
    let value: String = fields.iter().map(|(name, value)| format!("  {name} = {value}\n")).collect();
    let by_hand = |what: String| EditError::ByHand {
        place: call.location(),
        what,
        snippet: format!("{} = {{\n{value}}}\n", spec.suffix.replace(['.', '-'], "_")),
    };
    if let Some(place) = call.module.overridden(call.block) {
        return Err(by_hand(format!("{place} overrides this call: add an entry to its endpoints")));
    }
    let Some((file, span)) = map_of(call) else {
        return Err(by_hand(format!(
            "the endpoints of module.{name} are an expression: add an entry to its value"
        )));
    };
    let text = file.slice(span.clone());
    let tree = parse(text);
    let Some(Expression::Object(map)) = tree.as_ref().map(without_parentheses) else {
        return Err(by_hand(format!(
            "the endpoints of module.{name} are an expression: add an entry to its value"
        )));
    };
    if let Some(key) = entry_of(map, spec.suffix) {
        return Err(EditError::AlreadyInCode {
            address: format!("{module}.aws_vpc_endpoint.this[{}]", quoted(&key)),
            place: call.location(),
        });
    }
    if call.module.address != draft.finder.target.address {
        return Err(by_hand(format!(
            "module.{name} is in another module than the network: add an entry to its endpoints"
        )));
    }
    let entry = entry(spec, fields, tags_of_entries(map, spec));
    let Some(splice) = insertion(file, &span, map, &entry) else {
        return Err(by_hand(format!("the endpoints of module.{name} are on one line: add an entry")));
    };
    draft.splice(file, splice);
    draft.reenabled.push(ResourceAddress::new(Some(&module), "aws_vpc_endpoint", "this"));
    draft.note(&format!("module.{name} creates the endpoint: this edit adds an entry to its endpoints."));
    Ok(true)
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

/// The object in the argument `endpoints`, or in the local that it refers to.
fn map_of(call: Place<'_>) -> Option<(&File, Range<usize>)> {
    let argument = call.block.body.attribute("endpoints")?;
    match call.file.expression(argument).local() {
        None => Some((call.file, argument.value.clone())),
        Some(name) => call.module.blocks("locals").find_map(|(file, block)| {
            let attribute = block.body.attribute(&name)?;
            Some((file, attribute.value.clone()))
        }),
    }
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

/// The insertion after the last entry of a map with one entry per line.
fn insertion(file: &File, span: &Range<usize>, map: &Object, entry: &str) -> Option<Splice> {
    let end = file.slice(span.clone()).rfind('}').map(|end| span.start + end)?;
    let line = file.slice(0..end).rfind('\n').map(|at| at + 1)?;
    let closing = file.slice(line..end);
    if !closing.trim().is_empty() || line <= span.start {
        return None;
    }
    let first = map.iter().next().and_then(|(key, _)| match key {
        ObjectKey::Ident(name) => name.span(),
        ObjectKey::Expression(key) => key.span(),
    });
    let indent = match first {
        Some(first) => {
            let at = span.start + first.start;
            let start = file.slice(0..at).rfind('\n').map_or(0, |found| found + 1);
            file.slice(start..at).to_owned()
        }
        None => format!("{closing}  "),
    };
    if !indent.trim().is_empty() {
        return None;
    }
    // Entries are separated as they are now.
    let body = file.slice(span.start..line);
    let has_gaps = map.len() > 1 && body.contains("\n\n");
    let text: String = entry.lines().map(|line| format!("{indent}{line}\n")).collect();
    Some(Splice::new(line..line, if has_gaps { format!("\n{text}") } else { text }))
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
