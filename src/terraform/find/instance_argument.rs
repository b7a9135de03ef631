//! The value of an argument of one instance of a block with `count` or `for_each`.

use hcl_edit::expr::Expression;

use crate::terraform::find::collections::Literal;
use crate::terraform::find::entry_value::{fields, object};
use crate::terraform::find::form::{Form, WrittenEntry, has_elements_as_values};
use crate::terraform::find::instances::{for_instance, instance_keys};
use crate::terraform::lang::expression::{Expr, parse};
use crate::terraform::lang::partial::references;
use crate::terraform::lang::render::quoted;
use crate::terraform::read::config::Config;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// The keys of a block's instances, `["a"]` or `[0]`, also if values of its collection are unknown; empty if they are unknown.
pub(in crate::terraform) fn keys_of(config: &Config, place: Place<'_>) -> Vec<String> {
    let known = instance_keys(place).unwrap_or_default();
    let Some(form) = Form::of_resource(place).filter(|_| known.is_empty()) else { return known };
    let has_elements = |literal: &Literal<'_>| literal.made_by.as_deref().is_none_or(has_elements_as_values);
    if !form.literals(config).is_some_and(|all| all.iter().all(has_elements)) {
        return known;
    }
    let entries = form.written_entries(config);
    if place.block.body.attribute("count").is_some() {
        return (0..entries.len()).map(|number| format!("[{number}]")).collect();
    }
    entries.iter().map(key_of).collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// The key of the instance that an entry makes, `["a"]`.
fn key_of(entry: &WrittenEntry<'_>) -> Option<String> {
    let name = entry.key.clone().or_else(|| entry.value.as_str().map(str::to_owned))?;
    Some(format!("[{}]", quoted(&name)))
}

/// The value of an argument of the instance with a key, `["a"]` or `[0]`; `None` if it is unknown. The fields of its entry that are not
/// known do not matter. `region` is the Region of the block.
pub(in crate::terraform) fn argument_of(
    config: &Config,
    place: Place<'_>,
    (key, name): (&str, &str),
    region: &str,
) -> Option<String> {
    let Place { module, file, block } = place;
    let written = module.expression(file, block, name)?;
    let text = for_instance(place, key, written.text);
    if let Some(known) = evaluated(module, &text, region) {
        return Some(known);
    }
    let form = Form::of_resource(place)?;
    let mut entries = form.written_entries(config).into_iter();
    let entry = match key.trim_start_matches('[').trim_end_matches(']').parse() {
        Ok(number) => entries.nth(number)?,
        Err(_) => entries.find(|entry| key_of(entry).as_deref() == Some(key))?,
    };
    let (of, value) = entry.source.unwrap_or((module, entry.value));
    let known = match &value {
        Expression::Object(_) => parse(&object(&known_fields(of, &value, region)))?,
        value => parse(&quoted(&evaluated(of, &value.to_string(), region)?))?,
    };
    let bound = form.bound(&parse(written.text)?, (entry.key.as_deref(), &known))?;
    evaluated(module, &bound.to_string(), region)
}

/// The fields of an entry whose values are known texts.
fn known_fields(module: &Module, value: &Expression, region: &str) -> Vec<(String, String)> {
    let known = |(name, value): (String, Expression)| {
        Some((name, quoted(&evaluated(module, &value.to_string(), region)?)))
    };
    fields(value).into_iter().filter_map(known).collect()
}

/// The value of an expression that may depend on the Region, `data.aws_region.current.name`.
pub(in crate::terraform) fn evaluated(module: &Module, text: &str, region: &str) -> Option<String> {
    let mut own = text.to_owned();
    for reference in references(&format!("x = {text}\n")) {
        if let Some(source) = reference.strip_prefix("data.aws_region.").filter(|name| !name.contains('.')) {
            let is_here = module.data("aws_region").any(|(_, block)| {
                block.name() == Some(source)
                    && block.body.attribute("region").is_none()
                    && block.body.attribute("provider").is_none()
            });
            for attribute in ["name", "id", "region"].iter().filter(|_| is_here) {
                own = own.replace(&format!("{reference}.{attribute}"), &quoted(region));
            }
        }
    }
    module.evaluate(Expr::from(own.as_str()))
}
