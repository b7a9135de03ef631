//! Instances of blocks with `count` or `for_each`: their keys, and their expressions with the key and value filled in.

use hcl::Value;
use hcl_edit::expr::Expression;

use crate::terraform::lang::expression::{Expr, without_parentheses};
use crate::terraform::lang::render::quoted;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Limit of the instances of a block that are compared.
const INSTANCES: usize = 64;

/// The keys of a block's instances, `[0]` or `["a"]`; `None` for a block without `count` and `for_each`. Empty if they are unknown.
pub(in crate::terraform) fn instance_keys(place: Place<'_>) -> Option<Vec<String>> {
    let written = |name: &str| place.module.expression(place.file, place.block, name);
    let keys: Vec<String> = match (written("for_each"), written("count")) {
        (Some(each), _) => {
            let keys = place.module.keys(each).unwrap_or_default();
            keys.iter().map(|key| format!("[{}]", quoted(key))).collect()
        }
        (None, Some(_)) => {
            let keys = place.module.instance_keys(&place.module.values, place.file, place.block);
            keys.unwrap_or_else(|| {
                let is_switch = place.module.is_switch(place.file, place.block);
                is_switch.then(|| "[0]".to_owned()).into_iter().collect()
            })
        }
        (None, None) => return None,
    };
    Some(keys.into_iter().take(INSTANCES).collect())
}

/// The list in `sort(keys(aws_subnet.private))`: the keys of a map whose values are unknown. `keys` sorts them.
pub(in crate::terraform) fn keys_of_collection(module: &Module, expression: &Expression) -> Option<Value> {
    let Expression::FuncCall(call) = without_parentheses(expression) else { return None };
    let inner = call.args.iter().next()?;
    match call.name.name.as_str() {
        "nonsensitive" | "sort" | "tolist" | "toset" => keys_of_collection(module, inner),
        "keys" => {
            let mut keys = module.keys(Expr::parsed("", inner))?;
            keys.sort();
            Some(Value::from(keys))
        }
        _ => None,
    }
}

/// An expression with the key and the value of an instance.
pub(in crate::terraform) fn for_instance(place: Place<'_>, key: &str, text: &str) -> String {
    let each =
        place.module.expression(place.file, place.block, "for_each").map(|each| each.text.trim().to_owned());
    for_instance_of(place.module, &each.unwrap_or_default(), key, text)
}

/// The same for a block whose `for_each` has the value of this expression.
pub(in crate::terraform) fn for_instance_of(module: &Module, each: &str, key: &str, text: &str) -> String {
    let key = key.trim_start_matches('[').trim_end_matches(']');
    if !key.starts_with('"') {
        return text.replace("count.index", key);
    }
    // The value of a set's element is its key.
    let is_set =
        each.starts_with("toset(") || module.value(Expr::from(each)).is_some_and(|value| value.is_array());
    let value = if is_set { key.to_owned() } else { format!("({each})[{key}]") };
    text.replace("each.value", &value).replace("each.key", key)
}

/// The `for_each` key of the service with a name, without quotes: the only instance whose `service_name` is or can be that name.
pub(in crate::terraform) fn service_key(service: Place<'_>, name: &str) -> Option<String> {
    let key = key_of_name(service, "service_name", name)
        .or_else(|| key_in_template(service, "service_name", name))?;
    key.strip_prefix("[\"")?.strip_suffix("\"]").map(str::to_owned)
}

/// The key of the instance with a name that is a template around `each.key`, if the keys are unknown.
fn key_in_template(place: Place<'_>, attribute: &str, name: &str) -> Option<String> {
    const MARK: &str = "\u{1}";
    let written = place.module.expression(place.file, place.block, attribute)?;
    instance_keys(place).filter(Vec::is_empty)?;
    place.block.body.attribute("for_each")?;
    let text = written.text.replace("each.key", &format!("\"{MARK}\""));
    let text = place.module.evaluate(Expr::from(&text))?;
    let (head, tail) = text.split_once(MARK)?;
    let key = name.strip_prefix(head)?.strip_suffix(tail)?;
    (!key.is_empty() && !tail.contains(MARK)).then(|| format!("[{}]", quoted(key)))
}

/// The key of the only instance of a block whose name is or can be this, `["a"]`.
pub(in crate::terraform) fn key_of_name(place: Place<'_>, attribute: &str, name: &str) -> Option<String> {
    let written = place.module.expression(place.file, place.block, attribute)?;
    let keys = instance_keys(place)?;
    let fits = |key: &&String| {
        let text = for_instance(place, key, written.text);
        let text = Expr::from(&text);
        match place.module.evaluate(text) {
            Some(own) => own == name,
            None => place.module.pattern(text).fits(name),
        }
    };
    let mut found = keys.iter().filter(fits);
    found.next().filter(|_| found.next().is_none()).cloned()
}
