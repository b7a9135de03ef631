//! A rule by hand in a security group of a module that is used more than once.

use crate::terraform::edit::text::one_value::for_one_instance;
use crate::terraform::lang::address::address;
use crate::terraform::lang::render::{Line, attribute, block};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::module::Module;

/// A rule in a group of a module that is used more than once, by a variable that only the call of one instance sets. `None` if the
/// module has such a variable, or its callers have several instances too.
pub(in crate::terraform::edit) fn rule_by_variable(
    module: &Module,
    (group, place): (&Block, &str),
    (direction, port): (&str, u16),
    rule: Vec<Line>,
) -> Option<String> {
    let name = format!("app_runner_{port}");
    let key = module.instance_key();
    let keys = module.address.as_deref().map_or(0, |address| address.matches('[').count());
    (!module.has_variable(&name) && keys == usize::from(key.is_some())).then_some(())?;
    let variable =
        block(&format!("variable \"{name}\""), &[attribute("type", "bool"), attribute("default", "false")]);
    let rule = block(
        &format!("dynamic \"{direction}\""),
        &[
            attribute("for_each", format!("var.{name} ? [1] : []")),
            Line::Blank,
            Line::Block("content".to_owned(), rule),
        ],
    );
    let value = key.map_or_else(|| "true".to_owned(), |key| for_one_instance(key, "true", "false"));
    Some(format!(
        "{variable}\n# In {} ({place})\n{rule}\n# And in the call for this service: {name} = {value}\n",
        address(group)
    ))
}
