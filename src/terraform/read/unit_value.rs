//! Evaluates the expressions of Terragrunt files: the functions that find folders, locals, and the locals of another file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use hcl::{Map, Value};
use hcl_edit::expr::{
    BinaryOperator, Expression, FuncCall, Object, ObjectKey, Traversal, TraversalOperator, UnaryOperator,
};
use hcl_edit::template::Element;

use crate::files::read_regular_text;
use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::expression::{parse, without_parentheses};
use crate::terraform::lang::scan::scan;
use crate::terraform::lang::structure::Body;
use crate::terraform::read::file::CODE_LIMIT;

/// The file of a unit.
pub(in crate::terraform) const TERRAGRUNT: &str = "terragrunt.hcl";
/// The file of a stack, which gives its units their values.
pub(in crate::terraform) const STACK: &str = "terragrunt.stack.hcl";

/// Recursion limit for expressions and files that refer to each other.
const DEPTH: usize = 16;

/// A file that a unit includes.
pub(super) struct Included {
    /// The label of its block, empty without one.
    pub label: String,
    pub path: PathBuf,
    pub text: String,
    pub body: Body,
}

/// What the expressions of a unit can refer to outside its file.
#[derive(Default)]
pub(super) struct UnitContext {
    pub includes: Vec<Included>,
    /// The values that a stack gives.
    pub values: Map<String, Value>,
    /// The names of all values that it gives, also of those that are not known; `None` without a stack.
    pub given: Option<BTreeSet<String>>,
}

/// A file of a unit. The functions that find folders begin at the folder of the unit, also in a file that it includes.
#[derive(Clone, Copy)]
pub(super) struct UnitScope<'f> {
    pub text: &'f str,
    pub body: &'f Body,
    /// The folder of the unit.
    pub dir: &'f Path,
    /// `None` in a file that is included or read.
    pub context: Option<&'f UnitContext>,
    /// The path of an included file.
    pub included: Option<&'f Path>,
}

impl UnitScope<'_> {
    /// The value of an expression; `None` if it is not evaluated.
    pub fn value(&self, text: &str) -> Option<Value> {
        self.expression(&parse(text)?, DEPTH)
    }

    /// The value of an expression that is a text.
    pub fn string(&self, text: &str) -> Option<String> {
        self.value(text)?.as_str().map(str::to_owned)
    }

    fn expression(&self, expression: &Expression, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        match without_parentheses(expression) {
            Expression::Null(_) => Some(Value::Null),
            Expression::Bool(on) => Some(Value::Bool(*on.value())),
            Expression::Number(number) => Some(Value::Number(*number.value())),
            Expression::String(text) => Some(Value::from(text.as_str())),
            Expression::StringTemplate(template) => {
                let mut text = String::new();
                for element in template {
                    match element {
                        Element::Literal(part) => text.push_str(part),
                        Element::Interpolation(part) => match self.expression(&part.expr, depth)? {
                            Value::String(part) => text.push_str(&part),
                            Value::Number(part) => text.push_str(&part.to_string()),
                            _ => return None,
                        },
                        Element::Directive(_) => return None,
                    }
                }
                Some(Value::from(text))
            }
            Expression::Array(list) => list.iter().map(|one| self.expression(one, depth)).collect(),
            Expression::Object(object) => self.object(object, depth),
            Expression::FuncCall(call) if call.name.name.as_str() == "try" => {
                // Only a value that the stack does not give is an error.
                let mut others = call.args.iter().skip_while(|one| self.is_absent(one));
                self.expression(others.next()?, depth)
            }
            Expression::FuncCall(call) => self.call(call, depth),
            Expression::Conditional(cases) => match self.expression(&cases.cond_expr, depth)? {
                Value::Bool(true) => self.expression(&cases.true_expr, depth),
                Value::Bool(false) => self.expression(&cases.false_expr, depth),
                _ => None,
            },
            Expression::UnaryOp(not) if *not.operator.value() == UnaryOperator::Not => {
                self.expression(&not.expr, depth)?.as_bool().map(|on| Value::Bool(!on))
            }
            Expression::BinaryOp(operation) => {
                let one = self.expression(&operation.lhs_expr, depth)?;
                let other = self.expression(&operation.rhs_expr, depth)?;
                let result = match operation.operator.value() {
                    BinaryOperator::Eq => one == other,
                    BinaryOperator::NotEq => one != other,
                    BinaryOperator::And => one.as_bool()? && other.as_bool()?,
                    BinaryOperator::Or => one.as_bool()? || other.as_bool()?,
                    _ => return None,
                };
                Some(Value::Bool(result))
            }
            Expression::Traversal(traversal) => self.traversal(traversal, depth),
            _ => None,
        }
    }

    /// Whether an expression is a value that the stack does not give.
    fn is_absent(&self, expression: &Expression) -> bool {
        let Expression::Traversal(traversal) = without_parentheses(expression) else { return false };
        let is_values = matches!(&traversal.expr, Expression::Variable(root) if root.as_str() == "values");
        let first = traversal.operators.first().map(hcl_edit::Decorated::value);
        let Some(TraversalOperator::GetAttr(name)) = first.filter(|_| is_values) else { return false };
        let given = self.context.and_then(|context| context.given.as_ref());
        given.is_some_and(|given| !given.contains(name.as_str()))
    }

    fn object(&self, object: &Object, depth: usize) -> Option<Value> {
        let mut fields = Map::new();
        for (key, value) in object {
            let ObjectKey::Ident(name) = key else { return None };
            fields.insert(name.as_str().to_owned(), self.expression(value.expr(), depth)?);
        }
        Some(Value::Object(fields))
    }

    /// <https://terragrunt.gruntwork.io/docs/reference/hcl/functions/>
    fn call(&self, call: &FuncCall, depth: usize) -> Option<Value> {
        let arguments = call.args.iter().map(|one| self.expression(one, depth)).collect::<Option<Vec<_>>>();
        let arguments = arguments?;
        let text = |at: usize| arguments.get(at).and_then(Value::as_str);
        let found = match call.name.name.as_str() {
            "find_in_parent_folders" => {
                let found = in_parents(self.dir, text(0).unwrap_or(TERRAGRUNT));
                found.or_else(|| text(1).map(PathBuf::from))?
            }
            "dirname" => Path::new(text(0)?).parent()?.to_owned(),
            "get_repo_root" => {
                let dir = fs::canonicalize(self.dir).ok()?;
                dir.ancestors().find(|dir| dir.join(".git").exists())?.to_owned()
            }
            "get_terragrunt_dir" | "get_original_terragrunt_dir" => self.dir.to_owned(),
            "basename" => PathBuf::from(Path::new(text(0)?).file_name()?),
            "read_terragrunt_config" => return locals_of(Path::new(text(0)?), self.dir, depth),
            "file" => PathBuf::from(read_regular_text(&self.dir.join(text(0)?), CODE_LIMIT).ok()?),
            "get_parent_terragrunt_dir" => self.included_dir()?,
            "path_relative_to_include" => {
                let dir = fs::canonicalize(self.dir).ok()?;
                dir.strip_prefix(self.included_dir()?).ok()?.to_owned()
            }
            // A function of Terraform.
            name => {
                let arguments = arguments.iter().map(literal).collect::<Option<Vec<_>>>()?;
                return Values::default().value(format!("{name}({})", arguments.join(", ")).as_str());
            }
        };
        Some(Value::from(found.to_str()?))
    }

    /// The folder of the file that the unit includes.
    fn included_dir(&self) -> Option<PathBuf> {
        let first = || Some(self.context?.includes.first()?.path.as_path());
        fs::canonicalize(self.included.or_else(first)?.parent()?).ok()
    }

    fn traversal(&self, traversal: &Traversal, depth: usize) -> Option<Value> {
        let mut operators = traversal.operators.iter().map(|operator| match operator.value() {
            TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
            TraversalOperator::Index(Expression::Number(place)) => Some(place.value().to_string()),
            TraversalOperator::Index(key) => key.as_str().map(str::to_owned),
            _ => None,
        });
        let mut value = match &traversal.expr {
            Expression::Variable(root) if root.as_str() == "local" => {
                self.local(&operators.next()??, depth)?
            }
            Expression::Variable(root) if root.as_str() == "values" => {
                self.context?.values.get(&operators.next()??)?.clone()
            }
            // `include.root.locals.environment`
            Expression::Variable(root) if root.as_str() == "include" => {
                let (label, part) = (operators.next()??, operators.next()??);
                let included = self.context?.includes.iter().find(|one| one.label == label)?;
                let scope = UnitScope {
                    text: &included.text,
                    body: &included.body,
                    dir: self.dir,
                    context: None,
                    included: Some(&included.path),
                };
                (part == "locals").then_some(())?;
                scope.local(&operators.next()??, depth)?
            }
            Expression::Variable(_) => return None,
            other => self.expression(other, depth)?,
        };
        for name in operators {
            value = match &value {
                Value::Array(list) => list.get(name?.parse::<usize>().ok()?)?.clone(),
                other => other.as_object()?.get(&name?)?.clone(),
            };
        }
        Some(value)
    }

    fn local(&self, name: &str, depth: usize) -> Option<Value> {
        let mut blocks = self.body.blocks("locals");
        let written = blocks.find_map(|block| self.text.get(block.body.attribute(name)?.value.clone()))?;
        self.expression(&parse(written)?, depth)
    }
}

/// The nearest file or folder with a name above a folder.
fn in_parents(dir: &Path, name: &str) -> Option<PathBuf> {
    let dir = fs::canonicalize(dir).ok()?;
    dir.ancestors().skip(1).map(|above| above.join(name)).find(|path| path.exists())
}

/// A value as an expression.
fn literal(value: &Value) -> Option<String> {
    Some(serde_json::to_string(value).ok()?.replace("${", "$${").replace("%{", "%%{"))
}

/// The locals and inputs of another file, as `read_terragrunt_config` returns them.
fn locals_of(path: &Path, dir: &Path, depth: usize) -> Option<Value> {
    let text = read_regular_text(&dir.join(path), CODE_LIMIT).ok()?;
    let body = scan(&text).ok()?;
    let scope = UnitScope { text: &text, body: &body, dir, context: None, included: None };
    let names = body.blocks("locals").flat_map(|block| block.body.attributes()).map(|one| one.name.clone());
    let known = names.filter_map(|name| Some((name.clone(), scope.local(&name, depth)?)));
    let locals = Value::Object(known.collect());
    let inputs = body.attribute("inputs").and_then(|own| parse(text.get(own.value.clone())?));
    let inputs = inputs.as_ref().and_then(|tree| without_parentheses(tree).as_object());
    let known = inputs.into_iter().flatten().filter_map(|(key, value)| match key {
        ObjectKey::Ident(name) => Some((name.as_str().to_owned(), scope.expression(value.expr(), depth)?)),
        ObjectKey::Expression(_) => None,
    });
    let inputs = Value::Object(known.collect());
    Some(Value::Object([("locals".to_owned(), locals), ("inputs".to_owned(), inputs)].into_iter().collect()))
}
