//! The syntax tree of an expression: references, conditionals and comparisons. Comments, parentheses and
//! line breaks are ignored.
//!
//! `evaluate` computes the values.

use std::borrow::Cow;

use hcl_edit::Decorate as _;
use hcl_edit::expr::{Conditional, Expression, Traversal, TraversalOperator};
use hcl_edit::structure::Body;
use hcl_edit::visit::{Visit, visit_expr, visit_traversal};
use hcl_edit::visit_mut::{VisitMut, visit_expr_mut};

use crate::terraform::lang::scan::{body_has_small_objects, has_small_objects};

/// The number of characters of an expression in a message.
const LONGEST_QUOTE: usize = 80;

/// An expression of a file: its text, and its syntax tree if it is already parsed.
#[derive(Clone, Copy, Debug)]
pub(in crate::terraform) struct Expr<'a> {
    pub text: &'a str,
    parsed: Option<&'a Expression>,
}

impl<'a> From<&'a str> for Expr<'a> {
    fn from(text: &'a str) -> Self {
        Self { text, parsed: None }
    }
}

impl<'a> From<&'a String> for Expr<'a> {
    fn from(text: &'a String) -> Self {
        Self { text, parsed: None }
    }
}

impl<'a> Expr<'a> {
    /// An expression that is already parsed.
    pub fn parsed(text: &'a str, tree: &'a Expression) -> Self {
        Self { text, parsed: Some(tree) }
    }

    /// The syntax tree, without parentheses around the expression; `None` if the text is not valid HCL.
    pub fn tree(&self) -> Option<Cow<'a, Expression>> {
        match self.parsed {
            Some(tree) => Some(Cow::Borrowed(without_parentheses(tree))),
            None => parse(self.text).map(|tree| Cow::Owned(without_parentheses(&tree).clone())),
        }
    }

    /// The name of the variable, if the expression is `var.name`.
    pub fn variable(&self) -> Option<String> {
        self.tree().and_then(|tree| variable(&tree).map(str::to_owned))
    }

    /// The name of the local value, if the expression is `local.name`.
    pub fn local(&self) -> Option<String> {
        self.tree().and_then(|tree| attribute_of(&tree, "local").map(str::to_owned))
    }

    /// A reference in its shortest form, `aws_vpc.main[0].id`; `None` if the expression is not a reference.
    pub fn reference(&self) -> Option<String> {
        self.tree().and_then(|tree| reference(&tree))
    }

    /// The expression as code for another place: a reference in its shortest form, or the text of another
    /// expression.
    pub fn as_code(&self) -> String {
        self.reference().unwrap_or_else(|| self.text.to_owned())
    }

    /// The text for a message: one line of at most 80 characters.
    pub fn in_one_line(&self) -> String {
        let line = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(LONGEST_QUOTE) {
            None => line,
            Some(_) => line.chars().take(LONGEST_QUOTE - 1).chain(['…']).collect(),
        }
    }

    /// Whether the expression is a list without elements.
    pub fn is_empty_list(&self) -> bool {
        self.tree().is_some_and(|tree| matches!(tree.as_ref(), Expression::Array(list) if list.is_empty()))
    }

    /// The text of a string without interpolation, `"VPC"`; `None` for other expressions.
    pub fn string(&self) -> Option<String> {
        self.tree().and_then(|tree| tree.as_str().map(str::to_owned))
    }

    /// Whether the expression is a reference to an attribute of the resource with this address,
    /// `aws_vpc.main.id`.
    pub fn is_attribute_of(&self, address: &str) -> bool {
        self.reference().is_some_and(|reference| {
            reference.strip_prefix(address).is_some_and(|rest| rest.starts_with('.'))
        })
    }

    /// Whether a part of the expression is this string.
    pub fn contains_string(&self, text: &str) -> bool {
        self.tree().is_some_and(|tree| {
            let mut strings = Strings { text, found: false };
            strings.visit_expr(&tree);
            strings.found
        })
    }

    /// Whether two expressions have the same syntax tree.
    pub fn is_same(&self, other: Expr<'_>) -> bool {
        match (self.tree(), other.tree()) {
            (Some(one), Some(two)) => is_same(&one, &two),
            _ => self.text.trim() == other.text.trim(),
        }
    }

    /// Whether the value of the expression can differ by instance of a block: it uses `each` or `count`.
    pub fn differs_by_instance(&self) -> bool {
        self.tree().is_some_and(|tree| {
            let mut roots = Roots { names: &["each", "count"], found: false };
            roots.visit_expr(&tree);
            roots.found
        })
    }

    /// Whether the expression refers to an attribute of a resource's block, `aws_security_group.app.id`,
    /// without an instance key.
    pub fn refers_to(&self, kind: &str, name: &str) -> bool {
        self.tree().is_some_and(|tree| {
            let mut uses = Uses { kind, name, found: false };
            uses.visit_expr(&tree);
            uses.found
        })
    }
}

/// The syntax tree of a text; `None` if it is not a valid HCL expression, or is nested more deeply or has larger objects than
/// egress-doctor parses.
pub(in crate::terraform) fn parse(text: &str) -> Option<Expression> {
    let text = text.trim();
    if !has_small_objects(text) {
        return None;
    }
    // hcl-edit accepts a comment after an expression only inside parentheses.
    text.parse().or_else(|_| format!("({text}\n)").parse()).ok()
}

/// The syntax tree of a text without a comment at its end, with spans that begin at the text; `None` as for [`parse`].
pub(in crate::terraform) fn parse_exact(text: &str) -> Option<Expression> {
    (text.trim() == text && has_small_objects(text)).then(|| text.parse().ok()).flatten()
}

/// The syntax tree of a body; `None` as for an expression.
pub(in crate::terraform) fn parse_body(text: &str) -> Option<Body> {
    body_has_small_objects(text).then(|| text.parse().ok()).flatten()
}

/// An expression without parentheses around it.
pub(in crate::terraform) fn without_parentheses(expression: &Expression) -> &Expression {
    match expression {
        Expression::Parenthesis(inner) => without_parentheses(inner.inner()),
        other => other,
    }
}

/// The name in `var.name`.
pub(in crate::terraform) fn variable(expression: &Expression) -> Option<&str> {
    attribute_of(expression, "var")
}

/// The name in `root.name`.
fn attribute_of<'e>(expression: &'e Expression, root: &str) -> Option<&'e str> {
    let Expression::Traversal(traversal) = without_parentheses(expression) else { return None };
    let Expression::Variable(variable) = &traversal.expr else { return None };
    match traversal.operators.as_slice() {
        [only] if variable.as_str() == root => match only.value() {
            TraversalOperator::GetAttr(name) => Some(name.as_str()),
            _ => None,
        },
        _ => None,
    }
}

/// The name of the local that a traversal begins with: `name` for `local.name[0].id`.
pub(in crate::terraform) fn local_of(traversal: &Traversal) -> Option<&str> {
    let Expression::Variable(root) = &traversal.expr else { return None };
    match traversal.operators.first()?.value() {
        TraversalOperator::GetAttr(name) if root.as_str() == "local" => Some(name.as_str()),
        _ => None,
    }
}

/// The conditional in `condition ? one : other`.
pub(in crate::terraform) fn conditional(expression: &Expression) -> Option<&Conditional> {
    match without_parentheses(expression) {
        Expression::Conditional(conditional) => Some(conditional),
        _ => None,
    }
}

/// The value of a whole number.
pub(in crate::terraform) fn number(expression: &Expression) -> Option<u64> {
    match without_parentheses(expression) {
        Expression::Number(number) => number.as_u64(),
        _ => None,
    }
}

/// Whether a `count` is 0 or 1 in every case, `var.enabled ? 1 : 0`.
pub(in crate::terraform) fn is_zero_or_one(count: &Expression) -> bool {
    match conditional(count) {
        Some(cases) => {
            let is_case = |case: &Expression| matches!(number(case), Some(0 | 1)) || is_zero_or_one(case);
            is_case(&cases.true_expr) && is_case(&cases.false_expr)
        }
        None => false,
    }
}

/// The first argument of `try(…)`, or the expression itself. Terraform uses the first argument that has a
/// value.
pub(in crate::terraform) fn first_of_try(expression: &Expression) -> &Expression {
    let inner = without_parentheses(expression);
    match inner {
        Expression::FuncCall(call) if call.name.name.as_str() == "try" => {
            call.args.iter().next().map_or(inner, without_parentheses)
        }
        other => other,
    }
}

/// A reference in its shortest form, `aws_vpc.main[0].id`; `None` for other expressions.
pub(in crate::terraform) fn reference(expression: &Expression) -> Option<String> {
    let Expression::Traversal(traversal) = without_parentheses(expression) else { return None };
    let Expression::Variable(root) = &traversal.expr else { return None };
    let mut text = root.as_str().to_owned();
    for operator in &traversal.operators {
        match operator.value() {
            TraversalOperator::GetAttr(name) => text.extend([".", name.as_str()]),
            TraversalOperator::AttrSplat(_) => text.push_str(".*"),
            TraversalOperator::FullSplat(_) => text.push_str("[*]"),
            TraversalOperator::LegacyIndex(number) => {
                text.extend(["[", &number.value().to_string(), "]"]);
            }
            TraversalOperator::Index(index) => {
                let mut index = without_parentheses(index).clone();
                index.decor_mut().clear();
                text.extend(["[", &index.to_string(), "]"]);
            }
        }
    }
    Some(text)
}

/// Whether two expressions have the same syntax tree.
pub(in crate::terraform) fn is_same(one: &Expression, two: &Expression) -> bool {
    struct Plain;
    impl VisitMut for Plain {
        fn visit_expr_mut(&mut self, node: &mut Expression) {
            if let Expression::Parenthesis(_) = node {
                *node = without_parentheses(node).clone();
            }
            visit_expr_mut(self, node);
        }
    }
    let plain = |expression: &Expression| {
        let mut plain = expression.clone();
        Plain.visit_expr_mut(&mut plain);
        // Unlike hcl-edit, hcl-rs compares without comments, white space and trailing commas.
        hcl::Expression::from(plain)
    };
    plain(one) == plain(two)
}

/// Finds references that begin with one of these names.
struct Roots<'n> {
    names: &'n [&'n str],
    found: bool,
}

impl Visit for Roots<'_> {
    fn visit_traversal(&mut self, node: &Traversal) {
        if let Expression::Variable(root) = &node.expr {
            self.found |= self.names.contains(&root.as_str());
        }
        visit_traversal(self, node);
    }
}

/// Finds a string.
struct Strings<'t> {
    text: &'t str,
    found: bool,
}

impl Visit for Strings<'_> {
    fn visit_expr(&mut self, node: &Expression) {
        self.found |= node.as_str() == Some(self.text);
        visit_expr(self, node);
    }
}

/// Finds references to an attribute of one resource.
struct Uses<'n> {
    kind: &'n str,
    name: &'n str,
    found: bool,
}

impl Visit for Uses<'_> {
    fn visit_traversal(&mut self, node: &Traversal) {
        let attribute = |place: usize| match node.operators.get(place).map(hcl_edit::Decorated::value) {
            Some(TraversalOperator::GetAttr(name)) => Some(name.as_str()),
            _ => None,
        };
        if let Expression::Variable(root) = &node.expr {
            self.found |=
                root.as_str() == self.kind && attribute(0) == Some(self.name) && attribute(1).is_some();
        }
        visit_traversal(self, node);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_parentheses_and_line_breaks_change_no_answer() {
        for text in [
            "var.on",
            "(var.on)",
            "((\n  var.on # the switch\n))",
            "( /* the switch */ var.on )",
            "(var // a name\n.on)",
        ] {
            assert_eq!(Expr::from(text).variable().as_deref(), Some("on"), "{text}");
        }
        for text in ["var.on.id", "local.on", "var", "\"var.on\"", "!var.on", "var.on ? 1 : 0"] {
            assert_eq!(Expr::from(text).variable(), None, "{text}");
        }
        for text in [
            "var.on ? 1 : 0",
            "(var.on ? 1 : 0)",
            "var.on?(1):(0)",
            "(\n  var.on # on\n  ? 1 /* one */\n  : 0\n)",
            "var.a ? 0 : (var.b ? 1 : 0)",
        ] {
            assert!(parse(text).is_some_and(|tree| is_zero_or_one(&tree)), "{text}");
        }
        for text in
            ["var.on ? 2 : 0", "1", "var.on", "var.a ? 0 : var.b", "\"? 1 : 0\"", "length(var.a ? [1] : [0])"]
        {
            assert!(!parse(text).is_some_and(|tree| is_zero_or_one(&tree)), "{text}");
        }
    }

    #[test]
    fn references_have_one_form() {
        for (text, form) in [
            ("aws_vpc.main.id", Some("aws_vpc.main.id")),
            ("(aws_vpc . main /* it */ .id)", Some("aws_vpc.main.id")),
            ("aws_vpc.main[ 0 ].id", Some("aws_vpc.main[0].id")),
            ("aws_vpc.main[0 # the first\n].id", Some("aws_vpc.main[0].id")),
            ("aws_vpc.main[(\"a\")].id", Some("aws_vpc.main[\"a\"].id")),
            ("aws_subnet.all[*].id", Some("aws_subnet.all[*].id")),
            ("aws_subnet.all.*.id", Some("aws_subnet.all.*.id")),
            ("try(aws_vpc.main.id, null)", None),
            ("\"vpc-1\"", None),
        ] {
            assert_eq!(Expr::from(text).reference().as_deref(), form, "{text}");
        }
        let first = |text: &str| parse(text).and_then(|tree| reference(first_of_try(&tree)));
        assert_eq!(first("try(aws_vpc.this[0].id, null)").as_deref(), Some("aws_vpc.this[0].id"));
        assert_eq!(
            first("(try( # first\n aws_vpc.this[0].id,\n \"\"))").as_deref(),
            Some("aws_vpc.this[0].id")
        );
        assert_eq!(first("aws_vpc.this.id").as_deref(), Some("aws_vpc.this.id"));
    }

    #[test]
    fn only_references_are_shortened_as_code() {
        for (text, code) in [
            ("(module.vpc.vpc_id)", "module.vpc.vpc_id"),
            ("aws_vpc.main.id /* main */", "aws_vpc.main.id"),
            ("( # main\n  var.vpc_id\n)", "var.vpc_id"),
            ("coalesce(var.vpc_id, aws_vpc.main[0].id)", "coalesce(var.vpc_id, aws_vpc.main[0].id)"),
            ("\"vpc-1\"", "\"vpc-1\""),
        ] {
            assert_eq!(Expr::from(text).as_code(), code, "{text}");
        }
    }

    #[test]
    fn a_list_with_only_comments_is_empty() {
        for text in ["[]", "[ ]", "([])", "[ # none\n ]", "[\n  /* none */\n]", "( [] /* none */ )"] {
            assert!(Expr::from(text).is_empty_list(), "{text}");
        }
        for text in ["[[]]", "[\"\"]", "var.none", "\"[]\"", "concat([], var.more)", "{}"] {
            assert!(!Expr::from(text).is_empty_list(), "{text}");
        }
    }

    #[test]
    fn a_message_quotes_one_short_line() {
        let quote = |text: &str| Expr::from(text).in_one_line();
        assert_eq!(quote("(\n  var.a\n  && var.b\n)"), "( var.a && var.b )");
        assert_eq!(quote(&"é".repeat(80)), "é".repeat(80));
        assert_eq!(quote(&"é".repeat(81)), format!("{}…", "é".repeat(79)));
    }

    #[test]
    fn a_comment_or_a_part_of_a_name_is_no_use() {
        let uses = |text: &str| Expr::from(text).refers_to("aws_security_group", "app");
        assert!(uses("[aws_security_group.app.id]"));
        assert!(uses("concat([\n  aws_security_group.app.id # app\n], var.more)"));
        assert!(!uses("[aws_security_group.app_2.id]"));
        assert!(!uses("[aws_security_group.app[0].id]"));
        assert!(!uses("[var.id /* aws_security_group.app.id */]"));
        let differs = |text: &str| Expr::from(text).differs_by_instance();
        assert!(differs("each.value") && differs("\"x-${count.index}\""));
        assert!(!differs("data.aws_caller_identity.account.id") && !differs("var.x /* each.value */"));
    }

    #[test]
    fn strings_and_attributes_are_read_from_the_tree() {
        for text in ["\"VPC\"", "(\"VPC\")", "/* v */ \"VPC\"", "(\n  \"VPC\" # private\n)"] {
            assert_eq!(Expr::from(text).string().as_deref(), Some("VPC"), "{text}");
        }
        for text in ["VPC", "\"${var.x}\"", "[\"VPC\"]", "var.x ? \"VPC\" : \"VPC\""] {
            assert_eq!(Expr::from(text).string(), None, "{text}");
        }
        let is_attribute = |text: &str| Expr::from(text).is_attribute_of("aws_nat_gateway.old");
        for text in ["aws_nat_gateway.old.id", "(aws_nat_gateway.old.id)", "/* x */ aws_nat_gateway.old.id"] {
            assert!(is_attribute(text), "{text}");
        }
        for text in ["aws_nat_gateway.old_2.id", "aws_nat_gateway.old[0].id", "aws_nat_gateway.old"] {
            assert!(!is_attribute(text), "{text}");
        }
        let contains = |text: &str| Expr::from(text).contains_string("s3");
        assert!(contains("var.on ? toset([(\"s3\")]) : []") && contains("{ \"s3\" = var.x }"));
        assert!(!contains("toset([\"sqs\" /* not \"s3\" */])") && !contains("local.s3"));
    }

    #[test]
    fn the_same_tree_is_the_same_expression() {
        let same = |one: &str, two: &str| Expr::from(one).is_same(Expr::from(two));
        assert!(same("toset([aws_a.b.id, \"c\"])", "( toset([ # all\n  aws_a.b.id,\n  (\"c\"),\n]))"));
        assert!(!same("toset([aws_a.b.id])", "toset([aws_a.c.id])"));
    }
}
