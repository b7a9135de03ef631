//! The search for the place of a value: from an expression, a variable or an argument, along the attributes and keys that are wanted.

use std::ops::Range;

use hcl::Value;
use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ForExpr, FuncCall, Object, ObjectKey, Traversal};

use crate::terraform::find::kept_at::{Followed, KeptAt};
use crate::terraform::find::steps::{Step, step_of_key, steps_of};
use crate::terraform::lang::expression::{Expr, parse, parse_exact, without_parentheses};
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::instantiate::Bindings;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Recursion limit for expressions that refer to each other.
pub(super) const DEPTH: usize = 16;
/// Functions whose result is their first argument if it has a value.
const FIRST_ARGUMENT: [&str; 7] =
    ["coalesce", "nonsensitive", "sensitive", "tobool", "tonumber", "tostring", "try"];

/// A search.
pub(super) struct Search<'a> {
    config: &'a Config,
    /// The references that were followed, in order.
    pub trail: Vec<Followed<'a>>,
    /// The instance of a call whose argument is followed.
    instance: Option<Instance<'a>>,
    /// The variables of the `for` expressions that are followed.
    bound: Vec<Bound<'a>>,
}

/// The variable of a `for` expression: the element of a collection with a key.
#[derive(Clone)]
struct Bound<'a> {
    name: String,
    module: &'a Module,
    file: &'a File,
    /// The span of the expression that was parsed; the spans in the collection begin there.
    text: Range<usize>,
    collection: Expression,
    step: Step,
}

impl Bound<'_> {
    fn is(&self, module: &Module, name: &str) -> bool {
        self.module.address == module.address && self.name == name
    }
}

/// An instance of a call with several ones.
#[derive(Clone)]
struct Instance<'a> {
    call: Place<'a>,
    key: String,
    /// Whether the way to the value depends on the instance.
    is_followed: bool,
}

impl<'a> Search<'a> {
    pub fn new(config: &'a Config) -> Self {
        Self { config, trail: Vec::new(), instance: None, bound: Vec::new() }
    }

    /// The place of the value of a text in a file.
    pub fn text(
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
                self.traversal(module, (file, text), traversal, steps, depth).or_else(|| {
                    self.trail.truncate(before);
                    computed()
                })
            }
            // The case of several instances.
            Expression::Conditional(cases) if self.differs_by_instance(&cases.cond_expr) => computed(),
            Expression::Conditional(cases) => {
                let case = match self.evaluate(module, &cases.cond_expr)?.as_str() {
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
                if let Some(value) = attribute_of(object, &name) {
                    return self.expression(module, (file, text), value, rest, depth);
                }
                let name_of = |step: &Step| match named(step) {
                    Step::Attribute(name) => Some(name),
                    Step::Key(_) | Step::Any => None,
                };
                let names: Vec<String> = rest.iter().map(name_of).collect::<Option<_>>()?;
                let is_open = self.trail.iter().all(|followed| followed.admits_only(names.len()));
                (names.is_empty() || is_open).then(|| KeptAt::Attribute {
                    module,
                    file,
                    object: span_of(inner).unwrap_or_else(|| text.clone()),
                    name,
                    inner: names,
                })
            }
            Expression::ForExpr(each) if !steps.is_empty() => {
                self.for_expression(module, (file, text), each, steps, depth)
            }
            Expression::Variable(name) if !steps.is_empty() => {
                let bound = self.bound.iter().rev().find(|bound| bound.is(module, name.as_str()))?.clone();
                self.element(&bound, steps, depth)
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

    /// The element of a `for` with a key: the element of its collection that has this key.
    fn for_expression(
        &mut self,
        module: &'a Module,
        (file, text): (&'a File, &Range<usize>),
        each: &ForExpr,
        steps: &[Step],
        depth: usize,
    ) -> Option<KeptAt<'a>> {
        let (Step::Attribute(wanted), rest) =
            steps.split_first().map(|(first, rest)| (named(first), rest))?
        else {
            return None;
        };
        let collection = &each.intro.collection_expr;
        let elements: Vec<(Step, Value, Value)> = match module.value(Expr::parsed("", collection))? {
            Value::Array(list) => {
                let all = list.into_iter().enumerate();
                all.map(|(place, one)| (Step::Key(format!("[{place}]")), Value::from(place), one)).collect()
            }
            Value::Object(fields) => {
                let all = fields.into_iter();
                all.map(|(key, one)| (Step::Attribute(key.clone()), Value::from(key), one)).collect()
            }
            _ => return None,
        };
        let key_expr = each.key_expr.as_ref()?;
        let (step, ..) = elements.into_iter().find(|(_, key, value)| {
            let mut bindings = Bindings::default();
            if let Some(name) = &each.intro.key_var {
                bindings.extend(name.as_str(), Some(key));
            }
            bindings.extend(each.intro.value_var.as_str(), Some(value));
            module.evaluate(Expr::parsed("", &bindings.bind(key_expr))).as_deref() == Some(wanted.as_str())
        })?;
        let collection = collection.clone();
        let name = each.intro.value_var.as_str().to_owned();
        self.bound.push(Bound { name, module, file, text: text.clone(), collection, step });
        let found = self.expression(module, (file, text), &each.value_expr, rest, depth);
        self.bound.pop();
        found
    }

    /// The element of a collection that the variable of a `for` is.
    fn element(&mut self, bound: &Bound<'a>, steps: &[Step], depth: usize) -> Option<KeptAt<'a>> {
        let steps: Vec<Step> = [bound.step.clone()].into_iter().chain(steps.iter().cloned()).collect();
        self.expression(bound.module, (bound.file, &bound.text), &bound.collection, &steps, depth)
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
                    Step::Any => Step::Attribute(self.evaluate(module, key)?),
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
        place: (&'a File, &Range<usize>),
        traversal: &Traversal,
        steps: &[Step],
        depth: usize,
    ) -> Option<KeptAt<'a>> {
        let own: Vec<Step> = steps_of(traversal)
            .into_iter()
            .zip(&traversal.operators)
            .map(|(step, operator)| match (step, operator.value()) {
                (Step::Any, hcl_edit::expr::TraversalOperator::Index(key)) => {
                    match self.evaluate(module, key) {
                        Some(number) if number.parse::<usize>().is_ok() => Step::Key(format!("[{number}]")),
                        Some(name) => Step::Attribute(name),
                        None => Step::Any,
                    }
                }
                (step, _) => step,
            })
            .chain(steps.iter().cloned())
            .collect();
        // The entry of an object, `{ dev = …, prod = … }[terraform.workspace]`.
        let Expression::Variable(root) = &traversal.expr else {
            return self.expression(module, place, &traversal.expr, &own, depth);
        };
        if let Some(bound) = self.bound.iter().rev().find(|bound| bound.is(module, root.as_str())).cloned() {
            return self.element(&bound, &own, depth.checked_sub(1)?);
        }
        let (Step::Attribute(first), rest) = own.split_first()? else { return None };
        match root.as_str() {
            "local" => self.local(module, first, rest, depth),
            "var" => self.variable(module, first, rest, depth),
            "each" if first == "value" => {
                let instance = self.instance.as_mut()?;
                instance.is_followed = true;
                let (call, key) = (instance.call, Step::Key(instance.key.clone()));
                let each = call.block.body.attribute("for_each")?.value.clone();
                let steps: Vec<Step> = [key].into_iter().chain(rest.iter().cloned()).collect();
                self.text((call.module, call.file), each, &steps, depth)
            }
            _ => None,
        }
    }

    /// Whether the value of an expression is another one for other instances of the call whose argument it is in.
    fn differs_by_instance(&self, expression: &Expression) -> bool {
        self.instance.is_some() && Expr::parsed("", expression).differs_by_instance()
    }

    /// The value of an expression, with the values of the instance whose argument it is in.
    fn evaluate(&mut self, module: &Module, expression: &Expression) -> Option<String> {
        let Some(instance) = self.instance.as_mut().filter(|one| one.call.module.address == module.address)
        else {
            return module.evaluate(Expr::parsed("", expression));
        };
        instance.is_followed |= Expr::parsed("", expression).differs_by_instance();
        let bindings = Bindings::of_instance(instance.call, &instance.key);
        module.evaluate(Expr::parsed("", &bindings.bind(expression)))
    }

    /// The same for a local.
    pub fn local(
        &mut self,
        module: &'a Module,
        name: &str,
        steps: &[Step],
        depth: usize,
    ) -> Option<KeptAt<'a>> {
        let depth = depth.checked_sub(1)?;
        self.follow(module, "local", name, steps);
        let mut blocks = module.blocks("locals");
        let (file, attribute) = blocks.find_map(|(file, block)| Some((file, block.body.attribute(name)?)))?;
        self.text((module, file), attribute.value.clone(), steps, depth)
    }

    fn follow(&mut self, module: &'a Module, root: &str, name: &str, steps: &[Step]) {
        let attributes = steps.iter().map_while(|step| match named(step) {
            Step::Attribute(name) => Some(name),
            Step::Key(key) => Some(key.trim_matches(['[', ']']).to_owned()),
            Step::Any => None,
        });
        let path = [root.to_owned(), name.to_owned()].into_iter().chain(attributes).collect();
        self.trail.push(Followed { module, path });
    }

    /// The argument of a call, for the instance of the call with a key.
    pub fn argument(
        &mut self,
        (call, key): (Place<'a>, Option<&str>),
        name: &str,
        steps: &[Step],
        depth: usize,
    ) -> Option<KeptAt<'a>> {
        let own = || KeptAt::Argument { call, key: key.map(str::to_owned), name: name.to_owned() };
        let Some(argument) = call.block.body.attribute(name) else {
            return steps.is_empty().then(own);
        };
        let instance = key.map(|key| Instance { call, key: key.to_owned(), is_followed: false });
        let (outer, before) = (std::mem::replace(&mut self.instance, instance), self.trail.len());
        let found = self.text((call.module, call.file), argument.value.clone(), steps, depth);
        let instance = std::mem::replace(&mut self.instance, outer);
        if instance.is_none_or(|instance| instance.is_followed) {
            return found;
        }
        // All instances have this value.
        self.trail.truncate(before);
        steps.is_empty().then(own)
    }

    /// A variable: the argument of the call, or for the root module the last `*.tfvars` file that sets it, or its default.
    pub fn variable(
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
            return module
                .has_variable(name)
                .then(|| self.argument((call, module.instance_key()), name, steps, depth))?;
        }
        if module.address.is_some() || config.is_remote || !config.json_var_files.is_empty() {
            return None;
        }
        // The last var file overrides the others and the environment.
        let set = config.var_files.iter().rev().find_map(|file| Some((file, file.body.attribute(name)?)));
        if set.is_none() && config.environment.sets(name) {
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
