//! Where the value of an input of a Terragrunt unit is written: in the locals or inputs of a file that it reads or includes, or in a YAML or
//! JSON file.

use std::fs;
use std::path::{Path, PathBuf};

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall, ObjectKey, TraversalOperator};

use crate::files::read_regular_text;
use crate::terraform::lang::expression::{parse, without_parentheses};
use crate::terraform::lang::json_lines::as_json;
use crate::terraform::lang::scan::{line_and_column, scan};
use crate::terraform::lang::structure::Attribute;
use crate::terraform::lang::value_lines::line_of_key;
use crate::terraform::read::file::CODE_LIMIT;
use crate::terraform::read::unit_value::UnitScope;

/// Limit of the references that lead to a value.
const DEPTH: usize = 16;

/// The syntax of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::terraform) enum Format {
    Hcl,
    Json,
    Yaml,
}

impl Format {
    /// The line that gives a key a value, which is written as HCL; `None` if the syntax does not have it in one line.
    pub fn line(self, key: &str, value: &str) -> Option<String> {
        match self {
            Self::Hcl => Some(format!("{key} = {value}\n")),
            Self::Json => as_json(&format!("{key} = {value}\n")),
            Self::Yaml => Some(format!("{key}: {}\n", value.trim_matches('"'))),
        }
    }
}

/// A value in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::terraform) struct Written {
    /// Canonical.
    path: PathBuf,
    line: usize,
    /// The name of the local, or the last key.
    pub key: String,
    /// The local or the first key with the keys after it: `network.nat`.
    pub path_of_keys: String,
    pub format: Format,
}

impl Written {
    /// `live/prod/env.hcl:3`, below the repository.
    pub fn place(&self, top: &Path) -> String {
        format!("{}:{}", self.path.strip_prefix(top).unwrap_or(&self.path).display(), self.line)
    }
}

fn found(path: &Path, line: usize, keys: &str, format: Format) -> Written {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let key = keys.rsplit('.').next().unwrap_or(keys).to_owned();
    Written { path, line, key, path_of_keys: keys.to_owned(), format }
}

/// A key after other keys.
fn joined(keys: &str, next: &str) -> String {
    if keys.is_empty() { next.to_owned() } else { format!("{keys}.{next}") }
}

/// An expression in a file.
struct Search<'f> {
    scope: UnitScope<'f>,
    path: &'f Path,
}

/// Where an expression of a unit gets its value from; `None` if it is no reference to a value that is written as such. `path` is the file
/// of the unit.
pub(super) fn written(scope: &UnitScope<'_>, path: &Path, text: &str) -> Option<Written> {
    let tree = parse(text)?;
    let is_reference =
        matches!(without_parentheses(&tree), Expression::Traversal(_) | Expression::FuncCall(_));
    let path = scope.included.unwrap_or(path);
    // The place of the input itself is known without the search.
    is_reference.then(|| Search { scope: *scope, path }.of((&tree, 0), "", &[], DEPTH)).flatten()
}

impl Search<'_> {
    /// The value at a path of keys in an expression, which begins at an offset of the file. `name` are the keys before it, `network.nat`.
    fn of(
        &self,
        (expression, start): (&Expression, usize),
        name: &str,
        keys: &[String],
        depth: usize,
    ) -> Option<Written> {
        let depth = depth.checked_sub(1)?;
        match without_parentheses(expression) {
            Expression::Traversal(traversal) => {
                let steps = traversal.operators.iter().map(|operator| match operator.value() {
                    TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
                    TraversalOperator::Index(key) => without_parentheses(key).as_str().map(str::to_owned),
                    _ => None,
                });
                let mut all = steps.collect::<Option<Vec<_>>>()?;
                all.extend_from_slice(keys);
                match without_parentheses(&traversal.expr) {
                    Expression::Variable(root) if root.as_str() == "local" => self.local(&all, depth),
                    Expression::Variable(root) if root.as_str() == "include" => {
                        let [label, part, rest @ ..] = all.as_slice() else { return None };
                        let all = self.scope.context?.includes.iter();
                        let included =
                            all.clone().find(|one| one.label == *label).filter(|_| part == "locals")?;
                        let scope = UnitScope {
                            text: &included.text,
                            body: &included.body,
                            context: None,
                            included: Some(&included.path),
                            ..self.scope
                        };
                        Search { scope, path: &included.path }.local(rest, depth)
                    }
                    Expression::Variable(_) => None,
                    other => self.of((other, start), name, &all, depth),
                }
            }
            Expression::FuncCall(call) => self.call((call, start), name, keys, depth),
            Expression::Object(object) => {
                let (first, rest) = keys.split_first()?;
                let field = object.iter().find(|(key, _)| match key {
                    ObjectKey::Ident(name) => name.as_str() == first,
                    ObjectKey::Expression(key) => without_parentheses(key).as_str() == Some(first),
                });
                self.of((field?.1.expr(), start), &joined(name, first), rest, depth)
            }
            literal => {
                let is_value =
                    keys.is_empty() && !name.is_empty() && self.scope.value(&literal.to_string()).is_some();
                let line =
                    line_and_column(self.scope.text, start + literal.span().map_or(0, |span| span.start)).0;
                is_value.then(|| found(self.path, line, name, Format::Hcl))
            }
        }
    }

    /// A local of this file, and the keys in it.
    fn local(&self, keys: &[String], depth: usize) -> Option<Written> {
        let (name, rest) = keys.split_first()?;
        let mut blocks = self.scope.body.blocks("locals");
        self.attribute(blocks.find_map(|block| block.body.attribute(name))?, rest, depth)
    }

    fn attribute(&self, attribute: &Attribute, keys: &[String], depth: usize) -> Option<Written> {
        let tree = parse(self.scope.text.get(attribute.value.clone())?)?;
        self.of((&tree, attribute.value.start), &attribute.name, keys, depth)
    }

    fn call(
        &self,
        (call, start): (&FuncCall, usize),
        name: &str,
        keys: &[String],
        depth: usize,
    ) -> Option<Written> {
        let arguments: Vec<&Expression> = call.args.iter().collect();
        let value = |one: &Expression| self.scope.value(&one.to_string());
        let text = |one: &Expression| value(one)?.as_str().map(str::to_owned);
        let path_of = |one: &Expression| Some(self.scope.dir.join(text(one)?));
        match (call.name.name.as_str(), arguments.as_slice()) {
            ("try", all) => {
                let known = all.iter().find(|one| value(one).is_some())?;
                self.of((known, start), name, keys, depth)
            }
            ("lookup", [object, key, ..]) => {
                let all: Vec<String> = [text(key)?].into_iter().chain(keys.iter().cloned()).collect();
                self.of((object, start), name, &all, depth)
            }
            // The last object with the key is in force.
            ("merge", all) => {
                for one in all.iter().rev() {
                    let known = value(one)?;
                    let inner = keys.iter().try_fold(&known, |value, key| value.as_object()?.get(key));
                    if inner.is_some() {
                        return self.of((one, start), name, keys, depth);
                    }
                }
                None
            }
            ("read_terragrunt_config", [file, ..]) => {
                let path = path_of(file)?;
                let text = read_regular_text(&path, CODE_LIMIT).ok()?;
                let body = scan(&text).ok()?;
                let scope =
                    UnitScope { text: &text, body: &body, context: None, included: None, ..self.scope };
                let read = Search { scope, path: &path };
                match keys.split_first()? {
                    (part, rest) if part == "locals" => read.local(rest, depth),
                    (part, rest) if part == "inputs" => {
                        read.attribute(body.attribute("inputs")?, rest, depth)
                    }
                    _ => None,
                }
            }
            (decode @ ("yamldecode" | "jsondecode"), [Expression::FuncCall(read)]) => {
                (read.name.name.as_str() == "file").then_some(())?;
                let path = path_of(read.args.iter().next()?)?;
                let text = read_regular_text(&path, CODE_LIMIT).ok()?;
                let is_json = decode == "jsondecode";
                let line = line_of_key((&text, is_json), keys)?;
                let format = if is_json { Format::Json } else { Format::Yaml };
                keys.last()?;
                Some(found(&path, line, &keys.join("."), format))
            }
            _ => None,
        }
    }
}
