//! The values of variables that decide whether a block is enabled and that nothing in the folder sets.

use std::borrow::Cow;

use hcl::Value;
use hcl_edit::expr::Expression;

use crate::terraform::find::switch::block_of_instances;
use crate::terraform::find::switch_parts::{Parts, as_hcl};
use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::expression::{Expr, parse};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Limit of the callers through which a value is given.
const CALLERS: usize = 8;

/// Values of variables that enable a block, for variables whose value is unknown.
pub(in crate::terraform) struct GivenValue {
    /// The variable of the root module.
    pub name: String,
    /// The attributes in it.
    pub attributes: Vec<String>,
    /// The value as HCL.
    pub value: String,
}

/// The values of variables of the root module that nothing in the folder sets, with which a block is enabled; empty if other values
/// decide it.
pub(in crate::terraform) fn given_values(
    config: &Config,
    module: &Module,
    file: &File,
    block: &Block,
) -> Vec<GivenValue> {
    let written = ["count", "for_each"].iter().find_map(|name| module.expression(file, block, name));
    let of = written
        .and_then(|written| block_of_instances(Place { module, file, block }, written.tree()?.as_ref()));
    if let Some((other, of)) = of {
        return given_values(config, module, other, of);
    }
    let Some(tree) = written.and_then(|written| written.tree().map(Cow::into_owned)) else {
        return Vec::new();
    };
    let is_on =
        |values: &Values| module.instance_keys(values, file, block).is_some_and(|keys| !keys.is_empty());
    given(config, module, &tree, &is_on, CALLERS).unwrap_or_default()
}

fn given(
    config: &Config,
    module: &Module,
    tree: &Expression,
    is_wanted: &dyn Fn(&Values) -> bool,
    depth: usize,
) -> Option<Vec<GivenValue>> {
    let depth = depth.checked_sub(1)?;
    let parts = Parts::of(module, tree);
    let is_unknown = |(name, attributes): &&(String, Vec<String>)| {
        let path = ["var", name].into_iter().chain(attributes.iter().map(String::as_str));
        module.value(Expr::from(&path.collect::<Vec<_>>().join("."))).is_none()
    };
    let unknown: Vec<&(String, Vec<String>)> = parts.variables.iter().filter(is_unknown).collect();
    // All flags, or else one other value.
    let flags = || {
        let mut values = Vec::new();
        for (name, attributes) in &unknown {
            values.push((name, attributes, Value::Bool(true)));
        }
        values
    };
    let single = unknown.iter().flat_map(|(name, attributes)| {
        parts
            .values_of_unknown(attributes.last().unwrap_or(name))
            .map(move |value| vec![(name, attributes, value)])
    });
    let chosen = single.chain([flags()]).find(|chosen| {
        let mut values = None;
        for (name, attributes, value) in chosen {
            let present: &Values = values.as_ref().unwrap_or(&module.values);
            let Some(next) = present.with_value(name, attributes, value.clone()) else { return false };
            values = Some(next);
        }
        values.is_some_and(|values| is_wanted(&values))
    })?;
    let mut all = Vec::new();
    for (name, attributes, value) in chosen {
        if module.address.is_none() {
            let value = as_hcl(&value);
            all.push(GivenValue { name: name.clone(), attributes: attributes.clone(), value });
            continue;
        }
        let argument = config.argument(module, name)?;
        let path = attributes.iter().map(|attribute| format!(".{attribute}")).collect::<String>();
        let text = format!("({}){path}", argument.value.to_string().trim());
        let tree = parse(&text)?;
        let is_value = |values: &Values| values.value(Expr::from(&text)).as_ref() == Some(&value);
        all.extend(given(config, argument.call.module, &tree, &is_value, depth)?);
    }
    Some(all)
}
