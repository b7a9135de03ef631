//! Evaluates expressions without Terraform: variables with a known value, locals, and common pure functions.
//!
//! An expression that depends on a resource, a data source or an unknown variable is unknown and has no
//! value. An expression past a limit of `budget` is unknown too. Owns the values of variables and locals; each local is evaluated
//! once, at its first use.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, OnceLock};

use hcl::{Map, Value};
use hcl_edit::expr::{Expression, Traversal};
use hcl_edit::visit::{Visit, visit_traversal};

use crate::terraform::lang::budget::{Budget, Stop};
use crate::terraform::lang::data_files::DataFiles;
use crate::terraform::lang::evaluator::{Names, evaluate};
use crate::terraform::lang::expression::{Expr, local_of, parse};

/// The value of a local, after its first use.
type Memo = OnceLock<Result<Value, Stop>>;

/// The known values of `var.` and `local.`.
#[derive(Debug, Default)]
pub(in crate::terraform) struct Values {
    /// `var`, `terraform`, `data` and `path`.
    roots: BTreeMap<&'static str, Value>,
    /// The expressions of the locals, by name.
    pub(in crate::terraform) locals: BTreeMap<String, String>,
    memos: BTreeMap<String, Memo>,
    /// The variables whose objects have no other attributes than the known ones.
    whole: BTreeSet<String>,
    budget: Arc<Budget>,
    files: Option<Arc<dyn DataFiles>>,
    /// Whether ids of resources are texts.
    has_symbols: bool,
}

impl Values {
    /// The values of variables, of `terraform.workspace` if known, and of the locals that depend only on
    /// these. The variables that the budget cannot keep are unknown.
    pub fn new(
        variables: &BTreeMap<String, Value>,
        workspace: Option<&str>,
        locals: &BTreeMap<String, String>,
        budget: &Arc<Budget>,
    ) -> Self {
        let kept = variables.iter().filter(|(_, value)| budget.keeps(value));
        let mut roots = BTreeMap::from([("var", object(kept))]);
        if let Some(workspace) = workspace {
            roots.insert("terraform", object([(&"workspace".to_owned(), &Value::from(workspace))]));
        }
        let memos = locals.keys().map(|name| (name.clone(), Memo::new())).collect();
        Self {
            roots,
            locals: locals.clone(),
            memos,
            whole: BTreeSet::new(),
            budget: budget.clone(),
            files: None,
            has_symbols: false,
        }
    }

    /// Evaluates expressions without variables and locals.
    pub fn plain(budget: &Arc<Budget>) -> Self {
        Self { budget: budget.clone(), ..Self::default() }
    }

    /// The same with other values of `var` and of locals.
    fn with(&self, roots: BTreeMap<&'static str, Value>, memos: BTreeMap<String, Memo>) -> Self {
        Self {
            roots,
            locals: self.locals.clone(),
            memos,
            whole: self.whole.clone(),
            budget: self.budget.clone(),
            files: self.files.clone(),
            has_symbols: self.has_symbols,
        }
    }

    /// The same with another value of a variable, or of an attribute of it; `None` if the variable is no object. If the variable is
    /// unknown, its other attributes stay unknown.
    pub fn with_value(&self, name: &str, path: &[String], value: Value) -> Option<Self> {
        let mut roots = self.roots.clone();
        let mut at = roots.entry("var").or_insert_with(|| Value::Object(Map::new()));
        for attribute in [name].into_iter().chain(path.iter().map(String::as_str)) {
            let fields = at.as_object_mut()?;
            at = fields.entry(attribute.to_owned()).or_insert_with(|| Value::Object(Map::new()));
        }
        *at = value;
        let memos = self.locals.keys().map(|name| (name.clone(), Memo::new())).collect();
        Some(self.with(roots, memos))
    }

    /// The same with another value of a local, or of an attribute of it; `None` if its present value is unknown.
    pub fn with_local(&self, name: &str, path: &[String], value: Value) -> Option<Self> {
        let mut whole = if path.is_empty() { Value::Null } else { self.value(&format!("local.{name}"))? };
        let mut at = &mut whole;
        for attribute in path {
            at = at.as_object_mut()?.entry(attribute.clone()).or_insert(Value::Null);
        }
        *at = value;
        let memo = |own: &String| if own == name { Memo::from(Ok(whole.clone())) } else { Memo::new() };
        let memos = self.locals.keys().map(|own| (own.clone(), memo(own))).collect();
        Some(self.with(self.roots.clone(), memos))
    }

    /// Sets the variables whose objects have no other attributes than the known ones; a variable without a known value is ignored.
    pub fn set_whole(&mut self, names: impl Iterator<Item = String>) {
        let known = self.roots.get("var").and_then(Value::as_object);
        self.whole = names.filter(|name| known.is_some_and(|known| known.contains_key(name))).collect();
        self.memos.values_mut().for_each(|memo| *memo = Memo::new());
    }

    /// The same with the text of the reference as the value of each id of a resource.
    pub fn with_symbols(&self) -> Self {
        let memos = self.locals.keys().map(|name| (name.clone(), Memo::new())).collect();
        Self { has_symbols: true, ..self.with(self.roots.clone(), memos) }
    }

    /// The same in the folder of a module, with the files that its code can read.
    pub fn in_folder(mut self, folder: &str, files: Arc<dyn DataFiles>) -> Self {
        let folder = if folder.is_empty() { "." } else { folder };
        let path = [("module", folder), ("root", ".")];
        let path = path.map(|(name, folder)| (name.to_owned(), Value::from(folder)));
        self.roots.insert("path", Value::Object(path.into_iter().collect()));
        self.files = Some(files);
        self
    }

    /// The data files that expressions have read.
    pub fn data_files(&self) -> Vec<String> {
        self.files.as_ref().map_or_else(Vec::new, |files| files.paths())
    }

    /// Sets the known ranges of VPCs, `aws_vpc.main.cidr_block`, by the name of the resource.
    pub fn set_vpc_ranges(&mut self, ranges: impl Iterator<Item = (String, Value)>) {
        let all: Map<String, Value> = ranges.collect();
        if !all.is_empty() {
            self.roots.insert("aws_vpc", Value::Object(all));
            self.memos.values_mut().for_each(|memo| *memo = Memo::new());
        }
    }

    /// Sets the known attributes of data sources, by type and name: `data.aws_region.current.name`.
    pub fn set_data(&mut self, sources: Map<String, Value>) {
        if !sources.is_empty() {
            self.roots.insert("data", Value::Object(sources));
            self.memos.values_mut().for_each(|memo| *memo = Memo::new());
        }
    }

    /// The value of an expression; `None` if unknown.
    pub fn value<'e>(&self, expression: impl Into<Expr<'e>>) -> Option<Value> {
        match self.evaluate(expression.into()).ok()? {
            Cow::Owned(value) => Some(value),
            Cow::Borrowed(value) => {
                self.budget.meter("").copy(value).ok()?;
                Some(value.clone())
            }
        }
    }

    /// The value as text, if it is a string, a number or a boolean.
    pub fn text<'e>(&self, expression: impl Into<Expr<'e>>) -> Option<String> {
        match self.evaluate(expression.into()).ok()?.as_ref() {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// It is unknown or past a limit.
    pub(super) fn evaluate(&self, expression: Expr<'_>) -> Result<Cow<'_, Value>, Stop> {
        let tree = expression.tree().ok_or(Stop::Unknown)?;
        loop {
            match self.attempt(&tree, expression.text) {
                // The next attempt finds all locals of the expression, or needs one that Terraform does not accept: see `demand`.
                Err(Stop::Needs(name)) => {
                    for name in locals_of(&tree) {
                        self.resolve(&name);
                    }
                    self.demand(&name);
                }
                found => return found,
            }
        }
    }

    fn attempt(&self, tree: &Expression, text: &str) -> Result<Cow<'_, Value>, Stop> {
        evaluate(self, tree, &mut self.budget.meter(text))
    }

    /// Whether the value of a local is past a limit.
    pub(super) fn is_past_limit(&self, local: &str) -> bool {
        self.memos.get(local).is_some_and(|memo| memo.get() == Some(&Err(Stop::Limit)))
    }

    /// Whether a local exists whose value is not computed yet.
    fn is_open(&self, name: &str) -> bool {
        self.memos.get(name).is_some_and(|memo| memo.get().is_none())
    }

    fn store(&self, name: &str, found: Result<Cow<'_, Value>, Stop>) {
        let kept = found.and_then(|value| self.budget.keep(&value).map(|()| value.into_owned()));
        if let Some(memo) = self.memos.get(name) {
            memo.get_or_init(|| kept);
        }
    }

    /// Computes a local after the locals in its text. A stack of its own replaces recursion, because a chain of locals can have any
    /// length.
    fn resolve(&self, name: &str) {
        let mut stack = Vec::from_iter(self.local_code(name));
        let mut entered = BTreeSet::from([name.to_owned()]);
        while let Some(top) = stack.last_mut() {
            if let Some(next) = top.needs.pop() {
                if self.is_open(&next) && entered.insert(next.clone()) {
                    stack.extend(self.local_code(&next));
                }
                continue;
            }
            match self.attempt(&top.tree, top.text) {
                Err(Stop::Needs(next)) => self.demand(&next),
                found => {
                    self.store(top.name, found);
                    stack.pop();
                }
            }
        }
    }

    /// Computes a local of a cycle. Terraform accepts no cycle; a local in it has a value only if the evaluation does not reach the
    /// local again, `true ? 1 : local.other`.
    fn demand(&self, name: &str) {
        let mut stack = Vec::from_iter(self.local_code(name));
        let mut entered = HashSet::from([name.to_owned()]);
        while let Some(top) = stack.last() {
            let found = match self.attempt(&top.tree, top.text) {
                Err(Stop::Needs(next)) => {
                    if entered.insert(next.clone()) {
                        stack.extend(self.local_code(&next));
                        continue;
                    }
                    Err(Stop::Unknown)
                }
                found => found,
            };
            self.store(top.name, found);
            stack.pop();
        }
    }

    /// The code of a local whose value is not computed yet. Stores that code that is not valid is unknown.
    fn local_code(&self, name: &str) -> Option<LocalCode<'_>> {
        let (name, text) = self.locals.get_key_value(name).filter(|(name, _)| self.is_open(name))?;
        let Some(tree) = parse(text) else {
            self.store(name, Err(Stop::Unknown));
            return None;
        };
        Some(LocalCode { name, text, needs: locals_of(&tree), tree })
    }
}

/// A local that is being computed.
struct LocalCode<'v> {
    name: &'v str,
    text: &'v str,
    tree: Expression,
    /// The locals in its text that must be computed first.
    needs: Vec<String>,
}

impl Names for Values {
    fn is_whole(&self, variable: &str) -> bool {
        self.whole.contains(variable)
    }

    fn root(&self, name: &str) -> Option<&Value> {
        self.roots.get(name)
    }

    fn local(&self, name: &str) -> Result<&Value, Stop> {
        match self.memos.get(name).ok_or(Stop::Unknown)?.get() {
            Some(Ok(value)) => Ok(value),
            Some(Err(_)) => Err(Stop::Unknown),
            None => Err(Stop::Needs(name.to_owned())),
        }
    }

    fn has_symbols(&self) -> bool {
        self.has_symbols
    }

    fn files(&self) -> Option<&dyn DataFiles> {
        self.files.as_deref()
    }
}

/// The locals in an expression.
fn locals_of(expression: &Expression) -> Vec<String> {
    struct Locals(Vec<String>);
    impl Visit for Locals {
        fn visit_traversal(&mut self, node: &Traversal) {
            self.0.extend(local_of(node).map(str::to_owned));
            visit_traversal(self, node);
        }
    }
    let mut locals = Locals(Vec::new());
    locals.visit_expr(expression);
    locals.0
}

fn object<'a>(values: impl IntoIterator<Item = (&'a String, &'a Value)>) -> Value {
    Value::Object(values.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_without_unknown_parts_have_a_value() {
        let variables =
            [("env", Value::from("dev")), ("on", Value::from(false)), ("zones", Value::from(vec!["a", "b"]))];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).into();
        let locals = [
            ("name", "\"bond-${var.env}\""),
            ("prefix", "lower(format(\"%s-%s\", local.name, terraform.workspace))"),
            ("tags", "merge({ Name = local.prefix }, { Team = \"bond\" })"),
            ("vpc", "aws_vpc.main.id"),
            ("loop", "local.pool"),
            ("pool", "local.loop"),
        ];
        let locals = locals.map(|(name, written)| (name.to_owned(), written.to_owned())).into();
        let values = Values::new(&variables, Some("Blue"), &locals, &Arc::default());
        let text_of = |expression: &str| values.text(expression).unwrap_or_else(|| "?".to_owned());
        for (expression, expected) in [
            ("local.prefix", "bond-dev-blue"),
            ("local.tags.Name", "bond-dev-blue"),
            ("local.tags[\"Team\"]", "bond"),
            ("var.on ? \"VPC\" : \"DEFAULT\"", "DEFAULT"),
            ("\"${local.name}-${length(var.zones)}\"", "bond-dev-2"),
            ("element(concat(var.zones, [\"c\"]), 5)", "c"),
            ("join(\",\", [for zone in var.zones : upper(zone)])", "A,B"),
            ("replace(\"a.b\", \".\", \"-\")", "a-b"),
            ("coalesce(\"\", var.env)", "dev"),
            ("lookup(local.tags, \"None\", \"x\")", "x"),
            ("1 + 2 * 3 - 8 / 4", "5"),
            ("7 % 4", "3"),
            ("cidrsubnet(\"10.40.0.0/16\", 8, length(var.zones) + 62)", "10.40.64.0/24"),
            ("cidrsubnet(\"2001:db8::/56\", 8, 1)", "2001:db8:0:1::/64"),
            ("cidrsubnets(\"10.40.0.0/16\", 8, 4, 8)[2]", "10.40.32.0/24"),
            ("cidrsubnets(\"10.40.0.0/30\", 1, 1, 1)[2]", "?"),
            ("cidrsubnet(\"10.40.0.0/16\", 2, 4)", "?"),
            ("cidrsubnet(\"10.40.0.0/30\", 8, 0)", "?"),
            ("join(\",\", [for i in range(1, 3) : \"z${i}\"])", "z1,z2"),
            ("join(\",\", slice(var.zones, 0, 1))", "a"),
            ("try(var.env, \"x\")", "dev"),
            ("try(var.absent, \"x\")", "?"),
            ("try(local.tags.Absent, \"x\")", "x"),
            ("try(local.tags.Absent, local.tags.Other, var.env)", "dev"),
            ("try({ a = 1 }.b, var.absent)", "?"),
            ("join(\",\", [for one in [{ a = \"1\" }, {}] : try(one.a, \"2\")])", "1,2"),
            ("try(var.tags.absent, \"x\")", "?"),
            // The results are those of `terraform console`.
            ("alltrue([true, true])", "true"),
            ("alltrue([true, false])", "false"),
            ("alltrue([])", "true"),
            ("anytrue([false, true])", "true"),
            ("anytrue([])", "false"),
            ("anytrue([\"true\"])", "?"),
            ("join(\",\", coalescelist([], [\"a\"], [\"b\"]))", "a"),
            ("endswith(\"abc\", \"bc\")", "true"),
            ("max(3, 12, 5)", "12"),
            ("min(3, 12, -5)", "-5"),
            ("max(1.5, 2)", "?"),
            ("join(\",\", reverse([1, 2, 3]))", "3,2,1"),
            ("join(\",\", setsubtract([\"c\", \"a\", \"b\", \"c\"], [\"b\"]))", "a,c"),
            ("join(\",\", setunion([\"c\", \"a\"], [\"b\", \"a\"]))", "a,b,c"),
            ("startswith(\"abc\", \"ab\")", "true"),
            ("tobool(\"true\") ? \"a\" : \"b\"", "a"),
            ("tobool(\"yes\")", "?"),
            ("tomap({ a = 1, b = 2 }).b", "2"),
            ("tomap({ a = 1, b = \"2\" }).b", "?"),
            ("tonumber(\"443\") + 1", "444"),
            ("tonumber(\"x\")", "?"),
            ("trimprefix(\"app-x\", \"app-\")", "x"),
            ("trimprefix(\"x\", \"app-\")", "x"),
            ("trimsuffix(\"x.yaml\", \".yaml\")", "x"),
            ("zipmap([\"a\", \"b\"], [1, 2]).b", "2"),
            (
                "join(\",\", [for one in setproduct([\"a\", \"b\"], [1, 2]) : \"${one[0]}${one[1]}\"])",
                "a1,a2,b1,b2",
            ),
            ("7 / 2", "?"),
            ("9223372036854775807 + 1", "?"),
            // Depends on a resource, a data source, an unknown variable or an unknown function.
            ("local.vpc", "?"),
            ("local.loop", "?"),
            ("var.absent", "?"),
            ("\"${local.name}-${aws_vpc.main.id}\"", "?"),
            ("var.absent ? \"a\" : \"b\"", "?"),
            ("file(\"x\")", "?"),
            ("format(\"%05d\", 3)", "?"),
            ("replace(\"a\", \"/a/\", \"b\")", "?"),
            ("1 / 0", "?"),
            ("\"a-${-9223372036854775808 % -1}\"", "?"),
            ("length(var.zones) + 1e308 * 10", "?"),
            ("var.zones", "?"),
            ("} {", "?"),
        ] {
            assert_eq!(text_of(expression), expected, "{expression}");
        }
    }

    #[test]
    fn functions_of_lists_and_parts_of_texts_have_a_value() {
        let values = Values::plain(&Arc::default());
        for (expression, expected) in [
            ("index([\"a\", \"b\"], \"b\")", "1"),
            ("index([\"a\", \"b\"], \"c\")", "?"),
            ("substr(\"abc\", 1, 1)", "b"),
            ("substr(\"abc\", 1, -1)", "bc"),
            ("substr(\"abc\", 1, 9)", "bc"),
            ("substr(\"abc\", -1, 1)", "c"),
            ("substr(\"\u{e4}bc\", 1, 1)", "?"),
            ("join(\",\", chunklist([1, 2, 3], 2)[0])", "1,2"),
            ("join(\",\", chunklist([1, 2, 3], 2)[1])", "3"),
            ("chunklist([1, 2, 3], 0)", "?"),
            ("join(\",\", formatlist(\"%s-%s\", \"x\", [\"a\", \"b\"]))", "x-a,x-b"),
            ("formatlist(\"%s-%s\", [\"x\"], [\"a\", \"b\"])", "?"),
            ("join(\",\", setintersection([\"c\", \"a\", \"b\"], [\"b\", \"c\"]))", "b,c"),
        ] {
            let found = values.text(expression);
            assert_eq!(found.as_deref().unwrap_or("?"), expected, "{expression}");
        }
    }

    #[test]
    fn the_range_of_a_vpc_is_known_and_its_other_attributes_are_not() {
        let locals = [("range".to_owned(), "cidrsubnet(aws_vpc.main.cidr_block, 4, 1)".to_owned())].into();
        let mut values = Values::new(&BTreeMap::new(), None, &locals, &Arc::default());
        let range = ("cidr_block".to_owned(), Value::from("10.40.0.0/16"));
        values.set_vpc_ranges([("main".to_owned(), object([(&range.0, &range.1)]))].into_iter());
        let text_of = |expression: &str| values.text(expression).unwrap_or_else(|| "?".to_owned());
        for (expression, expected) in [
            ("local.range", "10.40.16.0/20"),
            ("aws_vpc.main.cidr_block", "10.40.0.0/16"),
            ("aws_vpc.main.id", "?"),
            ("try(aws_vpc.main.id, \"x\")", "?"),
            ("aws_vpc.other.cidr_block", "?"),
            ("aws_vpc.main[0].cidr_block", "?"),
        ] {
            assert_eq!(text_of(expression), expected, "{expression}");
        }
        let other =
            values.with_local("range", &[], Value::from("x")).and_then(|other| other.text("local.range"));
        assert_eq!(other.as_deref(), Some("x"));
    }
}
