//! Rules of a network ACL that a dynamic block makes of a list of ports: adds the port.
//!
//! The longer list is tried: it must make the wanted rule and no other new one.

use std::collections::BTreeMap;

use hcl::Value;

use crate::model::AclRule;
use crate::terraform::edit::draft::Draft;
use crate::terraform::error::EditError;
use crate::terraform::find::found::Found;
use crate::terraform::find::switch_parts::{Parts, as_hcl, kept};
use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::structure::Block;
use crate::terraform::read::instantiate::Bindings;
use crate::terraform::read::place::{Place, location};

/// The arguments of a rule that a dynamic block makes.
type Made = BTreeMap<String, Value>;

/// Adds the port of a rule to the list. `limit` is the largest number with which the rule has its effect, and `used` the numbers that AWS
/// has. Returns `false`, and edits nothing, if no list makes the rule.
///
/// # Errors
/// A list makes the rule already.
pub(in crate::terraform::edit) fn add<'a>(
    draft: &mut Draft<'a>,
    found: &Found<'a>,
    (direction, rule): (&str, &AclRule),
    (limit, used): (u16, &[u16]),
) -> Result<bool, EditError> {
    let place = Place { module: found.module, file: found.file, block: found.block };
    let (config, module) = (draft.finder.config, place.module);
    if rule.ports.from != rule.ports.to || place.block.repeats() || module.overridden(place.block).is_some() {
        return Ok(false);
    }
    let is_wanted =
        |made: &Made| number_of(made).is_some_and(|number| number <= limit) && has_arguments(made, rule);
    let dynamic = place.block.body.blocks("dynamic");
    for dynamic in dynamic.filter(|one| one.labels.first().is_some_and(|label| label == direction)) {
        let Some(before) = made(place, dynamic, &module.values) else { continue };
        if before.iter().any(is_wanted) {
            let address = found.address_in_root().to_string();
            return Err(EditError::AlreadyInCode { address, place: location(place.file, place.block) });
        }
        let each = dynamic.body.attribute("for_each").and_then(|each| place.file.expression(each).tree());
        let Some(parts) = each.map(|each| Parts::of(module, &each)) else { continue };
        let variables = parts.variables.iter().filter(|(_, attributes)| attributes.is_empty());
        let roots =
            variables.map(|(name, _)| ("var", name)).chain(parts.locals.iter().map(|name| ("local", name)));
        for (root, name) in roots {
            let present = module.value(Expr::from(&format!("{root}.{name}")));
            let Some(longer) = present.and_then(|list| with_port(&list, rule.ports.from)) else { continue };
            let values = match root {
                "var" => module.values.with_value(name, &[], longer.clone()),
                _ => module.values.with_local(name, &[], longer.clone()),
            };
            let Some(after) = values.and_then(|values| made(place, dynamic, &values)) else { continue };
            let new: Vec<&Made> = after.iter().filter(|one| !before.contains(one)).collect();
            let [only] = new.as_slice() else { continue };
            let is_free = number_of(only).is_some_and(|number| !used.contains(&number));
            let keeps_all = before.iter().all(|one| after.contains(one)) && after.len() == before.len() + 1;
            let Some(kept) = kept(config, module, (root, name), &[]) else { continue };
            if is_free && keeps_all && is_wanted(only) && draft.set_kept(&kept, &as_hcl(&longer), 0) {
                draft.change(&found.address_in_root());
                draft.note(&format!(
                    "{} ({}) has a rule for each port of {root}.{name}: this edit adds {}, which makes rule {}.",
                    found.address_in_root(),
                    place.location(),
                    rule.ports.from,
                    number_of(only).unwrap_or_default()
                ));
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// A list of ports with one more.
fn with_port(list: &Value, port: u16) -> Option<Value> {
    let list = list.as_array().filter(|list| !list.is_empty())?;
    let new = if list.iter().all(Value::is_number) {
        Value::from(port)
    } else {
        let are_ports = list.iter().all(|one| one.as_str().is_some_and(|one| one.parse::<u16>().is_ok()));
        are_ports.then(|| Value::from(port.to_string()))?
    };
    (!list.contains(&new)).then(|| Value::Array(list.iter().cloned().chain([new]).collect()))
}

/// The rules that a dynamic block makes with these values; `None` if its collection is unknown.
fn made(place: Place<'_>, dynamic: &Block, values: &Values) -> Option<Vec<Made>> {
    let file = place.file;
    let iterator = match dynamic.body.attribute("iterator") {
        Some(iterator) => file.value(iterator).trim().to_owned(),
        None => dynamic.labels.first()?.clone(),
    };
    let elements: Vec<(Value, Value)> =
        match values.value(file.expression(dynamic.body.attribute("for_each")?))? {
            Value::Array(list) => {
                list.into_iter().enumerate().map(|(place, one)| (Value::from(place), one)).collect()
            }
            Value::Object(fields) => fields.into_iter().map(|(key, one)| (Value::from(key), one)).collect(),
            _ => return None,
        };
    let content = dynamic.body.blocks("content").next()?;
    let rule = |(key, value): (Value, Value)| {
        let mut bindings = Bindings::default();
        bindings.extend(&format!("{iterator}.key"), Some(&key));
        bindings.extend(&format!("{iterator}.value"), Some(&value));
        let arguments = content.body.attributes().map(|attribute| {
            let tree = file.expression(attribute).tree()?;
            let value = values.value(Expr::parsed("", &bindings.bind(&tree)))?;
            Some((attribute.name.clone(), value))
        });
        arguments.collect::<Option<Made>>()
    };
    elements.into_iter().map(rule).collect()
}

fn text_of(made: &Made, name: &str) -> Option<String> {
    match made.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn number_of(made: &Made) -> Option<u16> {
    text_of(made, "rule_no")?.parse().ok()
}

/// Whether a rule allows TCP to the range and the port of the wanted one.
fn has_arguments(made: &Made, rule: &AclRule) -> bool {
    let is = |name: &str, wanted: &str| text_of(made, name).as_deref() == Some(wanted);
    let range = match rule.remote {
        ipnet::IpNet::V4(_) => "cidr_block",
        ipnet::IpNet::V6(_) => "ipv6_cidr_block",
    };
    is("action", "allow")
        && (is("protocol", "tcp") || is("protocol", "6"))
        && is(range, &rule.remote.to_string())
        && is("from_port", &rule.ports.from.to_string())
        && is("to_port", &rule.ports.to.to_string())
}
