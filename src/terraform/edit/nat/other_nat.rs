//! Code that gives the route tables of a fix a default route in other environments, and is disabled in this one: the call of a module with
//! a NAT instance, `count = var.environment == "prod" ? 0 : 1`, or the route to such an instance.

use hcl::Value;
use hcl_edit::expr::Expression;
use hcl_edit::visit::{Visit, visit_expr};

use crate::model::RouteTableId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::network::default_routes::ANYWHERE;
use crate::terraform::find::origin::Origin;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::{Expr, conditional};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::place::Place;

/// The arguments that decide how many instances a block has.
const SWITCHES: [&str; 2] = ["count", "for_each"];

/// Notes such code, and returns the `count` with which the new NAT gateway exists where that code does not; `None` if there is none, or it
/// is in another module.
pub(in crate::terraform::edit) fn switch(draft: &mut Draft<'_>, tables: &[RouteTableId]) -> Option<String> {
    let place = of_tables(draft, tables)?;
    let switch = opposite(place).filter(|_| place.module.address == draft.finder.target.address);
    note(draft, place, switch.is_some());
    switch
}

/// Notes such code for a default route that has no condition of its own.
pub(in crate::terraform::edit) fn note_only(draft: &mut Draft<'_>, tables: &[RouteTableId]) {
    if let Some(place) = of_tables(draft, tables) {
        note(draft, place, false);
    }
}

fn note(draft: &mut Draft<'_>, place: Place<'_>, has_opposite: bool) {
    let (name, location) = (name(place), place.location());
    let written = SWITCHES.iter().find_map(|name| {
        let written = place.module.expression(place.file, place.block, name)?;
        Some(format!("{name} = {}", written.in_one_line()))
    });
    let written = written.unwrap_or_default();
    let next = if has_opposite {
        "the new blocks have the opposite condition, because a route table has one default route. To use it here too, change its condition \
         instead of this edit"
    } else {
        "where it exists, the new default route fails (RouteAlreadyExists). Add the opposite condition to the new blocks before another \
         environment applies this code"
    };
    draft.note(&format!(
        "{name} ({location}) gives the same route table its default route in other environments and is disabled here (`{written}`): {next}."
    ));
}

/// The address in the root module.
fn name(place: Place<'_>) -> String {
    match place.block.kind().filter(|_| place.block.block_type == "module") {
        Some(name) => ResourceAddress::module_of(place.module.address.as_deref(), name),
        None => place.module.address_of(place.block).to_string(),
    }
}

/// The first block that is disabled here, is enabled with other values, and makes a default route in one of these tables.
fn of_tables<'a>(draft: &Draft<'a>, tables: &[RouteTableId]) -> Option<Place<'a>> {
    let finder = &draft.finder;
    let tables: Vec<Origin<'a>> = tables
        .iter()
        .filter_map(|id| finder.table_instance(id).or_else(|| finder.chained_table(id)))
        .collect();
    let modules = finder.config.modules().into_iter().filter(|module| module.is_editable());
    let places = modules.flat_map(|module| {
        let blocks = module.blocks("module").chain(module.resources("aws_route"));
        blocks.map(move |(file, block)| Place { module, file, block })
    });
    let origins = &finder.network.origins;
    let leads_to_table = |place: Place<'a>, block: &Block| {
        block.body.attributes().filter(|one| !SWITCHES.contains(&one.name.as_str())).any(|argument| {
            let mut all = References::default();
            if let Some(tree) = place.file.expression(argument).tree() {
                all.visit_expr(&tree);
            }
            all.found.iter().any(|reference| {
                let known = origins.of(place.module, Expr::from(reference.as_str())).unwrap_or_default();
                known.iter().any(|known| tables.iter().any(|table| known.is_same_resource(table)))
            })
        })
    };
    let mut found = places.filter(|place| {
        let Place { module, file, block } = *place;
        let is_of_nat =
            if block.block_type == "module" { has_nat_in_name(*place) } else { is_instance_route(*place) };
        is_of_nat && depends_on_environment(*place) && module.is_disabled(file, block) == Some(true)
    });
    found.find(|place| leads_to_table(*place, place.block))
}

/// Whether the number of instances depends on a variable, a local or the workspace.
fn depends_on_environment(place: Place<'_>) -> bool {
    SWITCHES.iter().any(|name| {
        let written = place.module.expression(place.file, place.block, name);
        written.is_some_and(|written| {
            ["var.", "local.", "terraform."].iter().any(|root| written.text.contains(root))
        })
    })
}

/// Whether the label or the source of a call has the word: `fck-nat`, `nat_instance`, `alternat`.
fn has_nat_in_name(call: Place<'_>) -> bool {
    let source = call.block.body.attribute("source").map(|source| call.file.value(source).to_lowercase());
    let label = call.block.kind().unwrap_or_default().to_lowercase();
    let is_nat = |word: &str| word == "nat" || word == "alternat" || word.starts_with("natinstance");
    [source.unwrap_or_default(), label]
        .iter()
        .any(|text| text.split(|c: char| !c.is_alphanumeric()).any(is_nat))
}

/// Whether a route is a default route to an instance or its network interface.
fn is_instance_route(route: Place<'_>) -> bool {
    let value = |name: &str| route.module.expression(route.file, route.block, name);
    let is_default = value("destination_cidr_block")
        .is_some_and(|range| route.module.evaluate(range).as_deref() == Some(ANYWHERE));
    is_default && (value("network_interface_id").is_some() || value("instance_id").is_some())
}

/// The `count` that is 1 where a condition gives a block no instance, and else 0.
fn opposite(place: Place<'_>) -> Option<String> {
    let mut written =
        SWITCHES.iter().filter_map(|name| place.module.expression(place.file, place.block, name));
    let tree = written.next()?.tree()?.into_owned();
    let cases = conditional(&tree)?;
    let is_empty = |case: &Expression| match place.module.value(Expr::parsed("", case)) {
        Some(Value::Number(number)) => Some(number.as_u64() == Some(0)),
        Some(Value::Array(list)) => Some(list.is_empty()),
        Some(Value::Object(fields)) => Some(fields.is_empty()),
        _ => None,
    };
    let condition = cases.cond_expr.to_string();
    let condition = condition.trim();
    match (is_empty(&cases.true_expr), is_empty(&cases.false_expr)) {
        (Some(true), other) if other != Some(true) => Some(format!("{condition} ? 1 : 0")),
        (other, Some(true)) if other != Some(true) => Some(format!("{condition} ? 0 : 1")),
        _ => None,
    }
}

/// The references in an expression, as they are written.
#[derive(Default)]
struct References {
    found: Vec<String>,
}

impl Visit for References {
    fn visit_expr(&mut self, node: &Expression) {
        if let Expression::Traversal(_) = node {
            self.found.push(node.to_string().trim().to_owned());
        }
        visit_expr(self, node);
    }
}
