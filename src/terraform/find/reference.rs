//! Writes an AWS id as an expression of the code: a reference to the block or module output that has it, or the id itself.

use crate::model::SubnetId;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::scan::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::state::{Managed, State};

/// An id as an expression in a module: a reference to the resource in this module, a reference to an output of a called module, or the id
/// itself.
pub(in crate::terraform) fn expression_for(state: &State, module: &Module, of: &[&str], id: &str) -> String {
    let expression = state.of(id, of).and_then(|managed| {
        if managed.module == module.address {
            // The state may list a resource that is renamed or removed in the code: it has no block to refer to.
            let is_it = |(_, block): &(&File, &Block)| block.labels.get(1) == Some(&managed.name);
            module.resources(&managed.kind).find(is_it)?;
            return Some(format!("{}.id", managed.own_address()));
        }
        let mut called =
            module.calls.iter().filter(|call| call.module.address == managed.module && !call.is_repeated);
        let call = called.next()?;
        Some(format!("module.{}.{}", call.name, output(&call.module, managed)?))
    });
    expression.unwrap_or_else(|| quoted(id))
}

/// Subnets as a list expression.
pub(in crate::terraform) fn list_of_subnets(state: &State, module: &Module, subnets: &[SubnetId]) -> String {
    let named =
        |id: &SubnetId| expression_for(state, module, &["aws_subnet", "aws_default_subnet"], id.as_str());
    format!("[{}]", subnets.iter().map(named).collect::<Vec<_>>().join(", "))
}

/// The output of a module that is a resource's id, or the element of an output that is a list of ids: `vpc_id`, `private_subnets[1]`.
fn output(module: &Module, managed: &Managed) -> Option<String> {
    let address = format!("{}.{}", managed.kind, managed.name);
    module.blocks("output").find_map(|(file, block)| {
        let name = block.labels.first()?;
        let written: String =
            file.value(block.body.attribute("value")?).chars().filter(|c| !c.is_whitespace()).collect();
        // `try(aws_vpc.this[0].id, null)` is the id if the resource exists.
        let inner = written.strip_prefix("try(").and_then(|rest| rest.rsplit_once(','));
        let written = inner.map_or(written.as_str(), |(inner, _)| inner);
        let rest = written.strip_prefix(&address)?;
        match (&managed.index, rest) {
            (None, ".id") => Some(name.clone()),
            (Some(index), _) if *rest == *format!("{index}.id") => Some(name.clone()),
            (Some(index), "[*].id" | ".*.id") if !index.contains('"') => Some(format!("{name}{index}")),
            _ => None,
        }
    })
}
