//! Converts an AWS id to an expression: a reference to the block or module output with this id, or the id
//! itself.

use hcl::Value;

use crate::model::SubnetId;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::{first_of_try, reference};
use crate::terraform::lang::render::quoted;
use crate::terraform::read::module::Module;
use crate::terraform::read::state::State;

/// An id as an expression in a module: a reference to the resource in this module, a reference to an output
/// of a called module, or the id itself.
pub(in crate::terraform) fn expression_for(state: &State, module: &Module, of: &[&str], id: &str) -> String {
    let expression = managed_expression(state, module, of, id);
    expression.or_else(|| variable_with(module, id)).unwrap_or_else(|| quoted(id))
}

/// A reference to a resource of the state in a module; `None` if the state has none, or the module cannot refer to it.
pub(in crate::terraform) fn managed_expression(
    state: &State,
    module: &Module,
    of: &[&str],
    id: &str,
) -> Option<String> {
    state.of(id, of).and_then(|managed| {
        if managed.module == module.address {
            // The state may list a resource that is renamed or removed in the code: it has no block to
            // refer to.
            module.resources(&managed.kind).find(|(_, block)| block.name() == Some(managed.name.as_str()))?;
            return Some(format!("{}.id", managed.in_module()));
        }
        let mut called = module
            .calls
            .iter()
            .filter(|call| call.module.address == managed.module && !call.is_unknown_instance());
        let call = called.next()?;
        let key = call.key.as_deref().unwrap_or_default();
        Some(format!("module.{}{key}.{}", call.name, output(&call.module, managed)?))
    })
}

/// A variable of the module whose value is an id, or the element of a list that is: `var.public_subnet_ids[0]`.
fn variable_with(module: &Module, id: &str) -> Option<String> {
    module.blocks("variable").find_map(|(file, block)| {
        let name = block.kind()?;
        let kind = block.body.attribute("type").map(|kind| file.value(kind).trim()).unwrap_or_default();
        match module.value(&*format!("var.{name}"))? {
            Value::String(text) if text == id => Some(format!("var.{name}")),
            Value::Array(list) if !kind.starts_with("set") => {
                let place = list.iter().position(|one| one.as_str() == Some(id))?;
                Some(format!("var.{name}[{place}]"))
            }
            _ => None,
        }
    })
}

/// The variable of the module whose value is a list of exactly these ids.
pub(in crate::terraform) fn variable_with_all(module: &Module, ids: &[&str]) -> Option<String> {
    module.blocks("variable").find_map(|(_, block)| {
        let name = block.kind()?;
        let list = module.texts(&*format!("var.{name}"))?;
        let is_same = list.len() == ids.len() && ids.iter().all(|id| list.iter().any(|one| one == id));
        is_same.then(|| format!("var.{name}"))
    })
}

/// Subnets as a list expression.
pub(in crate::terraform) fn list_of_subnets(state: &State, module: &Module, subnets: &[SubnetId]) -> String {
    let named =
        |id: &SubnetId| expression_for(state, module, &["aws_subnet", "aws_default_subnet"], id.as_str());
    format!("[{}]", subnets.iter().map(named).collect::<Vec<_>>().join(", "))
}

/// The module output whose value is a resource's id, or the element of an output whose value is a list of
/// ids: `vpc_id`, `private_subnets[1]`.
fn output(module: &Module, managed: &ResourceAddress) -> Option<String> {
    let block_id = format!("{}.{}", managed.kind, managed.name);
    module.blocks("output").find_map(|(file, block)| {
        let name = block.labels.first()?;
        // `try(aws_vpc.this[0].id, null)` is the id if the resource exists.
        let value = file.expression(block.body.attribute("value")?);
        let value = reference(first_of_try(value.tree()?.as_ref()))?;
        match (&managed.key, value.strip_prefix(&block_id)?) {
            (None, ".id") => Some(name.clone()),
            (Some(key), rest) if *rest == format!("{key}.id") => Some(name.clone()),
            (Some(key), "[*].id" | ".*.id") if !key.contains('"') => Some(format!("{name}{key}")),
            _ => None,
        }
    })
}
