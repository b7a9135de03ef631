//! Puts values in the place of the variables of one instance, `each.key`, `each.value` and `count.index`, or of one element of a `for`.
//! The instance is of a block, or of the call of a module.

use hcl::Value;
use hcl_edit::expr::{Expression, FuncCall, ObjectKey, Parenthesis, TraversalOperator};
use hcl_edit::visit_mut::{VisitMut, visit_expr_mut};

use crate::terraform::lang::expression::{Expr, parse, without_parentheses};
use crate::terraform::lang::render::quoted;
use crate::terraform::read::place::Place;

/// The values of variables, by name: `each.key`, or the name of a variable of a `for`.
#[derive(Clone, Default)]
pub(in crate::terraform) struct Bindings(Vec<(String, Expression)>);

impl Bindings {
    /// The variables of an instance with a key, `["a"]` or `[0]`.
    pub fn of_instance(place: Place<'_>, key: &str) -> Self {
        let mut bindings = Self::default();
        let key = key.trim_start_matches('[').trim_end_matches(']');
        if !key.starts_with('"') {
            bindings.add("count.index", key);
            return bindings;
        }
        bindings.add("each.key", key);
        let each = place.module.expression(place.file, place.block, "for_each");
        let value = each.and_then(|each| place.module.value(each));
        match value {
            // The value of a set's element is its key.
            Some(Value::Array(_)) => bindings.add("each.value", key),
            Some(Value::Object(fields)) => {
                let own = Expr::from(key).string().and_then(|name| fields.get(&name).cloned());
                bindings.extend("each.value", own.as_ref());
            }
            // `for_each = aws_subnet.app`
            _ => {
                let text = each.map(|each| format!("({})[{key}]", each.text.trim()));
                bindings.add("each.value", &text.unwrap_or_default());
            }
        }
        bindings
    }

    /// The same with `each.value` as a reference to the entry, `local.networks["shop"]`, if `for_each` is a reference.
    pub fn with_reference(place: Place<'_>, key: &str) -> Self {
        let mut bindings = Self::of_instance(place, key);
        let each = place.module.expression(place.file, place.block, "for_each");
        if let Some(each) = each.and_then(|each| each.reference()) {
            bindings.0.retain(|(name, _)| name != "each.value");
            bindings.add("each.value", &format!("{each}{key}"));
        }
        bindings
    }

    fn add(&mut self, name: &str, text: &str) {
        self.0.extend(parse(text).map(|value| (name.to_owned(), value)));
    }

    /// Adds a variable with an expression as its value.
    pub fn add_expression(&mut self, name: &str, value: Expression) {
        self.0.push((name.to_owned(), value));
    }

    /// Adds a variable with a known value.
    pub fn extend(&mut self, name: &str, value: Option<&Value>) {
        if let Some(text) = value.map(code) {
            self.add(name, &text);
        }
    }

    /// An expression with the values.
    pub fn bind(&self, expression: &Expression) -> Expression {
        let mut bound = expression.clone();
        if !self.0.is_empty() {
            Bind(self).visit_expr_mut(&mut bound);
        }
        bound
    }

    fn value(&self, name: &str) -> Option<&Expression> {
        self.0.iter().find_map(|(own, value)| (own == name).then_some(value))
    }
}

/// The value of an expression of an instance with another value of a field of its entry. `key` is in quotes.
pub(in crate::terraform) fn value_with_field(
    place: Place<'_>,
    key: &str,
    (field, new): (&str, &Value),
    expression: Expr<'_>,
) -> Option<Value> {
    let each = place.module.expression(place.file, place.block, "for_each")?;
    let name = Expr::from(key).string()?;
    let mut entry = place.module.value(each)?.as_object()?.get(&name)?.clone();
    entry.as_object_mut()?.insert(field.to_owned(), new.clone());
    let mut bindings = Bindings::default();
    bindings.add("each.key", key);
    bindings.extend("each.value", Some(&entry));
    place.module.value(Expr::parsed("", &bindings.bind(expression.tree()?.as_ref())))
}

struct Bind<'b>(&'b Bindings);

impl VisitMut for Bind<'_> {
    fn visit_expr_mut(&mut self, node: &mut Expression) {
        visit_expr_mut(self, node);
        match node {
            Expression::Variable(name) => {
                if let Some(value) = self.0.value(name.as_str()) {
                    *node = value.clone();
                }
            }
            Expression::Traversal(traversal) => {
                let (Expression::Variable(root), Some(first)) =
                    (&traversal.expr, traversal.operators.first())
                else {
                    return;
                };
                let TraversalOperator::GetAttr(name) = first.value() else { return };
                let Some(value) = self.0.value(&format!("{}.{}", root.as_str(), name.as_str())).cloned()
                else {
                    return;
                };
                traversal.operators.remove(0);
                select(node, value);
            }
            Expression::FuncCall(call) => {
                if let Some(value) = selected(call) {
                    *node = value;
                }
            }
            _ => {}
        }
    }
}

/// Puts a value in the place of the root of a traversal, and takes the attributes of an object.
fn select(node: &mut Expression, mut value: Expression) {
    let Expression::Traversal(traversal) = node else { return };
    while let Some(field) = traversal.operators.first().and_then(|first| field_of(&value, first.value())) {
        value = field;
        traversal.operators.remove(0);
    }
    match value {
        value if traversal.operators.is_empty() => *node = value,
        Expression::Traversal(mut value) => {
            value.operators.append(&mut traversal.operators);
            **traversal = *value;
        }
        value => traversal.expr = Expression::Parenthesis(Box::new(Parenthesis::new(value))),
    }
}

/// The attribute of an object that an operator takes; `None` if it has none.
fn field_of(value: &Expression, operator: &TraversalOperator) -> Option<Expression> {
    let name = match operator {
        TraversalOperator::GetAttr(name) => name.as_str(),
        TraversalOperator::Index(key) => without_parentheses(key).as_str()?,
        _ => return None,
    };
    field(value, name)
}

fn field(value: &Expression, name: &str) -> Option<Expression> {
    let Expression::Object(fields) = without_parentheses(value) else { return None };
    let (_, value) = fields.iter().find(|(key, _)| match key {
        ObjectKey::Ident(key) => key.as_str() == name,
        ObjectKey::Expression(key) => without_parentheses(key).as_str() == Some(name),
    })?;
    Some(without_parentheses(value.expr()).clone())
}

/// The result of `lookup` in an object, and of `try` with an attribute of an object.
fn selected(call: &FuncCall) -> Option<Expression> {
    let all: Vec<&Expression> = call.args.iter().collect();
    match (call.name.name.as_str(), all.as_slice()) {
        ("lookup", [map, key, default]) if matches!(without_parentheses(map), Expression::Object(_)) => {
            let name = without_parentheses(key).as_str()?;
            Some(field(map, name).unwrap_or_else(|| (*default).clone()))
        }
        ("try", [Expression::Traversal(traversal), default]) => {
            let is_object = matches!(without_parentheses(&traversal.expr), Expression::Object(_));
            let first = traversal.operators.first()?.value();
            (is_object && field_of(&traversal.expr, first).is_none()).then(|| (*default).clone())
        }
        _ => None,
    }
}

/// A value as HCL.
fn code(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(list) => format!("[{}]", list.iter().map(code).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{} = {}", quoted(name), code(value)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
