//! The parts of a reference after its root: attributes and keys.

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};

use crate::terraform::lang::expression::without_parentheses;

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
