//! The literal lists and maps from which the code makes a collection: through variables, locals, outputs, `merge`, `concat`, `toset` and `for`.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ForExpr};

use crate::terraform::find::kept_at::{Followed, KeptAt};
use crate::terraform::find::kept_value::kept_value;
use crate::terraform::lang::expression::{parse_exact, reference, without_parentheses};
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;

/// Recursion limit for collections in each other.
const DEPTH: usize = 8;
/// Functions whose result has the elements of all their arguments.
const ALL_ARGUMENTS: [&str; 3] = ["concat", "merge", "setunion"];
/// Those of lists.
const LISTS: [&str; 2] = ["concat", "setunion"];
/// Functions whose result has the elements of their argument.
const SAME_ELEMENTS: [&str; 6] = ["compact", "distinct", "sort", "tolist", "tomap", "toset"];

/// A literal list or map.
#[derive(Clone)]
pub(in crate::terraform) struct Literal<'a> {
    pub module: &'a Module,
    pub file: &'a File,
    pub span: Range<usize>,
    /// The `for` that makes the collection of it; `None` if its elements are those of the collection.
    pub made_by: Option<Box<ForExpr>>,
    /// The references that lead to it.
    pub trail: Vec<Followed<'a>>,
}

impl Literal<'_> {
    /// Whether it may be changed for this configuration alone. The change of a literal in JSON syntax is printed.
    pub fn is_editable(&self, config: &Config) -> bool {
        !self.is_empty_case() && self.module.is_editable() && !config.is_used_more_than_once(self.module)
    }

    /// Whether it is the empty case of a conditional, `var.enabled ? { https = 443 } : {}`.
    fn is_empty_case(&self) -> bool {
        let text = self.file.slice(self.span.clone());
        let is_empty = text.trim_matches(['[', ']', '{', '}']).trim().is_empty();
        is_empty && self.file.slice(0..self.span.start).trim_end().trim_end_matches('(').ends_with(['?', ':'])
    }

    /// Whether the elements are the keys of the collection.
    pub fn has_elements_as_keys(&self) -> bool {
        self.made_by.as_ref().is_none_or(|made_by| {
            let key = made_by.key_expr.as_ref().map(without_parentheses);
            matches!(key, Some(Expression::Variable(key)) if key.as_str() == made_by.intro.value_var.as_str())
        })
    }

    /// The list or map.
    pub fn tree(&self) -> Option<Expression> {
        parse_exact(self.file.slice(self.span.clone()))
    }
}

/// The literals of a collection, in the order of the text; `None` if a part is computed.
pub(in crate::terraform) fn literals<'a>(
    config: &'a Config,
    place: (&'a Module, &'a File),
    span: Range<usize>,
) -> Option<Vec<Literal<'a>>> {
    parts(config, place, span, (DEPTH, false))
}

/// The same without the computed parts of lists.
pub(in crate::terraform) fn known_literals<'a>(
    config: &'a Config,
    place: (&'a Module, &'a File),
    span: Range<usize>,
) -> Vec<Literal<'a>> {
    parts(config, place, span, (DEPTH, true)).unwrap_or_default()
}

fn parts<'a>(
    config: &'a Config,
    place: (&'a Module, &'a File),
    span: Range<usize>,
    (depth, is_partial): (usize, bool),
) -> Option<Vec<Literal<'a>>> {
    let depth = (depth.checked_sub(1)?, is_partial);
    let kept = kept_value(config, place, span)?;
    let KeptAt::Value { module, file, span } = kept.at else { return None };
    let trail = kept.trail;
    let tree = parse_exact(file.slice(span.clone()))?;
    let inner = |expression: &Expression| {
        let at = expression.span()?;
        let found = parts(config, (module, file), span.start + at.start..span.start + at.end, depth)?;
        let all =
            |literal: Literal<'a>| Literal { trail: [trail.clone(), literal.trail].concat(), ..literal };
        Some(found.into_iter().map(all).collect::<Vec<_>>())
    };
    match without_parentheses(&tree) {
        Expression::Array(_) | Expression::Object(_) => {
            Some(vec![Literal { module, file, span: span.clone(), made_by: None, trail: trail.clone() }])
        }
        // A later part of a merged map can have the key of an earlier one.
        Expression::FuncCall(call) if is_partial && LISTS.contains(&call.name.name.as_str()) => {
            Some(call.args.iter().filter_map(inner).flatten().collect())
        }
        Expression::FuncCall(call) if ALL_ARGUMENTS.contains(&call.name.name.as_str()) => {
            let all: Option<Vec<Vec<Literal<'a>>>> = call.args.iter().map(inner).collect();
            Some(all?.concat())
        }
        Expression::FuncCall(call) if SAME_ELEMENTS.contains(&call.name.name.as_str()) => {
            inner(call.args.iter().next()?)
        }
        Expression::ForExpr(made_by) => {
            let of = |literal: Literal<'a>| {
                // A `for` over a `for` is not followed.
                literal.made_by.is_none().then(|| Literal { made_by: Some(made_by.clone()), ..literal })
            };
            inner(&made_by.intro.collection_expr)?.into_iter().map(of).collect()
        }
        Expression::Traversal(_) => {
            let (called, output, span, followed) = output_of(module, &tree)?;
            let found = parts(config, (called, output), span, depth)?;
            let all = |literal: Literal<'a>| {
                let way = [trail.as_slice(), std::slice::from_ref(&followed), &literal.trail].concat();
                Literal { trail: way, ..literal }
            };
            Some(found.into_iter().map(all).collect())
        }
        _ => None,
    }
}

/// The value of an output of the only instance of a called module: its module, file and span, and the reference to it.
fn output_of<'a>(
    module: &'a Module,
    tree: &Expression,
) -> Option<(&'a Module, &'a File, Range<usize>, Followed<'a>)> {
    let reference = reference(tree)?;
    let parts: Vec<&str> = reference.split('.').collect();
    let ["module", name, output] = *parts.as_slice() else { return None };
    let call = module.calls.iter().find(|call| call.name == name && !call.is_repeated)?;
    let (file, block) = call.module.block("output", &[output])?;
    let path = parts.into_iter().map(str::to_owned).collect();
    Some((&call.module, file, block.body.attribute("value")?.value.clone(), Followed { module, path }))
}
