//! The parts of a reference after its root: attributes and keys.

use hcl::Value;
use hcl_edit::expr::{Expression, FuncCall, Traversal, TraversalOperator};

use crate::terraform::lang::expression::{Expr, without_parentheses};
use crate::terraform::read::module::Module;

/// A part of a reference after its root.
#[derive(Clone)]
pub(super) enum Step {
    Attribute(String),
    Key(String),
    /// A splat, or a key that is not followed.
    Any,
}

/// The key of an index as a step.
pub(super) fn step_of_key(key: &Expression) -> Step {
    match without_parentheses(key) {
        Expression::Number(number) => Step::Key(format!("[{}]", number.value())),
        Expression::String(text) => Step::Key(format!("[\"{}\"]", text.as_str())),
        _ => Step::Any,
    }
}

/// The parts of a reference after its root.
pub(super) fn steps_of(traversal: &Traversal) -> Vec<Step> {
    let step = |operator: &TraversalOperator| match operator {
        TraversalOperator::GetAttr(name) => Step::Attribute(name.as_str().to_owned()),
        TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => Step::Any,
        TraversalOperator::LegacyIndex(number) => Step::Key(format!("[{}]", number.value())),
        TraversalOperator::Index(key) => step_of_key(key),
    };
    traversal.operators.iter().map(|operator| step(operator.value())).collect()
}

/// The list and the place in `element(list, 3)`, if the length of the list is known.
pub(super) fn element_of<'c>(module: &Module, call: &'c FuncCall) -> Option<(&'c Expression, Step)> {
    let mut arguments = call.args.iter();
    let (list, place) = (arguments.next()?, arguments.next()?);
    (call.name.name.as_str() == "element").then_some(())?;
    let place: usize = module.evaluate(Expr::parsed("", place))?.parse().ok()?;
    let length = module.length(list).filter(|length| *length > 0)?;
    Some((list, Step::Key(format!("[{}]", place % length))))
}

/// The key of an index with a known value, `aws_subnet.app[local.zone]`.
pub(super) fn evaluated_key(module: &Module, key: &Expression) -> Step {
    match module.value(Expr::parsed("", key)) {
        Some(Value::String(text)) => Step::Key(format!("[\"{text}\"]")),
        Some(Value::Number(number)) => Step::Key(format!("[{number}]")),
        _ => Step::Any,
    }
}
