//! The arguments that the calls of modules give to their variables.

use hcl_edit::expr::Expression;

use crate::terraform::read::config::Config;
use crate::terraform::read::instantiate::Bindings;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// An argument in the call of a module.
pub(in crate::terraform) struct Argument<'a> {
    pub call: Place<'a>,
    /// Its expression, with the values of the instance that the module is.
    pub value: Expression,
}

impl Config {
    /// The argument that a call gives to a variable of its module.
    pub(in crate::terraform) fn argument<'a>(&'a self, module: &Module, name: &str) -> Option<Argument<'a>> {
        let call = self.caller(module)?;
        let tree = call.module.expression(call.file, call.block, name)?.tree()?;
        let key = module.instance_key();
        let bindings = key.map(|key| Bindings::of_instance(call, key)).unwrap_or_default();
        Some(Argument { call, value: bindings.bind(&tree) })
    }
}
