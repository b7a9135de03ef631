//! Changes the value of a variable: in the `*.tfvars` file that sets it, or else in its default; for a called module in the argument
//! of its call.

use hcl_edit::expr::Expression;

use crate::terraform::edit::amend::add_attributes;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::splice::Splice;
use crate::terraform::lang::expression::Expr;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

impl Draft<'_> {
    /// Sets a variable of the target module to a value. `uses` is the expected number of references to it.
    ///
    /// Returns `false`, and edits nothing, if another source sets or can set the value (remote run, JSON,
    /// environment, override file), if the variable has this value already, or if it has another number of uses.
    pub fn set_variable(&mut self, name: &str, value: &str, uses: usize) -> bool {
        self.set_variable_of(self.finder.target, name, value, uses)
    }

    /// The same for a variable of another module: the argument of its call, and the variable that the argument refers to.
    pub fn set_variable_of(&mut self, module: &Module, name: &str, value: &str, uses: usize) -> bool {
        if module.address.is_some() {
            return module.uses_of_variable(name) == uses && self.set_argument(module, name, value);
        }
        let config = self.finder.config;
        if config.is_remote || !config.json_var_files.is_empty() {
            return false;
        }
        // A var file overrides the environment.
        let is_in_a_file = config.var_files.iter().any(|file| file.body.attribute(name).is_some());
        if config.environment.contains(name) && !is_in_a_file {
            return false;
        }
        let declared = module.block("variable", &[name]);
        if declared.is_some_and(|(_, block)| module.overridden(block).is_some()) {
            return false;
        }
        // The last var file overrides the others.
        let set = config.var_files.iter().rev().find_map(|file| Some((file, file.body.attribute(name)?)));
        let default = || {
            let (file, block) = declared?;
            Some((file, block.body.attribute("default")?))
        };
        let Some((file, attribute)) = set.or_else(default) else { return false };
        if file.expression(attribute).is_same(Expr::from(value)) || module.uses_of_variable(name) != uses {
            return false;
        }
        self.splice(file, Splice::new(attribute.value.clone(), value));
        let optional = config.optional_var_files_with(name);
        if !optional.is_empty() {
            self.note(&format!(
                "{} can also set var.{name}: with -var-file, that value overrides this edit.",
                optional.join(", ")
            ));
        }
        true
    }

    /// Whether the arguments of a call may be changed.
    fn is_editable_call(&self, call: Place<'_>) -> bool {
        call.module.is_editable()
            && !call.is_one_of_several()
            && !self.finder.config.is_used_more_than_once(call.module)
            && call.module.overridden(call.block).is_none()
    }

    /// Adds an argument to the call of a module. Returns `false`, and edits nothing, if the call must not be changed.
    pub fn add_argument(&mut self, module: &Module, name: &str, value: &str) -> bool {
        let Some(call) = self.finder.config.caller(module).filter(|call| self.is_editable_call(*call)) else {
            return false;
        };
        let Ok(splices) = add_attributes(call.file, call.block, &[(name, value)]) else { return false };
        self.splice_all(call.file, splices);
        true
    }

    /// Sets an argument of the call of a module.
    fn set_argument(&mut self, module: &Module, name: &str, value: &str) -> bool {
        let config = self.finder.config;
        let Some(caller) = config.caller(module) else { return false };
        if !module.has_variable(name) || !self.is_editable_call(caller) {
            return false;
        }
        let Some(argument) = caller.block.body.attribute(name) else {
            return self.add_argument(module, name, value);
        };
        let expression = caller.file.expression(argument);
        if let Some(variable) = expression.variable() {
            return self.set_variable_of(caller.module, &variable, value, 1);
        }
        let is_literal = matches!(
            expression.tree().as_deref(),
            Some(Expression::Bool(_) | Expression::String(_) | Expression::Number(_) | Expression::Null(_))
        );
        if !is_literal || expression.is_same(Expr::from(value)) {
            return false;
        }
        self.splice(caller.file, Splice::new(argument.value.clone(), value));
        true
    }
}
