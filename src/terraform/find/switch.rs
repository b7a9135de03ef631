//! Determines whether `count` or `for_each` enables a block, and which value in the code controls it.
//!
//! A value controls a block if another value of it, tried on a copy of the values, enables the block.

use std::collections::BTreeSet;

use hcl::Value;
use hcl_edit::expr::Expression;

use crate::terraform::find::kept_value::KeptValue;
use crate::terraform::find::switch_parts::{Parts, as_hcl, has_instances, kept};
use crate::terraform::lang::address::address;
use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::expression::{Expr, number, parse, without_parentheses};
use crate::terraform::lang::structure::Block;
use crate::terraform::lang::uses::uses_of_path;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Limit of the locals through which a part of an expression is selected.
const LOCALS: usize = 8;

/// Whether `count` or `for_each` enables a block, and how to enable it.
pub(in crate::terraform) enum Switch {
    /// The block is enabled.
    On,
    /// The value of a variable disables it.
    Value(SwitchValue),
    /// `count = 0`
    Zero,
    /// Another expression disables it; the text of the expression.
    Other(String),
    /// It is unknown whether this expression enables the block.
    Unknown(String),
}

/// The value of a variable or local, or of an attribute of it, that enables a block.
pub(in crate::terraform) struct SwitchValue {
    /// `var` or `local`.
    pub root: &'static str,
    /// The variable or local.
    pub name: String,
    /// The attributes in it, `["nat", "enabled"]`.
    pub attributes: Vec<String>,
    /// The value as HCL.
    pub value: String,
    /// The values of the module with it.
    values: Box<Values>,
    /// The locals that depend on it.
    locals: BTreeSet<String>,
    /// The value of another variable that decides the number of instances and changes too.
    pub also: Option<Box<SwitchValue>>,
}

impl Switch {
    pub fn is_on(&self) -> bool {
        matches!(self, Self::On)
    }

    /// Whether only an edit of a module that is not edited enables the block.
    pub fn is_fixed(&self, module: &Module) -> bool {
        matches!(self, Self::Zero | Self::Other(_)) && !module.is_editable()
    }
}

impl SwitchValue {
    /// `var.network.nat`
    pub fn reference(&self) -> String {
        [self.root, &self.name]
            .into_iter()
            .chain(self.attributes.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join(".")
    }

    /// The same with a number instead of 1, the number of instances.
    pub fn with_number(self, module: &Module, number: usize) -> Self {
        if self.value != "1" {
            return self;
        }
        let value = Value::from(number);
        let values = match self.root {
            "var" => module.values.with_value(&self.name, &self.attributes, value),
            _ => module.values.with_local(&self.name, &self.attributes, value),
        };
        match values {
            Some(values) => Self { value: number.to_string(), values: Box::new(values), ..self },
            None => self,
        }
    }

    /// The same with another value of a second variable, with which something is true of all values and of the second one.
    fn with_other(
        &self,
        (config, module, parts): (&Config, &Module, &Parts),
        is_wanted: impl Fn(&Values, &Self) -> bool,
    ) -> Option<Self> {
        let others = parts.variables.iter().filter(|(name, _)| self.root != "var" || *name != self.name);
        others.into_iter().find_map(|(name, attributes)| {
            let other = parts.other_values(config, module, ("var", name), attributes);
            other.into_iter().find_map(|other| {
                let value = as_hcl(&other);
                let with_both = || self.values.with_value(name, attributes, other.clone());
                let values = with_both()?;
                let also = Self {
                    root: "var",
                    name: name.clone(),
                    attributes: attributes.clone(),
                    value,
                    values: Box::new(with_both()?),
                    locals: parts.locals.clone(),
                    also: None,
                };
                is_wanted(&values, &also).then(|| Self {
                    root: self.root,
                    name: self.name.clone(),
                    attributes: self.attributes.clone(),
                    value: self.value.clone(),
                    values: Box::new(values),
                    locals: self.locals.clone(),
                    also: Some(Box::new(also)),
                })
            })
        })
    }

    /// The keys of a block's instances with the new value; `None` for a block without `count` and `for_each`.
    pub fn instances(&self, module: &Module, file: &File, block: &Block) -> Option<Vec<String>> {
        module.instance_keys(&self.values, file, block)
    }

    /// Whether it enables a block that is disabled now.
    pub fn enables(&self, module: &Module, file: &File, block: &Block) -> bool {
        let new = self.instances(module, file, block);
        module.is_disabled(file, block) == Some(true) && new.is_some_and(|keys| !keys.is_empty())
    }

    /// The addresses of the resources that it enables.
    pub fn enabled(&self, module: &Module) -> Vec<String> {
        let enabled = module.blocks("resource").filter(|(file, block)| self.enables(module, file, block));
        enabled.map(|(_, block)| address(block)).collect()
    }

    /// The value of an expression with it.
    pub fn evaluate(&self, expression: Expr<'_>) -> Option<Value> {
        self.values.value(expression)
    }

    /// The part of an expression that it selects, through locals: `aws_route_table.private` of
    /// `var.nat ? aws_route_table.private : {}`.
    pub fn selected(&self, module: &Module, expression: &Expression) -> Expression {
        let mut selected = without_parentheses(expression).clone();
        for _ in 0..LOCALS {
            let next = match &selected {
                Expression::Conditional(cases) => {
                    match self.values.text(Expr::parsed("", &cases.cond_expr)).as_deref() {
                        Some("true") => Some(cases.true_expr.clone()),
                        Some("false") => Some(cases.false_expr.clone()),
                        _ => None,
                    }
                }
                other => Expr::parsed("", other).local().and_then(|name| parse(module.local(&name)?)),
            };
            let Some(next) = next else { break };
            selected = without_parentheses(&next).clone();
        }
        selected
    }

    /// Whether it is a list with more elements than now.
    fn is_list(&self) -> bool {
        self.value.starts_with('[')
    }

    /// Whether only `count` or `for_each` of a block refers to the value, and the instances of the block do not change.
    fn is_only_decided(
        &self,
        module: &Module,
        (file, block): (&File, &Block),
        uses: &impl Fn(&str) -> usize,
    ) -> bool {
        let repetition = ["count", "for_each"].iter().find_map(|name| block.body.attribute(name));
        let Some(repetition) = repetition else { return false };
        let own = uses(&format!("{}\n", file.slice(repetition.span.clone())));
        let all = uses(&format!("{}\n", file.slice(block.span.clone())));
        let now = module.instance_keys(&module.values, file, block);
        own == all && now.is_some() && now == self.instances(module, file, block)
    }

    /// Whether a local refers to the value of the variable. In `lookup(var.nat, local.env, 0)`, `local.env` does not refer to `var.nat`.
    fn decides_local(&self, module: &Module, local: &str) -> bool {
        let Some(tree) = module.local(local).and_then(parse) else { return true };
        let used = Parts::of(module, &tree).variables;
        used.iter().any(|(name, attributes)| {
            *name == self.name && attributes.iter().zip(&self.attributes).all(|(one, other)| one == other)
        })
    }

    /// A block that refers to the value and is not enabled by it, apart from `except`.
    pub fn other_use(&self, module: &Module, except: &[String]) -> Option<String> {
        let path: Vec<String> = [self.root.to_owned(), self.name.clone()]
            .into_iter()
            .chain(self.attributes.iter().cloned())
            .collect();
        // The locals in the expression that depend on the variable; of a local, only the attribute.
        let locals = self.locals.iter().filter(|name| self.root == "var" && self.decides_local(module, name));
        let locals = locals.map(|name| vec!["local".to_owned(), name.clone()]);
        let paths: Vec<Vec<String>> = [path].into_iter().chain(locals).collect();
        ["resource", "data", "module"].into_iter().flat_map(|kind| module.blocks(kind)).find_map(
            |(file, block)| {
                let text = format!("{}\n", file.slice(block.span.clone()));
                let uses = |text: &str| paths.iter().map(|path| uses_of_path(text, path)).sum::<usize>();
                let refers = uses(&text) > 0
                    && !(self.is_list() && self.is_only_decided(module, (file, block), &uses));
                let name = match block.block_type.as_str() {
                    "module" => format!("module.{}", block.kind().unwrap_or_default()),
                    _ => address(block),
                };
                (refers && !except.contains(&name) && !self.enables(module, file, block)).then_some(name)
            },
        )
    }
}

/// Determines the switch of a block.
pub(in crate::terraform) fn switch_of(
    config: &Config,
    module: &Module,
    file: &File,
    block: &Block,
) -> Switch {
    switch_with(config, Place { module, file, block }, (&[], None))
}

/// The same, where these texts can be new elements of a list. Of two values, the one that comes closest to a number of instances.
pub(in crate::terraform) fn switch_with(
    config: &Config,
    place: Place<'_>,
    wanted: (&[String], Option<usize>),
) -> Switch {
    let Place { module, file, block } = place;
    let expression = |name: &str| module.expression(file, block, name);
    let repetition = ["count", "for_each"].iter().find_map(|name| Some((*name, expression(name)?)));
    let Some((name, written)) = repetition else { return Switch::On };
    let tree = written.tree();
    let tree = tree.as_deref();
    if name == "count" && tree.and_then(number) == Some(0) {
        return Switch::Zero;
    }
    let shown = format!("`{name} = {}`", written.in_one_line());
    match module.is_disabled(file, block) {
        Some(false) => Switch::On,
        Some(true) => {
            if let Some((file, block)) = tree.and_then(|tree| block_of_instances(place, tree)) {
                return switch_with(config, Place { module, file, block }, wanted);
            }
            let found = tree.and_then(|tree| switch_value(config, place, tree, wanted));
            found.map_or(Switch::Other(shown), Switch::Value)
        }
        None if has_instances(config, Place { module, file, block }) => Switch::On,
        None => Switch::Unknown(shown),
    }
}

/// The block whose instances decide those of a block: `for_each = aws_eip.nat`, or `count = length(aws_eip.nat)`.
pub(in crate::terraform) fn block_of_instances<'a>(
    place: Place<'a>,
    tree: &Expression,
) -> Option<(&'a File, &'a Block)> {
    let collection = match without_parentheses(tree) {
        Expression::FuncCall(call) if call.name.name.as_str() == "length" => call.args.iter().next()?,
        Expression::ForExpr(each) if each.cond.is_none() => &each.intro.collection_expr,
        whole => whole,
    };
    let reference = Expr::parsed("", collection).reference()?;
    let (kind, name) = reference.split_once('.')?;
    let found = place.module.block("resource", &[kind, name.trim_end_matches("[*]")])?;
    (found.1.repeats() && found.1 != place.block).then_some(found)
}

/// The value that enables a block and the fewest others.
fn switch_value(
    config: &Config,
    place: Place<'_>,
    tree: &Expression,
    (texts, number): (&[String], Option<usize>),
) -> Option<SwitchValue> {
    let Place { module, file, block } = place;
    let mut parts = Parts::of(module, tree);
    parts.add_texts(module, texts);
    let found = values_among(config, module, &parts, |found| found.enables(module, file, block));
    let difference = |found: &SwitchValue| {
        let keys = found.instances(module, file, block);
        number.map_or(0, |number| keys.map_or(0, |keys| keys.len()).abs_diff(number))
    };
    let found = found.into_iter().min_by_key(|found| (found.enabled(module).len(), difference(found)))?;
    let instances = |values: &Values| module.instance_keys(values, file, block).map(|keys| keys.len());
    let Some((number, present)) = number.zip(instances(&found.values)).filter(|(one, other)| one != other)
    else {
        return Some(found);
    };
    let gateways = blocks_of_gateways(module);
    let is_wanted = |values: &Values, also: &SwitchValue| {
        // Fewer instances only by a condition, `single_nat_gateway`, that decides nothing else: not by a number of AZs.
        let is_condition = ["true", "false"].contains(&also.value.as_str());
        let is_open = present < number || is_condition && also.other_use(module, &gateways).is_none();
        is_open && instances(values) == Some(number)
    };
    Some(found.with_other((config, module, &parts), is_wanted).unwrap_or(found))
}

/// The blocks that can depend on the number of NAT gateways.
pub(in crate::terraform) fn blocks_of_gateways(module: &Module) -> Vec<String> {
    let kinds = ["aws_eip", "aws_nat_gateway", "aws_route", "aws_route_table", "aws_cloudwatch_metric_alarm"];
    kinds.into_iter().flat_map(|kind| module.resources(kind)).map(|(_, block)| address(block)).collect()
}

/// The other values of variables in an expression, one at a time, with which something is true.
pub(in crate::terraform) fn values_with(
    config: &Config,
    module: &Module,
    tree: &Expression,
    is_wanted: impl Fn(&SwitchValue) -> bool,
) -> Vec<SwitchValue> {
    values_among(config, module, &Parts::of(module, tree), is_wanted)
}

/// The same for the value of an `egress_type`, which can be DEFAULT also where no text in the code is, or without a value.
pub(in crate::terraform) fn egress_values_with(
    config: &Config,
    module: &Module,
    tree: &Expression,
    is_wanted: impl Fn(&SwitchValue) -> bool,
) -> Vec<SwitchValue> {
    values_among(config, module, &Parts::of(module, tree).of_egress(), is_wanted)
}

fn values_among(
    config: &Config,
    module: &Module,
    parts: &Parts,
    is_wanted: impl Fn(&SwitchValue) -> bool,
) -> Vec<SwitchValue> {
    let mut all = Vec::new();
    let variables = parts.variables.iter().map(|path| ("var", path));
    // The locals after the variables that they refer to.
    for (root, (name, attributes)) in variables.chain(parts.attributes.iter().map(|path| ("local", path))) {
        for other in parts.other_values(config, module, (root, name), attributes) {
            let value = as_hcl(&other);
            let values = match root {
                "var" => module.values.with_value(name, attributes, other),
                _ => module.values.with_local(name, attributes, other),
            };
            let Some(values) = values else { continue };
            let found = SwitchValue {
                root,
                name: name.clone(),
                attributes: attributes.clone(),
                value,
                values: Box::new(values),
                locals: parts.locals.clone(),
                also: None,
            };
            if is_wanted(&found) {
                all.push(found);
            }
        }
    }
    all
}

/// The condition in a local that disables a block, with the value that enables it.
pub(in crate::terraform) fn condition_of(module: &Module, file: &File, block: &Block) -> Option<SwitchValue> {
    let written = ["count", "for_each"].iter().find_map(|name| module.expression(file, block, name))?;
    let parts = Parts::of(module, written.tree()?.as_ref());
    let conditions = parts.locals.iter().filter_map(|name| {
        let on = module.value(format!("local.{name}").as_str())?.as_bool()?;
        let other = Value::Bool(!on);
        Some(SwitchValue {
            root: "local",
            name: name.clone(),
            attributes: Vec::new(),
            value: as_hcl(&other),
            values: Box::new(module.values.with_local(name, &[], other)?),
            locals: parts.locals.clone(),
            also: None,
        })
    });
    conditions.filter(|found| found.enables(module, file, block)).last()
}

impl SwitchValue {
    /// Where the code keeps the present value.
    pub fn kept<'a>(&self, config: &'a Config, module: &'a Module) -> Option<KeptValue<'a>> {
        kept(config, module, (self.root, &self.name), &self.attributes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails on the first unexpected result")]

    use std::fs;

    use super::*;
    use crate::terraform::read::environment::Environment;

    /// The switch of the only Elastic IP in a test configuration.
    fn switch(count: &str) -> Switch {
        let root = tempfile::tempdir().unwrap();
        let code = format!(
            "variable \"on\" {{\n  default = false\n}}\n\nvariable \"nat\" {{\n  type = object({{ on = optional(bool, false), mode = string }})\n  \
             default = {{ mode = \"none\" }}\n}}\n\nlocals {{\n  on = var.nat.on\n}}\n\nresource \"aws_eip\" \"nat\" {{\n  {count}\n}}\n"
        );
        fs::write(root.path().join("main.tf"), code).unwrap();
        let config = Config::read(root.path(), &Environment::default()).unwrap();
        let (file, block) = config.root_module.resources("aws_eip").next().unwrap();
        switch_of(&config, &config.root_module, file, block)
    }

    /// The value that enables the Elastic IP, `var.on = true`.
    fn value(count: &str) -> Option<String> {
        match switch(count) {
            Switch::Value(found) => Some(format!("{} = {}", found.reference(), found.value)),
            _ => None,
        }
    }

    #[test]
    fn comments_parentheses_and_line_breaks_do_not_hide_a_switch() {
        for count in [
            "var.on ? 1 : 0",
            "(var.on ? 1 : 0)",
            "var.on?1:0 # on or off",
            "var.on ? 1 : 0 /* on or off */",
            "(\n    var.on # on or off\n    ? 1\n    : 0\n  )",
            "(var.on) ? (1) : /* off */ (0)",
        ] {
            assert_eq!(value(&format!("count = {count}")).as_deref(), Some("var.on = true"), "{count}");
        }
        for count in ["0", "(0)", "0 // none"] {
            assert!(matches!(switch(&format!("count = {count}")), Switch::Zero), "{count}");
        }
        assert!(matches!(switch("count = !var.on ? 1 : 0"), Switch::On));
        assert!(matches!(switch("count = var.other ? 1 : 0"), Switch::Unknown(_)));
    }

    #[test]
    fn a_value_in_any_expression_is_a_switch() {
        for (repetition, expected) in [
            ("count = var.on ? 2 : 0", Some("var.on = true")),
            ("count = var.on && !var.nat.on ? 1 : 0", Some("var.on = true")),
            ("count = local.on ? length([1, 2]) : 0", Some("var.nat.on = true")),
            ("for_each = var.nat.on ? toset([\"a\"]) : toset([])", Some("var.nat.on = true")),
            ("for_each = { for one in [\"a\"] : one => one if var.on }", Some("var.on = true")),
            ("count = var.nat.mode == \"single\" ? 1 : 0", Some("var.nat.mode = \"single\"")),
            ("count = var.nat.mode != \"none\" ? 1 : 0", None),
            ("for_each = {}", None),
        ] {
            assert_eq!(value(repetition).as_deref(), expected, "{repetition}");
        }
    }
}
