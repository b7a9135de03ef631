//! Finds where the code keeps the value of an expression: follows variables, the arguments of calls, locals, attributes of objects and
//! entries of maps to the text that a user edits.
//!
//! Reads only the code. `edit::variable` changes what is found.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall, Object, ObjectKey, Traversal};

use crate::terraform::find::steps::{Step, step_of_key, steps_of};
use crate::terraform::lang::expression::{Expr, parse, parse_exact, without_parentheses};
use crate::terraform::lang::uses::uses_of_path;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Recursion limit for expressions that refer to each other.
const DEPTH: usize = 16;
/// Functions whose result is their first argument if it has a value.
const FIRST_ARGUMENT: [&str; 7] =
    ["coalesce", "nonsensitive", "sensitive", "tobool", "tonumber", "tostring", "try"];

/// Where the value of an expression is kept.
#[derive(Clone)]
pub(in crate::terraform) struct KeptValue<'a> {
    pub at: KeptAt<'a>,
    /// The references that were followed, in order.
    pub trail: Vec<Followed<'a>>,
}

/// The text that keeps a value.
#[derive(Clone)]
pub(in crate::terraform) enum KeptAt<'a> {
    /// An expression.
    Value { module: &'a Module, file: &'a File, span: Range<usize> },
    /// An object that has no such attribute.
    Attribute { module: &'a Module, file: &'a File, object: Range<usize>, name: String },
    /// A call that does not set the variable.
    Argument { call: Place<'a>, name: String },
}

/// A reference that was followed.
#[derive(Clone)]
pub(in crate::terraform) struct Followed<'a> {
    pub module: &'a Module,
    /// `var`, the name, and the attributes after it.
    pub path: Vec<String>,
}

impl Followed<'_> {
    /// The number of references in the module that have or may have this value or a part of it.
    pub fn uses(&self) -> usize {
        self.module.files.iter().map(|file| uses_of_path(&file.text, &self.path)).sum()
    }
}

impl KeptValue<'_> {
    /// `terraform.tfvars:4`
    pub fn location(&self) -> String {
        let at =
            |file: &File, span: &Range<usize>| format!("{}:{}", file.path.display(), file.line(span.start));
        match &self.at {
            KeptAt::Value { file, span, .. } => at(file, span),
            KeptAt::Attribute { file, object, .. } => at(file, object),
            KeptAt::Argument { call, .. } => call.location(),
        }
    }
}

/// Where the value of an expression of a module is kept; `None` if it is computed, or given by something that is not read here.
pub(in crate::terraform) fn kept_value<'a>(
    config: &'a Config,
    (module, file): (&'a Module, &'a File),
    span: Range<usize>,
) -> Option<KeptValue<'a>> {
    let mut search = Search { config, trail: Vec::new() };
    let at = search.text((module, file), span, &[], DEPTH)?;
    Some(KeptValue { at, trail: search.trail })
}

/// The same for a variable of a module and attributes of it.
pub(in crate::terraform) fn kept_variable<'a>(
    config: &'a Config,
    module: &'a Module,
    name: &str,
    path: &[String],
) -> Option<KeptValue<'a>> {
    kept_attribute(config, path, |search, steps| search.variable(module, name, steps, DEPTH))
}

/// The same for attributes of a local.
pub(in crate::terraform) fn kept_local<'a>(
    config: &'a Config,
    module: &'a Module,
    name: &str,
    path: &[String],
) -> Option<KeptValue<'a>> {
    kept_attribute(config, path, |search, steps| search.local(module, name, steps, DEPTH))
}

/// Where a search for attributes finds a value.
fn kept_attribute<'a>(
    config: &'a Config,
    path: &[String],
    find: impl FnOnce(&mut Search<'a>, &[Step]) -> Option<KeptAt<'a>>,
) -> Option<KeptValue<'a>> {
    let mut search = Search { config, trail: Vec::new() };
    let steps: Vec<Step> = path.iter().cloned().map(Step::Attribute).collect();
    let at = find(&mut search, &steps)?;
    Some(KeptValue { at, trail: search.trail })
}

struct Search<'a> {
    config: &'a Config,
    trail: Vec<Followed<'a>>,
}

impl<'a> Search<'a> {
    fn text(
        &mut self,
        (module, file): (&'a Module, &'a File),
        span: Range<usize>,
        steps: &[Step],
        depth: usize,
    ) -> Option<KeptAt<'a>> {
        let text = file.slice(span.clone());
        if let Some(tree) = parse_exact(text) {
            return self.expression(module, (file, &span), &tree, steps, depth);
        }
        // A comment after the expression: it is parsed in parentheses, which begin one byte before it.
        let tree = parse(text)?;
        let start = span.start.checked_sub(1)?;
        self.expression(module, (file, &(start..span.end)), &tree, steps, depth)
    }

    /// `text` is the span of the expression that was parsed; the spans in the tree begin there.
    fn expression(
        &mut self,
        module: &'a Module,
        (file, text): (&'a File, &Range<usize>),
        expression: &Expression,
        steps: &[Step],
        depth: usize,
    ) -> Option<KeptAt<'a>> {
        let depth = depth.checked_sub(1)?;
        let inner = without_parentheses(expression);
        let span_of = |expression: &Expression| {
            let span = expression.span()?;
            Some(text.start + span.start..text.start + span.end)
        };
        // A computed value is an expression of its own.
        let computed = || {
            let span = span_of(inner).filter(|_| steps.is_empty())?;
            Some(KeptAt::Value { module, file, span })
        };
        match inner {
            Expression::Traversal(traversal) => {
                let before = self.trail.len();
                self.traversal(module, traversal, steps, depth).or_else(|| {
                    self.trail.truncate(before);
                    computed()
                })
            }
            Expression::Conditional(cases) => {
                let case = match module.evaluate(Expr::parsed("", &cases.cond_expr))?.as_str() {
                    "true" => &cases.true_expr,
                    "false" => &cases.false_expr,
                    _ => return None,
                };
                self.expression(module, (file, text), case, steps, depth)
            }
            Expression::FuncCall(call) => {
                let before = self.trail.len();
                self.call(module, (file, text), call, steps, depth).or_else(|| {
                    self.trail.truncate(before);
                    computed()
                })
            }
            Expression::Object(object) if !steps.is_empty() => {
                let (Step::Attribute(name), rest) =
                    steps.split_first().map(|(first, rest)| (named(first), rest))?
                else {
                    return None;
                };
                match attribute_of(object, &name) {
                    Some(value) => self.expression(module, (file, text), value, rest, depth),
                    None if rest.is_empty() => Some(KeptAt::Attribute {
                        module,
                        file,
                        object: span_of(inner).unwrap_or_else(|| text.clone()),
                        name,
                    }),
                    None => None,
                }
            }
            Expression::Array(elements) if !steps.is_empty() => {
                let (Step::Key(key), rest) = steps.split_first()? else { return None };
                let index: usize = key.trim_matches(['[', ']']).parse().ok()?;
                self.expression(module, (file, text), elements.get(index)?, rest, depth)
            }
            other if steps.is_empty() => {
                let span = span_of(other).unwrap_or_else(|| text.clone());
                Some(KeptAt::Value { module, file, span })
            }
            _ => None,
        }
    }

    fn call(
        &mut self,
        module: &'a Module,
        place: (&'a File, &Range<usize>),
        call: &FuncCall,
        steps: &[Step],
        depth: usize,
    ) -> Option<KeptAt<'a>> {
        let mut arguments = call.args.iter();
        match call.name.name.as_str() {
            name if FIRST_ARGUMENT.contains(&name) => {
                self.expression(module, place, arguments.next()?, steps, depth)
            }
            "lookup" => {
                let (map, key) = (arguments.next()?, arguments.next()?);
                let key = match step_of_key(key) {
                    Step::Any => Step::Attribute(module.evaluate(Expr::parsed("", key))?),
                    step => step,
                };
                let steps: Vec<Step> = [key].into_iter().chain(steps.iter().cloned()).collect();
                self.expression(module, place, map, &steps, depth)
            }
            "merge" if !steps.is_empty() => {
                let mut missing = None;
                let all: Vec<&Expression> = arguments.collect();
                for argument in all.into_iter().rev() {
                    let before = self.trail.len();
                    match self.expression(module, place, argument, steps, depth) {
                        Some(at @ (KeptAt::Value { .. } | KeptAt::Argument { .. })) => return Some(at),
                        Some(at) => missing = missing.or(Some((at, self.trail.split_off(before)))),
                        None => return None,
                    }
                }
                let (at, trail) = missing?;
                self.trail.extend(trail);
                Some(at)
            }
            _ => None,
        }
    }

    fn traversal(
        &mut self,
        module: &'a Module,
        traversal: &Traversal,
        steps: &[Step],
        depth: usize,
    ) -> Option<KeptAt<'a>> {
        let Expression::Variable(root) = &traversal.expr else { return None };
        let own: Vec<Step> = steps_of(traversal)
            .into_iter()
            .zip(&traversal.operators)
            .map(|(step, operator)| match (step, operator.value()) {
                (Step::Any, hcl_edit::expr::TraversalOperator::Index(key)) => {
                    module.evaluate(Expr::parsed("", key)).map_or(Step::Any, Step::Attribute)
                }
                (step, _) => step,
            })
            .chain(steps.iter().cloned())
            .collect();
        let (Step::Attribute(first), rest) = own.split_first()? else { return None };
        match root.as_str() {
            "local" => self.local(module, first, rest, depth),
            "var" => self.variable(module, first, rest, depth),
            _ => None,
        }
    }

    fn local(&mut self, module: &'a Module, name: &str, steps: &[Step], depth: usize) -> Option<KeptAt<'a>> {
        let depth = depth.checked_sub(1)?;
        self.follow(module, "local", name, steps);
        let mut blocks = module.blocks("locals");
        let (file, attribute) = blocks.find_map(|(file, block)| Some((file, block.body.attribute(name)?)))?;
        self.text((module, file), attribute.value.clone(), steps, depth)
    }

    fn follow(&mut self, module: &'a Module, root: &str, name: &str, steps: &[Step]) {
        let attributes = steps.iter().map_while(|step| match named(step) {
            Step::Attribute(name) => Some(name),
            Step::Key(_) | Step::Any => None,
        });
        let path = [root.to_owned(), name.to_owned()].into_iter().chain(attributes).collect();
        self.trail.push(Followed { module, path });
    }

    /// A variable: the argument of the call, or for the root module the last `*.tfvars` file that sets it, or its default.
    fn variable(
        &mut self,
        module: &'a Module,
        name: &str,
        steps: &[Step],
        depth: usize,
    ) -> Option<KeptAt<'a>> {
        let depth = depth.checked_sub(1)?;
        self.follow(module, "var", name, steps);
        let config = self.config;
        if let Some(call) = config.caller(module) {
            return match call.block.body.attribute(name) {
                Some(argument) => self.text((call.module, call.file), argument.value.clone(), steps, depth),
                None if steps.is_empty() && module.has_variable(name) => {
                    Some(KeptAt::Argument { call, name: name.to_owned() })
                }
                None => None,
            };
        }
        if module.address.is_some() || config.is_remote || !config.json_var_files.is_empty() {
            return None;
        }
        // The last var file overrides the others and the environment.
        let set = config.var_files.iter().rev().find_map(|file| Some((file, file.body.attribute(name)?)));
        if set.is_none() && config.environment.variables.contains_key(name) {
            return None;
        }
        let declared = module.block("variable", &[name]);
        if declared.is_some_and(|(_, block)| module.overridden(block).is_some()) {
            return None;
        }
        let (file, attribute) = match (set, declared) {
            (Some(set), _) => set,
            (None, Some((file, block))) => (file, block.body.attribute("default")?),
            (None, None) => return None,
        };
        self.text((module, file), attribute.value.clone(), steps, depth)
    }
}

/// A key of a map as the name of an attribute.
fn named(step: &Step) -> Step {
    match step {
        Step::Key(key) => match key.strip_prefix("[\"").and_then(|key| key.strip_suffix("\"]")) {
            Some(name) => Step::Attribute(name.to_owned()),
            None => step.clone(),
        },
        other => other.clone(),
    }
}

/// The value of an attribute of an object.
fn attribute_of<'o>(object: &'o Object, name: &str) -> Option<&'o Expression> {
    let found = object.iter().find(|(key, _)| match key {
        ObjectKey::Ident(key) => key.as_str() == name,
        ObjectKey::Expression(key) => without_parentheses(key).as_str() == Some(name),
    });
    found.map(|(_, value)| value.expr())
}
