//! Arguments of the block that an entry makes, and values of entries.

use hcl::Value;
use hcl_edit::expr::{Expression, ObjectKey, ObjectValue};

use crate::terraform::find::collections::Literal;
use crate::terraform::find::form::key_text;
use crate::terraform::lang::expression::{Expr, parse, without_parentheses};
use crate::terraform::lang::render::quoted;
use crate::terraform::read::module::Module;

/// An argument that the new block must have.
pub(in crate::terraform) struct Argument {
    pub name: &'static str,
    /// Its value in the module of the literal.
    pub value: String,
    /// The same in the module of the form.
    pub here: String,
    pub need: Need,
}

/// How an argument must be in the form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::terraform) enum Need {
    /// The form has it with this value.
    Same,
    /// As `Same`; without it, the provider uses this value.
    SameOr(&'static str),
    /// A text that has no effect.
    Text,
    /// The form does not have it, or without a value.
    Empty,
}

/// A new entry.
#[derive(Clone)]
pub(in crate::terraform) struct Entry {
    /// Its key in a map.
    pub key: Option<String>,
    pub value: EntryValue,
}

impl Entry {
    /// The same with another text in the place of a field.
    pub fn replaced(self, from: &str, to: &str) -> Self {
        let of = |text: String| if text == from { to.to_owned() } else { text };
        let value = match self.value {
            EntryValue::Whole(text) => EntryValue::Whole(of(text)),
            EntryValue::Fields(fields) => {
                EntryValue::Fields(fields.into_iter().map(|(name, text)| (name, of(text))).collect())
            }
        };
        Self { value, ..self }
    }

    /// Whether a field has this text.
    pub fn has(&self, text: &str) -> bool {
        match &self.value {
            EntryValue::Whole(own) => own == text,
            EntryValue::Fields(fields) => fields.iter().any(|(_, own)| own == text),
        }
    }
}

/// The value of a new entry.
#[derive(Clone)]
pub(in crate::terraform) enum EntryValue {
    Whole(String),
    Fields(Vec<(String, String)>),
}

/// The fields of an object.
pub(in crate::terraform) fn fields(value: &Expression) -> Vec<(String, Expression)> {
    let Expression::Object(object) = without_parentheses(value) else { return Vec::new() };
    let field = |(key, value): (&ObjectKey, &ObjectValue)| {
        Some((key_text(key)?, without_parentheses(value.expr()).clone()))
    };
    object.iter().filter_map(field).collect()
}

/// Whether a value is `null`, empty or `false`.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

/// Whether two expressions of a module have one known value. A number and its text are one value.
pub(super) fn is_same_value(module: &Module, one: &Expression, other: &Expression) -> bool {
    let (one, other) = (Expr::parsed("", one), Expr::parsed("", other));
    let text = module.evaluate(one);
    text.is_some() && text == module.evaluate(other)
        || module.value(one).is_some_and(|value| module.value(other) == Some(value))
}

/// An entry with a text in the place of each reference, whose value is unknown before an apply.
pub(super) fn with_constants(value: &Expression) -> Expression {
    let plain = |value: &Expression| match value {
        Expression::Traversal(_) | Expression::Variable(_) => Expression::from("\u{1}"),
        other => other.clone(),
    };
    match value {
        Expression::Object(_) => {
            let fields: Vec<(String, String)> =
                fields(value).into_iter().map(|(name, value)| (name, plain(&value).to_string())).collect();
            parse(&object(&fields)).unwrap_or_else(|| value.clone())
        }
        other => plain(other),
    }
}

/// `{ port = 443, cidr = "0.0.0.0/0" }`
pub(in crate::terraform) fn object(fields: &[(String, String)]) -> String {
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{} = {value}", key_code(name))).collect();
    format!("{{ {} }}", fields.join(", "))
}

/// A key of an object, with quotes if it is no name.
pub(in crate::terraform) fn key_code(name: &str) -> String {
    let is_name = name.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if is_name { name.to_owned() } else { quoted(name) }
}

/// The fields of the elements in the type of the variable that leads to a literal, and whether they are optional; `None` without such a
/// type.
pub(in crate::terraform) fn type_fields(literal: &Literal<'_>) -> Option<Vec<(String, bool)>> {
    let (module, name) = literal.trail.iter().find_map(|followed| match followed.path.as_slice() {
        [root, name] if root == "var" => Some((followed.module, name)),
        _ => None,
    })?;
    let (file, block) = module.block("variable", &[name])?;
    let kind = file.expression(block.body.attribute("type")?).tree()?.into_owned();
    let Expression::FuncCall(of) = &kind else { return None };
    let is_collection = ["list", "map", "set"].contains(&of.name.name.as_str());
    let Expression::FuncCall(element) = without_parentheses(of.args.iter().next().filter(|_| is_collection)?)
    else {
        return None;
    };
    let fields_of = element.args.iter().next().filter(|_| element.name.name.as_str() == "object")?;
    let is_optional = |kind: &Expression| matches!(kind, Expression::FuncCall(call) if call.name.name.as_str() == "optional");
    Some(fields(fields_of).into_iter().map(|(name, kind)| (name, is_optional(&kind))).collect())
}
