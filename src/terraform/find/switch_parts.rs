//! Parts of the expressions of `count` and `for_each`: variables, locals and texts, collections with an instance for each element, and
//! entries of maps.

use std::borrow::Cow;
use std::collections::BTreeSet;

use hcl::Value;
use hcl_edit::expr::{Expression, FuncCall, Traversal, TraversalOperator};
use hcl_edit::visit::{Visit, visit_expr, visit_func_call, visit_traversal};

use crate::terraform::find::kept_at::KeptAt;
use crate::terraform::find::kept_value::{KeptValue, kept_local, kept_variable};
use crate::terraform::find::origin::Origin;
use crate::terraform::find::origins::Origins;
use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::expression::{Expr, local_of, parse, without_parentheses};
use crate::terraform::lang::render::quoted;
use crate::terraform::read::config::Config;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Limit of the texts that are tried as the value of a variable.
const TEXTS: usize = 16;

/// Parts of the names of variables that name a deployment.
const IDENTITIES: [&str; 7] = ["account", "env", "image", "name", "region", "stage", "tier"];

/// Recursion limit for blocks whose instances are those of another block.
const DEPTH: usize = 8;

/// `var` or `local`, and the name with the attributes after it.
type Entry = (&'static str, (String, Vec<String>));

/// Whether a block has an instance for each element of a collection in the code, `count = length(aws_route_table.private)` or
/// `for_each = { a = aws_route_table.a.id }`, and the collection has elements; `false` if unknown.
pub(super) fn has_instances(config: &Config, place: Place<'_>) -> bool {
    has_instances_within(config, place, DEPTH)
}

fn has_instances_within(config: &Config, place: Place<'_>, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let Place { module, file, block } = place;
    let written = ["count", "for_each"].into_iter().find_map(|name| module.expression(file, block, name));
    let mut tree = written.and_then(|written| written.tree().map(Cow::into_owned));
    for _ in 0..DEPTH {
        let local = tree.as_ref().and_then(|tree| Expr::parsed("", tree).local());
        let Some(text) = local.and_then(|name| module.local(&name)) else { break };
        tree = parse(text);
    }
    let is_count = block.body.attribute("count").is_some();
    let collection = match tree.as_ref().map(without_parentheses) {
        Some(Expression::FuncCall(call)) if is_count && call.name.name.as_str() == "length" => {
            call.args.iter().next()
        }
        Some(whole) if !is_count => Some(whole),
        _ => None,
    };
    if collection.is_some_and(|of| may_be_empty(module, of)) {
        return false;
    }
    let origins = collection.and_then(|of| Origins::new(config).of(place.module, Expr::parsed("", of)));
    origins.into_iter().flatten().any(|origin| match origin {
        Origin::Block(of) if of.place.block.block_type == "data" => true,
        Origin::Block(of) => match of.place.module.is_disabled(of.place.file, of.place.block) {
            _ if !of.place.block.repeats() => true,
            Some(is_disabled) => !is_disabled,
            None => has_instances_within(config, of.place, depth),
        },
        Origin::Output { .. } | Origin::Text(_) => true,
        Origin::Variable { .. } => false,
    })
}

/// Whether a condition with an unknown value can leave a collection empty, `var.nat ? ["a"] : []`.
fn may_be_empty(module: &Module, collection: &Expression) -> bool {
    match without_parentheses(collection) {
        Expression::Conditional(cases) => {
            match module.evaluate(Expr::parsed("", &cases.cond_expr)).as_deref() {
                Some("true") => may_be_empty(module, &cases.true_expr),
                Some("false") => may_be_empty(module, &cases.false_expr),
                _ => [&cases.true_expr, &cases.false_expr].into_iter().any(|case| {
                    let is_literal_empty = match without_parentheses(case) {
                        Expression::Array(list) => list.is_empty(),
                        Expression::Object(fields) => fields.is_empty(),
                        Expression::FuncCall(call) => call.args.iter().all(|one| match one {
                            Expression::Array(list) => list.is_empty(),
                            Expression::Object(fields) => fields.is_empty(),
                            _ => false,
                        }),
                        _ => false,
                    };
                    is_literal_empty || may_be_empty(module, case)
                }),
            }
        }
        Expression::FuncCall(call)
            if ["toset", "tolist", "tomap", "keys", "values"].contains(&call.name.name.as_str()) =>
        {
            call.args.iter().any(|one| may_be_empty(module, one))
        }
        Expression::ForExpr(each) => each.cond.as_ref().is_some_and(|condition| {
            module.evaluate(Expr::parsed("", &condition.expr)).as_deref() != Some("true")
        }),
        _ => false,
    }
}

/// The entries of maps with a known key in an expression, `lookup(var.nat, var.environment, 0)` or `var.nat[var.environment]`.
fn known_entries(module: &Module, tree: &Expression) -> Vec<Entry> {
    let mut lookups = Lookups { module, found: Vec::new() };
    lookups.visit_expr(tree);
    lookups.found
}

/// The entries of maps with a known key.
struct Lookups<'m> {
    module: &'m Module,
    found: Vec<Entry>,
}

impl Lookups<'_> {
    fn add(&mut self, map: &Expression, key: &Expression) {
        let Some(key) = self.module.evaluate(Expr::parsed("", key)) else { return };
        let Some(map) = Expr::parsed("", map).reference() else { return };
        let mut parts = map.split('.').map(str::to_owned);
        let root = match parts.next().as_deref() {
            Some("var") => "var",
            Some("local") => "local",
            _ => return,
        };
        let Some(name) = parts.next().filter(|name| !name.contains('[')) else { return };
        self.found.push((root, (name, parts.chain([key]).collect())));
    }
}

impl Visit for Lookups<'_> {
    fn visit_func_call(&mut self, node: &FuncCall) {
        if let [map, key, ..] = node.args.iter().collect::<Vec<_>>().as_slice()
            && node.name.name.as_str() == "lookup"
        {
            self.add(map, key);
        }
        visit_func_call(self, node);
    }

    fn visit_traversal(&mut self, node: &Traversal) {
        if let Some(last) = node.operators.last()
            && let TraversalOperator::Index(key) = last.value()
            && key.as_str().is_none()
        {
            let mut map = node.clone();
            map.operators.pop();
            self.add(&Expression::Traversal(Box::new(map)), key);
        }
        visit_traversal(self, node);
    }
}

/// The variables, locals and texts in an expression.
#[derive(Default)]
pub(in crate::terraform) struct Parts {
    pub variables: Vec<(String, Vec<String>)>,
    /// The locals with attributes, `local.setting.nat`.
    pub attributes: Vec<(String, Vec<String>)>,
    open: Vec<String>,
    pub locals: BTreeSet<String>,
    texts: BTreeSet<String>,
    /// The texts that a list gets together.
    added: Vec<String>,
    /// Whether they decide an `egress_type`: a value that is absent can make it DEFAULT.
    is_egress: bool,
}

impl Parts {
    /// The parts of an expression and of the locals in it.
    pub fn of(module: &Module, tree: &Expression) -> Self {
        let mut parts = Self::default();
        parts.visit_expr(tree);
        while let Some(name) = parts.open.pop() {
            if parts.locals.insert(name.clone())
                && let Some(tree) = module.local(&name).and_then(parse)
            {
                parts.visit_expr(&tree);
                parts.add_lookups(module, &tree);
            }
        }
        parts.add_lookups(module, tree);
        parts.add_flags(module);
        parts.add_literals(module);
        parts
    }

    /// Adds the locals that are a literal, `nat = false` or `azs = []`.
    fn add_literals(&mut self, module: &Module) {
        let is_literal = |name: &&String| {
            let tree = module.local(name).and_then(parse);
            let tree = tree.as_ref().map(without_parentheses);
            matches!(tree, Some(Expression::Bool(_) | Expression::Number(_) | Expression::Array(_)))
        };
        let found: Vec<String> = self.locals.iter().filter(is_literal).cloned().collect();
        self.attributes.extend(found.into_iter().map(|name| (name, Vec::new())));
    }

    /// With the values that are tried for an `egress_type` only: DEFAULT, and none.
    pub fn of_egress(mut self) -> Self {
        self.texts.insert("DEFAULT".to_owned());
        self.is_egress = true;
        self
    }

    /// Adds texts that can be new elements of a list, or a text that can be a new key of a map of flags.
    pub fn add_texts(&mut self, module: &Module, texts: &[String]) {
        self.added.extend(texts.iter().cloned());
        let [key] = texts else { return };
        for (name, attributes) in self.variables.clone() {
            let path = ["var", &name].into_iter().chain(attributes.iter().map(String::as_str));
            let present = module.value(Expr::from(&path.collect::<Vec<_>>().join(".")));
            let is_flags = |map: &Value| {
                map.as_object()
                    .is_some_and(|map| !map.contains_key(key) && map.values().all(Value::is_boolean))
            };
            if present.as_ref().is_some_and(is_flags) {
                self.variables.push((name, attributes.into_iter().chain([key.clone()]).collect()));
            }
        }
    }

    /// Adds the flags in maps of flags, `a` of `{ for key, on in var.nat : key => on if on }`.
    fn add_flags(&mut self, module: &Module) {
        for (name, attributes) in self.variables.clone() {
            let path = ["var", &name].into_iter().chain(attributes.iter().map(String::as_str));
            let present = module.value(Expr::from(&path.collect::<Vec<_>>().join(".")));
            let flags = present.as_ref().and_then(Value::as_object);
            let flags = flags.filter(|flags| flags.values().all(Value::is_boolean)).into_iter().flatten();
            for (key, _) in flags.take(TEXTS) {
                let path = (name.clone(), attributes.iter().chain([key]).cloned().collect());
                if !self.variables.contains(&path) {
                    self.variables.push(path);
                }
            }
        }
    }

    /// Adds the entries with a known key, `lookup(var.nat, var.environment, 0)` or `var.nat[var.environment]`.
    fn add_lookups(&mut self, module: &Module, tree: &Expression) {
        for (root, path) in known_entries(module, tree) {
            let all = if root == "var" { &mut self.variables } else { &mut self.attributes };
            if !all.contains(&path) {
                all.push(path);
            }
        }
    }

    /// The values that are tried for a variable whose value is unknown.
    pub fn values_of_unknown(&self, name: &str) -> impl Iterator<Item = Value> {
        let texts = self.texts.iter().filter(|text| !is_identity(name) && !text.is_empty()).take(TEXTS);
        let texts =
            texts.flat_map(|text| [Value::from(text.as_str()), Value::Array(vec![text.as_str().into()])]);
        [Value::Bool(true), Value::Bool(false), Value::from(1)].into_iter().chain(texts)
    }

    /// The values that are tried instead of the present value of a variable.
    pub fn other_values(
        &self,
        config: &Config,
        module: &Module,
        (root, name): (&str, &str),
        attributes: &[String],
    ) -> Vec<Value> {
        let path = [root, name].into_iter().chain(attributes.iter().map(String::as_str));
        let present = module.value(Expr::from(&path.collect::<Vec<_>>().join("."))).or_else(|| {
            match kept(config, module, (root, name), attributes)?.at {
                KeptAt::Value { file, span, .. } => Values::default().value(Expr::from(file.slice(span))),
                KeptAt::Attribute { .. } | KeptAt::Argument { .. } => None,
            }
        });
        let last = attributes.last().map_or(name, String::as_str);
        let absent = self.absent_values(module, (root, name), (attributes, present.as_ref()));
        let others = self.values_instead_of(module, (root, name), (attributes, last), present);
        others.into_iter().chain(absent).collect()
    }

    /// The values without content that are tried for an `egress_type`, as a connector that is not given; for a value that is `null`, also
    /// those with content.
    fn absent_values(
        &self,
        module: &Module,
        (root, name): (&str, &str),
        (attributes, present): (&[String], Option<&Value>),
    ) -> Vec<Value> {
        // An object without the attribute: `try(var.settings.egress, "VPC")`.
        if self.is_egress && present.is_none() && !attributes.is_empty() {
            let texts = self.texts.iter().filter(|text| !text.is_empty()).take(TEXTS);
            return texts.map(|text| Value::from(text.as_str())).collect();
        }
        let is_known_text = present.is_some_and(|now| now.is_string() || now.is_boolean());
        if !self.is_egress || root != "var" || is_known_text && !attributes.is_empty() {
            return Vec::new();
        }
        let variable = module.block("variable", &[name]);
        let argument = |name: &str| {
            let (file, block) = variable?;
            block.body.attribute(name).map(|value| file.value(value).trim())
        };
        let kind = argument("type").filter(|_| attributes.is_empty()).unwrap_or("any");
        let is_kind = |known: &str| kind == "any" || kind.starts_with(known);
        let mut all = Vec::new();
        if present.is_some_and(Value::is_null) {
            if is_kind("string") {
                let texts = self.texts.iter().filter(|text| !text.is_empty()).take(TEXTS);
                all.extend(texts.map(|text| Value::from(text.as_str())));
            }
            if is_kind("bool") {
                all.extend([Value::Bool(false), Value::Bool(true)]);
            }
        }
        if argument("nullable") != Some("false") {
            all.push(Value::Null);
        }
        if is_kind("string") {
            all.push(Value::from(""));
        }
        if ["list", "set", "tuple"].iter().any(|list| is_kind(list)) {
            all.push(Value::Array(Vec::new()));
        }
        if kind == "number" {
            all.push(Value::from(0));
        }
        // The default of the variable is the value that its author has for this.
        let default = argument("default").and_then(|text| Values::default().value(Expr::from(text)));
        all.sort_by_key(|value| Some(value) != default.as_ref());
        all.retain(|value| Some(value) != present);
        all
    }

    /// The values with content that are tried instead of the present value.
    fn values_instead_of(
        &self,
        module: &Module,
        (root, name): (&str, &str),
        (attributes, last): (&[String], &str),
        present: Option<Value>,
    ) -> Vec<Value> {
        match present {
            Some(Value::Bool(on)) => vec![Value::Bool(!on)],
            Some(Value::Number(number)) if number.as_u64() == Some(0) => vec![Value::from(1)],
            Some(Value::String(text)) if !is_identity(last) => {
                let others = self.texts.iter().filter(|other| **other != text && !other.is_empty());
                others.take(TEXTS).map(|text| Value::from(text.as_str())).collect()
            }
            Some(Value::Array(present)) if !is_identity(last) => {
                let is_new =
                    |text: &&String| !present.contains(&Value::from(text.as_str())) && !text.is_empty();
                let added: Vec<&String> = self.added.iter().filter(is_new).collect();
                let single = self.texts.iter().filter(is_new).map(|text| vec![text]).take(TEXTS);
                let with = |texts: Vec<&String>| {
                    let texts = texts.into_iter().map(|text| Value::from(text.as_str()));
                    Value::Array(present.iter().cloned().chain(texts).collect())
                };
                let is_of_texts = present.iter().all(Value::is_string);
                let all = Some(added).filter(|added| !added.is_empty()).into_iter().chain(single);
                if is_of_texts { all.map(with).collect() } else { Vec::new() }
            }
            // A map without this entry.
            None if attributes.split_last().is_some_and(|(_, map)| {
                let path = [root, name].into_iter().chain(map.iter().map(String::as_str));
                let path = path.collect::<Vec<_>>().join(".");
                module.value(path.as_str()).is_some_and(|map| map.is_object())
            }) =>
            {
                vec![Value::from(1), Value::Bool(true)]
            }
            _ => Vec::new(),
        }
    }
}

/// A value as HCL.
pub(in crate::terraform) fn as_hcl(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(list) => format!("[{}]", list.iter().map(as_hcl).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// Whether a variable names a deployment: another name or environment is another deployment.
fn is_identity(name: &str) -> bool {
    let name = name.to_lowercase();
    IDENTITIES.iter().any(|word| name.contains(word))
}

/// Where the value of a variable or local, or of attributes of it, is kept.
pub(in crate::terraform) fn kept<'a>(
    config: &'a Config,
    module: &'a Module,
    (root, name): (&str, &str),
    attributes: &[String],
) -> Option<KeptValue<'a>> {
    match root {
        "var" => kept_variable(config, module, name, attributes),
        _ => kept_local(config, module, name, attributes),
    }
}

impl Visit for Parts {
    fn visit_expr(&mut self, node: &Expression) {
        if let Some(text) = node.as_str() {
            self.texts.insert(text.to_owned());
        }
        // `single` in `{ none = [], single = ["a"] }[var.nat_mode]`.
        if let Expression::Object(fields) = node {
            let keys = fields.iter().filter_map(|(key, _)| key.as_ident());
            self.texts.extend(keys.map(|key| key.as_str().to_owned()));
        }
        visit_expr(self, node);
    }

    fn visit_traversal(&mut self, node: &Traversal) {
        self.open.extend(local_of(node).map(str::to_owned));
        if let Expression::Variable(root) = &node.expr
            && ["local", "var"].contains(&root.as_str())
        {
            let names = node.operators.iter().map_while(|operator| match operator.value() {
                TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
                TraversalOperator::Index(key) => key.as_str().map(str::to_owned),
                _ => None,
            });
            let mut names = names.collect::<Vec<_>>().into_iter();
            if let Some(name) = names.next() {
                let found: (String, Vec<String>) = (name, names.collect());
                let all = if root.as_str() == "var" { &mut self.variables } else { &mut self.attributes };
                if !all.contains(&found) && (root.as_str() == "var" || !found.1.is_empty()) {
                    all.push(found);
                }
            }
        }
        visit_traversal(self, node);
    }
}
