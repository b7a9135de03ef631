//! Private subnets and a NAT gateway by the arguments of the registry module that creates the VPC.

use hcl_edit::expr::Expression;

use crate::remedy::PlannedSubnet;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::existing::associate_new_table;
use crate::terraform::edit::nat::vpc_module::{caller, only_gateway};
use crate::terraform::edit::network::subnet_paths::{Gateway, Paths, add_kept_route};
use crate::terraform::edit::text::amend::{add_below, add_paragraph};
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::registry::RegistryCall;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::render::quoted;

const SUBNETS: &str = "private_subnets";
/// The arguments for one NAT gateway, with the values that they need. Without the last one, the module creates one for all AZs.
const GATEWAY: [(&str, &str, bool); 3] = [
    ("enable_nat_gateway", "true", true),
    ("single_nat_gateway", "true", true),
    ("one_nat_gateway_per_az", "false", false),
];

/// Adds the arguments. Returns the list of the ids of the subnets; `None`, and edits nothing, if the module does not create the VPC, has
/// private subnets, or its arguments are not known.
///
/// # Errors
/// A gateway endpoint cannot get the new route table.
pub(in crate::terraform::edit) fn add(
    draft: &mut Draft<'_>,
    subnets: &[PlannedSubnet],
    paths: &Paths<'_>,
) -> Result<Option<String>, EditError> {
    let Some(call) = caller(draft).filter(|call| is_open(draft, call)) else { return Ok(None) };
    let Some(ranges) = ranges(draft, &call, subnets) else { return Ok(None) };
    let is_new = match paths.gateway {
        Gateway::NewIn(_) => true,
        Gateway::Existing(id) if only_gateway(draft, id).is_some() => false,
        Gateway::Existing(_) => return Ok(None),
    };
    let (place, name) = (call.place, call.name());
    let mut splices = Vec::new();
    let mut absent: Vec<(&str, &str)> = Vec::new();
    if let Some(empty) = place.block.body.attribute(SUBNETS) {
        splices.push(Splice::new(empty.value.clone(), ranges.clone()));
    } else {
        let beside = place.block.body.attribute("public_subnets");
        let argument = (SUBNETS, ranges.as_str());
        match beside.and_then(|beside| add_below(place.file, &place.block.body, beside, argument)) {
            Some(below) => splices.extend(below),
            None => absent.push(argument),
        }
    }
    for (name, wanted, is_needed) in GATEWAY.iter().filter(|_| is_new) {
        let Some(attribute) = place.block.body.attribute(name) else {
            absent.extend(is_needed.then_some((*name, *wanted)));
            continue;
        };
        if call.text(name).as_deref() == Some(*wanted) {
            continue;
        }
        let is_literal =
            matches!(place.file.expression(attribute).tree().as_deref(), Some(Expression::Bool(_)));
        if !is_literal {
            return Ok(None);
        }
        splices.push(Splice::new(attribute.value.clone(), *wanted));
    }
    add_beside_switch(&call, &mut splices, &mut absent);
    splices.extend(add_paragraph(place.file, place.block, &absent)?);
    draft.splice_all(place.file, splices);
    announce(draft, &call, (subnets.len(), is_new));
    let what = if is_new {
        "the subnets, their route table and the NAT gateway"
    } else {
        "the subnets and their route table"
    };
    draft
        .note(&format!("module.{name} creates {what}: this edit sets its arguments ({}).", place.location()));
    let table = format!("module.{name}.private_route_table_ids[0]");
    for route in paths.routes {
        add_kept_route(draft, route, &table);
    }
    for endpoint in paths.endpoints {
        associate_new_table(draft, endpoint, &table)?;
    }
    Ok(Some(format!("module.{name}.{SUBNETS}")))
}

/// Moves the only absent argument to the line below the switch of the NAT gateway, if the call has that and nothing else aligns the lines.
fn add_beside_switch(call: &RegistryCall<'_>, splices: &mut Vec<Splice>, absent: &mut Vec<(&str, &str)>) {
    let place = call.place;
    let switch = place.block.body.attribute("enable_nat_gateway");
    if let ([argument], Some(switch)) = (absent.as_slice(), switch)
        && let Some(below) = add_below(place.file, &place.block.body, switch, *argument)
        && !below.iter().any(|one| splices.iter().any(|other| other.span == one.span))
    {
        splices.extend(below);
        absent.clear();
    }
}

/// Whether the arguments of a call may be changed, and the module creates its first private subnets with them.
fn is_open(draft: &Draft<'_>, call: &RegistryCall<'_>) -> bool {
    let is_empty = match call.argument(SUBNETS) {
        Some(list) => matches!(&list, Expression::Array(list) if list.is_empty()),
        None => true,
    };
    let is_default = |name: &str| !call.has(name) || call.text(name).as_deref() == Some("true");
    is_empty
        && call.key.is_none()
        && call.length("public_subnets").is_some_and(|number| number > 0)
        && ["create_vpc", "create_igw", "create_private_nat_gateway_route"].into_iter().all(is_default)
        && !call.place.file.is_json()
        && call.place.file.generated.is_none()
        && draft.is_editable_call(call.place)
        && draft.finder.state.is_empty()
}

/// The ranges of the new subnets in the order of the module's AZs; `None` if the subnets are not in the first AZs, or the AZs are unknown.
fn ranges(draft: &Draft<'_>, call: &RegistryCall<'_>, subnets: &[PlannedSubnet]) -> Option<String> {
    let zones = zones(draft, call)?;
    let range = |zone: &String| {
        let mut own = subnets.iter().filter(|subnet| subnet.zone.as_str() == zone);
        let range = own.next()?.cidr.to_string();
        own.next().is_none().then(|| quoted(&range))
    };
    let all = zones.get(..subnets.len())?.iter().map(range).collect::<Option<Vec<_>>>()?;
    Some(format!("[{}]", all.join(", ")))
}

/// The AZs of the module: by their names, or else by the public subnets that AWS has for its ranges.
fn zones(draft: &Draft<'_>, call: &RegistryCall<'_>) -> Option<Vec<String>> {
    let texts = |name: &str| {
        let list = call.place.block.body.attribute(name)?;
        call.place.module.texts(call.place.file.expression(list))
    };
    if let Some(zones) = texts("azs") {
        return Some(zones);
    }
    let network = &draft.finder.snapshot.network;
    let own = draft.finder.workload_subnets();
    let vpc = own.iter().find_map(|id| network.subnets.get(id)).map(|subnet| &subnet.vpc)?;
    let zone = |range: &String| {
        let has_range = |cidr: ipnet::Ipv4Net| cidr.to_string() == *range;
        let mut found =
            network.subnets.iter().filter(|subnet| subnet.vpc == *vpc && subnet.cidr.is_some_and(has_range));
        Some(found.next()?.zone.to_string())
    };
    texts("public_subnets")?.iter().map(zone).collect()
}

/// Announces what the module creates.
fn announce(draft: &mut Draft<'_>, call: &RegistryCall<'_>, (subnets, is_new): (usize, bool)) {
    let module = call.address();
    let gateway = [("aws_eip", "nat"), ("aws_nat_gateway", "this"), ("aws_route", "private_nat_gateway")];
    // With a NAT gateway of the module, the route of the new table comes too.
    let of_gateway = if is_new { gateway.as_slice() } else { gateway.get(2..).unwrap_or_default() };
    let own = [
        ("aws_subnet", "private"),
        ("aws_route_table_association", "private"),
        ("aws_route_table", "private"),
    ];
    for (kind, name) in own.iter().chain(of_gateway) {
        let address = ResourceAddress::new(Some(&module), kind, name);
        let count = if ["aws_subnet", "aws_route_table_association"].contains(kind) { subnets } else { 1 };
        draft.instances.insert(address.clone(), count);
        draft.reenabled.push(address);
    }
}
