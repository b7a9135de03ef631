//! Determines whether `count` or `for_each` enables a block, and which variable controls it.

use crate::terraform::lang::expression::{conditional, number, variable};
use crate::terraform::lang::structure::Block;
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
    /// Another expression disables it; the text of the expression.
    Other(String),
    /// It is unknown whether this expression enables the block.
    Unknown(String),
}

impl Switch {
    pub fn is_on(&self) -> bool {
        matches!(self, Self::On)
    }
}

/// Determines the switch of a block.
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails on the first unexpected result")]

    use std::fs;

    use super::*;
    use crate::terraform::read::config::Config;
    use crate::terraform::read::load::Environment;

    /// The switch of the only Elastic IP in a test configuration.
    fn switch(count: &str) -> Switch {
        let root = tempfile::tempdir().unwrap();
        let code = format!(
            "variable \"on\" {{\n  default = false\n}}\n\nresource \"aws_eip\" \"nat\" {{\n  count = {count}\n}}\n"
        );
        fs::write(root.path().join("main.tf"), code).unwrap();
        let config = Config::read(root.path(), &Environment::default()).unwrap();
        let (file, block) = config.root_module.resources("aws_eip").next().unwrap();
        switch_of(&config.root_module, file, block)
    }

    #[test]
    fn comments_parentheses_and_line_breaks_do_not_hide_a_switch() {
        for count in [
            "var.on ? 1 : 0",
            "(var.on ? 1 : 0)",
            "var.on?1:0 # on or off",
            "var.on ? 1 : 0 /* on or off */",
            "(\n    var.on # on or off\n    ? 1\n    : 0\n  )",
            "(var.on) ? (1) : /* off */ (0)",
        ] {
            assert!(matches!(switch(count), Switch::Variable(name, "true") if name == "on"), "{count}");
        }
        for count in ["0", "(0)", "0 // none"] {
            assert!(matches!(switch(count), Switch::Zero), "{count}");
        }
        assert!(matches!(switch("!var.on ? 1 : 0"), Switch::On));
        assert!(
            matches!(switch("var.on ? 2 : 0"), Switch::Other(shown) if shown == "`count = var.on ? 2 : 0`")
        );
        assert!(matches!(switch("var.other ? 1 : 0"), Switch::Unknown(_)));
    }
}
