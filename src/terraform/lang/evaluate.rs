//! What an expression comes to, as far as the code itself tells: variables with a value, locals, and the pure functions that
//! configurations are full of. What hangs on a resource, a data source or a value given elsewhere is unknown, never guessed.

use std::collections::BTreeMap;

use hcl::Value;
use hcl::eval::{Context, Evaluate as _, FuncArgs, FuncDef, ParamType};
use hcl::expr::Expression;
use hcl_edit::expr::{BinaryOp, BinaryOperator, UnaryOp, UnaryOperator};
use hcl_edit::visit::{Visit, visit_binary_op, visit_unary_op};

/// Values by name: what `var.` and `local.` mean.
#[derive(Debug)]
pub(in crate::terraform) struct Values {
    context: Context<'static>,
    /// How the locals are written.
    pub(in crate::terraform) locals: BTreeMap<String, String>,
}

impl Values {
    /// The values of variables, of what Terraform itself is asked for (`terraform.workspace`, where it is known), and of the locals
    /// that can be told from them.
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
        values.tell_locals();
        values
    }

    /// Tells what `data "aws_region"` of these names answers: the region of the provider.
    pub fn tell_region(&mut self, names: &[&str], region: &str) {
        let answer = ["id", "name", "region"].map(|name| (name.to_owned(), Value::from(region)));
        let answer = object(&answer.into());
        let all = names.iter().map(|name| ((*name).to_owned(), answer.clone())).collect();
        self.context.declare_var("data", object(&[("aws_region".to_owned(), object(&all))].into()));
        self.tell_locals();
    }

    /// A local may build on others: as long as one more can be told, go on.
    fn tell_locals(&mut self) {
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

    /// The value of an expression; `None` where it cannot be told.
    pub fn value(&self, expression: &str) -> Option<Value> {
        let expression = expression.trim();
        // Sums of the evaluator stop the program where they overflow, and no setting of a network hangs on one.
        if expression.contains(['+', '-', '*', '/', '%']) && reckons(expression) {
            return None;
        }
        let parsed: Expression = expression.parse().ok()?;
        parsed.evaluate(&self.context).ok()
    }

    /// The same as a text, where it is one, a number or a truth value.
    pub fn text(&self, expression: &str) -> Option<String> {
        match self.value(expression)? {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

/// Whether an expression has arithmetic in it.
fn reckons(expression: &str) -> bool {
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
    let Ok(parsed) = expression.parse::<hcl_edit::expr::Expression>() else { return true };
    let mut arithmetic = Arithmetic(false);
    arithmetic.visit_expr(&parsed);
    arithmetic.0
}

fn object(values: &BTreeMap<String, Value>) -> Value {
    Value::Object(values.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
}

type Function = fn(FuncArgs) -> Result<Value, String>;

/// <https://developer.hashicorp.com/terraform/language/functions>
const FUNCTIONS: &[(&str, Function)] = &[
    ("coalesce", |args| {
        some(args.iter().find(|one| !matches!(one, Value::Null) && **one != Value::from("")))
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
        some(list.get(place % list.len().max(1)))
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
        // Between slashes it is a regular expression of another dialect.
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

fn some(value: Option<&Value>) -> Result<Value, String> {
    value.cloned().ok_or_else(|| "none of them".to_owned())
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

/// `format` with `%s`, `%d` and `%%`; other verbs are left unknown.
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
            ('%', _) => return Err("a verb that is not read here".to_owned()),
            (c, _) => out.push(c),
        }
    }
    Ok(Value::from(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_code_tells_is_told_and_nothing_else() {
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
        let told = |expression: &str| values.text(expression).unwrap_or_else(|| "?".to_owned());
        for (expression, wanted) in [
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
            // What is made, asked, given elsewhere or not known here.
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
            assert_eq!(told(expression), wanted, "{expression}");
        }
    }
}
