//! Parts of the expressions of `count` and `for_each`: collections with an instance for each element, and entries of maps.

use std::borrow::Cow;

use hcl_edit::expr::{Expression, FuncCall, Traversal, TraversalOperator};
use hcl_edit::visit::{Visit, visit_func_call, visit_traversal};

use crate::terraform::find::origin::Origin;
use crate::terraform::find::origins::Origins;
use crate::terraform::lang::expression::{Expr, parse, without_parentheses};
use crate::terraform::read::config::Config;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

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

/// The entries of maps with a known key in an expression, `lookup(var.nat, var.environment, 0)` or `var.nat[var.environment]`.
pub(super) fn known_entries(module: &Module, tree: &Expression) -> Vec<Entry> {
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
