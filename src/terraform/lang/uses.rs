//! What an expression refers to: instances of a resource, the elements of a list, and references inside
//! functions. Only the syntax tree decides: comments, parentheses and line breaks do not change an answer.

use hcl_edit::expr::{Expression, FuncCall, ObjectKey, ObjectValue, Traversal, TraversalOperator};
use hcl_edit::structure::Body;
use hcl_edit::visit::{Visit, visit_func_call, visit_object_item, visit_traversal};

use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::{Expr, number, parse_body, reference, without_parentheses};

/// Functions whose result has only elements of their arguments.
const LIST_FUNCTIONS: [&str; 8] =
    ["compact", "concat", "distinct", "flatten", "reverse", "sort", "tolist", "toset"];

impl Expr<'_> {
    /// Whether a part of the expression refers to a resource, or may refer to it: an address with a key
    /// matches references to this instance, to all instances, and to an instance whose key is an expression.
    pub fn may_refer_to(&self, resource: &ResourceAddress) -> bool {
        self.tree().is_some_and(|tree| {
            let mut instances = Instances { resource, found: false };
            instances.visit_expr(&tree);
            instances.found
        })
    }

    /// Whether all elements of this list are elements of another list, `module.vpc.private_subnets`, for
    /// example `slice(module.vpc.private_subnets, 0, 2)`.
    pub fn has_only_elements_of(&self, list: &str) -> bool {
        self.tree().is_some_and(|tree| has_only_elements_of(&tree, list))
    }

    /// The reference whose value the expression has, in its shortest form: also in `one(…)`, `element(…)`
    /// and as the first argument of `try(…)`.
    pub fn single_reference(&self) -> Option<String> {
        self.tree().and_then(|tree| single_reference(&tree))
    }
}

/// The values with a key in all objects of an expression, `{ Name = "…" }` or `merge(…, { Name = "…" })`,
/// without parentheses.
pub(in crate::terraform) fn values_of_key(expression: &Expression, key: &str) -> Vec<Expression> {
    let mut values = Values { key, found: Vec::new() };
    values.visit_expr(expression);
    values.found
}

/// Whether code refers to an attribute of a block, `aws_subnet.all` or `data.aws_subnet.all`, without an
/// instance key. Terraform refuses this for a block with `count` or `for_each`.
pub(in crate::terraform) fn refers_without_key(code: &str, address: &str) -> bool {
    let Ok(body) = code.parse::<Body>() else { return false };
    let mut uses = WithoutKey { address: address.split('.').collect(), found: false };
    uses.visit_body(&body);
    uses.found
}

/// The number of references in code to a value, `["var", "network", "nat"]`, to a part of it, or to a value that it is a part of.
pub(in crate::terraform) fn uses_of_path(code: &str, path: &[String]) -> usize {
    let mut uses = Paths { path, found: 0 };
    if let Some(body) = parse_body(code) {
        uses.visit_body(&body);
    }
    uses.found
}

/// Counts references to a value.
struct Paths<'p> {
    path: &'p [String],
    found: usize,
}

impl Visit for Paths<'_> {
    fn visit_traversal(&mut self, node: &Traversal) {
        if let Some((root, attributes)) = self.path.split_first()
            && let Expression::Variable(variable) = &node.expr
            && variable.as_str() == root
        {
            let is_same =
                |(attribute, operator): (&String, &hcl_edit::Decorated<TraversalOperator>)| match operator
                    .value()
                {
                    TraversalOperator::GetAttr(name) => name.as_str() == attribute,
                    TraversalOperator::Index(key) => {
                        let number = number(key).map(|number| number.to_string());
                        let key = without_parentheses(key).as_str().or(number.as_deref());
                        key.is_none_or(|key| key == attribute)
                    }
                    _ => true,
                };
            self.found += usize::from(attributes.iter().zip(&node.operators).all(is_same));
        }
        visit_traversal(self, node);
    }

    fn visit_func_call(&mut self, node: &FuncCall) {
        // The number of elements and the keys are no use of an element.
        let is_outside = |argument: &Expression| {
            let name = node.name.name.as_str();
            let place = reference(argument).map(|place| place.split('.').count());
            ["keys", "length"].contains(&name) && place.is_some_and(|depth| depth < self.path.len())
        };
        if !node.args.iter().all(is_outside) {
            visit_func_call(self, node);
        }
    }
}

fn has_only_elements_of(expression: &Expression, list: &str) -> bool {
    match without_parentheses(expression) {
        Expression::Array(array) => {
            !array.is_empty() && array.iter().all(|element| has_only_elements_of(element, list))
        }
        Expression::FuncCall(call) => match call.name.name.as_str() {
            "slice" => call.args.iter().next().is_some_and(|of| has_only_elements_of(of, list)),
            name if LIST_FUNCTIONS.contains(&name) => {
                call.args.iter().next().is_some()
                    && call.args.iter().all(|argument| has_only_elements_of(argument, list))
            }
            _ => false,
        },
        Expression::Conditional(cases) => {
            [&cases.true_expr, &cases.false_expr].iter().all(|case| has_only_elements_of(case, list))
        }
        other => reference(other).is_some_and(|reference| {
            reference.strip_prefix(list).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        }),
    }
}

fn single_reference(expression: &Expression) -> Option<String> {
    match without_parentheses(expression) {
        Expression::FuncCall(call) if ["one", "element", "try"].contains(&call.name.name.as_str()) => {
            single_reference(call.args.iter().next()?)
        }
        other => reference(other),
    }
}

/// The attribute name of an operator, `main` of `.main`.
fn attribute_name(operator: Option<&TraversalOperator>) -> Option<&str> {
    match operator {
        Some(TraversalOperator::GetAttr(name)) => Some(name.as_str()),
        _ => None,
    }
}

/// Collects the values of a key.
struct Values<'k> {
    key: &'k str,
    found: Vec<Expression>,
}

impl Visit for Values<'_> {
    fn visit_object_item(&mut self, key: &ObjectKey, value: &ObjectValue) {
        let name = match key {
            ObjectKey::Ident(name) => Some(name.as_str()),
            ObjectKey::Expression(expression) => without_parentheses(expression).as_str(),
        };
        if name == Some(self.key) {
            self.found.push(without_parentheses(value.expr()).clone());
        }
        visit_object_item(self, key, value);
    }
}

/// Finds references to a resource.
struct Instances<'r> {
    resource: &'r ResourceAddress,
    found: bool,
}

impl Visit for Instances<'_> {
    fn visit_traversal(&mut self, node: &Traversal) {
        let operator = |place: usize| node.operators.get(place).map(hcl_edit::Decorated::value);
        let is_block = matches!(&node.expr, Expression::Variable(root) if root.as_str() == self.resource.kind)
            && attribute_name(operator(0)) == Some(self.resource.name.as_str());
        if is_block {
            let key = match operator(1) {
                Some(TraversalOperator::LegacyIndex(number)) => Some(format!("[{}]", number.value())),
                Some(TraversalOperator::Index(index)) => match without_parentheses(index) {
                    Expression::Number(number) => Some(format!("[{}]", number.value())),
                    Expression::String(text) => Some(format!("[\"{}\"]", text.as_str())),
                    _ => None,
                },
                _ => None,
            };
            let is_other = key.is_some_and(|key| self.resource.key.as_ref().is_some_and(|own| *own != key));
            self.found |= !is_other;
        }
        visit_traversal(self, node);
    }
}

/// Finds references to an attribute of a block without an instance key.
struct WithoutKey<'n> {
    address: Vec<&'n str>,
    found: bool,
}

impl Visit for WithoutKey<'_> {
    fn visit_traversal(&mut self, node: &Traversal) {
        if let Expression::Variable(root) = &node.expr {
            let mut operators = node.operators.iter().map(hcl_edit::Decorated::value);
            let is_block = self.address.split_first().is_some_and(|(first, rest)| {
                root.as_str() == *first
                    && rest.iter().all(|name| attribute_name(operators.next()) == Some(*name))
            });
            self.found |= is_block && attribute_name(operators.next()).is_some();
        }
        visit_traversal(self, node);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_references_to_the_resource_count() {
        let refers = |text: &str, address: &str| {
            address.parse().is_ok_and(|address| Expr::from(text).may_refer_to(&address))
        };
        for text in [
            "aws_route_table.private.id",
            "(aws_route_table.private.id)",
            "aws_route_table /* the private one */ .private.id",
            "toset([\n  aws_route_table.private.id, # private\n])",
            "aws_route_table.private[0].id",
            "one(aws_route_table.private[*].id)",
            "\"${aws_route_table.private.id}\"",
            "aws_route_table.private",
        ] {
            assert!(refers(text, "aws_route_table.private"), "{text}");
        }
        for text in [
            "data.aws_route_table.private.id",
            "aws_route_table.private_2.id",
            "var.table # aws_route_table.private.id",
            "\"aws_route_table.private.id\"",
        ] {
            assert!(!refers(text, "aws_route_table.private"), "{text}");
        }
        for text in ["aws_route_table.private[\"a\"].id", "aws_route_table.private[each.key].id"] {
            assert!(refers(text, "aws_route_table.private[\"a\"]"), "{text}");
        }
        assert!(refers("aws_route_table.private[ 1 ].id", "aws_route_table.private[1]"));
        assert!(!refers("aws_route_table.private[(\"b\")].id", "aws_route_table.private[\"a\"]"));
        assert!(!refers("aws_route_table.private[0].id", "aws_route_table.private[1]"));
    }

    #[test]
    fn a_list_of_other_elements_too_has_not_only_these_elements() {
        let has_only = |text: &str| Expr::from(text).has_only_elements_of("module.vpc.private_subnets");
        for text in [
            "module.vpc.private_subnets",
            "( # private\n  module.vpc.private_subnets\n)",
            "slice(module.vpc /* the VPC */ .private_subnets, 0, var.subnets)",
            "[module.vpc.private_subnets[0], (module.vpc.private_subnets[1])]",
            "var.wide ? module.vpc.private_subnets : slice(module.vpc.private_subnets, 0, 1)",
            "concat(module.vpc.private_subnets)",
            "module.vpc.private_subnets[*]",
        ] {
            assert!(has_only(text), "{text}");
        }
        for text in [
            "module.vpc.private_subnets_ipv6",
            "concat(module.vpc.private_subnets, module.vpc.intra_subnets)",
            "module.vpc.intra_subnets # not module.vpc.private_subnets",
            "[module.vpc.private_subnets[0], \"subnet-1\"]",
            "\"module.vpc.private_subnets\"",
            "[]",
            "local.subnets",
        ] {
            assert!(!has_only(text), "{text}");
        }
    }

    #[test]
    fn functions_that_return_one_element_hide_no_reference() {
        let single = |text: &str| Expr::from(text).single_reference();
        for (text, form) in [
            ("aws_nat_gateway.main[0].id", Some("aws_nat_gateway.main[0].id")),
            ("one(aws_nat_gateway.main[*].id)", Some("aws_nat_gateway.main[*].id")),
            ("( one( # the only one\n  (aws_nat_gateway.main[*].id)\n))", Some("aws_nat_gateway.main[*].id")),
            ("try(aws_nat_gateway.main[0].id, null)", Some("aws_nat_gateway.main[0].id")),
            ("try(one(aws_nat_gateway.main.*.id), null)", Some("aws_nat_gateway.main.*.id")),
            ("element(aws_nat_gateway.main[*].id, 0)", Some("aws_nat_gateway.main[*].id")),
            ("coalesce(aws_nat_gateway.main[0].id, var.nat)", None),
            ("\"nat-1\"", None),
        ] {
            assert_eq!(single(text).as_deref(), form, "{text}");
        }
    }

    #[test]
    fn a_reference_without_a_key_is_found_in_code() {
        let refers = |value: &str| {
            let code = format!("resource \"aws_eip\" \"nat\" {{\n  x {{\n    y = {value}\n  }}\n}}\n");
            refers_without_key(&code, "aws_subnet.all")
        };
        for value in ["aws_subnet.all.id", "(aws_subnet.all /* all */ .id)", "[\"${aws_subnet.all.id}\"]"] {
            assert!(refers(value), "{value}");
        }
        for value in [
            "aws_subnet.all[0].id",
            "aws_subnet.all[*].id",
            "aws_subnet.all_2.id",
            "values(aws_subnet.all)",
            "data.aws_subnet.all.id",
            "\"aws_subnet.all.id\" # aws_subnet.all.id",
        ] {
            assert!(!refers(value), "{value}");
        }
        assert!(refers_without_key("x = data.aws_subnet.all.id\n", "data.aws_subnet.all"));
        assert!(!refers_without_key("x = data.aws_subnet.all[0].id\n", "data.aws_subnet.all"));
    }
}
