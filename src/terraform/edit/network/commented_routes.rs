//! Default routes to a NAT gateway that are commented out: the edit uncomments them, so that no second route stands beside them.

use crate::model::RouteTableId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::text::uncomment::uncomment_instances;
use crate::terraform::find::commented_out::{CommentedOut, commented_out};
use crate::terraform::find::instances::{for_instance_of, instance_keys};
use crate::terraform::find::origin::Origin;
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::Block;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Limit of the instances of a commented-out block.
const INSTANCES: usize = 64;

/// Uncomments each `aws_route` that is the route of some of these route tables, and of no others, to a destination by a NAT gateway.
/// Returns the other route tables.
pub(in crate::terraform::edit) fn uncomment_routes(
    draft: &mut Draft<'_>,
    tables: &[RouteTableId],
    (destination, nat_gateway): (&str, &str),
) -> Vec<RouteTableId> {
    let mut open = tables.to_vec();
    if open.is_empty() {
        return open;
    }
    for route in commented_out(draft.finder.target, "aws_route") {
        let is_same = |name: &str, wanted: &str| {
            let value = route.value(name).map(Expr::from);
            value.is_some_and(|value| value.is_same(Expr::from(wanted)))
        };
        if !is_same("nat_gateway_id", nat_gateway) || !is_same("destination_cidr_block", &quoted(destination))
        {
            continue;
        }
        let Some(routed) = tables_of(draft, &route, &open) else { continue };
        let number = route.block().is_some_and(Block::repeats).then_some(routed.len());
        if uncomment_instances(draft, &route, number) {
            open.retain(|table| !routed.contains(table));
        }
    }
    open
}

/// The route tables that get the route, one for each instance; `None` if one of them is unknown or is not one of `tables`.
fn tables_of(
    draft: &Draft<'_>,
    route: &CommentedOut<'_>,
    tables: &[RouteTableId],
) -> Option<Vec<RouteTableId>> {
    let (module, origins) = (draft.finder.target, &draft.finder.network.origins);
    let written = route.value("route_table_id")?;
    let expressions: Vec<String> = match (route.value("count"), route.value("for_each")) {
        (Some(count), _) => {
            let number = number(module, count).filter(|number| *number <= INSTANCES)?;
            (0..number).map(|index| written.replace("count.index", &index.to_string())).collect()
        }
        (None, Some(each)) => {
            let keys = module.keys(each)?;
            let keys = keys.iter().take(INSTANCES).map(|key| quoted(key));
            keys.map(|key| for_instance_of(module, each.trim(), &key, written)).collect()
        }
        (None, None) => vec![written.to_owned()],
    };
    let mut found: Vec<RouteTableId> = Vec::new();
    for expression in &expressions {
        let of = origins.of(module, Expr::from(expression));
        let table = tables.iter().find(|id| is_table(draft, id, of.as_deref(), expression))?;
        if found.contains(table) {
            return None;
        }
        found.push(table.clone());
    }
    (!found.is_empty()).then_some(found)
}

/// Whether an expression is the id of a route table.
fn is_table<'a>(draft: &Draft<'a>, id: &RouteTableId, of: Option<&[Origin<'a>]>, expression: &str) -> bool {
    let finder = &draft.finder;
    let expression = Expr::from(expression);
    if expression.string().as_deref() == Some(id.as_str()) {
        return true;
    }
    if let Ok(Some(found)) = finder.route_table(id) {
        let known = finder.id_expression(Some(&found), id.as_str());
        if expression.is_same(Expr::from(&known)) {
            return true;
        }
    }
    let table = finder.table_instance(id).or_else(|| finder.chained_table(id));
    match (of, table) {
        (Some([only]), Some(table)) => only.is_same_value(&table),
        _ => false,
    }
}

/// The value of a `count`: a number, or the number of instances of a block, `length(aws_route_table.private)`.
fn number(module: &Module, count: &str) -> Option<usize> {
    if let Some(number) = module.evaluate(count) {
        return number.parse().ok();
    }
    let of = count.trim().strip_prefix("length(")?.strip_suffix(')')?.trim();
    let (file, block) = module.blocks("resource").find(|(_, block)| address(block) == of)?;
    instance_keys(Place { module, file, block }).map(|keys| keys.len()).filter(|number| *number > 0)
}
