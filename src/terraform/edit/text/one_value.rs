//! Expressions that give one instance of a call, or one workspace, another value than the others have.

use std::ops::Range;

use crate::terraform::find::kept_at::KeptAt;
use crate::terraform::find::kept_value::KeptValue;
use crate::terraform::find::one_environment::condition;
use crate::terraform::lang::expression::{conditional, parse};
use crate::terraform::lang::render::quoted;
use crate::terraform::read::config::Config;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// The default of a variable of the module that a block calls.
pub(in crate::terraform::edit) fn default_of(call: Place<'_>, name: &str) -> Option<String> {
    let own = call.block.kind()?;
    let called = &call.module.calls.iter().find(|known| known.name == own)?.module;
    let (file, variable) = called.block("variable", &[name])?;
    Some(file.value(variable.body.attribute("default")?).trim().to_owned())
}

/// An expression with a value for the instance with a key, `["a"]` or `[0]`, and the present value for the others.
pub(in crate::terraform) fn for_one_instance(key: &str, value: &str, present: &str) -> String {
    let own = key.trim_start_matches('[').trim_end_matches(']');
    let name = if own.starts_with('"') { "each.key" } else { "count.index" };
    with_condition((name, own), value, present)
}

/// An expression with a value where a name has a value, and the present value elsewhere.
fn with_condition((name, own): (&str, &str), value: &str, present: &str) -> String {
    match (value, present) {
        ("true", "false") => format!("{name} == {own}"),
        ("false", "true") => format!("{name} != {own}"),
        _ => {
            let is_conditional = parse(present).is_some_and(|tree| conditional(&tree).is_some());
            let present = if is_conditional { format!("({present})") } else { present.to_owned() };
            format!("{name} == {own} ? {value} : {present}")
        }
    }
}

/// Whether the code keeps a value as text that each workspace uses: in a local, or in an argument of a call.
fn is_of_all_workspaces(kept: &KeptValue<'_>) -> bool {
    match &kept.at {
        KeptAt::Value { module, file, .. } => {
            let is_default = kept.trail.last().is_some_and(|last| {
                last.module.address == module.address && last.path.first().is_some_and(|root| root == "var")
            });
            !is_default && !file.is_json() && module.files.iter().any(|own| own.path == file.path)
        }
        KeptAt::Argument { call, key: None, .. } => !call.file.is_json(),
        KeptAt::Argument { .. } | KeptAt::Attribute { .. } => false,
    }
}

/// The value for the environment of this run only, as a condition on its workspace or data file; `None` if neither decides it, or the place
/// of the value is that of the environment already.
pub(in crate::terraform::edit) fn of_environment(
    config: &Config,
    kept: &KeptValue<'_>,
    value: &str,
) -> Option<String> {
    let condition = condition(config)?;
    let own = &condition.value;
    if !is_of_all_workspaces(kept)
        || kept.trail.iter().any(|one| one.path.iter().skip(2).any(|name| name == own))
    {
        return None;
    }
    let (present, module) = match &kept.at {
        KeptAt::Value { file, span, module, .. } => {
            let before = file.slice(0..span.start);
            ((!is_in_entry(before, own)).then(|| file.slice(span.clone()).trim().to_owned())?, *module)
        }
        KeptAt::Argument { call, name, .. } => (default_of(*call, name)?, call.module),
        KeptAt::Attribute { .. } => return None,
    };
    (!present.contains('\n') && condition.fits(module))
        .then(|| with_condition((&condition.reference, &quoted(own)), value, &present))
}

/// A value for the environment of this run in a module, with the present one for the others; `None` if no condition decides it.
pub(in crate::terraform::edit) fn for_environment(
    config: &Config,
    module: &Module,
    value: &str,
    present: &str,
) -> Option<String> {
    let condition = condition(config).filter(|condition| condition.fits(module))?;
    Some(with_condition((&condition.reference, &quoted(&condition.value)), value, present))
}

/// Whether a new value in the place of a present one makes both cases of a conditional the same: `var.is_prod ? true : true`.
pub(in crate::terraform::edit) fn makes_cases_same(text: &str, span: &Range<usize>, value: &str) -> bool {
    let (Some(before), Some(after)) = (text.get(..span.start), text.get(span.end..)) else { return false };
    let (before, after) = (before.trim_end(), after.trim_start());
    let is_end = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
    let other_after = || {
        let rest = after.strip_prefix(':')?.trim_start().strip_prefix(value)?;
        Some(before.ends_with('?') && is_end(rest))
    };
    let other_before = || {
        let rest = before.strip_suffix(':')?.trim_end().strip_suffix(value)?;
        Some(rest.trim_end().ends_with('?'))
    };
    other_after().or_else(other_before).unwrap_or(false)
}

/// Whether a value after a text is in the entry of a workspace, `{ dev = true, prod = { nat = false } }[terraform.workspace]`, or in a
/// condition on it, `terraform.workspace == "prod" ? false : true`.
pub(in crate::terraform::edit) fn is_in_entry(before: &str, workspace: &str) -> bool {
    let is_separator = |c: char| !c.is_alphanumeric() && c != '-' && c != '_';
    let last_line = |text: &str| {
        text.rsplit('\n').next().is_some_and(|line| line.split(is_separator).any(|word| word == workspace))
    };
    let mut depth = 0_usize;
    let enclosing = before.char_indices().rev().filter_map(|(at, c)| match c {
        '}' => {
            depth += 1;
            None
        }
        '{' if depth > 0 => {
            depth -= 1;
            None
        }
        '{' => before.get(..at),
        _ => None,
    });
    last_line(before)
        || enclosing.take_while(|text| text.trim_end().ends_with(['=', ':', '('])).any(last_line)
}
