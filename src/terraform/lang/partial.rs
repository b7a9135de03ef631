//! Analyses expressions without a known value: the known parts of their text, the reason, and the
//! references.

use std::fmt;

use hcl_edit::expr::{Expression, ForExpr, FuncCall, Traversal, TraversalOperator};
use hcl_edit::template::Element;
use hcl_edit::visit::{Visit, visit_expr, visit_for_expr, visit_func_call, visit_traversal};

use crate::terraform::lang::budget::{PAST_LIMIT, Stop};
use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::expression::{Expr, local_of, parse_body, reference};

/// Recursion limit for locals that refer to locals.
const DEPTH: usize = 8;
/// Limit of the parts and bytes of a pattern. The text past it is an unknown part.
const LONGEST_PATTERN: usize = 4096;

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
        let expression = expression.into();
        let mut patterns = Patterns { values: self, left: LONGEST_PATTERN };
        // A part past the limit can be anywhere, so no part of the text is used.
        patterns.within(expression, DEPTH).unwrap_or_else(Pattern::open)
    }

    /// The reason why an expression is unknown; `None` if it is known.
    pub fn why_unknown<'e>(&self, expression: impl Into<Expr<'e>>) -> Option<String> {
        self.why_within(expression.into(), DEPTH)
    }

    fn why_within(&self, expression: Expr<'_>, depth: usize) -> Option<String> {
        match self.evaluate(expression) {
            Ok(_) => return None,
            Err(Stop::Limit) => return Some(PAST_LIMIT.to_owned()),
            Err(Stop::Unknown | Stop::Absent | Stop::Needs(_)) => {}
        }
        let Some(tree) = expression.tree() else {
            return Some("egress-doctor cannot parse it".to_owned());
        };
        let mut reason = Reason { values: self, depth, found: None };
        reason.visit_expr(&tree);
        Some(reason.found.unwrap_or_else(|| "egress-doctor does not evaluate it".to_owned()))
    }
}

/// Makes a pattern within a limit.
struct Patterns<'v> {
    values: &'v Values,
    /// The parts and bytes that can be added.
    left: usize,
}

impl Patterns<'_> {
    /// The pattern of an expression; `None` past the limit.
    fn within(&mut self, expression: Expr<'_>, depth: usize) -> Option<Pattern> {
        if let Some(text) = self.values.text(expression) {
            return self.known(&text);
        }
        match expression.tree() {
            Some(tree) => self.of(&tree, depth),
            None => self.open(),
        }
    }

    fn known(&mut self, text: &str) -> Option<Pattern> {
        self.left = self.left.checked_sub(1 + text.len())?;
        Some(Pattern::known(text.to_owned()))
    }

    fn open(&mut self) -> Option<Pattern> {
        self.left = self.left.checked_sub(1)?;
        Some(Pattern::open())
    }

    fn of(&mut self, expression: &Expression, depth: usize) -> Option<Pattern> {
        match expression {
            Expression::StringTemplate(template) => {
                let mut all = Pattern::known(String::new());
                for element in template {
                    all = all.and(match element {
                        Element::Literal(text) => self.known(text)?,
                        Element::Interpolation(inner) => self.within(Expr::parsed("", &inner.expr), depth)?,
                        Element::Directive(_) => self.open()?,
                    });
                }
                Some(all)
            }
            Expression::Parenthesis(inner) => self.of(inner.inner(), depth),
            Expression::Traversal(traversal) => {
                let written = local_of(traversal).and_then(|name| self.values.locals.get(name));
                match (written, depth.checked_sub(1)) {
                    (Some(written), Some(depth)) => self.within(written.into(), depth),
                    _ => self.open(),
                }
            }
            _ => self.open(),
        }
    }
}

/// The first reason why a part of an expression is unknown, in the order of the text.
struct Reason<'v> {
    values: &'v Values,
    depth: usize,
    found: Option<String>,
}

impl Visit for Reason<'_> {
    fn visit_expr(&mut self, node: &Expression) {
        if self.found.is_none() {
            visit_expr(self, node);
        }
    }

    fn visit_traversal(&mut self, node: &Traversal) {
        let traversal = Expression::Traversal(Box::new(node.clone()));
        let written = reference(&traversal).unwrap_or_default();
        let name = |place: usize| written.split(['.', '[']).nth(place).unwrap_or_default();
        if self.values.evaluate(Expr::parsed("", &traversal)).is_ok() {
            return;
        }
        let reason = match (name(0), local_of(node)) {
            ("var", _) => format!("var.{} has no known value", name(1)),
            ("terraform", _) => "the selected workspace is unknown".to_owned(),
            ("each" | "count", _) => format!("{}.{} differs by instance", name(0), name(1)),
            ("local", Some(local)) if self.values.is_past_limit(local) => {
                format!("local.{local}: {PAST_LIMIT}")
            }
            ("local", Some(local)) => {
                let written = self.values.locals.get(local);
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
        self.found = Some(reason);
    }

    fn visit_func_call(&mut self, node: &FuncCall) {
        visit_func_call(self, node);
        if self.found.is_some() {
            return;
        }
        let call = Expression::FuncCall(Box::new(node.clone()));
        let name = node.name.name.as_str();
        self.found = match self.values.evaluate(Expr::parsed("", &call)) {
            Ok(_) => None,
            Err(Stop::Limit) => Some(PAST_LIMIT.to_owned()),
            Err(_) => Some(format!("egress-doctor does not evaluate {name}()")),
        };
    }
}

/// The references in a block's text, in order: `aws_vpc.main`, `data.aws_vpc.main`, `var.name`,
/// `local.name`, `module.name`.
pub(in crate::terraform) fn references(text: &str) -> Vec<String> {
    let mut names = Names { found: Vec::new(), bound: Vec::new() };
    if let Some(body) = parse_body(text) {
        names.visit_body(&body);
    }
    names.found
}

/// The number of references to a variable in code. Code that hcl-edit cannot parse is searched as text.
pub(in crate::terraform) fn uses_of_variable(text: &str, name: &str) -> usize {
    let reference = format!("var.{name}");
    if parse_body(text).is_some() {
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
        Values::new(&variables, Some("default"), &locals, &std::sync::Arc::default())
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
            ("1 + 2.5", "egress-doctor does not evaluate it"),
            ("} {", "egress-doctor cannot parse it"),
        ] {
            assert_eq!(why(expression), expected, "{expression}");
        }
        assert!(why("local.loop").starts_with("local.loop: local.pool: "));
    }
}
