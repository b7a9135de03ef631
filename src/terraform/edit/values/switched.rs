//! Carries the switch of existing blocks over to new blocks that refer to them: `aws_vpc.main[0]` exists only if its `count` is 1.

use hcl_edit::expr::{BinaryOperator, Expression, Traversal, TraversalOperator};
use hcl_edit::visit::{Visit, visit_traversal};

use crate::terraform::lang::expression::{Expr, conditional, number, parse, without_parentheses};
use crate::terraform::lang::render::{Line, attribute};
use crate::terraform::read::module::Module;

/// The `count` of the first block that these lines refer to with the key `[0]`; `None` if there is no such block.
pub(in crate::terraform) fn switch_of_lines(module: &Module, lines: &[Line]) -> Option<String> {
    lines.iter().find_map(|line| match line {
        Line::Attribute(_, value) => switch_of_expression(module, value),
        Line::Block(_, lines) => switch_of_lines(module, lines),
        Line::Blank => None,
    })
}

/// The same for an expression.
pub(in crate::terraform) fn switch_of_expression(module: &Module, expression: &str) -> Option<String> {
    let tree = parse(expression)?;
    let mut first = FirstKeys { found: Vec::new() };
    first.visit_expr(&tree);
    // `aws_subnet.private[*].id` is empty if the block is switched off.
    let whole = Expr::parsed("", &tree).reference();
    let all = whole.as_deref().and_then(|whole| whole.split_once("[*].")).map(|(block, _)| block);
    first.found.iter().map(String::as_str).chain(all).find_map(|address| switch_at(module, address))
}

/// Whether a `count` is the number of instances of a block with a switch, `length(aws_route_table.private)`.
pub(in crate::terraform) fn has_switch(module: &Module, count: &str, switch: &str) -> bool {
    let block = count.strip_prefix("length(").and_then(|rest| rest.strip_suffix(')'));
    block.and_then(|block| switch_at(module, block)).as_deref() == Some(switch)
}

/// The `count` of a block, by its address in a reference: `aws_vpc.main`, `data.aws_vpc.main`, `module.network`.
fn switch_at(module: &Module, address: &str) -> Option<String> {
    let parts: Vec<&str> = address.split('.').collect();
    let (block_type, labels): (&str, &[&str]) = match parts.as_slice() {
        ["data", labels @ ..] => ("data", labels),
        ["module", labels @ ..] => ("module", labels),
        labels => ("resource", labels),
    };
    let (file, block) = module.block(block_type, labels)?;
    let count = file.expression(block.body.attribute("count")?);
    if module.is_switch(file, block) {
        return Some(count.text.trim().to_owned());
    }
    of_number(module, count.tree()?.as_ref())
}

/// The switch in a number of instances: `local.private` in `local.private * 2`, and `var.private ? 1 : 0` for `var.private ? 2 : 0`.
fn of_number(module: &Module, count: &Expression) -> Option<String> {
    match without_parentheses(count) {
        Expression::BinaryOp(product) if *product.operator.value() == BinaryOperator::Mul => {
            let sides = [(&product.lhs_expr, &product.rhs_expr), (&product.rhs_expr, &product.lhs_expr)];
            let is_switch = |(one, other): &(&Expression, &Expression)| {
                number(other).is_some_and(|number| number > 0) && module.is_zero_or_one(one)
            };
            let (switch, _) = sides.into_iter().find(is_switch)?;
            Some(switch.to_string().trim().to_owned())
        }
        Expression::Conditional(cases) => {
            let is_off = |case: &Expression| number(case) == Some(0);
            let condition = cases.cond_expr.to_string().trim().to_owned();
            match (is_off(&cases.true_expr), is_off(&cases.false_expr)) {
                (false, true) => Some(format!("{condition} ? 1 : 0")),
                (true, false) => Some(format!("{condition} ? 0 : 1")),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Adds the condition of a switch to the `for_each` or `count` in the first line.
pub(in crate::terraform) fn with_condition(lines: &[Line], switch: &str) -> Vec<Line> {
    let cases = parse(switch);
    let cases = cases.as_ref().and_then(conditional);
    let is_on =
        cases.filter(|cases| number(&cases.true_expr) == Some(1) && number(&cases.false_expr) == Some(0));
    let condition = match is_on {
        Some(cases) => cases.cond_expr.to_string().trim().to_owned(),
        None if switch == "1" => return lines.to_vec(),
        None => format!("{switch} == 1"),
    };
    let mut lines = lines.to_vec();
    if let Some(Line::Attribute(name, value)) = lines.first() {
        let empty = match value.as_str() {
            _ if name == "count" => "0",
            value if value.starts_with('{') || is_block(value) => "{}",
            _ => "[]",
        };
        let value = match value.strip_prefix("toset(").and_then(|list| list.strip_suffix(')')) {
            Some(list) => format!("toset({condition} ? {list} : [])"),
            None => format!("{condition} ? {value} : {empty}"),
        };
        let switched = attribute(name, value);
        if let Some(first) = lines.first_mut() {
            *first = switched;
        }
    }
    lines
}

/// Whether a value is a block with `for_each`, whose instances are an object.
fn is_block(value: &str) -> bool {
    value.starts_with("aws_") && value.split('.').count() == 2 && !value.contains(['[', '('])
}

/// The addresses of the references with the key `[0]`.
struct FirstKeys {
    found: Vec<String>,
}

impl Visit for FirstKeys {
    fn visit_traversal(&mut self, node: &Traversal) {
        if let Expression::Variable(root) = &node.expr {
            let mut address = root.as_str().to_owned();
            for operator in &node.operators {
                match operator.value() {
                    TraversalOperator::GetAttr(name) => address.extend([".", name.as_str()]),
                    TraversalOperator::Index(key) if number(key) == Some(0) => {
                        self.found.push(address);
                        break;
                    }
                    TraversalOperator::LegacyIndex(key) if *key.value() == 0 => {
                        self.found.push(address);
                        break;
                    }
                    _ => break,
                }
            }
        }
        visit_traversal(self, node);
    }
}
