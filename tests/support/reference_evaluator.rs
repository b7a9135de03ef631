//! A simple evaluator of Terraform expressions: hcl-rs, and locals that are evaluated again until no further local gets a value.
//! It needs time and memory without a limit, so tests use it for small configurations only.

use std::collections::BTreeMap;

use hcl::Value;
use hcl::eval::{Context, Evaluate as _, FuncArgs, FuncDef, ParamType};
use hcl::expr::Expression;

/// The known values of variables and locals.
pub struct Reference(Context<'static>);

impl Reference {
    pub fn new(variables: &BTreeMap<String, Value>, locals: &BTreeMap<String, String>) -> Self {
        let mut context = Context::new();
        for (name, function) in FUNCTIONS {
            let any = FuncDef::builder().variadic_param(ParamType::Any).build(*function);
            context.declare_func(*name, any);
        }
        context.declare_var("var", object(variables));
        context.declare_var("local", object(&BTreeMap::new()));
        let mut reference = Self(context);
        let mut known: BTreeMap<String, Value> = BTreeMap::new();
        loop {
            let more = locals.iter().filter(|(name, _)| !known.contains_key(*name));
            let more: Vec<(String, Value)> =
                more.filter_map(|(name, text)| Some((name.clone(), reference.value(text)?))).collect();
            if more.is_empty() {
                return reference;
            }
            known.extend(more);
            reference.0.declare_var("local", object(&known));
        }
    }

    /// The value of an expression without arithmetic; `None` if unknown.
    pub fn value(&self, expression: &str) -> Option<Value> {
        let tree: hcl_edit::expr::Expression = expression.trim().parse().ok()?;
        Expression::from(tree).evaluate(&self.0).ok()
    }
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
