//! Changes the value of a variable: in the `*.tfvars` file that sets it, or else in its default.

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::splice::Splice;
use crate::terraform::lang::expression::Expr;

impl Draft<'_> {
    /// Sets a variable to a value. `uses` is the expected number of references to it.
    ///
    /// Returns `false`, and edits nothing, if another source sets or can set the value (remote run, JSON,
    /// environment, override file, or the caller of a module), if the variable has this value already, or
    /// if it has another number of uses.
    pub fn set_variable(&mut self, name: &str, value: &str, uses: usize) -> bool {
        let (config, module) = (self.finder.config, self.finder.target);
        if config.is_remote || !config.json_var_files.is_empty() {
            return false;
        }
        // A var file overrides the environment.
        let is_in_a_file = config.var_files.iter().any(|file| file.body.attribute(name).is_some());
        if module.address.is_some() || (config.environment.contains(name) && !is_in_a_file) {
            return false;
        }
        let is_overridden = module.files.iter().filter(|file| file.is_override()).any(|file| {
            file.body.blocks("variable").any(|block| block.labels.first().is_some_and(|label| label == name))
        });
        if is_overridden {
            return false;
        }
        // The last var file overrides the others.
        let set = config.var_files.iter().rev().find_map(|file| Some((file, file.body.attribute(name)?)));
        let default = || {
            let mut blocks = module.blocks("variable");
            let (file, block) =
                blocks.find(|(_, block)| block.labels.first().is_some_and(|label| label == name))?;
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
}
