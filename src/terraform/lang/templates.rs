//! Computes the text of a template: literals, `${…}`, `%{ if }` and `%{ for }`, and the white space that `~` strips.

use hcl::Value;
use hcl_edit::template::{Directive, Element, Strip, Template};

use crate::terraform::lang::evaluator::{Evaluator, Names, Result, Scope};

impl<N: Names> Evaluator<'_, '_, '_, N> {
    pub(super) fn template(&mut self, template: &Template, scope: Option<&Scope<'_>>) -> Result<Value> {
        let mut out = String::new();
        self.write(&mut out, template, scope, (Strip::None, Strip::None))?;
        Ok(Value::from(out))
    }

    /// Appends the text of a template. `around` is what the markers before and after it strip.
    fn write(
        &mut self,
        out: &mut String,
        template: &Template,
        scope: Option<&Scope<'_>>,
        around: (Strip, Strip),
    ) -> Result<()> {
        for place in 0..template.len() {
            self.meter.step(1)?;
            let strip_at = |place: usize| template.get(place).map(strip);
            match template.get(place) {
                None => {}
                Some(Element::Literal(literal)) => {
                    let before = place.checked_sub(1).and_then(strip_at).unwrap_or(around.0);
                    let after = strip_at(place + 1).unwrap_or(around.1);
                    self.append(out, stripped(literal, before, after))?;
                }
                Some(Element::Interpolation(inner)) => {
                    let value = self.value(&inner.expr, scope)?;
                    match value.as_ref() {
                        Value::String(text) => self.append(out, text)?,
                        other => {
                            self.meter.copy(other)?;
                            self.append(out, &other.to_string())?;
                        }
                    }
                }
                Some(Element::Directive(directive)) => self.directive(out, directive, scope)?,
            }
        }
        Ok(())
    }

    fn append(&mut self, out: &mut String, text: &str) -> Result<()> {
        self.meter.allocate(text.len())?;
        out.push_str(text);
        Ok(())
    }

    fn directive(&mut self, out: &mut String, node: &Directive, scope: Option<&Scope<'_>>) -> Result<()> {
        match node {
            Directive::If(node) => {
                let (start, end) = (&node.if_expr, node.endif_expr.strip);
                let otherwise = node.else_expr.as_ref();
                if self.truth(&start.cond_expr, scope)? {
                    let end = otherwise.map_or(end, |otherwise| otherwise.strip);
                    return self.write(out, &start.template, scope, (start.strip, end));
                }
                otherwise.map_or(Ok(()), |otherwise| {
                    self.write(out, &otherwise.template, scope, (otherwise.strip, end))
                })
            }
            Directive::For(node) => {
                let (start, end) = (&node.for_expr, node.endfor_expr.strip);
                let variables = (start.key_var.as_ref(), &start.value_var);
                self.each(&start.collection_expr, variables, scope, &mut |this, scope| {
                    this.write(out, &start.template, scope, (start.strip, end))
                })
            }
        }
    }
}

/// What an element of a template strips from its neighbours.
fn strip(element: &Element) -> Strip {
    let around = |start: Strip, end: Strip| Strip::from((start.strip_start(), end.strip_end()));
    match element {
        Element::Literal(_) => Strip::None,
        Element::Interpolation(inner) => inner.strip,
        Element::Directive(directive) => match directive.as_ref() {
            Directive::If(node) => around(node.if_expr.strip, node.endif_expr.strip),
            Directive::For(node) => around(node.for_expr.strip, node.endfor_expr.strip),
        },
    }
}

/// The literal without the white space up to the line end, where a neighbour has `~`.
fn stripped(literal: &str, before: Strip, after: Strip) -> &str {
    let is_space = |c: char| c.is_whitespace() && c != '\r' && c != '\n';
    let mut literal = literal;
    if before.strip_end() {
        literal = literal.trim_start_matches(is_space);
        literal = literal.strip_prefix("\r\n").or_else(|| literal.strip_prefix('\n')).unwrap_or(literal);
    }
    if after.strip_start() {
        literal = literal.trim_end_matches(is_space);
        literal = literal.strip_suffix("\r\n").or_else(|| literal.strip_suffix('\n')).unwrap_or(literal);
    }
    literal
}
