//! The entry of one instance in the map of a `for_each`, as text for an edit by hand.

use std::ops::Range;

use hcl::Value;
use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};

use crate::terraform::edit::text::list::insert_entry;
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::find::switch_parts::as_hcl;
use crate::terraform::lang::expression::{Expr, parse, without_parentheses};
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Limit of the locals that lead to the entries.
const DEPTH: usize = 6;

/// An entry with a new value of one field.
pub(in crate::terraform::edit) struct EntryText {
    /// `services.tf:11`
    pub place: String,
    pub field: String,
    /// `worker = { port = "9000", vpc = false }`
    pub text: String,
}

/// The entry of an instance with the value of a field with which the condition is as wanted. `is_wanted` gets the field and its value.
pub(in crate::terraform::edit) fn entry_with(
    config: &Config,
    (place, key): (Place<'_>, &str),
    condition: Expr<'_>,
    is_wanted: &dyn Fn(&str, &Value) -> bool,
) -> Option<EntryText> {
    let fields = fields_of(condition.text);
    let values = [Value::Bool(false), Value::Bool(true), Value::Null];
    let found = fields.iter().find_map(|field| {
        let value = values.iter().find(|value| is_wanted(field, value))?;
        Some((field, value))
    });
    let (field, value) = found?;
    entry_text(config, (place, key), field, &as_hcl(value))
}

/// The entry of an instance with a field.
pub(in crate::terraform::edit) fn entry_text(
    config: &Config,
    (place, key): (Place<'_>, &str),
    field: &str,
    value: &str,
) -> Option<EntryText> {
    let each = place.block.body.attribute("for_each")?;
    let (file, span) = entry_at(config, place.module, (place.file, each.value.clone()), key, DEPTH)?;
    let start = file.slice(0..span.start).rfind('\n').map_or(0, |at| at + 1);
    let head = file.slice(start..span.start).trim_start();
    let indent = span.start - start - head.len();
    // Without the blanks that align the entry with others.
    let name = head.trim_end().trim_end_matches('=').trim_end();
    let head = if name.is_empty() { String::new() } else { format!("{name} = ") };
    let text = file.slice(span.clone());
    let tree = parse(text)?;
    let fields = tree.as_object()?;
    let own = fields.iter().find(|(name, _)| key_text(name).as_deref() == Some(field));
    let splice = match own {
        Some((_, own)) => {
            let at = own.expr().span()?;
            Splice::new(at, value)
        }
        None if fields.is_empty() => Splice::new(0..text.len(), format!("{{ {field} = {value} }}")),
        None => {
            let splice = insert_entry(file, &span, field, value)?;
            Splice::new(splice.span.start - span.start..splice.span.end - span.start, splice.text)
        }
    };
    let (before, after) = (text.get(..splice.span.start)?, text.get(splice.span.end..)?);
    let new = format!("{head}{before}{}{after}", splice.text);
    // Without the indentation of the entry.
    let lines = new.lines().map(|line| {
        let blank = line.len() - line.trim_start().len();
        line.get(blank.min(indent)..).unwrap_or(line)
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let place = format!("{}:{}", file.path.display(), file.line(span.start));
    Some(EntryText { place, field: field.to_owned(), text })
}

/// The names after `each.value.` in a text, and in `lookup(each.value, "…")`.
pub(in crate::terraform::edit) fn fields_of(text: &str) -> Vec<String> {
    let looked_up = text.match_indices("each.value,").filter_map(|(at, root)| {
        let name = text.get(at + root.len()..)?.trim_start().strip_prefix('"')?.split('"').next()?;
        Some(name.to_owned())
    });
    let all = text.match_indices("each.value.").filter_map(|(at, root)| {
        let rest = text.get(at + root.len()..)?;
        let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').next()?;
        Some(name.to_owned()).filter(|name| !name.is_empty())
    });
    let mut found: Vec<String> = all.chain(looked_up).collect();
    found.dedup();
    found
}

/// The object of an entry: in a literal map, in the map of a `for` or of `merge`, also through locals and the argument of a call.
fn entry_at<'a>(
    config: &'a Config,
    module: &'a Module,
    (file, span): (&'a File, Range<usize>),
    key: &str,
    depth: usize,
) -> Option<(&'a File, Range<usize>)> {
    let depth = depth.checked_sub(1)?;
    let tree = parse(file.slice(span.clone()))?;
    let tree = without_parentheses(&tree);
    let inner = |one: &Expression| {
        let at = one.span()?;
        entry_at(config, module, (file, span.start + at.start..span.start + at.end), key, depth)
    };
    match tree {
        Expression::Object(entries) => {
            let (_, value) = entries.iter().find(|(name, _)| key_text(name).as_deref() == Some(key))?;
            let at = value.expr().span()?;
            Some((file, span.start + at.start..span.start + at.end))
        }
        Expression::ForExpr(each) => inner(&each.intro.collection_expr),
        Expression::FuncCall(call) if ["merge", "tomap"].contains(&call.name.name.as_str()) => {
            call.args.iter().collect::<Vec<_>>().into_iter().rev().find_map(inner)
        }
        other => {
            let reference = Expr::parsed("", other);
            if let Some(name) = reference.local() {
                return module.blocks("locals").find_map(|(file, block)| {
                    let value = block.body.attribute(&name)?.value.clone();
                    entry_at(config, module, (file, value), key, depth)
                });
            }
            let name = reference.variable()?;
            if let Some(call) = config.caller(module) {
                let caller =
                    config.modules().into_iter().find(|known| known.address == call.module.address)?;
                let value = call.block.body.attribute(&name)?.value.clone();
                return entry_at(config, caller, (call.file, value), key, depth);
            }
            let set =
                config.var_files.iter().rev().find_map(|file| Some((file, file.body.attribute(&name)?)));
            let default = || {
                let (file, block) = module.block("variable", &[&name])?;
                Some((file, block.body.attribute("default")?))
            };
            let (file, value) = set.or_else(default)?;
            entry_at(config, module, (file, value.value.clone()), key, depth)
        }
    }
}

fn key_text(key: &ObjectKey) -> Option<String> {
    match key {
        ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
        ObjectKey::Expression(key) => without_parentheses(key).as_str().map(str::to_owned),
    }
}
