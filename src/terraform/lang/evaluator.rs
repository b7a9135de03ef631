//! Computes the value of a syntax tree, with a count of its steps and bytes.
//!
//! Owns the rules of the expression language: operators, conditionals, `for` and references; `templates` has the rules of templates. The locals have memoised
//! values; a missing one ends the evaluation with [`Stop::Needs`]. Arithmetic is evaluated for whole numbers. hcl-edit limits the depth of a
//! tree.

use std::borrow::Cow;

use hcl::{Map, Value};
use hcl_edit::Decorated;
use hcl_edit::expr::{
    BinaryOp, BinaryOperator, Expression, ForExpr, FuncCall, Object, ObjectKey, Traversal, TraversalOperator,
    UnaryOp, UnaryOperator,
};
use hcl_edit::template::Element;

use crate::terraform::lang::budget::{Meter, Stop};
use crate::terraform::lang::data_files::{DataFiles, data_function};
use crate::terraform::lang::expression::without_parentheses;
use crate::terraform::lang::functions::{function, text};
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::symbols::{as_symbol, reference_to_id};

pub(super) type Result<T> = std::result::Result<T, Stop>;
/// A value that already exists, or a new one.
pub(super) type Found<'s> = Result<Cow<'s, Value>>;

/// The names that an expression can refer to.
pub(super) trait Names {
    /// The value of `var`, `data` or `terraform`.
    fn root(&self, name: &str) -> Option<&Value>;

    /// Whether the object that a variable is has no other attributes than the known ones.
    fn is_whole(&self, variable: &str) -> bool;

    /// The value of a local.
    ///
    /// # Errors
    /// It is unknown, or its value is not computed yet.
    fn local(&self, name: &str) -> Result<&Value>;

    /// Whether a reference to the id of a resource has its text as its value.
    fn has_symbols(&self) -> bool;

    /// The files that the code can read.
    fn files(&self) -> Option<&dyn DataFiles>;
}

/// A variable of a `for` expression.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    name: &'s str,
    value: &'s Value,
    outer: Option<&'s Scope<'s>>,
}

/// The value of an expression.
///
/// # Errors
/// The expression is unknown, past a limit, or needs a local.
pub(super) fn evaluate<'n>(names: &'n impl Names, tree: &Expression, meter: &mut Meter<'_>) -> Found<'n> {
    Evaluator { names, meter }.value(tree, None)
}

/// An evaluation of one expression.
pub(super) struct Evaluator<'n, 'm, 'b, N> {
    names: &'n N,
    pub(super) meter: &'m mut Meter<'b>,
}

impl<'n, N: Names> Evaluator<'n, '_, '_, N> {
    pub(super) fn value<'s>(&mut self, expression: &Expression, scope: Option<&'s Scope<'s>>) -> Found<'s>
    where
        'n: 's,
    {
        self.meter.step(1)?;
        let new = match expression {
            Expression::Null(_) => Value::Null,
            Expression::Bool(truth) => Value::Bool(*truth.value()),
            Expression::Number(number) => Value::Number(*number.value()),
            Expression::String(text) => {
                self.meter.allocate(text.len())?;
                Value::from(text.as_str())
            }
            Expression::Array(list) => {
                self.meter.elements(list.len())?;
                list.iter().map(|one| self.new_value(one, scope)).collect::<Result<Value>>()?
            }
            Expression::Object(object) => self.object(object, scope)?,
            Expression::StringTemplate(template) => {
                // A string that consists of one interpolation has the value of the interpolation.
                if let Some(Element::Interpolation(only)) = template.as_single_element() {
                    return self.value(&only.expr, scope);
                }
                self.template(template, scope)?
            }
            Expression::HeredocTemplate(heredoc) => self.template(&heredoc.template, scope)?,
            Expression::Parenthesis(inner) => return self.value(inner.inner(), scope),
            Expression::Variable(name) => return self.variable(name, scope),
            Expression::Conditional(cases) => {
                let case =
                    if self.truth(&cases.cond_expr, scope)? { &cases.true_expr } else { &cases.false_expr };
                return self.value(case, scope);
            }
            Expression::FuncCall(call) => self.call(call, scope)?,
            Expression::Traversal(traversal) => return self.traversal(traversal, scope),
            Expression::UnaryOp(operation) => self.unary(operation, scope)?,
            Expression::BinaryOp(operation) => self.binary(operation, scope)?,
            Expression::ForExpr(expression) => self.for_expression(expression, scope)?,
        };
        Ok(Cow::Owned(new))
    }

    /// The value as a part of a new value.
    fn new_value(&mut self, expression: &Expression, scope: Option<&Scope<'_>>) -> Result<Value> {
        match self.value(expression, scope)? {
            Cow::Owned(value) => Ok(value),
            Cow::Borrowed(value) => {
                self.meter.copy(value)?;
                Ok(value.clone())
            }
        }
    }

    pub(super) fn truth(&mut self, expression: &Expression, scope: Option<&Scope<'_>>) -> Result<bool> {
        self.value(expression, scope)?.as_bool().ok_or(Stop::Unknown)
    }

    /// The key of an object: a string, or a number or boolean as text.
    fn key(&mut self, expression: &Expression, scope: Option<&Scope<'_>>) -> Result<String> {
        let value = self.value(expression, scope)?;
        let key = text(&value, self.meter)?;
        self.meter.allocate(key.len())?;
        Ok(key.into_owned())
    }

    fn variable<'s>(&mut self, name: &str, scope: Option<&'s Scope<'s>>) -> Found<'s>
    where
        'n: 's,
    {
        let mut inner = scope;
        while let Some(one) = inner {
            self.meter.step(1)?;
            if one.name == name {
                return Ok(Cow::Borrowed(one.value));
            }
            inner = one.outer;
        }
        self.names.root(name).map(Cow::Borrowed).ok_or(Stop::Unknown)
    }

    fn object(&mut self, object: &Object, scope: Option<&Scope<'_>>) -> Result<Value> {
        self.meter.elements(object.len())?;
        let mut fields = Map::with_capacity(object.len());
        for (key, value) in object {
            let key = match key {
                ObjectKey::Ident(name) => {
                    self.meter.allocate(name.as_str().len())?;
                    name.as_str().to_owned()
                }
                ObjectKey::Expression(key) => self.key(key, scope)?,
            };
            fields.insert(key, self.new_value(value.expr(), scope)?);
        }
        Ok(Value::Object(fields))
    }

    fn call(&mut self, call: &FuncCall, scope: Option<&Scope<'_>>) -> Result<Value> {
        if call.name.name.as_str() == "try" && call.name.namespace.is_empty() {
            for argument in &call.args {
                match self.new_value(argument, scope) {
                    Err(Stop::Absent) => {}
                    // An unknown argument can be an error in Terraform, or not.
                    found => return found,
                }
            }
            return Err(Stop::Absent);
        }
        let name = Some(call.name.name.as_str()).filter(|_| call.name.namespace.is_empty());
        let name = name.ok_or(Stop::Unknown)?;
        let (mut values, last) = (Vec::with_capacity(call.args.len()), call.args.len());
        for (place, argument) in call.args.iter().enumerate() {
            let value = self.value(argument, scope)?;
            if !(call.args.expand_final() && place + 1 == last) {
                values.push(value);
                continue;
            }
            for one in value.as_array().ok_or(Stop::Unknown)? {
                self.meter.copy(one)?;
                values.push(Cow::Owned(one.clone()));
            }
        }
        match data_function(self.names.files(), name, &values, self.meter) {
            Some(found) => found,
            None => function(name).ok_or(Stop::Unknown)?(&values, self.meter),
        }
    }

    fn unary(&mut self, operation: &UnaryOp, scope: Option<&Scope<'_>>) -> Result<Value> {
        match operation.operator.value() {
            UnaryOperator::Not => Ok(Value::Bool(!self.truth(&operation.expr, scope)?)),
            UnaryOperator::Neg => Err(Stop::Unknown),
        }
    }

    fn binary(&mut self, operation: &BinaryOp, scope: Option<&Scope<'_>>) -> Result<Value> {
        let left = self.value(&operation.lhs_expr, scope)?;
        let right = self.value(&operation.rhs_expr, scope)?;
        let numbers = || match (left.as_ref(), right.as_ref()) {
            (Value::Number(left), Value::Number(right)) => Ok((left, right)),
            _ => Err(Stop::Unknown),
        };
        let truths = || left.as_bool().zip(right.as_bool()).ok_or(Stop::Unknown);
        let truth = match operation.operator.value() {
            BinaryOperator::Eq | BinaryOperator::NotEq => {
                self.meter.comparison(&left)?;
                (left == right) == matches!(operation.operator.value(), BinaryOperator::Eq)
            }
            BinaryOperator::And => truths().map(|(left, right)| left && right)?,
            BinaryOperator::Or => truths().map(|(left, right)| left || right)?,
            BinaryOperator::LessEq => numbers().map(|(left, right)| left <= right)?,
            BinaryOperator::GreaterEq => numbers().map(|(left, right)| left >= right)?,
            BinaryOperator::Less => numbers().map(|(left, right)| left < right)?,
            BinaryOperator::Greater => numbers().map(|(left, right)| left > right)?,
            operator => {
                let (left, right) = numbers()?;
                let whole =
                    left.as_i64().zip(right.as_i64()).and_then(|(left, right)| whole(*operator, left, right));
                return whole.map(Value::from).ok_or(Stop::Unknown);
            }
        };
        Ok(Value::Bool(truth))
    }

    fn for_expression(&mut self, node: &ForExpr, scope: Option<&Scope<'_>>) -> Result<Value> {
        let condition = node.cond.as_ref().map(|condition| &condition.expr);
        let variables = (node.intro.key_var.as_ref(), &node.intro.value_var);
        let (mut list, mut fields) = (Vec::new(), Map::new());
        self.each(&node.intro.collection_expr, variables, scope, &mut |this, scope| {
            if let Some(condition) = condition
                && !this.truth(condition, scope)?
            {
                return Ok(());
            }
            this.meter.elements(1)?;
            let Some(key) = &node.key_expr else {
                list.push(this.new_value(&node.value_expr, scope)?);
                return Ok(());
            };
            let key = this.key(key, scope)?;
            let value = this.new_value(&node.value_expr, scope)?;
            if node.grouping {
                if let Value::Array(group) = fields.entry(key).or_insert_with(|| Value::Array(Vec::new())) {
                    group.push(value);
                }
            } else if fields.insert(key, value).is_some() {
                // Two elements with the same key are an error in Terraform.
                return Err(Stop::Unknown);
            }
            Ok(())
        })?;
        Ok(if node.key_expr.is_some() { Value::Object(fields) } else { Value::Array(list) })
    }

    /// Calls `body` for each element of a list or object, with the variables of the `for`.
    pub(super) fn each(
        &mut self,
        collection: &Expression,
        (key_var, value_var): (Option<&Decorated<hcl_edit::Ident>>, &Decorated<hcl_edit::Ident>),
        scope: Option<&Scope<'_>>,
        body: &mut dyn FnMut(&mut Self, Option<&Scope<'_>>) -> Result<()>,
    ) -> Result<()> {
        let mut one = |this: &mut Self, key: Value, value: &Value| {
            let key = key_var.map(|name| Scope { name: name.as_str(), value: &key, outer: scope });
            let outer = key.as_ref().or(scope);
            body(this, Some(&Scope { name: value_var.as_str(), value, outer }))
        };
        match self.value(collection, scope)?.as_ref() {
            Value::Array(list) => {
                list.iter().enumerate().try_for_each(|(place, value)| one(self, Value::from(place), value))
            }
            Value::Object(fields) => fields.iter().try_for_each(|(key, value)| {
                self.meter.allocate(key.len())?;
                one(self, Value::from(key.as_str()), value)
            }),
            _ => Err(Stop::Unknown),
        }
    }

    fn traversal<'s>(&mut self, node: &Traversal, scope: Option<&'s Scope<'s>>) -> Found<'s>
    where
        'n: 's,
    {
        if self.names.has_symbols()
            && let Some(id) = reference_to_id(node, |index| match self.value(index, scope).ok()?.as_ref() {
                Value::String(key) => Some(quoted(key)),
                Value::Number(place) => Some(place.to_string()),
                _ => None,
            })
        {
            self.meter.allocate(id.len())?;
            return Ok(Cow::Owned(Value::from(as_symbol(&id))));
        }
        let mut operators = node.operators.as_slice();
        let is_bound = |name: &str| {
            let mut scopes = std::iter::successors(scope, |scope| scope.outer);
            scopes.any(|scope| scope.name == name)
        };
        // The objects of `var` and `data` have only the known attributes.
        let is_whole = match without_parentheses(&node.expr) {
            Expression::Variable(root) if root.as_str() == "var" && !is_bound("var") => {
                matches!(operators.first().map(Decorated::value), Some(TraversalOperator::GetAttr(name)) if self.names.is_whole(name.as_str()))
            }
            Expression::Variable(root) => root.as_str() == "local" || is_bound(root.as_str()),
            Expression::Object(_) | Expression::ForExpr(_) | Expression::FuncCall(_) => true,
            _ => false,
        };
        let value = match (&node.expr, operators) {
            (Expression::Variable(root), [first, rest @ ..]) if root.as_str() == "local" => {
                let TraversalOperator::GetAttr(name) = first.value() else { return Err(Stop::Unknown) };
                operators = rest;
                Cow::Borrowed(self.names.local(name.as_str())?)
            }
            (expression, _) => self.value(expression, scope)?,
        };
        self.select(value, operators, scope).map_err(|stop| match stop {
            Stop::Absent if !is_whole => Stop::Unknown,
            stop => stop,
        })
    }

    /// Applies operators to a value.
    fn select<'s>(
        &mut self,
        mut value: Cow<'s, Value>,
        mut operators: &[Decorated<TraversalOperator>],
        scope: Option<&'s Scope<'s>>,
    ) -> Found<'s>
    where
        'n: 's,
    {
        while let Some((operator, rest)) = operators.split_first() {
            self.meter.step(1)?;
            operators = rest;
            value = match operator.value() {
                TraversalOperator::GetAttr(name) => field(value, name.as_str())?,
                TraversalOperator::LegacyIndex(place) => element(value, *place.value())?,
                TraversalOperator::Index(index) => match self.value(index, scope)?.as_ref() {
                    Value::String(name) => field(value, name)?,
                    Value::Number(place) => element(value, place.as_u64().ok_or(Stop::Unknown)?)?,
                    _ => return Err(Stop::Unknown),
                },
                TraversalOperator::AttrSplat(_) => {
                    // `.*` applies to the attributes that follow, `[*]` to everything that follows.
                    let is_attribute = |next: &&Decorated<TraversalOperator>| {
                        matches!(next.value(), TraversalOperator::GetAttr(_))
                    };
                    let (each, rest) = rest.split_at(rest.iter().take_while(is_attribute).count());
                    operators = rest;
                    Cow::Owned(self.splat(&value, each, scope)?)
                }
                TraversalOperator::FullSplat(_) => {
                    operators = &[];
                    Cow::Owned(self.splat(&value, rest, scope)?)
                }
            };
        }
        Ok(value)
    }

    fn splat(
        &mut self,
        value: &Value,
        operators: &[Decorated<TraversalOperator>],
        scope: Option<&Scope<'_>>,
    ) -> Result<Value> {
        let list = match value {
            Value::Array(list) => list,
            Value::Null => &[][..],
            one => std::slice::from_ref(one),
        };
        let mut all = Vec::new();
        for one in list {
            self.meter.elements(1)?;
            let selected = self.select(Cow::Borrowed(one), operators, scope)?;
            self.meter.copy(&selected)?;
            all.push(selected.into_owned());
        }
        Ok(Value::Array(all))
    }
}

/// The result of arithmetic; `None` if it is no whole number, or too large.
fn whole(operator: BinaryOperator, left: i64, right: i64) -> Option<i64> {
    match operator {
        BinaryOperator::Plus => left.checked_add(right),
        BinaryOperator::Minus => left.checked_sub(right),
        BinaryOperator::Mul => left.checked_mul(right),
        BinaryOperator::Div if left.checked_rem(right) == Some(0) => left.checked_div(right),
        BinaryOperator::Mod if left >= 0 && right > 0 => left.checked_rem(right),
        _ => None,
    }
}

fn field<'s>(value: Cow<'s, Value>, name: &str) -> Found<'s> {
    let found = match value {
        Cow::Borrowed(Value::Object(fields)) => fields.get(name).map(Cow::Borrowed),
        Cow::Owned(Value::Object(mut fields)) => fields.swap_remove(name).map(Cow::Owned),
        _ => return Err(Stop::Unknown),
    };
    found.ok_or(Stop::Absent)
}

fn element(value: Cow<'_, Value>, place: u64) -> Found<'_> {
    let place = usize::try_from(place).map_err(|_| Stop::Unknown)?;
    let found = match value {
        Cow::Borrowed(Value::Array(list)) => list.get(place).map(Cow::Borrowed),
        Cow::Owned(Value::Array(mut list)) if place < list.len() => Some(Cow::Owned(list.swap_remove(place))),
        _ => None,
    };
    found.ok_or(Stop::Unknown)
}
