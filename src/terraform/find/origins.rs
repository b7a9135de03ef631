//! Follows an expression to the blocks that its value comes from: through locals, variables and the calls that set them, outputs of
//! modules, `for_each`, and functions that select elements of a list.
//!
//! Reads only the code. A part that it does not follow makes the whole result unknown, so that no list is taken for complete.

use std::cell::Cell;

use hcl::Value;
use hcl_edit::expr::{Expression, ForExpr, Object, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::template::Element;

use crate::terraform::find::instances::{instance_keys, keys_of_collection};
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::find::registry::has_code;
use crate::terraform::find::steps::{Step, element_of, evaluated_key, step_of_key, steps_of};
use crate::terraform::lang::expression::{Expr, parse, without_parentheses};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::argument::Argument;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::instantiate::Bindings;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Recursion limit for expressions that refer to each other.
const DEPTH: usize = 24;
/// Limit of the expressions that one question follows.
const STEPS: usize = 20_000;
/// Functions whose result has only elements of all their arguments.
const ALL_ARGUMENTS: [&str; 12] = [
    "compact", "concat", "distinct", "flatten", "merge", "reverse", "setunion", "sort", "tolist", "tomap",
    "toset", "values",
];
/// Those of them whose elements have other places than in the arguments.
const OTHER_ORDER: [&str; 5] = ["reverse", "setunion", "sort", "toset", "values"];
/// Functions whose result is their first argument, or elements of it.
const FIRST_ARGUMENT: [&str; 7] =
    ["coalesce", "coalescelist", "element", "nonsensitive", "one", "slice", "try"];

/// The expression of a place: its module, and the block whose `each` and `count` it uses.
#[derive(Clone, Copy)]
pub(in crate::terraform) struct Scope<'a> {
    pub module: &'a Module,
    pub block: Option<Place<'a>>,
}

impl<'a> From<Place<'a>> for Scope<'a> {
    fn from(place: Place<'a>) -> Self {
        Self { module: place.module, block: Some(place) }
    }
}

impl<'a> From<&'a Module> for Scope<'a> {
    fn from(module: &'a Module) -> Self {
        Self { module, block: None }
    }
}

/// Follows expressions of a configuration.
pub(in crate::terraform) struct Origins<'a> {
    config: &'a Config,
    left: Cell<usize>,
}

type Found<'a> = Option<Vec<Origin<'a>>>;

impl<'a> Origins<'a> {
    pub fn new(config: &'a Config) -> Self {
        Self { config, left: Cell::new(STEPS) }
    }

    /// The origins of an expression, in the order of the text; `None` if a part is unknown.
    pub fn of<'e>(&self, scope: impl Into<Scope<'a>>, expression: impl Into<Expr<'e>>) -> Found<'a> {
        let tree = expression.into().tree()?;
        self.expression(scope.into(), &tree, &[], DEPTH)
    }

    /// The origins of an attribute of a block.
    pub fn of_attribute(&self, place: Place<'a>, name: &str) -> Found<'a> {
        self.of(place, place.module.expression(place.file, place.block, name)?)
    }

    /// The origins of an attribute of one instance of a block; of any instance without a key.
    pub fn of_instance(&self, place: Place<'a>, key: Option<&str>, name: &str) -> Found<'a> {
        let Some(key) = key else { return self.of_attribute(place, name) };
        let tree = place.module.expression(place.file, place.block, name)?.tree()?;
        let bound = Bindings::of_instance(place, key).bind(&tree);
        self.expression(place.into(), &bound, &[], DEPTH)
    }

    /// The only origin of an attribute of an instance of a block.
    pub fn single_of(&self, block: &BlockOrigin<'a>, name: &str) -> Option<Origin<'a>> {
        let key = match &block.instance {
            Instances::Key(key) => Some(key.as_str()),
            Instances::Only | Instances::All => None,
        };
        let mut found = self.of_instance(block.place, key, name)?;
        (found.len() == 1).then(|| found.pop()).flatten()
    }

    /// The only origin of an attribute of a block.
    pub fn single(&self, place: Place<'a>, name: &str) -> Option<Origin<'a>> {
        let mut found = self.of_attribute(place, name)?;
        (found.len() == 1).then(|| found.pop()).flatten()
    }

    /// Whether an attribute of an instance of a block is of a resource; `None` if unknown.
    pub fn leads_to(&self, place: Place<'a>, name: &str, resource: &Origin<'a>) -> Option<bool> {
        let keys = instance_keys(place).filter(|keys| !keys.is_empty());
        let keys: Vec<Option<String>> =
            keys.map_or_else(|| vec![None], |keys| keys.into_iter().map(Some).collect());
        let mut leads = Some(false);
        for key in keys {
            match self.of_instance(place, key.as_deref(), name) {
                Some(found) if found.iter().any(|one| one.is_same_resource(resource)) => return Some(true),
                Some(_) => {}
                None => leads = None,
            }
        }
        leads
    }

    fn expression(
        &self,
        scope: Scope<'a>,
        expression: &Expression,
        steps: &[Step],
        depth: usize,
    ) -> Found<'a> {
        let depth = depth.checked_sub(1)?;
        self.left.set(self.left.get().checked_sub(1)?);
        let inner = |inner: &Expression| self.expression(scope, inner, steps, depth);
        match without_parentheses(expression) {
            Expression::Null(_) => Some(Vec::new()),
            Expression::String(text) if steps.is_empty() => {
                Some(vec![Origin::Text(text.as_str().to_owned())])
            }
            Expression::StringTemplate(template) => {
                let mut elements = template.iter();
                if let (Some(Element::Interpolation(only)), None) = (elements.next(), elements.next()) {
                    return inner(&only.expr);
                }
                let text = scope.module.evaluate(Expr::parsed("", without_parentheses(expression)))?;
                Some(vec![Origin::Text(text)])
            }
            Expression::Array(elements) => match steps.split_first() {
                Some((Step::Key(key), rest)) => {
                    let index: usize = key.trim_matches(['[', ']']).parse().ok()?;
                    self.expression(scope, elements.get(index)?, rest, depth)
                }
                Some((Step::Any, rest)) => self.all(scope, elements.iter(), rest, depth),
                Some((Step::Attribute(_), _)) => None,
                None => self.all(scope, elements.iter(), &[], depth),
            },
            Expression::Object(object) => self.object(scope, object, steps, depth),
            Expression::Conditional(cases) => {
                match scope.module.evaluate(Expr::parsed("", &cases.cond_expr)).as_deref() {
                    Some("true") => inner(&cases.true_expr),
                    Some("false") => inner(&cases.false_expr),
                    _ => {
                        let (one, other) = (inner(&cases.true_expr)?, inner(&cases.false_expr)?);
                        let both = one.iter().zip(&other).all(|(one, other)| one.is_same_value(other));
                        // Unknown condition: one case is null or empty, or both cases are the same.
                        match (one.is_empty(), other.is_empty()) {
                            (_, true) => Some(one),
                            (true, false) => Some(other),
                            (false, false) => (both && one.len() == other.len()).then_some(one),
                        }
                    }
                }
            }
            Expression::FuncCall(call) => {
                let name = call.name.name.as_str();
                if ALL_ARGUMENTS.contains(&name) {
                    match steps.split_first() {
                        Some((Step::Key(_), rest)) if OTHER_ORDER.contains(&name) => {
                            let steps: Vec<Step> =
                                [Step::Any].into_iter().chain(rest.iter().cloned()).collect();
                            self.all(scope, call.args.iter(), &steps, depth)
                        }
                        _ => self.all(scope, call.args.iter(), steps, depth),
                    }
                } else if let Some((list, place)) = element_of(scope.module, call) {
                    let steps: Vec<Step> = [place].into_iter().chain(steps.iter().cloned()).collect();
                    self.expression(scope, list, &steps, depth)
                } else if FIRST_ARGUMENT.contains(&name) {
                    inner(call.args.iter().next()?)
                } else if name == "lookup" {
                    let mut arguments = call.args.iter();
                    let (map, key) = (arguments.next()?, arguments.next()?);
                    let steps: Vec<Step> =
                        [step_of_key(key)].into_iter().chain(steps.iter().cloned()).collect();
                    self.expression(scope, map, &steps, depth)
                } else {
                    None
                }
            }
            Expression::ForExpr(each) => self.for_expression(scope, each, steps, depth),
            Expression::Traversal(traversal) => self.traversal(scope, traversal, steps, depth),
            _ => None,
        }
    }

    fn all<'e>(
        &self,
        scope: Scope<'a>,
        parts: impl Iterator<Item = &'e Expression>,
        steps: &[Step],
        depth: usize,
    ) -> Found<'a> {
        let mut all = Vec::new();
        for part in parts {
            all.extend(self.expression(scope, part, steps, depth)?);
        }
        Some(all)
    }

    fn object(&self, scope: Scope<'a>, object: &Object, steps: &[Step], depth: usize) -> Found<'a> {
        let (wanted, rest) = match steps.split_first() {
            Some((Step::Attribute(name), rest)) => (Some(name.as_str()), rest),
            Some((Step::Key(key), rest)) => {
                (Some(key.trim_start_matches("[\"").trim_end_matches("\"]")), rest)
            }
            Some((Step::Any, rest)) => (None, rest),
            None => (None, steps),
        };
        let name = |key: &ObjectKey| match key {
            ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
            ObjectKey::Expression(key) => scope.module.evaluate(Expr::parsed("", key)),
        };
        let mut all = Vec::new();
        for (key, value) in object {
            match wanted {
                Some(wanted) if name(key)? != wanted => {}
                _ => all.extend(self.expression(scope, value.expr(), rest, depth)?),
            }
        }
        Some(all)
    }

    /// `[for s in aws_subnet.private : s.id]`: the collection, with the steps that the value takes.
    fn for_expression(&self, scope: Scope<'a>, each: &ForExpr, steps: &[Step], depth: usize) -> Found<'a> {
        let value = scope.module.value(Expr::parsed("", &each.intro.collection_expr));
        let collection = value.or_else(|| keys_of_collection(scope.module, &each.intro.collection_expr));
        if let Some(collection) = collection {
            return self.for_known(scope, each, &collection, steps, depth);
        }
        // `{ for key, subnet in aws_subnet.public : key => subnet.id }` has the keys of the collection.
        let key = |name: &Expression| match (name, &each.intro.key_var) {
            (Expression::Variable(name), Some(key)) => name.as_str() == key.as_str(),
            _ => false,
        };
        let has_same_keys = each.key_expr.as_ref().is_some_and(key);
        let (first, steps) = match steps.split_first() {
            Some((Step::Key(key), rest)) if has_same_keys => (Step::Key(key.clone()), rest),
            Some((Step::Key(_) | Step::Any, rest)) => (Step::Any, rest),
            _ => (Step::Any, steps),
        };
        let bound = each.intro.value_var.as_str();
        let own = match without_parentheses(&each.value_expr) {
            Expression::Variable(name) if name.as_str() == bound => Vec::new(),
            Expression::Traversal(value) => match &value.expr {
                Expression::Variable(name) if name.as_str() == bound => steps_of(value),
                _ => return None,
            },
            _ => return None,
        };
        let of = |first: Step| -> Found<'a> {
            let own = own.iter().chain(steps).cloned();
            let steps: Vec<Step> = [first].into_iter().chain(own).collect();
            self.expression(scope, &each.intro.collection_expr, &steps, depth)
        };
        let Some(condition) = each.cond.as_ref().filter(|_| matches!(first, Step::Any)) else {
            return of(first);
        };
        // The condition is known for each key, or the elements are unknown.
        let key_name = each.intro.key_var.as_ref()?;
        let all = of(Step::Any)?;
        let [Origin::Block(block)] = all.as_slice() else { return None };
        let mut kept = Vec::new();
        for key in instance_keys(block.place)? {
            let mut bindings = Bindings::default();
            bindings.add_expression(key_name.as_str(), parse(key.strip_prefix('[')?.strip_suffix(']')?)?);
            if scope.module.evaluate(Expr::parsed("", &bindings.bind(&condition.expr)))? == "true" {
                kept.extend(of(Step::Key(key))?);
            }
        }
        Some(kept)
    }

    /// A `for` over a collection whose value is known: each element with the variables of the `for`.
    fn for_known(
        &self,
        scope: Scope<'a>,
        each: &ForExpr,
        collection: &Value,
        steps: &[Step],
        depth: usize,
    ) -> Found<'a> {
        let elements: Vec<(Value, &Value)> = match collection {
            Value::Array(list) => {
                list.iter().enumerate().map(|(place, one)| (Value::from(place), one)).collect()
            }
            Value::Object(fields) => {
                fields.iter().map(|(key, one)| (Value::from(key.as_str()), one)).collect()
            }
            _ => return None,
        };
        let (wanted, rest) = match steps.split_first() {
            Some((Step::Key(key), rest)) => (Some(key.as_str()), rest),
            Some((Step::Any, rest)) => (None, rest),
            Some((Step::Attribute(_), _)) => return None,
            None => (None, steps),
        };
        let (mut all, mut place) = (Vec::new(), 0);
        for (key, value) in elements {
            let mut bindings = Bindings::default();
            if let Some(name) = &each.intro.key_var {
                bindings.extend(name.as_str(), Some(&key));
            }
            bindings.extend(each.intro.value_var.as_str(), Some(value));
            let text =
                |expression: &Expression| scope.module.evaluate(Expr::parsed("", &bindings.bind(expression)));
            if let Some(condition) = &each.cond
                && text(&condition.expr)? != "true"
            {
                continue;
            }
            let own = match &each.key_expr {
                Some(key) => format!("[\"{}\"]", text(key)?),
                None => format!("[{place}]"),
            };
            place += 1;
            if wanted.is_none_or(|wanted| wanted == own) {
                all.extend(self.expression(scope, &bindings.bind(&each.value_expr), rest, depth)?);
            }
        }
        Some(all)
    }

    fn traversal(&self, scope: Scope<'a>, traversal: &Traversal, steps: &[Step], depth: usize) -> Found<'a> {
        let own = steps_of(traversal).into_iter().zip(&traversal.operators).map(|(step, operator)| {
            match (step, operator.value()) {
                (Step::Any, TraversalOperator::Index(key)) => evaluated_key(scope.module, key),
                (step, _) => step,
            }
        });
        let own: Vec<Step> = own.chain(steps.iter().cloned()).collect();
        let Expression::Variable(root) = &traversal.expr else {
            return self.expression(scope, &traversal.expr, &own, depth);
        };
        let (Some(Step::Attribute(first)), rest) = (own.first(), own.get(1..).unwrap_or_default()) else {
            return None;
        };
        match root.as_str() {
            "local" => {
                let written = parse(scope.module.local(first)?)?;
                self.expression(scope.module.into(), &written, rest, depth)
            }
            "var" => self.variable(scope.module, first, rest, depth),
            "module" => self.output(scope.module, first, rest, depth),
            "each" => {
                let block = scope.block?;
                let collection = block.module.expression(block.file, block.block, "for_each")?.tree()?;
                let steps: Vec<Step> = match first.as_str() {
                    "value" => [Step::Any].into_iter().chain(rest.iter().cloned()).collect(),
                    _ => rest.to_vec(),
                };
                self.expression(block.module.into(), &collection, &steps, depth)
            }
            "data" => {
                let Some((Step::Attribute(name), rest)) = rest.split_first() else { return None };
                let block = scope.module.block("data", &[first, name])?;
                Some(block_origin(scope.module, block, rest))
            }
            kind => {
                let block = scope.module.block("resource", &[kind, first])?;
                Some(block_origin(scope.module, block, rest))
            }
        }
    }

    /// A variable: the argument of the call, else the default.
    fn variable(&self, module: &'a Module, name: &str, steps: &[Step], depth: usize) -> Found<'a> {
        if let Some(Argument { call, value }) = self.config.argument(module, name) {
            return self.expression(call.into(), &value, steps, depth);
        }
        if self.config.caller(module).is_some() {
            let (file, block) = module.block("variable", &[name])?;
            let default = file.expression(block.body.attribute("default")?).tree()?;
            return self.expression(module.into(), &default, steps, depth);
        }
        if !module.has_variable(name) || module.address.is_some() {
            return None;
        }
        let path = steps.iter().try_fold(name.to_owned(), |path, step| match step {
            Step::Attribute(attribute) => Some(format!("{path}.{attribute}")),
            Step::Key(key) => Some(format!("{path}{key}")),
            Step::Any => None,
        });
        Some(vec![Origin::Variable { module, name: path? }])
    }

    /// An output of a called module.
    fn output(&self, module: &'a Module, call: &str, steps: &[Step], depth: usize) -> Found<'a> {
        let (file, block) = module.block("module", &[call])?;
        let place = Place { module, file, block };
        let (key, steps) = match steps.split_first() {
            Some((Step::Key(_), rest)) if !place.is_one_of_several() => (None, rest),
            Some((Step::Key(key), rest)) => (Some(key.clone()), rest),
            Some((Step::Any, rest)) => return self.outputs_of_all(place, rest, depth),
            _ => (None, steps),
        };
        let Some((Step::Attribute(name), rest)) = steps.split_first() else { return None };
        let mut calls = module.calls.iter().filter(|known| known.name == call);
        let called = calls.find(|known| known.key == key || known.key.is_none()).map(|known| &known.module);
        if let Some(called) = called.filter(|called| has_code(module, called)) {
            let (file, output) = called.block("output", &[name])?;
            let value = file.expression(output.body.attribute("value")?).tree()?;
            return self.expression(called.into(), &value, rest, depth);
        }
        if place.is_one_of_several() && key.is_none() {
            return None;
        }
        let is_element = rest.iter().all(|step| matches!(step, Step::Key(_) | Step::Any));
        let name = rest.iter().fold(name.clone(), |name, step| match step {
            Step::Key(key) => format!("{name}{key}"),
            Step::Any | Step::Attribute(_) => name,
        });
        is_element.then(|| vec![Origin::Output { call: place, key, name }])
    }

    /// An output of each instance of a called module; `None` if the instances are unknown.
    fn outputs_of_all(&self, call: Place<'a>, steps: &[Step], depth: usize) -> Found<'a> {
        let keys = instance_keys(call).filter(|keys| !keys.is_empty())?;
        let mut all = Vec::new();
        for key in keys {
            let steps: Vec<Step> = [Step::Key(key)].into_iter().chain(steps.iter().cloned()).collect();
            all.extend(self.output(call.module, call.block.kind()?, &steps, depth)?);
        }
        Some(all)
    }
}

/// A block of a module with the steps of a reference to it.
fn block_origin<'a>(
    module: &'a Module,
    (file, block): (&'a File, &'a Block),
    steps: &[Step],
) -> Vec<Origin<'a>> {
    let place = Place { module, file, block };
    let mut instance = if block.repeats() { Instances::All } else { Instances::Only };
    let mut attribute = String::new();
    for step in steps {
        match step {
            Step::Key(key) if block.repeats() && (attribute.is_empty() || instance == Instances::All) => {
                instance = Instances::Key(key.clone());
            }
            Step::Any | Step::Key(_) => {}
            Step::Attribute(name) if attribute.is_empty() => attribute.clone_from(name),
            Step::Attribute(name) => attribute = format!("{attribute}.{name}"),
        }
    }
    vec![Origin::Block(BlockOrigin { place, instance, attribute })]
}
