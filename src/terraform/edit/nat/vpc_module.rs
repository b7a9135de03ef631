//! The edit for a VPC that the public VPC module creates: enables the module's NAT gateways in its call.
//!
//! <https://registry.terraform.io/modules/terraform-aws-modules/vpc/aws/latest>

use std::collections::BTreeSet;

use hcl_edit::expr::Expression;
use ipnet::Ipv4Net;

use crate::model::{NatGatewayId, RouteTableId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::nat::number::{NatNumber, most_subnets};
use crate::terraform::edit::text::alignment::equal_sign;
use crate::terraform::edit::text::amend::add_paragraph;
use crate::terraform::edit::text::one_value::{for_environment, for_one_instance};
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::edit::values::argument_value;
use crate::terraform::error::EditError;
use crate::terraform::find::one_environment::condition;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::registry::{RegistryCall, RegistryModule};
use crate::terraform::find::switch::{SwitchValue, values_with};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::structure::Attribute;
use crate::terraform::read::file::File;
use crate::terraform::read::place::Place;

const SWITCH: &str = "enable_nat_gateway";

/// Enables the module's NAT gateways: one for all AZs, or one in each AZ. Returns `false` if the module
/// does not create the VPC.
///
/// # Errors
/// The call must be changed by hand, an override file changes it, or it enables the NAT gateways already.
pub(in crate::terraform) fn enable_nat(
    draft: &mut Draft<'_>,
    tables: &[RouteTableId],
    one_per_az: bool,
) -> Result<bool, EditError> {
    let Some(call) = caller(draft).filter(|call| !has_own_tables(draft, call)) else { return Ok(false) };
    let caller = call.place;
    if let Some(place) = caller.module.overridden(caller.block) {
        let what = format!("this override file changes the call of the VPC module ({})", caller.location());
        return Err(EditError::NotUnderstood { place, what });
    }
    let (name, module) = (call.name(), call.address());
    let gateway = ResourceAddress::new(Some(&module), "aws_nat_gateway", "this");
    if draft.reenabled.contains(&gateway) {
        return Ok(true);
    }
    let number = if one_per_az { NatNumber::for_each_zone(&call) } else { Ok(NatNumber::One) };
    let number = number.map_err(|what| EditError::Answer { place: caller.location(), what })?;
    let wanted = number.wanted();
    let value = |name: &str| {
        let attribute = caller.block.body.attribute(name)?;
        Some((attribute, caller.file.expression(attribute)))
    };
    if let Some(refusal) = without_public_subnets_of(draft, &call, wanted) {
        return Err(refusal);
    }
    // The module adds routes only to its private route tables.
    let private_subnets = format!("module.{name}.private_subnets");
    let other_table =
        tables.iter().find(|id| match draft.finder.state.of(id.as_str(), &["aws_route_table"]) {
            Some(managed) => managed.name != "private" || managed.module.as_deref() != Some(module.as_str()),
            None => {
                !draft.finder.state.is_empty()
                    || !Expr::from(&draft.finder.code.subnets).has_only_elements_of(&private_subnets)
            }
        });
    if let Some(table) = other_table {
        let what = format!(
            "it is unknown whether {table} is one of the module's private route tables, and the module adds routes only to these"
        );
        let (place, snippet) = (caller.location(), arguments(&call, None, wanted));
        return Err(EditError::ByHand { place, what, snippet });
    }
    let already = || EditError::AlreadyInCode { address: gateway.to_string(), place: caller.location() };
    let present = gateway_count(&call);
    // The value of a variable that enables the gateways can decide their number too.
    let mut switch: Option<SwitchValue> = None;
    let mut absent: Vec<(&str, &str)> = Vec::new();
    let config = draft.finder.config;
    let on = match call.key.as_deref() {
        Some(key) => for_one_instance(key, "true", "false"),
        None => for_environment(config, caller.module, "true", "false").unwrap_or_else(|| "true".to_owned()),
    };
    for (name, new_value) in [(SWITCH, "true")].into_iter().chain(number.arguments()) {
        let Some((attribute, expression)) = value(name) else {
            if new_value == "true" {
                absent.push((name, on.as_str()));
            }
            continue;
        };
        match expression.tree().as_deref() {
            Some(Expression::Bool(on)) if *on.value() && name == SWITCH => return Err(already()),
            _ if name != SWITCH && call.text(name).as_deref() == Some(new_value) => {}
            Some(Expression::Bool(_) | Expression::Null(_)) if call.key.is_none() => {
                if name != SWITCH {
                    draft.note(&format!(
                        "{name} was {}: this edit sets it to {new_value}.",
                        expression.in_one_line()
                    ));
                }
                let own = for_environment(config, caller.module, new_value, expression.text.trim());
                let new = own.as_deref().unwrap_or(new_value);
                draft.splice(caller.file, Splice::new(attribute.value.clone(), new));
            }
            _ => {
                if call.text(name).as_deref() == Some(new_value) {
                    return Err(already());
                }
                if !set_argument(draft, &call, (attribute, new_value), &mut switch) {
                    let key = call.key.as_deref();
                    return Err(argument_value::of_call(draft, (caller, key), attribute, new_value));
                }
            }
        }
    }
    if let Some(condition) = condition(config).filter(|one| call.key.is_none() && one.fits(caller.module)) {
        draft.note(&condition.note("the present values"));
    }
    let beside =
        caller.block.body.attribute(SWITCH).and_then(|switch| add_below(caller.file, switch, &absent));
    let splices = match beside {
        Some(splice) => vec![splice],
        None => add_paragraph(caller.file, caller.block, &absent)?,
    };
    draft.splice_all(caller.file, splices);
    let subnets = call.length("private_subnets");
    if let Some(condition) = number.condition(&call) {
        draft.note(&condition);
    }
    let new = number.of(&call);
    announce_tables(draft, (&name, &module), subnets, (present, new));
    announce_gateways(draft, &call, present, new);
    draft.note(&format!(
        "module.{name} creates the NAT gateway, its Elastic IP and a default route in each of its private route tables."
    ));
    Ok(true)
}

/// The refusal for a VPC that the module creates without public subnets.
pub(in crate::terraform) fn without_public_subnets(draft: &Draft<'_>) -> Option<EditError> {
    without_public_subnets_of(draft, &caller(draft)?, NatNumber::One.wanted())
}

fn without_public_subnets_of(
    draft: &Draft<'_>,
    call: &RegistryCall<'_>,
    wanted: Option<&'static str>,
) -> Option<EditError> {
    let Place { file, block, .. } = call.place;
    let list = block.body.attribute("public_subnets").map(|attribute| file.expression(attribute));
    let what = match list {
        Some(list) if !list.is_empty_list() => return None,
        Some(_) => "public_subnets is empty, and a NAT gateway needs one: replace it",
        None => "the module has no public_subnets for a NAT gateway",
    };
    let range = free_range(draft).map(|range| ("public_subnets", format!("[\"{range}\"]")));
    let (place, snippet) = (call.place.location(), arguments(call, range, wanted));
    Some(EditError::ByHand { place, what: what.to_owned(), snippet })
}

/// Whether the connector is in subnets to whose route tables the module adds no route to its NAT gateways.
fn has_own_tables(draft: &Draft<'_>, call: &RegistryCall<'_>) -> bool {
    let (subnets, name) = (Expr::from(&draft.finder.code.subnets), call.name());
    let is_in = |kind: &str| subnets.has_only_elements_of(&format!("module.{name}.{kind}_subnets"));
    // Without route tables of their own, these subnets use the private route tables.
    let has_tables =
        |kind: &str| call.text(&format!("create_{kind}_subnet_route_table")).as_deref() == Some("true");
    let other =
        ["database", "elasticache", "redshift"].into_iter().any(|kind| is_in(kind) && has_tables(kind));
    draft.finder.state.is_empty() && (is_in("intra") || other)
}

/// Sets an argument of the call where its value is kept, or the value of a variable that decides it: `var.gateways > 0`. `switch` is such a
/// value that this edit sets already. `false` if egress-doctor does not edit the place of the value.
pub(in crate::terraform::edit) fn set_argument<'a>(
    draft: &mut Draft<'a>,
    call: &RegistryCall<'a>,
    (attribute, value): (&Attribute, &str),
    switch: &mut Option<SwitchValue>,
) -> bool {
    let caller = call.place;
    let expression = caller.file.expression(attribute);
    let is_wanted =
        |found: &SwitchValue| found.evaluate(expression).is_some_and(|found| found.to_string() == value);
    if switch.as_ref().is_some_and(is_wanted) {
        return true;
    }
    if draft.set_argument_value((caller, call.key.as_deref()), &attribute.name, value).is_ok() {
        return true;
    }
    let tree = expression.tree();
    let found = tree.map(|tree| values_with(draft.finder.config, caller.module, &tree, is_wanted));
    let own = format!("module.{}", caller.block.kind().unwrap_or_default());
    let mut found = found.unwrap_or_default().into_iter();
    *switch = found.find(|found| draft.set_switch(caller.module, found, std::slice::from_ref(&own)));
    switch.is_some()
}

/// The only NAT gateway of the VPC, if the module creates it, as an output of the module.
pub(in crate::terraform) fn only_gateway(draft: &Draft<'_>, nat: &NatGatewayId) -> Option<String> {
    let call = caller(draft)?;
    let network = &draft.finder.snapshot.network;
    let vpc = &network.nat_gateways.get(nat)?.vpc;
    let is_only = network.nat_gateways.iter().filter(|gateway| gateway.vpc == *vpc).count() == 1;
    let is_on = |name: &str| call.text(name).as_deref() == Some("true");
    let name = call.name();
    (is_only && is_on(SWITCH) && is_on("single_nat_gateway")).then(|| format!("module.{name}.natgw_ids[0]"))
}

/// The arguments to write by hand, laid out as `terraform fmt` does: those that the call does not have, then those that replace its own.
fn arguments(
    call: &RegistryCall<'_>,
    more: Option<(&'static str, String)>,
    wanted: Option<&'static str>,
) -> String {
    let Place { file, block, .. } = call.place;
    let switches = [SWITCH].into_iter().chain(wanted).map(|name| (name, "true".to_owned()));
    let open =
        more.into_iter().chain(switches).filter(|(name, value)| call.text(name).as_ref() != Some(value));
    let (own, new): (Vec<_>, Vec<_>) = open.partition(|(name, _)| call.has(name));
    let width = new.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let added = new.iter().map(|(name, value)| format!("{name:<width$} = {value}"));
    let replaced = own.iter().filter_map(|(name, value)| {
        let present = block.body.attribute(name)?;
        let (path, line) = (file.path.display(), file.line(present.span.start));
        let text = file.expression(present).in_one_line();
        Some(format!("# Instead of {name} = {text} ({path}:{line})\n{name} = {value}"))
    });
    added.chain(replaced).collect::<Vec<_>>().join("\n")
}

/// The number of NAT gateways that the module's arguments ask for, which is also the number of its private route tables, also with
/// `enable_nat_gateway = false`; `None` if unknown.
pub(in crate::terraform::edit) fn gateway_count(call: &RegistryCall<'_>) -> Option<usize> {
    let is_on = |name: &str| match call.has(name).then(|| call.text(name)) {
        None => Some(false),
        Some(text) => match text?.as_str() {
            "true" => Some(true),
            "false" | "null" => Some(false),
            _ => None,
        },
    };
    if is_on("single_nat_gateway")? {
        return Some(1);
    }
    if is_on("one_nat_gateway_per_az")? {
        return if call.has("azs") { call.length("azs") } else { Some(0) };
    }
    most_subnets(call)
}

/// The private route table with this id as an element of the module's output, by the ranges of the subnets that use it.
pub(in crate::terraform::edit) fn table_of_call<'a>(
    draft: &Draft<'a>,
    id: &RouteTableId,
) -> Option<Origin<'a>> {
    let network = &draft.finder.snapshot.network;
    let tables = draft.finder.network.chain.as_ref()?.tables();
    let [Origin::Output { call: place, key, name }] = tables.as_slice() else { return None };
    let call = RegistryCall::of_output(tables.first()?, RegistryModule::Vpc)?;
    let count = gateway_count(&call).filter(|_| name == "private_route_table_ids")?;
    let ranges = place.module.texts(Expr::parsed("", &call.argument("private_subnets")?))?;
    let index = |subnet| {
        let range = network.subnets.get(subnet)?.cidr?.to_string();
        Some(table_of(ranges.iter().position(|one| *one == range)?, count))
    };
    let subnets = &network.route_tables.get(id)?.subnets;
    let places = subnets.iter().map(index).collect::<Option<BTreeSet<usize>>>()?;
    let index = places.first().filter(|_| places.len() == 1)?;
    Some(Origin::Output { call: *place, key: key.clone(), name: format!("{name}[{index}]") })
}

/// A range of 256 addresses of the VPC that no subnet has.
fn free_range(draft: &Draft<'_>) -> Option<Ipv4Net> {
    let network = &draft.finder.snapshot.network;
    let ids = draft.finder.workload_subnets();
    let vpc = ids.iter().find_map(|id| network.subnets.get(id)).map(|subnet| &subnet.vpc)?;
    let own = network.subnets.iter().filter(|subnet| subnet.vpc == *vpc);
    // The range of a subnet may be unknown.
    let used: Option<Vec<Ipv4Net>> = own.map(|subnet| subnet.cidr).collect();
    let used = used?;
    let overlaps = |range: &Ipv4Net| used.iter().any(|one| one.contains(range) || range.contains(one));
    network.vpcs.get(vpc)?.cidrs.first()?.subnets(24).ok()?.find(|range| !overlaps(range))
}

/// Announces what the module creates for each gateway. `present` and `new` are the numbers of gateways.
fn announce_gateways(
    draft: &mut Draft<'_>,
    call: &RegistryCall<'_>,
    present: Option<usize>,
    new: Option<usize>,
) {
    let is_on = call.has(SWITCH) && call.text(SWITCH).as_deref() == Some("true");
    let before = present.filter(|_| is_on).unwrap_or_default();
    let more = new.unwrap_or(draft.nat_gateways).saturating_sub(before);
    for (kind, name) in
        [("aws_eip", "nat"), ("aws_nat_gateway", "this"), ("aws_route", "private_nat_gateway")]
    {
        let address = ResourceAddress::new(Some(&call.address()), kind, name);
        draft.instances.insert(address.clone(), more);
        draft.reenabled.push(address);
    }
}

/// Announces the private route tables that the module adds or destroys because it has one for each NAT gateway.
pub(in crate::terraform::edit) fn announce_tables(
    draft: &mut Draft<'_>,
    (name, module): (&str, &str),
    subnets: Option<usize>,
    (present, new): (Option<usize>, Option<usize>),
) {
    let address = |kind: &str, number: usize| {
        ResourceAddress::new(Some(module), kind, "private").with_key(format!("[{number}]"))
    };
    let (Some(present), Some(new), Some(subnets)) = (present, new, subnets) else {
        draft.note(&format!(
            "module.{name} has one private route table for each NAT gateway. Their number is unknown here: read in the plan which \
             aws_route_table.private it destroys. Routes and endpoints of other code in them are lost."
        ));
        return;
    };
    // Subnet n uses the table n, or the table n of the tables that remain.
    let changed = (0..subnets).filter(|subnet| table_of(*subnet, present) != table_of(*subnet, new));
    let changed: Vec<ResourceAddress> =
        changed.map(|subnet| address("aws_route_table_association", subnet)).collect();
    for association in &changed {
        draft.change(association);
    }
    let destroyed: Vec<ResourceAddress> =
        (new..present).map(|table| address("aws_route_table", table)).collect();
    let added = (present..new).map(|table| address("aws_route_table", table));
    draft.reenabled.extend(added);
    if let Some(first) = destroyed.first() {
        let last = destroyed.last().filter(|last| *last != first);
        let range = last.map_or_else(String::new, |last| format!(" to {last}"));
        draft.note(&format!(
            "module.{name} has one private route table for each NAT gateway, so Terraform destroys {first}{range} and moves the subnets to the \
             tables that remain. Routes and endpoint associations that other code has in the destroyed tables are lost: add them to a \
             remaining table first."
        ));
    }
    draft.destroys.extend(destroyed);
}

/// The private route table of a subnet of the module: `element(aws_route_table.private, n)`.
fn table_of(subnet: usize, tables: usize) -> usize {
    subnet.checked_rem(tables).unwrap_or_default()
}

/// Adds arguments below the line of another one, with its alignment; `None` if they have longer names.
fn add_below(file: &File, beside: &Attribute, arguments: &[(&str, &str)]) -> Option<Splice> {
    let start = file.slice(0..beside.span.start).rfind('\n').map_or(0, |at| at + 1);
    let indent = file.slice(start..beside.span.start);
    let width = (equal_sign(file, beside)? - beside.span.start).checked_sub(1)?;
    let is_longer = arguments.iter().any(|(name, _)| name.len() > width);
    let end = beside.span.end + file.text.get(beside.span.end..)?.find('\n')? + 1;
    if arguments.is_empty() || is_longer || !indent.trim().is_empty() || file.value(beside).contains('\n') {
        return None;
    }
    let lines: String =
        arguments.iter().map(|(name, value)| format!("{indent}{name:<width$} = {value}\n")).collect();
    Some(Splice::new(end..end, lines))
}

/// The call of the public VPC module, if it creates the workload's VPC.
pub(in crate::terraform::edit) fn caller<'a>(draft: &Draft<'a>) -> Option<RegistryCall<'a>> {
    let vpc = Expr::from(&draft.finder.code.vpc_id).reference()?;
    let name = vpc.strip_prefix("module.")?.strip_suffix(".vpc_id")?;
    RegistryCall::named(draft.finder.target, name, RegistryModule::Vpc)
}
