//! Writes one instance of a block of another module as an element of a list or map that an output or a variable has.
//!
//! A new output of one instance would be invalid in each other call of the module in which the block has no instance.

use hcl_edit::expr::Expression;

use crate::terraform::find::express::{Express, Shape};
use crate::terraform::find::instances::instance_keys;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::lang::expression::{Expr, parse};
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Recursion limit for outputs, variables and locals that refer to each other.
const DEPTH: usize = 8;
/// Limit of the places in a list that are tried.
const PLACES: usize = 16;

impl<'a> Express<'a, '_> {
    /// The list or map of an output or a variable that has an instance of a block of another module, and the index of the instance:
    /// `module.network.public_subnet_ids` and `[0]`.
    pub fn collection(&self, block: &BlockOrigin<'a>) -> Option<(String, String)> {
        let Instances::Key(key) = &block.instance else { return None };
        let collections = self.outputs().into_iter().chain(self.variables());
        let places = instance_keys(block.place).unwrap_or_default().len().min(PLACES);
        let places = (0..places).map(|place| format!("[{place}]"));
        let indexes: Vec<String> = [key.clone()].into_iter().chain(places).collect();
        let wanted = Origin::Block(block.clone());
        collections.into_iter().find_map(|(name, module, value)| {
            let has = self.origins.of(module, Expr::parsed("", &value))?;
            let has_block = |one: &Origin<'a>| matches!(one, Origin::Block(own) if own.is_same_block(block));
            (has.iter().any(has_block) && self.is_collection(module, &value, DEPTH)).then_some(())?;
            let is_wanted = |index: &&String| {
                let element = format!("{name}{index}");
                let found = self.origins.of(self.module, Expr::from(&element)).unwrap_or_default();
                found.len() == 1 && found.iter().all(|one| one.is_same_value(&wanted))
            };
            let index = indexes.iter().find(is_wanted)?.clone();
            Some((name, index))
        })
    }

    /// The outputs of the called modules.
    fn outputs(&self) -> Vec<(String, &'a Module, Expression)> {
        let calls =
            self.module.calls.iter().filter(|call| !call.is_unknown_instance() && !call.module.is_installed);
        let outputs = calls.flat_map(|call| {
            let address = Self::call_address(self.config, call);
            call.module.blocks("output").filter_map(move |(file, output)| {
                let value = file.expression(output.body.attribute("value")?).tree()?.into_owned();
                Some((format!("{address}.{}", output.kind()?), &call.module, value))
            })
        });
        outputs.collect()
    }

    /// The variables that the caller of this module sets.
    fn variables(&self) -> Vec<(String, &'a Module, Expression)> {
        let Some(caller) = self.config.caller(self.module) else { return Vec::new() };
        let variables = caller.block.body.attributes().filter_map(|argument| {
            let name = argument.name.as_str();
            let value = self.config.argument(self.module, name).filter(|_| self.module.has_variable(name))?;
            Some((format!("var.{name}"), caller.module, value.value))
        });
        variables.collect()
    }

    /// Whether an expression is a list or a map, through outputs, variables and locals.
    fn is_collection(&self, module: &'a Module, expression: &Expression, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        if Shape::of(module, expression) != Shape::Single {
            return true;
        }
        let Some(reference) = Expr::parsed("", expression).reference() else { return false };
        match *reference.split('.').collect::<Vec<_>>() {
            ["local", name] => {
                module.local(name).and_then(parse).is_some_and(|own| self.is_collection(module, &own, depth))
            }
            ["var", name] => self
                .config
                .caller(module)
                .zip(self.config.argument(module, name))
                .is_some_and(|(caller, own)| self.is_collection(caller.module, &own.value, depth)),
            ["module", call, name] => {
                let call = call.split('[').next().unwrap_or(call);
                let call = module.calls.iter().find(|known| known.name == call);
                let output = call.and_then(|call| {
                    let (file, output) = call.module.block("output", &[name])?;
                    let value = file.expression(output.body.attribute("value")?);
                    Some((&call.module, value.tree()?.into_owned()))
                });
                output.is_some_and(|(called, value)| self.is_collection(called, &value, depth))
            }
            _ => false,
        }
    }
}

/// An instance of a block in the list or the map of all instances. A block that a switch creates once is the only element.
pub(in crate::terraform) fn element_of(place: Place<'_>, collection: &str, index: &str) -> String {
    if index == "[0]" && place.module.is_optional(place.file, place.block) {
        return format!("one({collection})");
    }
    format!("{collection}{index}")
}
