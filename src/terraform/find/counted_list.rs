//! Blocks with one instance for each element of a list: `count = length(var.endpoints)`.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, Object, ObjectKey};

use crate::terraform::find::collections::{Literal, literals};
use crate::terraform::lang::expression::{Expr, parse_exact, without_parentheses};
use crate::terraform::lang::render::quoted;
use crate::terraform::read::config::Config;
use crate::terraform::read::place::Place;

/// The literals of the list in `count = length(var.endpoints)`, and the list as it is written.
pub(in crate::terraform) fn counted<'a>(
    config: &'a Config,
    place: Place<'a>,
) -> Option<(Vec<Literal<'a>>, &'a str)> {
    let count = place.block.body.attribute("count")?;
    let text = place.file.slice(count.value.clone());
    let tree = parse_exact(text)?;
    let Expression::FuncCall(call) = &tree else { return None };
    let list = call.args.iter().next().filter(|_| call.name.name.as_str() == "length")?.span()?;
    let span = count.value.start + list.start..count.value.start + list.end;
    Some((literals(config, (place.module, place.file), span)?, text.get(list)?.trim()))
}

/// The service names of the endpoints of a block with `count = length(var.endpoints)`; `None` for other blocks, and if an element or
/// the service of an element is unknown.
pub(in crate::terraform) fn services_by_count(
    config: &Config,
    place: Place<'_>,
    service_name: &str,
) -> Option<Vec<String>> {
    let (all, list) = counted(config, place)?;
    let mut services = Vec::new();
    for literal in all {
        let Expression::Array(elements) = without_parentheses(&literal.tree()?).clone() else { return None };
        for element in &elements {
            let text =
                with_element(service_name, list, |field| match (without_parentheses(element), field) {
                    (Expression::Object(fields), Some(field)) => {
                        text_field(fields, field).map(|(_, text)| text)
                    }
                    (element, None) => element.as_str().map(str::to_owned),
                    _ => None,
                })?;
            services.push(place.module.evaluate(Expr::from(&text))?);
        }
    }
    Some(services)
}

/// An expression with the text of an element in place of `var.endpoints[count.index]`, or of a field of it; `None` if the expression
/// does not use it in this form.
pub(in crate::terraform) fn with_element(
    text: &str,
    list: &str,
    value: impl Fn(Option<&str>) -> Option<String>,
) -> Option<String> {
    let element = format!("{list}[count.index]");
    let (head, tail) = text.split_once(&element)?;
    let name = tail.strip_prefix('.').map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').unwrap_or(rest.len());
        rest.split_at(end)
    });
    let (field, tail) = name.map_or((None, tail), |(field, tail)| (Some(field), tail));
    (!tail.contains(&element)).then_some(())?;
    Some(format!("{head}{}{tail}", quoted(&value(field)?)))
}

/// The text of a field, and its span in the text of the object.
pub(in crate::terraform) fn text_field(fields: &Object, name: &str) -> Option<(Range<usize>, String)> {
    fields.iter().find_map(|(key, value)| {
        let is_field = match key {
            ObjectKey::Ident(key) => key.as_str() == name,
            ObjectKey::Expression(key) => without_parentheses(key).as_str() == Some(name),
        };
        let text = value.expr();
        is_field.then(|| Some((text.span()?, text.as_str()?.to_owned())))?
    })
}
