//! What enables or disables a block: its `count` or `for_each`, and the variable in it.

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
    let says = |name: &str| module.merged(file, block, name).map(str::trim);
    let named = ["count", "for_each"].iter().find_map(|name| Some((*name, says(name)?)));
    let Some((name, written)) = named else { return Switch::On };
    if (name, written) == ("count", "0") {
        return Switch::Zero;
    }
    let squeezed: String = written.split_whitespace().collect();
    let variable = squeezed.strip_prefix("var.").and_then(|rest| rest.split_once('?'));
    let turned = match variable {
        Some((name, "1:0")) => Some((name, "true")),
        Some((name, "0:1")) => Some((name, "false")),
        _ => None,
    };
    let shown = format!("`{name} = {written}`");
    match (turned, module.is_disabled(file, block)) {
        (_, Some(false)) => Switch::On,
        (Some((name, on)), Some(true)) => Switch::Variable(name.to_owned(), on),
        (None, Some(true)) => Switch::Other(shown),
        (_, None) => Switch::Unknown(shown),
    }
}
