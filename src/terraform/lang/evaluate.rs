//! Evaluates expressions without Terraform: variables with a known value, locals, and common pure functions.
//!
//! An expression that depends on a resource, a data source or an unknown variable is unknown and has no
//! value.

use std::collections::BTreeMap;

use hcl::Value;
use hcl::eval::{Context, Evaluate as _, FuncArgs, FuncDef, ParamType};
use hcl::expr::Expression;
use hcl_edit::expr::{BinaryOp, BinaryOperator, UnaryOp, UnaryOperator};
use hcl_edit::visit::{Visit, visit_binary_op, visit_unary_op};

use crate::terraform::lang::expression::Expr;

/// The known values of `var.` and `local.`, and the functions.
#[derive(Debug)]
pub(in crate::terraform) struct Values {
    context: Context<'static>,
    /// The expressions of the locals, by name.
    pub(in crate::terraform) locals: BTreeMap<String, String>,
}

impl Values {
    /// The values of variables, of `terraform.workspace` if known, and of the locals that depend only on
    /// these.
    pub fn new(
        variables: &BTreeMap<String, Value>,
        workspace: Option<&str>,
        locals: &BTreeMap<String, String>,
    ) -> Self {
        let mut context = Context::new();
        for (name, function) in FUNCTIONS {
            let any = FuncDef::builder().variadic_param(ParamType::Any).build(*function);
            context.declare_func(*name, any);
        }
        context.declare_var("var", object(variables));
        if let Some(workspace) = workspace {
            let name = ("workspace".to_owned(), Value::from(workspace));
            context.declare_var("terraform", object(&[name].into()));
        }
        let mut values = Self { context, locals: locals.clone() };
        values.resolve_locals();
        values
    }

    /// Sets the result of each `data "aws_region"` with one of these names to the provider's region.
    pub fn set_region(&mut self, names: &[&str], region: &str) {
        let answer = ["id", "name", "region"].map(|name| (name.to_owned(), Value::from(region)));
        let answer = object(&answer.into());
        let all = names.iter().map(|name| ((*name).to_owned(), answer.clone())).collect();
        self.context.declare_var("data", object(&[("aws_region".to_owned(), object(&all))].into()));
        self.resolve_locals();
    }

    /// Evaluates the locals. A local may depend on others, so this repeats until no further local gets a
    /// value.
    fn resolve_locals(&mut self) {
        let mut known: BTreeMap<String, Value> = BTreeMap::new();
        loop {
            let more = self.locals.iter().filter(|(name, _)| !known.contains_key(*name));
            let more: Vec<(String, Value)> =
                more.filter_map(|(name, written)| Some((name.clone(), self.value(written)?))).collect();
            if more.is_empty() {
                return;
            }
            known.extend(more);
            self.context.declare_var("local", object(&known));
        }
    }

    /// The value of an expression; `None` if unknown.
    pub fn value<'e>(&self, expression: impl Into<Expr<'e>>) -> Option<Value> {
        let tree = expression.into().tree()?;
        // hcl-rs panics on overflow, so arithmetic is not evaluated.
        if has_arithmetic(&tree) {
            return None;
        }
        Expression::from(tree.into_owned()).evaluate(&self.context).ok()
    }

    /// The value as text, if it is a string, a number or a boolean.
    pub fn text<'e>(&self, expression: impl Into<Expr<'e>>) -> Option<String> {
        match self.value(expression)? {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

/// Whether an expression contains arithmetic.
fn has_arithmetic(expression: &hcl_edit::expr::Expression) -> bool {
    struct Arithmetic(bool);
    impl Visit for Arithmetic {
        fn visit_binary_op(&mut self, node: &BinaryOp) {
            let plain = matches!(
                node.operator.value(),
                BinaryOperator::Eq
                    | BinaryOperator::NotEq
                    | BinaryOperator::LessEq
                    | BinaryOperator::GreaterEq
                    | BinaryOperator::Less
                    | BinaryOperator::Greater
                    | BinaryOperator::And
                    | BinaryOperator::Or
            );
            self.0 |= !plain;
            visit_binary_op(self, node);
        }
        fn visit_unary_op(&mut self, node: &UnaryOp) {
            self.0 |= matches!(node.operator.value(), UnaryOperator::Neg);
            visit_unary_op(self, node);
        }
    }
    let mut arithmetic = Arithmetic(false);
    arithmetic.visit_expr(expression);
    arithmetic.0
}

fn object(values: &BTreeMap<String, Value>) -> Value {
    Value::Object(values.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
}

type Function = fn(FuncArgs) -> Result<Value, String>;

/// <https://developer.hashicorp.com/terraform/language/functions>
const FUNCTIONS: &[(&str, Function)] = &[
    ("coalesce", |args| {
        found(args.iter().find(|one| !matches!(one, Value::Null) && **one != Value::from("")))
    }),
    ("compact", |args| {
        map(&args, |list| {
            list.into_iter().filter(|one| !matches!(one, Value::Null) && *one != Value::from("")).collect()
        })
    }),
    ("concat", |args| {
        args.iter().map(array).collect::<Result<Vec<_>, _>>().map(|lists| Value::Array(lists.concat()))
    }),
    ("contains", |args| Ok(Value::Bool(array(first(&args)?)?.contains(at(&args, 1)?)))),
    ("distinct", |args| map(&args, unique)),
    ("element", |args| {
        let list = array(first(&args)?)?;
        let place = at(&args, 1)?.as_u64().and_then(|place| usize::try_from(place).ok()).ok_or("no index")?;
        found(list.get(place % list.len().max(1)))
    }),
    ("flatten", |args| map(&args, flattened)),
    ("format", |args| formatted(&args)),
    ("join", |args| {
        let glue = text(first(&args)?)?;
        let parts: Result<Vec<String>, String> = array(at(&args, 1)?)?.iter().map(text).collect();
        Ok(Value::from(parts?.join(&glue)))
    }),
    ("keys", |args| fields(first(&args)?).map(|fields| fields.into_keys().collect())),
    ("length", |args| match first(&args)? {
        Value::Array(list) => Ok(Value::from(list.len())),
        Value::Object(fields) => Ok(Value::from(fields.len())),
        Value::String(text) => Ok(Value::from(text.chars().count())),
        _ => Err("no length".to_owned()),
    }),
    ("lookup", |args| {
        let known = fields(first(&args)?)?.remove(&text(at(&args, 1)?)?);
        known.or_else(|| args.get(2).cloned()).ok_or_else(|| "no such key".to_owned())
    }),
    ("lower", |args| Ok(Value::from(text(first(&args)?)?.to_lowercase()))),
    ("merge", |args| {
        let mut all = BTreeMap::new();
        for one in args.iter().filter(|one| !matches!(one, Value::Null)) {
            all.extend(fields(one)?);
        }
        Ok(object(&all))
    }),
    ("one", |args| match array(first(&args)?)?.as_slice() {
        [] => Ok(Value::Null),
        [only] => Ok(only.clone()),
        _ => Err("more than one".to_owned()),
    }),
    ("replace", |args| {
        let (whole, old, new) = (text(first(&args)?)?, text(at(&args, 1)?)?, text(at(&args, 2)?)?);
        // A text between slashes is a regular expression. It is not evaluated, because its syntax differs
        // from Rust's.
        let is_pattern = old.len() > 1 && old.starts_with('/') && old.ends_with('/');
        if is_pattern { Err("a pattern".to_owned()) } else { Ok(Value::from(whole.replace(&old, &new))) }
    }),
    ("sort", |args| {
        map(&args, |mut list| {
            list.sort_by_key(|one| text(one).unwrap_or_default());
            list
        })
    }),
    ("split", |args| {
        let (by, whole) = (text(first(&args)?)?, text(at(&args, 1)?)?);
        Ok(whole.split(by.as_str()).map(str::to_owned).collect())
    }),
    ("tolist", |args| map(&args, |list| list)),
    ("toset", |args| {
        map(&args, |list| {
            let mut list = unique(list);
            list.sort_by_key(|one| text(one).unwrap_or_default());
            list
        })
    }),
    ("tostring", |args| text(first(&args)?).map(Value::from)),
    ("trimspace", |args| Ok(Value::from(text(first(&args)?)?.trim()))),
    ("upper", |args| Ok(Value::from(text(first(&args)?)?.to_uppercase()))),
    ("values", |args| fields(first(&args)?).map(|fields| fields.into_values().collect())),
];

fn at(args: &FuncArgs, place: usize) -> Result<&Value, String> {
    args.get(place).ok_or_else(|| format!("no argument {}", place + 1))
}

fn first(args: &FuncArgs) -> Result<&Value, String> {
    at(args, 0)
}

fn found(value: Option<&Value>) -> Result<Value, String> {
    value.cloned().ok_or_else(|| "no such element".to_owned())
}

fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err("no text".to_owned()),
    }
}

fn array(value: &Value) -> Result<Vec<Value>, String> {
    value.as_array().cloned().ok_or_else(|| "no list".to_owned())
}

fn fields(value: &Value) -> Result<BTreeMap<String, Value>, String> {
    let fields = value.as_object().ok_or("no object")?;
    Ok(fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn map(args: &FuncArgs, change: impl FnOnce(Vec<Value>) -> Vec<Value>) -> Result<Value, String> {
    Ok(Value::Array(change(array(first(args)?)?)))
}

fn unique(list: Vec<Value>) -> Vec<Value> {
    let mut seen = Vec::new();
    for one in list {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    seen
}

fn flattened(list: Vec<Value>) -> Vec<Value> {
    let parts = list.into_iter().flat_map(|one| match one {
        Value::Array(inner) => flattened(inner),
        other => vec![other],
    });
    parts.collect()
}

/// `format` with `%s`, `%d`, `%v` and `%%`; a format with other verbs is unknown.
fn formatted(args: &FuncArgs) -> Result<Value, String> {
    let pattern = text(first(args)?)?;
    let (mut out, mut next) = (String::new(), 1);
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match (c, if c == '%' { rest.next() } else { None }) {
            ('%', Some('%')) => out.push('%'),
            ('%', Some('s' | 'd' | 'v')) => {
                out.push_str(&text(at(args, next)?)?);
                next += 1;
            }
            ('%', _) => return Err("an unsupported verb".to_owned()),
            (c, _) => out.push(c),
        }
    }
    Ok(Value::from(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_without_unknown_parts_have_a_value() {
        let variables =
            [("env", Value::from("dev")), ("on", Value::from(false)), ("zones", Value::from(vec!["a", "b"]))];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).into();
        let locals = [
            ("name", "\"bond-${var.env}\""),
            ("prefix", "lower(format(\"%s-%s\", local.name, terraform.workspace))"),
            ("tags", "merge({ Name = local.prefix }, { Team = \"bond\" })"),
            ("vpc", "aws_vpc.main.id"),
            ("loop", "local.pool"),
            ("pool", "local.loop"),
        ];
        let locals = locals.map(|(name, written)| (name.to_owned(), written.to_owned())).into();
        let values = Values::new(&variables, Some("Blue"), &locals);
        let text_of = |expression: &str| values.text(expression).unwrap_or_else(|| "?".to_owned());
        for (expression, expected) in [
            ("local.prefix", "bond-dev-blue"),
            ("local.tags.Name", "bond-dev-blue"),
            ("local.tags[\"Team\"]", "bond"),
            ("var.on ? \"VPC\" : \"DEFAULT\"", "DEFAULT"),
            ("\"${local.name}-${length(var.zones)}\"", "bond-dev-2"),
            ("element(concat(var.zones, [\"c\"]), 5)", "c"),
            ("join(\",\", [for zone in var.zones : upper(zone)])", "A,B"),
            ("replace(\"a.b\", \".\", \"-\")", "a-b"),
            ("coalesce(\"\", var.env)", "dev"),
            ("lookup(local.tags, \"None\", \"x\")", "x"),
            // Depends on a resource, a data source, an unknown variable or an unknown function.
            ("local.vpc", "?"),
            ("local.loop", "?"),
            ("var.absent", "?"),
            ("\"${local.name}-${aws_vpc.main.id}\"", "?"),
            ("var.absent ? \"a\" : \"b\"", "?"),
            ("file(\"x\")", "?"),
            ("format(\"%05d\", 3)", "?"),
            ("replace(\"a\", \"/a/\", \"b\")", "?"),
            ("1 / 0", "?"),
            ("\"a-${-9223372036854775808 % -1}\"", "?"),
            ("length(var.zones) + 1e308 * 10", "?"),
            ("var.zones", "?"),
            ("} {", "?"),
        ] {
            assert_eq!(text_of(expression), expected, "{expression}");
        }
    }
}
