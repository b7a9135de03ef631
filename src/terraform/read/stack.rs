//! A Terragrunt stack, `terragrunt.stack.hcl`: the units that it creates, and the values that it gives them.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use hcl::{Map, Value};
use hcl_edit::expr::{Expression, ObjectKey};

use crate::files::read_regular_text;
use crate::terraform::lang::expression::{parse, without_parentheses};
use crate::terraform::lang::scan::{line_and_column, scan};
use crate::terraform::read::boundary::Boundary;
use crate::terraform::read::callers::{ENTRIES, walk};
use crate::terraform::read::file::{CODE_LIMIT, joined};
use crate::terraform::read::unit_value::{STACK, UnitScope};

/// A unit in a stack.
#[derive(Clone, Debug)]
pub(in crate::terraform) struct StackUnit {
    /// The file of the stack.
    pub stack: PathBuf,
    /// The label of its block.
    pub name: String,
    /// The canonical folder of its code.
    pub source: PathBuf,
    /// The values that are known.
    pub values: Map<String, Value>,
    /// Whether the block has `values`.
    pub has_values: bool,
    /// The line of each value, and that of the block.
    lines: Vec<(String, usize)>,
    line: usize,
    /// The folder that Terragrunt generates, below that of the stack, and those of the other units with their code.
    path: PathBuf,
    others: Vec<(PathBuf, PathBuf)>,
}

impl StackUnit {
    /// The file of the stack, below the repository.
    pub fn shown(&self, boundary: &Boundary) -> String {
        let path = fs::canonicalize(&self.stack).unwrap_or_else(|_| self.stack.clone());
        path.strip_prefix(boundary.top()).unwrap_or(&path).display().to_string()
    }

    /// The names of its values.
    pub fn names(&self) -> BTreeSet<String> {
        self.lines.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The line of its block.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The line of a value, or of the block without it.
    pub fn line_of(&self, value: &str) -> usize {
        self.lines.iter().find(|(name, _)| name == value).map_or(self.line, |(_, line)| *line)
    }

    /// The code of the unit at a path relative to this one.
    pub fn other(&self, path: &str) -> Option<PathBuf> {
        let wanted = joined(&self.path, Path::new(path));
        self.others.iter().find(|(path, _)| *path == wanted).map(|(_, source)| source.clone())
    }
}

/// The units with this code in the stacks of the repository, or in the given stack. `dir` is the folder of the unit.
pub(super) fn units_of_stacks((boundary, stack): (&Boundary, Option<&Path>), dir: &Path) -> Vec<StackUnit> {
    let Ok(dir) = fs::canonicalize(dir) else { return Vec::new() };
    let mut stacks: Vec<PathBuf> = if let Some(stack) = stack {
        vec![stack.to_owned()]
    } else {
        let files = walk(boundary.top()).take(ENTRIES).filter_map(Result::ok);
        files.filter(|entry| entry.file_name() == STACK).map(|entry| entry.path().to_owned()).collect()
    };
    stacks.sort();
    let units = stacks.iter().flat_map(|stack| units_of(stack));
    units.filter(|unit| unit.source == dir).collect()
}

/// The units of a stack whose code is a folder.
pub(in crate::terraform) fn units_of(stack: &Path) -> Vec<StackUnit> {
    let read = read_regular_text(stack, CODE_LIMIT).ok().and_then(|text| Some((scan(&text).ok()?, text)));
    let Some(((body, text), dir)) = read.zip(stack.parent()) else { return Vec::new() };
    let scope = UnitScope { text: &text, body: &body, dir, context: None, included: None };
    let units = body.blocks("unit").filter_map(|block| {
        let written = |name: &str| text.get(block.body.attribute(name)?.value.clone());
        let source = fs::canonicalize(dir.join(scope.string(written("source")?)?)).ok()?;
        let path = written("path").and_then(|path| scope.string(path)).unwrap_or_default();
        let mut unit = StackUnit {
            stack: stack.to_owned(),
            name: block.kind()?.to_owned(),
            source,
            values: Map::new(),
            has_values: block.body.attribute("values").is_some(),
            lines: Vec::new(),
            line: line_and_column(&text, block.span.start).0,
            path: joined(Path::new(""), Path::new(&path)),
            others: Vec::new(),
        };
        // `{ … }` or `merge(local.common, { … })`
        let tree = written("values").and_then(parse);
        let parts: Vec<&Expression> = match tree.as_ref().map(without_parentheses) {
            Some(Expression::FuncCall(call)) if call.name.name.as_str() == "merge" => {
                call.args.iter().collect()
            }
            other => other.into_iter().collect(),
        };
        for part in parts {
            let Expression::Object(fields) = without_parentheses(part) else {
                let known = scope.value(part.to_string().trim());
                for (name, value) in known.as_ref().and_then(Value::as_object).into_iter().flatten() {
                    unit.lines.push((name.clone(), unit.line));
                    unit.values.insert(name.clone(), value.clone());
                }
                continue;
            };
            for (key, value) in fields {
                let ObjectKey::Ident(name) = key else { continue };
                let name = name.as_str().to_owned();
                // The last value is in force.
                unit.lines.insert(0, (name.clone(), line_of(&text, block.span.clone(), &name)));
                match scope.value(value.expr().to_string().trim()) {
                    Some(value) => unit.values.insert(name, value),
                    None => unit.values.swap_remove(&name),
                };
            }
        }
        Some(unit)
    });
    let mut units: Vec<StackUnit> = units.collect();
    let others: Vec<(PathBuf, PathBuf)> =
        units.iter().map(|unit| (unit.path.clone(), unit.source.clone())).collect();
    for unit in &mut units {
        unit.others.clone_from(&others);
    }
    units
}

/// The line of `name =` in a span of a text; the first line of the span without one.
pub(super) fn line_of(text: &str, span: Range<usize>, name: &str) -> usize {
    let first = line_and_column(text, span.start).0;
    let lines = text.get(span).unwrap_or_default().lines();
    let is_field = |line: &str| {
        let rest = line.trim_start().strip_prefix(name).map(str::trim_start);
        rest.is_some_and(|rest| rest.starts_with('=') && !rest.starts_with("=="))
    };
    lines.enumerate().find(|(_, line)| is_field(line)).map_or(first, |(at, _)| first + at)
}
