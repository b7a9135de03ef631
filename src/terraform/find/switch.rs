//! What enables or disables a block: its `count` or `for_each`, and the variable in it.

use crate::terraform::lang::expression::{conditional, number, variable};
use crate::terraform::lang::scan::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
/// Whether `count` or `for_each` enables a block, and how to enable it.
pub(in crate::terraform) enum Switch {
    /// The block is enabled.
    On,
    /// A variable disables it: the variable's name, and the value that enables the block.
    Variable(String, &'static str),
    /// `count = 0`
    Zero,
    /// Another expression disables it.
    Other(String),
    /// Unknown whether the block is enabled.
    Unknown(String),
}

impl Switch {
    pub fn is_on(&self) -> bool {
        matches!(self, Self::On)
    }
}

/// What enables or disables a block.
pub(in crate::terraform) fn switch_of(module: &Module, file: &File, block: &Block) -> Switch {
    let expression = |name: &str| module.expression(file, block, name);
    let repetition = ["count", "for_each"].iter().find_map(|name| Some((*name, expression(name)?)));
    let Some((name, written)) = repetition else { return Switch::On };
    let tree = written.tree();
    let tree = tree.as_deref();
    if name == "count" && tree.and_then(number) == Some(0) {
        return Switch::Zero;
    }
    let turned = tree.and_then(conditional).and_then(|cases| {
        let variable = variable(&cases.cond_expr)?;
        match (number(&cases.true_expr), number(&cases.false_expr)) {
            (Some(1), Some(0)) => Some((variable, "true")),
            (Some(0), Some(1)) => Some((variable, "false")),
            _ => None,
        }
    });
    let shown = format!("`{name} = {}`", written.text.trim());
    match (turned, module.is_disabled(file, block)) {
        (_, Some(false)) => Switch::On,
        (Some((name, on)), Some(true)) => Switch::Variable(name.to_owned(), on),
        (None, Some(true)) => Switch::Other(shown),
        (_, None) => Switch::Unknown(shown),
    }
}
