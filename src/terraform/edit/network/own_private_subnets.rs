//! Private subnets by the argument of a network module of the repository, which creates them and their route tables from a list that is
//! empty now.

use hcl_edit::expr::Expression;

use crate::model::{SecurityGroupId, Subnet};
use crate::remedy::PlannedSubnet;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::nat::gateway::add_nat_gateway;
use crate::terraform::edit::network::default_routes::{ANYWHERE, FILE};
use crate::terraform::edit::network::new_connector::connect;
use crate::terraform::edit::network::subnet_paths::{Gateway, Paths};
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::instances::for_instance;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::find::vpc::vpc_of;
use crate::terraform::lang::address::{ResourceAddress, address};
use crate::terraform::lang::expression::{Expr, without_parentheses};
use crate::terraform::lang::render::{Line, attribute, quoted};
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Subnets that a module creates from a list.
struct Listed<'a> {
    subnets: Place<'a>,
    /// The variable with the list of their ranges.
    variable: String,
    /// The call that gives the list.
    call: Place<'a>,
    association: Place<'a>,
    /// Their route tables: one for all of them, or one for each.
    table: Place<'a>,
}

/// Sets the list, adds a NAT gateway with routes to the module, and changes the service to a new connector. Returns `false`, and edits
/// nothing, if no module creates private subnets in this way.
///
/// # Errors
/// The list has these ranges already, or the service or its connector cannot be edited.
pub(in crate::terraform::edit) fn create(
    draft: &mut Draft<'_>,
    (connector, groups): (&str, &[SecurityGroupId]),
    subnets: &[PlannedSubnet],
    paths: &Paths<'_>,
) -> Result<bool, EditError> {
    let Gateway::NewIn(public) = paths.gateway else { return Ok(false) };
    if !paths.endpoints.is_empty() || !paths.routes.is_empty() || !draft.finder.state.is_empty() {
        return Ok(false);
    }
    let mut all = listed_subnets(draft);
    let Some(found) = all.pop().filter(|_| all.is_empty()) else { return Ok(false) };
    let Some(ranges) = ranges(draft, &found, subnets) else { return Ok(false) };
    let Listed { subnets: place, variable, call, association, table } = &found;
    let address_in_root = place.module.address_of(place.block);
    let written = call.block.body.attribute(variable).map(|list| (list, call.file.expression(list)));
    let Some((list, written)) = written else { return Ok(false) };
    if call.module.texts(written).as_ref() == Some(&ranges) {
        return Err(EditError::AlreadyInCode {
            address: address_in_root.to_string(),
            place: place.location(),
        });
    }
    if !written.is_empty_list() {
        return Ok(false);
    }
    let (service, target) = (draft.finder.code.service.module, draft.finder.target);
    let attribute_of =
        |instance| Origin::Block(BlockOrigin { place: *place, instance, attribute: "id".to_owned() });
    let own = attribute_of(Instances::All);
    // The list for the new connector, before anything is edited.
    let is_beside = service.address == call.module.address;
    let is_called_there =
        draft.call_for_list().is_some_and(|caller| caller.module.address == call.module.address);
    if target.address != service.address || !is_beside && !is_called_there {
        return Ok(false);
    }
    let Some(reference) = draft.reference_in(call.module, &own) else { return Ok(false) };
    let new = if is_beside { Some(reference) } else { draft.list_by_call(&reference) };
    let Some(new) = new else { return Ok(false) };
    let texts: Vec<String> = ranges.iter().map(|range| quoted(range)).collect();
    draft.splice(call.file, Splice::new(list.value.clone(), format!("[{}]", texts.join(", "))));
    draft.finder.enter(place.module)?;
    let gateway = format!("{}.id", add_nat_gateway(draft, public, (None, None)));
    add_routes(draft, (*place, *table), (&gateway, subnets.len()));
    draft.finder.enter(target)?;
    let tables = if table.block.repeats() { subnets.len() } else { 0 };
    announce(draft, *place, subnets.len());
    announce(draft, *association, subnets.len());
    announce(draft, *table, tables);
    draft.note(&format!(
        "{address_in_root} ({}) creates private subnets from {variable}, which is empty: this edit sets it in the call ({}).",
        place.location(),
        call.location()
    ));
    connect(draft, connector, new, groups)?;
    Ok(true)
}

fn announce(draft: &mut Draft<'_>, place: Place<'_>, number: usize) {
    if number > 0 {
        let address = place.module.address_of(place.block);
        draft.instances.insert(address.clone(), number);
        draft.reenabled.push(address);
    }
}

/// The subnets of the workload's VPC that a module with one call creates from a list.
fn listed_subnets<'a>(draft: &Draft<'a>) -> Vec<Listed<'a>> {
    let config = draft.finder.config;
    let is_open = |module: &&'a Module| {
        module.is_editable()
            && !config.is_used_more_than_once(module)
            && module.resources("aws_nat_gateway").next().is_none()
    };
    let modules = config.modules().into_iter().filter(is_open);
    let places = modules.flat_map(|module| {
        module.resources("aws_subnet").map(move |(file, block)| Place { module, file, block })
    });
    let listed = |subnets: Place<'a>| {
        let Place { module, file, block } = subnets;
        let expression = |name: &str| Some(file.expression(block.body.attribute(name)?));
        let variable = variable_of_length(expression("count")?)?;
        let is_element =
            |form: String| expression("cidr_block").is_some_and(|own| own.is_same(Expr::from(&form)));
        let is_range = is_element(format!("element(var.{variable}, count.index)"))
            || is_element(format!("var.{variable}[count.index]"));
        let call = config
            .caller(module)
            .filter(|call| draft.is_editable_call(*call) && !call.is_one_of_several())?;
        let is_of_vpc = draft.finder.is_workload_vpc(module, expression("vpc_id")?) == Some(true);
        let is_public = expression("map_public_ip_on_launch").is_some();
        let (association, table) =
            table_of(draft, subnets).filter(|_| is_range && is_of_vpc && !is_public)?;
        Some(Listed { subnets, variable, call, association, table })
    };
    places.filter_map(listed).collect()
}

/// The variable `x` in `length(var.x)`.
fn variable_of_length(count: Expr<'_>) -> Option<String> {
    let tree = count.tree()?;
    let Expression::FuncCall(call) = without_parentheses(&tree) else { return None };
    let argument = call.args.iter().next().filter(|_| call.name.name.as_str() == "length")?;
    Expr::parsed("", argument).variable()
}

/// The association of these subnets, and the route table that it leads to, without a route.
fn table_of<'a>(draft: &Draft<'a>, subnets: Place<'a>) -> Option<(Place<'a>, Place<'a>)> {
    let (module, origins) = (subnets.module, &draft.finder.network.origins);
    let leads_to = |place: Place<'a>, name: &str, block: Place<'a>| {
        let found = origins.of_attribute(place, name).unwrap_or_default();
        found.iter().any(|origin| matches!(origin, Origin::Block(own) if own.place.is_same_block(&block)))
    };
    let places =
        |kind: &'static str| module.resources(kind).map(move |(file, block)| Place { module, file, block });
    let association =
        places("aws_route_table_association").find(|place| leads_to(*place, "subnet_id", subnets))?;
    let table = places("aws_route_table").find(|table| leads_to(association, "route_table_id", *table))?;
    let has_count =
        |place: Place<'a>| place.block.body.attribute("count").map(|count| place.file.expression(count));
    let is_counted = match (has_count(table), has_count(subnets)) {
        (Some(own), Some(count)) => own.is_same(count),
        (None, _) => !table.block.repeats(),
        (Some(_), None) => false,
    };
    let has_routes = table.block.body.blocks("route").next().is_some()
        || places("aws_route").any(|route| leads_to(route, "route_table_id", table));
    (is_counted && !has_routes).then_some((association, table))
}

/// The ranges of the new subnets in the order of the list; `None` if the AZ of an element is unknown, or is not one of theirs.
fn ranges(draft: &Draft<'_>, found: &Listed<'_>, subnets: &[PlannedSubnet]) -> Option<Vec<String>> {
    (0..subnets.len())
        .map(|index| {
            let zone = zone_of(draft, found.subnets, index)?;
            let mut own = subnets.iter().filter(|subnet| subnet.zone.as_str() == zone);
            let range = own.next()?.cidr.to_string();
            own.next().is_none().then_some(range)
        })
        .collect()
}

/// The AZ of an instance: by its value, or by that of another subnet of the module with the same expression, which AWS has.
fn zone_of(draft: &Draft<'_>, place: Place<'_>, index: usize) -> Option<String> {
    let (module, key) = (place.module, format!("[{index}]"));
    let own = place.file.expression(place.block.body.attribute("availability_zone")?);
    if let Some(zone) = module.evaluate(for_instance(place, &key, own.text).as_str()) {
        return Some(zone);
    }
    let network = &draft.finder.snapshot.network;
    let vpc = vpc_of(draft.finder.snapshot, draft.finder.workload)?;
    let others = module.resources("aws_subnet").map(|(file, block)| Place { module, file, block });
    let mut zones = others.filter_map(|other| {
        let value = |name: &str| Some(other.file.expression(other.block.body.attribute(name)?));
        value("availability_zone").filter(|zone| zone.is_same(own))?;
        let range = module.evaluate(for_instance(other, &key, value("cidr_block")?.text).as_str())?;
        let is_it = |subnet: &&Subnet| {
            subnet.vpc == *vpc && subnet.cidr.is_some_and(|cidr| cidr.to_string() == range)
        };
        network.subnets.iter().find(is_it).map(|subnet| subnet.zone.to_string())
    });
    zones.next()
}

/// Adds the default routes to the NAT gateway: one, or one for each table.
fn add_routes(
    draft: &mut Draft<'_>,
    (subnets, table): (Place<'_>, Place<'_>),
    (gateway, number): (&str, usize),
) {
    let count = subnets.block.body.attribute("count").map(|count| subnets.file.value(count).to_owned());
    let count = count.filter(|_| table.block.repeats());
    let key = if count.is_some() { "[count.index]" } else { "" };
    let mut lines: Vec<Line> = Vec::new();
    if let Some(count) = count {
        lines.extend([attribute("count", count), Line::Blank]);
    }
    lines.extend([
        attribute("route_table_id", format!("{}{key}.id", address(table.block))),
        attribute("destination_cidr_block", quoted(ANYWHERE)),
        attribute("nat_gateway_id", gateway.to_owned()),
    ]);
    let name = draft.free_name("aws_route", "nat");
    let comment = "# Default routes of the private subnets to the NAT gateway\n";
    draft.add_resource("aws_route", &name, FILE, comment, &lines);
    if !key.is_empty() {
        let route = ResourceAddress::new(table.module.address.as_deref(), "aws_route", &name);
        draft.instances.insert(route, number);
    }
}
