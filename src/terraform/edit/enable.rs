//! Sets a boolean attribute of a found block to `true`: in the block, or in the variable that it refers to.

use crate::terraform::edit::amend::{ensure_not_ignored, set_attribute};
use crate::terraform::edit::draft::Draft;
use crate::terraform::error::EditError;
use crate::terraform::find::found::Found;
use crate::terraform::read::place::location;

/// Sets an attribute to `true`.
///
/// # Errors
/// It is `true` already, `ignore_changes` lists it, or its value is an expression that egress-doctor does
/// not edit. In the last case the error contains `snippet`, the code that the user must write.
pub(in crate::terraform) fn enable(
    draft: &mut Draft<'_>,
    found: &Found<'_>,
    name: &str,
    snippet: &str,
) -> Result<(), EditError> {
    ensure_not_ignored(found.file, found.block, &[name])?;
    let value = found.block.body.attribute(name).map(|attribute| found.file.value(attribute).trim());
    match value {
        None | Some("false" | "null") => {
            draft.splice_all(found.file, set_attribute(found.file, found.block, name, "true")?);
            Ok(())
        }
        Some("true") => Err(EditError::AlreadyInCode {
            address: found.address().to_string(),
            place: location(found.file, found.block),
        }),
        Some(expression) => match expression.strip_prefix("var.") {
            Some(variable) if draft.set_variable(variable, "true", 1) => Ok(()),
            _ => Err(EditError::ByHand {
                place: location(found.file, found.block),
                what: format!("{name} is `{expression}`: change the value of that expression to true"),
                snippet: snippet.to_owned(),
            }),
        },
    }
}
