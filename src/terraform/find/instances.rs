//! Instances of blocks with `count` or `for_each`: their keys, and their expressions with the key and value filled in.

use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::quoted;
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
        (None, Some(count)) => {
            let count = place.module.evaluate(count).and_then(|count| count.parse().ok());
            let count: usize = count.unwrap_or(usize::from(place.module.is_switch(place.file, place.block)));
            (0..count.min(INSTANCES)).map(|number| format!("[{number}]")).collect()
        }
        (None, None) => return None,
    };
    Some(keys.into_iter().take(INSTANCES).collect())
}

/// An expression with the key and the value of an instance.
pub(in crate::terraform) fn for_instance(place: Place<'_>, key: &str, text: &str) -> String {
    let key = key.trim_start_matches('[').trim_end_matches(']');
    if !key.starts_with('"') {
        return text.replace("count.index", key);
    }
    let each =
        place.module.expression(place.file, place.block, "for_each").map(|each| each.text.trim().to_owned());
    let each = each.unwrap_or_default();
    // The value of a set's element is its key.
    let is_set = place.module.value(Expr::from(&each)).is_some_and(|value| value.is_array());
    let value = if is_set { key.to_owned() } else { format!("({each})[{key}]") };
    text.replace("each.value", &value).replace("each.key", key)
}

/// The `for_each` key of the service with a name, without quotes: the only instance whose `service_name` is or can be that name.
pub(in crate::terraform) fn service_key(service: Place<'_>, name: &str) -> Option<String> {
    let key = key_of_name(service, "service_name", name)?;
    key.strip_prefix("[\"")?.strip_suffix("\"]").map(str::to_owned)
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
