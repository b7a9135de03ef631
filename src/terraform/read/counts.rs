//! The keys of a collection, or the number of its elements, where the code shows these although the elements are unknown:
//! `{ a = aws_subnet.a.id }` or `slice(data.aws_availability_zones.all.names, 0, 2)`.

use hcl::Value;
use hcl_edit::expr::{BinaryOperator, Expression, ObjectKey, TraversalOperator};

use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::expression::{Expr, parse, reference, without_parentheses};
use crate::terraform::read::module::Module;

/// Recursion limit for expressions that refer to each other.
const DEPTH: usize = 16;
/// Functions with as many elements as their first argument.
const SAME_LENGTH: [&str; 7] = ["keys", "nonsensitive", "reverse", "sort", "tolist", "toset", "values"];

impl Module {
    /// The keys of an object or map.
    pub(super) fn known_keys(&self, values: &Values, expression: &Expression) -> Option<Vec<String>> {
        self.keys_within(values, expression, DEPTH)
    }

    fn keys_within(&self, values: &Values, expression: &Expression, depth: usize) -> Option<Vec<String>> {
        let depth = depth.checked_sub(1)?;
        match values.value(Expr::parsed("", expression)) {
            Some(Value::Object(fields)) => return Some(fields.keys().cloned().collect()),
            Some(Value::Array(list)) => {
                return list.iter().map(|one| one.as_str().map(str::to_owned)).collect();
            }
            Some(_) => return None,
            None => {}
        }
        match without_parentheses(expression) {
            Expression::Object(object) => {
                let key = |key: &ObjectKey| match key {
                    ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
                    ObjectKey::Expression(key) => values.text(Expr::parsed("", key)),
                };
                object.iter().map(|(name, _)| key(name)).collect()
            }
            Expression::FuncCall(call) if ["merge", "tomap"].contains(&call.name.name.as_str()) => {
                let mut all: Vec<String> = Vec::new();
                for part in &call.args {
                    for key in self.keys_within(values, part, depth)? {
                        if !all.contains(&key) {
                            all.push(key);
                        }
                    }
                }
                Some(all)
            }
            Expression::Conditional(cases) => {
                let is_true = values.text(Expr::parsed("", &cases.cond_expr))?;
                let case = if is_true == "true" { &cases.true_expr } else { &cases.false_expr };
                self.keys_within(values, case, depth)
            }
            // `toset(keys(aws_route_table.private))`
            Expression::FuncCall(call) if ["keys", "toset"].contains(&call.name.name.as_str()) => {
                self.keys_within(values, call.args.iter().next()?, depth)
            }
            // `{ for key, table in aws_route_table.private : key => table.id if var.nat }`
            Expression::ForExpr(each) => {
                // `{ for key, gateway in aws_nat_gateway.main : "private" => gateway.id }`
                if let Some(key) = values.text(Expr::parsed("", each.key_expr.as_ref()?))
                    && each.cond.is_none()
                {
                    let length = self.length_within(values, &each.intro.collection_expr, depth)?;
                    return Some(if length == 0 { Vec::new() } else { vec![key] });
                }
                let (Some(Expression::Variable(key)), Some(bound)) = (&each.key_expr, &each.intro.key_var)
                else {
                    return None;
                };
                let keys = self.keys_within(values, &each.intro.collection_expr, depth)?;
                let is_kept = match &each.cond {
                    Some(condition) => values.text(Expr::parsed("", &condition.expr))? == "true",
                    None => true,
                };
                (key.as_str() == bound.as_str()).then(|| if is_kept { keys } else { Vec::new() })
            }
            other => {
                if let Some(local) = Expr::parsed("", other).local() {
                    return self.keys_within(values, &parse(self.local(&local)?)?, depth);
                }
                self.keys_of_resource(values, &reference(other)?, depth)
            }
        }
    }

    /// The keys of a resource with `for_each`.
    fn keys_of_resource(&self, values: &Values, address: &str, depth: usize) -> Option<Vec<String>> {
        let [kind, name] = *address.split('.').collect::<Vec<_>>() else { return None };
        let (file, block) = self.block("resource", &[kind, name])?;
        let each = self.expression(file, block, "for_each")?;
        self.keys_within(values, each.tree()?.as_ref(), depth)
    }

    /// The value of a number that may be the length of a collection.
    pub(super) fn known_number(&self, values: &Values, expression: &Expression) -> Option<usize> {
        self.number_within(values, expression, DEPTH)
    }

    /// The value of a number, with the present values.
    pub(in crate::terraform) fn number(&self, expression: &Expression) -> Option<usize> {
        self.number_within(&self.values, expression, DEPTH)
    }

    /// The value of a condition, which may compare numbers of elements: `length(aws_nat_gateway.main) > 0`.
    fn is_true(&self, values: &Values, condition: &Expression, depth: usize) -> Option<bool> {
        if let Some(text) = values.text(Expr::parsed("", condition)) {
            return text.parse().ok();
        }
        let Expression::BinaryOp(compared) = without_parentheses(condition) else { return None };
        let one = self.number_within(values, &compared.lhs_expr, depth)?;
        let other = self.number_within(values, &compared.rhs_expr, depth)?;
        match compared.operator.value() {
            BinaryOperator::Greater => Some(one > other),
            BinaryOperator::GreaterEq => Some(one >= other),
            BinaryOperator::Less => Some(one < other),
            BinaryOperator::LessEq => Some(one <= other),
            BinaryOperator::Eq => Some(one == other),
            BinaryOperator::NotEq => Some(one != other),
            _ => None,
        }
    }

    /// The number of elements of a collection.
    pub(in crate::terraform) fn length(&self, expression: &Expression) -> Option<usize> {
        self.length_within(&self.values, expression, DEPTH)
    }

    fn number_within(&self, values: &Values, expression: &Expression, depth: usize) -> Option<usize> {
        let depth = depth.checked_sub(1)?;
        if let Some(number) = values.text(Expr::parsed("", expression)) {
            return number.parse().ok();
        }
        match without_parentheses(expression) {
            Expression::FuncCall(call) if call.name.name.as_str() == "length" => {
                self.length_within(values, call.args.iter().next()?, depth)
            }
            Expression::FuncCall(call) if ["max", "min"].contains(&call.name.name.as_str()) => {
                let numbers = call.args.iter().map(|one| self.number_within(values, one, depth));
                let numbers = numbers.collect::<Option<Vec<_>>>()?.into_iter();
                if call.name.name.as_str() == "max" { numbers.max() } else { numbers.min() }
            }
            Expression::Conditional(cases) => {
                let is_true = self.is_true(values, &cases.cond_expr, depth)?;
                self.number_within(values, if is_true { &cases.true_expr } else { &cases.false_expr }, depth)
            }
            other => {
                let local = Expr::parsed("", other).local()?;
                self.number_within(values, &parse(self.local(&local)?)?, depth)
            }
        }
    }

    fn length_within(&self, values: &Values, expression: &Expression, depth: usize) -> Option<usize> {
        let depth = depth.checked_sub(1)?;
        match values.value(Expr::parsed("", expression)) {
            Some(Value::Array(list)) => return Some(list.len()),
            Some(Value::Object(fields)) => return Some(fields.len()),
            Some(_) => return None,
            None => {}
        }
        match without_parentheses(expression) {
            Expression::Array(list) => Some(list.len()),
            Expression::Object(_) => self.keys_within(values, expression, depth).map(|keys| keys.len()),
            Expression::ForExpr(each) if each.cond.is_none() && each.key_expr.is_none() => {
                self.length_within(values, &each.intro.collection_expr, depth)
            }
            Expression::FuncCall(call) => {
                let arguments: Vec<&Expression> = call.args.iter().collect();
                let number = |at: usize| -> Option<usize> {
                    values.text(Expr::parsed("", arguments.get(at)?))?.parse().ok()
                };
                match call.name.name.as_str() {
                    "slice" => number(2)?.checked_sub(number(1)?),
                    "concat" => arguments.iter().map(|one| self.length_within(values, one, depth)).sum(),
                    name if SAME_LENGTH.contains(&name) => {
                        self.length_within(values, arguments.first()?, depth)
                    }
                    _ => None,
                }
            }
            other => {
                if let Some(local) = Expr::parsed("", other).local() {
                    return self.length_within(values, &parse(self.local(&local)?)?, depth);
                }
                self.instances_of(values, other, depth)
            }
        }
    }

    /// The number of instances of a resource, `aws_subnet.private` or `aws_subnet.private[*].id`.
    fn instances_of(&self, values: &Values, expression: &Expression, depth: usize) -> Option<usize> {
        let whole = match expression {
            Expression::Traversal(traversal) => {
                let is_splat = |operator: &TraversalOperator| {
                    matches!(operator, TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_))
                };
                let mut own = (**traversal).clone();
                if let Some(at) = own.operators.iter().position(|operator| is_splat(operator.value())) {
                    own.operators.truncate(at);
                }
                reference(&Expression::Traversal(Box::new(own)))?
            }
            other => reference(other)?,
        };
        let [kind, name] = *whole.split('.').collect::<Vec<_>>() else { return None };
        let (file, block) = self.block("resource", &[kind, name])?;
        if let Some(count) = self.expression(file, block, "count") {
            return self.number_within(values, count.tree()?.as_ref(), depth);
        }
        let each = self.expression(file, block, "for_each")?;
        match values.value(each) {
            Some(Value::Object(fields)) => Some(fields.len()),
            Some(Value::Array(list)) => Some(list.len()),
            _ => self.keys_within(values, each.tree()?.as_ref(), depth).map(|keys| keys.len()),
        }
    }
}
