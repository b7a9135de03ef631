//! The first element of an empty list or map of endpoints: the fields that its block reads, in the form of the elements of other blocks of the
//! module.

use hcl_edit::expr::Expression;

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::element_copy::{Copy, NEW_TABLES, TABLES, copies};
use crate::terraform::edit::endpoint::reenable::EndpointSpec;
use crate::terraform::find::collections::Literal;
use crate::terraform::find::entry_value::{Entry, EntryValue, fields, key_code, type_fields};
use crate::terraform::find::form::{Form, Part, elements};
use crate::terraform::lang::expression::{parse, without_parentheses};
use crate::terraform::lang::render::quoted;
use crate::terraform::read::place::Place;

/// The element of a literal without elements; `None` if the value of one of its fields is unknown.
pub(in crate::terraform::edit) fn first<'a>(
    draft: &Draft<'a>,
    form: &Form<'a>,
    literal: &Literal<'a>,
    spec: &EndpointSpec<'_>,
) -> Option<Entry> {
    let tree = literal.tree()?;
    let is_map = matches!(without_parentheses(&tree), Expression::Object(_));
    (literal.made_by.is_none() && elements(&tree).is_empty()).then_some(())?;
    let typed = type_fields(literal);
    let required =
        typed.iter().flatten().filter(|(_, is_optional)| !is_optional).map(|(name, _)| name.clone());
    let read = fields_of(form);
    let is_known = |name: &String| typed.iter().flatten().any(|(own, _)| own == name);
    let read = read.into_iter().filter(|name| typed.is_none() || !is_known(name));
    let names: Vec<String> = required.chain(read).collect();
    // A type has no other fields.
    let is_complete = typed.is_none() || names.iter().all(is_known);
    (is_complete && !names.is_empty()).then_some(())?;
    let like = of_others(draft, form, literal, spec);
    let others =
        like.as_ref().and_then(|like| parse(&like.value)).map(|tree| fields(&tree)).unwrap_or_default();
    let value = |name: &String| {
        let of_others = || {
            others.iter().find(|(own, _)| own == name).map(|(_, value)| value.to_string().trim().to_owned())
        };
        match argument(form, name) {
            Some(TABLES) => (spec.endpoint_type == "Gateway").then(|| NEW_TABLES.to_owned()),
            Some("vpc_endpoint_type") => Some(quoted(spec.endpoint_type)),
            Some("private_dns_enabled") => Some("true".to_owned()),
            Some(argument @ ("subnet_ids" | "security_group_ids")) => {
                let is_here = literal.module.address == draft.finder.target.address;
                let needed = spec.requirements.iter().find(|one| is_here && one.name() == argument);
                needed.map(|needed| needed.value().to_owned()).or_else(of_others)
            }
            _ => of_others().or_else(|| is_service(form, name).then(|| quoted(spec.suffix))),
        }
    };
    let fields: Option<Vec<(String, String)>> =
        names.iter().map(|name| Some((name.clone(), value(name)?))).collect();
    let key =
        like.and_then(|like| like.key).unwrap_or_else(|| key_code(&spec.suffix.replace(['.', '-'], "_")));
    Some(Entry { key: is_map.then(|| key.trim_matches('"').to_owned()), value: EntryValue::Fields(fields?) })
}

/// The fields of an element that the block reads.
fn fields_of(form: &Form<'_>) -> Vec<String> {
    let text = form.place.file.slice(form.place.block.span.clone());
    let mut names = Vec::new();
    for mark in ["each.value.", "[count.index]."] {
        for (at, _) in text.match_indices(mark) {
            let rest = text.get(at + mark.len()..).unwrap_or_default();
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').unwrap_or(rest.len());
            let name = rest.get(..end).unwrap_or_default().to_owned();
            let is_tried = text.get(..at).unwrap_or_default().trim_end().ends_with("try(");
            if !is_tried && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The argument of the block that is a field.
fn argument<'f>(form: &'f Form<'_>, field: &str) -> Option<&'f str> {
    let part = Part::Field(field.to_owned());
    let is_field = |text: &str| {
        let found = parse(text).and_then(|tree| form.part_of(&tree));
        found.is_some_and(|(own, _)| own == part)
    };
    let mut arguments = form.body.attributes();
    arguments.find(|one| is_field(form.place.file.value(one))).map(|one| one.name.as_str())
}

/// Whether a field is the last part of the service name, `"com.amazonaws.${var.region}.${each.value.service}"`.
fn is_service(form: &Form<'_>, field: &str) -> bool {
    let written = form.body.attribute("service_name").map(|name| form.place.file.value(name).trim());
    written.is_some_and(|written| {
        written.ends_with(&format!("each.value.{field}}}\""))
            || written.ends_with(&format!("[count.index].{field}}}\""))
    })
}

/// The element for this service that is like those of another block of the module.
fn of_others<'a>(
    draft: &Draft<'a>,
    form: &Form<'a>,
    literal: &Literal<'a>,
    spec: &EndpointSpec<'_>,
) -> Option<Copy> {
    let module = form.place.module;
    let blocks = module.resources("aws_vpc_endpoint").map(|(file, block)| Place { module, file, block });
    blocks.filter(|place| place.block != form.place.block && place.block.repeats()).find_map(|place| {
        let form = Form::of_resource(place)?;
        let literals = form.literals(draft.finder.config)?;
        let own = literals.into_iter().filter(|one| one.module.address == literal.module.address);
        own.filter_map(|one| copies(draft, &form, &one, spec)).flatten().next()
    })
}
