//! The refusal for a variable whose value is in a variable file in JSON syntax that Terraform loads.

use std::path::Path;

use crate::files::read_regular_text;
use crate::terraform::error::EditError;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::json_lines::{as_json, line_of};
use crate::terraform::read::config::Config;
use crate::terraform::read::file::CODE_LIMIT;
use crate::terraform::read::module::Module;

/// Limit of the callers that pass a variable on.
const DEPTH: usize = 6;

/// The refusal that names the line of a variable, and its new value as JSON; `None` if no such file sets it. `what` is what the present
/// value causes.
pub(in crate::terraform::edit) fn refusal(
    config: &Config,
    (module, variable): (&Module, &str),
    (what, value): (&str, &str),
) -> Option<EditError> {
    let name = root_variable(config, module, variable)?;
    let found = |path: &Path| {
        let text = read_regular_text(&config.root.join(path), CODE_LIMIT).ok()?;
        let line = line_of(&text, std::slice::from_ref(&name))?;
        let now = serde_json::from_str::<serde_json::Value>(&text).ok()?.get(&name)?.to_string();
        Some((format!("{}:{line}", path.display()), now))
    };
    let (place, now) = config.json_var_files.iter().rev().find_map(|path| found(path))?;
    Some(EditError::Given {
        place,
        what: format!("{what}, now {now}. Set it in this line, then run {}", config.tool().apply()),
        values: as_json(&format!("{name} = {value}\n"))?,
    })
}

/// The variable of the root module whose value a variable of a module has.
fn root_variable(config: &Config, module: &Module, variable: &str) -> Option<String> {
    let (mut address, mut name) = (module.address.clone(), variable.to_owned());
    for _ in 0..DEPTH {
        let modules = config.modules();
        let own = modules.into_iter().find(|known| known.address == address)?;
        let Some(call) = config.caller(own) else { return Some(name) };
        let argument = Expr::from(call.file.value(call.block.body.attribute(&name)?));
        name = argument.variable()?;
        address.clone_from(&call.module.address);
    }
    None
}
