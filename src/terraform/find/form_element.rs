//! Parts of forms: lists of which an argument is an element at a place that depends on `count`, known values of other modules.

use hcl_edit::expr::{BinaryOperator, Expression, ObjectValue, TraversalOperator};

use crate::terraform::find::kept_at::Followed;
use crate::terraform::lang::expression::{Expr, reference, without_parentheses};
use crate::terraform::lang::uses::uses_of_path;
use crate::terraform::read::instantiate::Bindings;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// The uses of a value in locals that nothing uses.
pub(super) fn in_unused_locals(followed: &Followed<'_>) -> usize {
    let files = || followed.module.files.iter();
    let is_unused = |name: &str| {
        let path = ["local".to_owned(), name.to_owned()];
        files().all(|file| uses_of_path(&file.text, &path) == 0)
    };
    let locals = files()
        .flat_map(|file| file.body.blocks("locals").map(move |block| (file, block)))
        .flat_map(|(file, block)| block.body.attributes().map(move |local| (file, local)));
    let unused = locals.filter(|(_, local)| is_unused(&local.name));
    unused
        .map(|(file, local)| uses_of_path(&format!("{}\n", file.slice(local.span.clone())), &followed.path))
        .sum()
}

/// The list of an element at a place that depends on `count`, `list[count.index % 2]` or `element(list, count.index)`.
pub(super) fn list_of_element(element: &Expression) -> Option<String> {
    match without_parentheses(element) {
        Expression::Traversal(traversal) => {
            let mut list = (**traversal).clone();
            let index = list.operators.pop()?;
            let TraversalOperator::Index(place) = index.value() else { return None };
            Expr::parsed("", place).differs_by_instance().then_some(())?;
            reference(&Expression::Traversal(Box::new(list)))
        }
        Expression::FuncCall(call) if call.name.name.as_str() == "element" => {
            let mut arguments = call.args.iter();
            let (list, place) = (arguments.next()?, arguments.next()?);
            Expr::parsed("", place).differs_by_instance().then_some(())?;
            reference(list)
        }
        _ => None,
    }
}

/// The lists in a product of lengths, `length(var.services) * length(var.tables)`; `None` for another number.
pub(super) fn lengths(number: &Expression) -> Option<Vec<String>> {
    match without_parentheses(number) {
        Expression::BinaryOp(product) if *product.operator.value() == BinaryOperator::Mul => {
            Some([lengths(&product.lhs_expr)?, lengths(&product.rhs_expr)?].concat())
        }
        Expression::FuncCall(call) if call.name.name.as_str() == "length" => {
            Some(vec![reference(call.args.iter().next()?)?])
        }
        _ => None,
    }
}

/// The known parts of an element of another module.
pub(super) fn known_value(module: &Module, value: &Expression) -> Option<Expression> {
    let known = |value: &Expression| {
        let mut bindings = Bindings::default();
        bindings.extend("x", Some(&module.value(Expr::parsed("", value))?));
        Some(bindings.bind(&Expression::from(hcl_edit::Ident::new("x"))))
    };
    let Expression::Object(fields) = value else { return known(value) };
    let known = fields.iter().filter_map(|(key, value)| Some((key.clone(), known(value.expr())?)));
    Some(Expression::Object(known.map(|(key, value)| (key, ObjectValue::from(value))).collect()))
}

/// Whether the argument of a call is the value of the module's own instance: `ports = each.value.ports`.
pub(super) fn is_of_instance(module: &Module, call: Place<'_>, path: &[String]) -> bool {
    let argument = path.get(1).and_then(|name| call.block.body.attribute(name));
    module.instance_key().is_some()
        && argument.is_some_and(|argument| call.file.expression(argument).differs_by_instance())
}
