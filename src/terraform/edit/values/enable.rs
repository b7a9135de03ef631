//! Sets a boolean attribute of a found block to `true`: in the block, or in the variable that it refers to.

use hcl_edit::expr::Expression;

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::text::amend::{ensure_not_ignored, set_attribute};
use crate::terraform::edit::values::argument_value;
use crate::terraform::error::EditError;
use crate::terraform::find::found::Found;
use crate::terraform::lang::expression::Expr;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::location;

/// Sets an attribute to `true`.
///
/// # Errors
/// It is `true` already, `ignore_changes` lists it, or its value is an expression that egress-doctor does
/// not edit.
pub(in crate::terraform) fn enable<'a>(
    draft: &mut Draft<'a>,
    found: &Found<'a>,
    name: &str,
) -> Result<(), EditError> {
    ensure_not_ignored(found.file, found.block, &[name])?;
    let written = found.block.body.attribute(name).map(|attribute| found.file.expression(attribute));
    let tree = written.and_then(|expression| expression.tree());
    let is_set = match (written, tree.as_deref()) {
        (None, _) | (_, Some(Expression::Null(_))) => Some(false),
        (_, Some(Expression::Bool(value))) => Some(*value.value()),
        (Some(expression), _) if found.module.evaluate(expression).as_deref() == Some("true") => Some(true),
        _ => None,
    };
    match (is_set, written) {
        (Some(false), _) | (None, None) => {
            draft.splice_all(found.file, set_attribute(found.file, found.block, name, "true")?);
            Ok(())
        }
        (Some(true), _) => Err(EditError::AlreadyInCode {
            address: found.address().to_string(),
            place: location(found.file, found.block),
        }),
        (None, Some(_)) => {
            let Some(attribute) = found.block.body.attribute(name) else { return Ok(()) };
            if draft.set_value_of((found.module, found.file), attribute, "true").is_ok() {
                return Ok(());
            }
            Err(argument_value::of_block(draft, found, attribute, "true"))
        }
    }
}

/// The present value of an expression for a refusal: `, which is false here`; empty if it is unknown.
pub(in crate::terraform::edit) fn value_of(module: &Module, expression: Expr<'_>) -> String {
    module.evaluate(expression).map_or_else(String::new, |value| format!(", which is {value} here"))
}
