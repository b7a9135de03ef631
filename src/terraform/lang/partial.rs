//! Analyses expressions without a known value: the known parts of their text, the reason, and the
//! references.

use std::fmt;

use hcl_edit::expr::{Expression, ForExpr, FuncCall, Traversal, TraversalOperator};
use hcl_edit::template::Element;
use hcl_edit::visit::{Visit, visit_for_expr, visit_func_call, visit_traversal};

use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::expression::{Expr, reference};

/// Recursion limit for locals that refer to locals.
const DEPTH: usize = 8;

/// A text with known and unknown parts, `bond-*-backend`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::terraform) struct Pattern {
    /// The known texts between the unknown parts; never empty.
    parts: Vec<String>,
}

impl Pattern {
    /// A wholly unknown text.
    fn open() -> Self {
        Self { parts: vec![String::new(); 2] }
    }

    fn known(text: String) -> Self {
        Self { parts: vec![text] }
    }

    /// The concatenation of two texts.
    fn and(mut self, other: Self) -> Self {
        let mut parts = other.parts.into_iter();
        if let (Some(last), Some(first)) = (self.parts.last_mut(), parts.next()) {
            last.push_str(&first);
        }
        self.parts.extend(parts);
        self
    }

    /// Whether a part with letters or digits is known.
    pub fn has_known_text(&self) -> bool {
        self.parts.iter().any(|part| part.chars().any(char::is_alphanumeric))
    }

    /// Whether a text has all known parts in their order.
    pub fn fits(&self, text: &str) -> bool {
        match self.parts.as_slice() {
            [] => false,
            [whole] => text == whole,
            [first, between @ .., last] => {
                let Some(mut rest) =
                    text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str()))
                else {
                    return false;
                };
                between.iter().all(|part| match rest.split_once(part.as_str()) {
                    Some((_, behind)) => {
                        rest = behind;
                        true
                    }
                    None => false,
                })
            }
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts.join("*"))
    }
}

impl Values {
    /// The text of an expression as a pattern, with `*` for each unknown part.
    pub fn pattern<'e>(&self, expression: impl Into<Expr<'e>>) -> Pattern {
        self.pattern_within(expression.into(), DEPTH)
    }

    fn pattern_within(&self, expression: Expr<'_>, depth: usize) -> Pattern {
        if let Some(text) = self.text(expression) {
            return Pattern::known(text);
        }
        expression.tree().map_or_else(Pattern::open, |tree| self.pattern_of(&tree, depth))
    }

    fn pattern_of(&self, expression: &Expression, depth: usize) -> Pattern {
        match expression {
            Expression::StringTemplate(template) => {
                let part = |element: &Element| match element {
                    Element::Literal(text) => Pattern::known((**text).clone()),
                    Element::Interpolation(inner) => {
                        self.pattern_within(Expr::parsed("", &inner.expr), depth)
                    }
                    Element::Directive(_) => Pattern::open(),
                };
                template.iter().map(part).fold(Pattern::known(String::new()), Pattern::and)
            }
            Expression::Parenthesis(inner) => self.pattern_of(inner.inner(), depth),
            Expression::Traversal(traversal) => {
                let written = local(traversal).and_then(|name| self.locals.get(&name));
                match (written, depth.checked_sub(1)) {
                    (Some(written), Some(depth)) => self.pattern_within(written.into(), depth),
                    _ => Pattern::open(),
                }
            }
            _ => Pattern::open(),
        }
    }

    /// The reason why an expression is unknown; `None` if it is known.
    pub fn why_unknown<'e>(&self, expression: impl Into<Expr<'e>>) -> Option<String> {
        self.why_within(expression.into(), DEPTH)
    }

    fn why_within(&self, expression: Expr<'_>, depth: usize) -> Option<String> {
        if self.value(expression).is_some() {
            return None;
        }
        let Some(tree) = expression.tree() else {
            return Some("egress-doctor cannot parse it".to_owned());
        };
        let mut reasons = Reasons { values: self, depth, found: Vec::new() };
        reasons.visit_expr(&tree);
        let found = reasons.found.into_iter().next();
        Some(found.unwrap_or_else(|| "egress-doctor does not evaluate it".to_owned()))
    }
}

/// The reasons why parts of an expression are unknown, in the order of the text.
struct Reasons<'v> {
    values: &'v Values,
    depth: usize,
    found: Vec<String>,
}

impl Visit for Reasons<'_> {
    fn visit_traversal(&mut self, node: &Traversal) {
        let traversal = Expression::Traversal(Box::new(node.clone()));
        let written = reference(&traversal).unwrap_or_default();
        let name = |place: usize| written.split(['.', '[']).nth(place).unwrap_or_default();
        if self.values.value(Expr::parsed("", &traversal)).is_some() {
            return;
        }
        let reason = match (name(0), local(node)) {
            ("var", _) => format!("var.{} has no known value", name(1)),
            ("terraform", _) => "the selected workspace is unknown".to_owned(),
            ("each" | "count", _) => format!("{}.{} differs by instance", name(0), name(1)),
            ("local", Some(local)) => {
                let written = self.values.locals.get(&local);
                let inner = written.zip(self.depth.checked_sub(1));
                let inner = inner.and_then(|(written, depth)| self.values.why_within(written.into(), depth));
                match inner {
                    Some(inner) => format!("local.{local}: {inner}"),
                    None => format!("local.{local} is unknown"),
                }
            }
            ("data", _) => format!("Terraform reads data.{}.{}", name(1), name(2)),
            ("module", _) => format!("it is an output of module.{}", name(1)),
            (kind, _) if kind.contains('_') => format!("it is an attribute of {kind}.{}", name(1)),
            _ => {
                visit_traversal(self, node);
                return;
            }
        };
        self.found.push(reason);
    }

    fn visit_func_call(&mut self, node: &FuncCall) {
        let before = self.found.len();
        visit_func_call(self, node);
        if self.found.len() == before
            && self.values.value(Expr::parsed("", &Expression::FuncCall(Box::new(node.clone())))).is_none()
        {
            self.found.push(format!("egress-doctor does not evaluate {}()", node.name.name.as_str()));
        }
    }
}

/// The references in a block's text, in order: `aws_vpc.main`, `data.aws_vpc.main`, `var.name`,
/// `local.name`, `module.name`.
pub(in crate::terraform) fn references(text: &str) -> Vec<String> {
    let mut names = Names { found: Vec::new(), bound: Vec::new() };
    if let Ok(body) = text.parse::<hcl_edit::structure::Body>() {
        names.visit_body(&body);
    }
    names.found
}

/// The number of references to a variable in code. Code that hcl-edit cannot parse is searched as text.
pub(in crate::terraform) fn uses_of_variable(text: &str, name: &str) -> usize {
    let reference = format!("var.{name}");
    if text.parse::<hcl_edit::structure::Body>().is_ok() {
        return references(text).iter().filter(|used| **used == reference).count();
    }
    let is_end = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '-');
    let char_after = |at: usize| text.get(at + reference.len()..).and_then(|rest| rest.chars().next());
    text.match_indices(&reference).filter(|(at, _)| is_end(char_after(*at))).count()
}

struct Names {
    found: Vec<String>,
    /// The variables that enclosing `for` expressions declare.
    bound: Vec<String>,
}

impl Visit for Names {
    fn visit_for_expr(&mut self, node: &ForExpr) {
        let before = self.bound.len();
        let names = node.intro.key_var.iter().chain([&node.intro.value_var]);
        self.bound.extend(names.map(|name| name.as_str().to_owned()));
        visit_for_expr(self, node);
        self.bound.truncate(before);
    }

    fn visit_traversal(&mut self, node: &Traversal) {
        let names = node.operators.iter().map_while(|operator| match operator.value() {
            TraversalOperator::GetAttr(name) => Some(name.as_str()),
            _ => None,
        });
        if let Expression::Variable(root) = &node.expr {
            let root = root.as_str();
            let is_type = ["data", "var", "local", "module"].contains(&root) || root.contains('_');
            if is_type && !self.bound.iter().any(|name| name == root) {
                let long = if root == "data" { 2 } else { 1 };
                self.found.push(std::iter::once(root).chain(names.take(long)).collect::<Vec<_>>().join("."));
            }
        }
        visit_traversal(self, node);
    }
}

/// The name of the local that a traversal begins with: `name` for `local.name[0].id`.
fn local(traversal: &Traversal) -> Option<String> {
    let Expression::Variable(root) = &traversal.expr else { return None };
    let first = traversal.operators.first()?;
    match first.value() {
        TraversalOperator::GetAttr(name) if root.as_str() == "local" => Some(name.as_str().to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use hcl::Value;

    use super::*;

    fn values() -> Values {
        let variables = [("env".to_owned(), Value::from("dev"))].into();
        let locals = [
            ("prefix", "\"bond-${var.team}-${var.env}\""),
            ("vpc", "aws_vpc.main.id"),
            ("loop", "local.pool"),
            ("pool", "local.loop"),
        ];
        let locals = locals.map(|(name, written)| (name.to_owned(), written.to_owned())).into();
        Values::new(&variables, Some("default"), &locals)
    }

    #[test]
    fn known_parts_of_a_text_exclude_other_texts() {
        let values = values();
        for (expression, shown, fitting, other) in [
            ("\"bond-${var.env}\"", "bond-dev", "bond-dev", "bond-dev-2"),
            (
                "\"${local.prefix}-backend\"",
                "bond-*-dev-backend",
                "bond-ai-dev-backend",
                "bond-ai-prod-backend",
            ),
            ("local.prefix", "bond-*-dev", "bond--dev", "bonddev"),
            ("\"${var.a}-x-${var.b}\"", "*-x-*", "1-x-2", "1-y-2"),
            // The known parts must not overlap.
            ("\"ab${var.a}ba\"", "ab*ba", "abba", "aba"),
        ] {
            let pattern = values.pattern(expression);
            assert_eq!(pattern.to_string(), shown);
            assert!(pattern.fits(fitting), "{expression} {fitting}");
            assert!(!pattern.fits(other), "{expression} {other}");
            assert!(pattern.has_known_text());
        }
        for open in ["var.name", "local.loop", "aws_vpc.main.id", "\"${var.a}-${var.b}\"", "} {"] {
            assert!(!values.pattern(open).has_known_text(), "{open}");
        }
    }

    #[test]
    fn an_unknown_expression_has_a_reason() {
        let values = values();
        let why = |expression: &str| values.why_unknown(expression).unwrap_or_else(|| "known".to_owned());
        for (expression, expected) in [
            ("\"bond-${var.env}\"", "known"),
            ("\"bond-${var.team}\"", "var.team has no known value"),
            ("local.prefix", "local.prefix: var.team has no known value"),
            ("[local.vpc]", "local.vpc: it is an attribute of aws_vpc.main"),
            ("each.value.name", "each.value differs by instance"),
            ("data.aws_vpc.main[0].id", "Terraform reads data.aws_vpc.main"),
            ("module.net.vpc_id", "it is an output of module.net"),
            ("file(\"name.txt\")", "egress-doctor does not evaluate file()"),
            ("1 + 2", "egress-doctor does not evaluate it"),
            ("} {", "egress-doctor cannot parse it"),
        ] {
            assert_eq!(why(expression), expected, "{expression}");
        }
        assert!(why("local.loop").starts_with("local.loop: local.pool: "));
    }
}
