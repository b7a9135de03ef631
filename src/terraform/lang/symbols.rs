//! Ids of resources as values: the text of the reference with a mark. A collection with ids has a value then.

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};

/// Marks the text of a reference.
const MARK: char = '\u{1}';

/// The value of a reference to an id, `aws_route_table.private.id`.
pub(in crate::terraform) fn as_symbol(reference: &str) -> String {
    format!("{MARK}{reference}")
}

/// The reference of a value.
pub(in crate::terraform) fn symbol_of(value: &str) -> Option<&str> {
    value.strip_prefix(MARK)
}

/// The text of a reference to the id of a resource; `index` is the text of an index. `None` for another expression.
pub(super) fn reference_to_id(
    traversal: &Traversal,
    mut index: impl FnMut(&Expression) -> Option<String>,
) -> Option<String> {
    let Expression::Variable(root) = &traversal.expr else { return None };
    let mut text = root.as_str().to_owned();
    for operator in &traversal.operators {
        match operator.value() {
            TraversalOperator::GetAttr(name) => {
                text.push('.');
                text.push_str(name.as_str());
            }
            TraversalOperator::Index(key) => {
                text.push('[');
                text.push_str(&index(key)?);
                text.push(']');
            }
            _ => return None,
        }
    }
    let is_resource = root.as_str().starts_with("aws_") && text.matches('.').count() >= 2;
    let is_id = text.rsplit_once('.').is_some_and(|(_, last)| last == "id");
    (is_resource && is_id).then_some(text)
}
