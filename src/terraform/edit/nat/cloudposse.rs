//! The NAT gateways and endpoints of a network that public modules of Cloud Posse create: edits of their calls.
//!
//! <https://registry.terraform.io/modules/cloudposse/dynamic-subnets/aws/latest>,
//! <https://registry.terraform.io/modules/cloudposse/vpc/aws/latest/submodules/vpc-endpoints>

use hcl_edit::expr::Expression;

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::reenable::EndpointSpec;
use crate::terraform::edit::nat::vpc_module::set_argument;
use crate::terraform::edit::text::amend::{add_below, add_paragraph};
use crate::terraform::edit::text::list::{insert_block_entry, key_like};
use crate::terraform::edit::text::one_value::for_one_instance;
use crate::terraform::edit::values::argument_value;
use crate::terraform::error::EditError;
use crate::terraform::find::collections::{Literal, literals};
use crate::terraform::find::form::key_text;
use crate::terraform::find::origin::{Origin, is_same_vpc};
use crate::terraform::find::registry::{RegistryCall, RegistryModule};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::without_parentheses;
use crate::terraform::lang::render::{Line, attribute, block, quoted};
use crate::terraform::read::place::Place;

const SWITCH: &str = "nat_gateway_enabled";
const NUMBER: &str = "max_nats";
/// The first major version in which the modules have the arguments that the edits set.
const OLDEST: u64 = 2;

/// Enables the NAT gateways of the module that creates the connector's subnets: one, or one in each AZ. Returns `false`, and edits nothing,
/// if no such module creates them.
///
/// # Errors
/// The call enables them already, or its value must be changed by hand.
pub(in crate::terraform::edit) fn enable_nat(
    draft: &mut Draft<'_>,
    one_per_az: bool,
) -> Result<bool, EditError> {
    let Some(call) = call_of_subnets(draft) else { return Ok(false) };
    let (place, module) = (call.place, call.address());
    let gateway = ResourceAddress::new(Some(&module), "aws_nat_gateway", "default");
    if draft.reenabled.contains(&gateway) {
        return Ok(true);
    }
    let is_on = |name: &str| call.text(name).as_deref() == Some("true");
    // Without the argument, the module creates gateways unless it creates instances.
    let written = place.block.body.attribute(SWITCH);
    if is_on(SWITCH) || written.is_none() && !call.has("nat_instance_enabled") {
        return Err(EditError::AlreadyInCode { address: gateway.to_string(), place: place.location() });
    }
    let is_open = draft.is_editable_call(place)
        && draft.finder.state.is_empty()
        && !is_on("nat_instance_enabled")
        && call.text("public_subnets_enabled").as_deref() != Some("false")
        && call.text("private_network_route_enabled").as_deref() != Some("false");
    if !is_open {
        return Ok(false);
    }
    let mut absent: Vec<(&str, &str)> = Vec::new();
    match written {
        Some(attribute) => {
            if !set_argument(draft, &call, (attribute, "true"), &mut None) {
                let key = call.key.as_deref();
                return Err(argument_value::of_call(draft, (place, key), attribute, "true"));
            }
        }
        None => absent.push((SWITCH, "true")),
    }
    match place.block.body.attribute(NUMBER) {
        None if !one_per_az && has_number(&call) => absent.push((NUMBER, "1")),
        None if !one_per_az => draft.note(&format!(
            "This version of module.{} has no {NUMBER}: it creates a NAT gateway in each Availability Zone of its subnets.",
            call.name()
        )),
        Some(attribute) if !one_per_az && call.text(NUMBER).as_deref() != Some("1") => {
            draft.note(&format!(
                "{NUMBER} of module.{} is `{}`: this edit keeps it.",
                call.name(),
                place.file.expression(attribute).in_one_line()
            ));
        }
        _ => {}
    }
    add_arguments(draft, &call, SWITCH, &absent)?;
    let is_one = !one_per_az && (call.has(NUMBER) || has_number(&call));
    let tables = draft.finder.workload_tables().0.len();
    let gateways = if is_one { 1 } else { tables };
    for (kind, name, number) in [
        ("aws_eip", "default", gateways),
        ("aws_nat_gateway", "default", gateways),
        ("aws_route", "nat4", tables),
    ] {
        let address = ResourceAddress::new(Some(&module), kind, name);
        draft.instances.insert(address.clone(), number);
        draft.reenabled.push(address);
    }
    draft.note(&format!(
        "module.{} creates the NAT gateway, its Elastic IP and a default route in each of its private route tables.",
        call.name()
    ));
    Ok(true)
}

/// The call of the module that creates all subnets of the connector as private ones.
fn call_of_subnets<'a>(draft: &Draft<'a>) -> Option<RegistryCall<'a>> {
    let subnets = draft.finder.network.subnets.as_ref()?;
    let first = RegistryCall::of_output(subnets.first()?, RegistryModule::CloudposseSubnets)?;
    let is_of_call = |origin: &Origin<'a>| {
        matches!(origin, Origin::Output { call, key, name }
            if call.is_same_block(&first.place)
                && key.as_deref().unwrap_or_default() == first.key.as_deref().unwrap_or_default()
                && name.split('[').next() == Some("private_subnet_ids"))
    };
    let is_known = subnets.iter().all(is_of_call) && has_version(&first);
    is_known.then_some(first)
}

/// Whether the module has the arguments in all versions that a call permits. Without a version, it is the newest one.
fn has_version(call: &RegistryCall<'_>) -> bool {
    let is_newest = || !call.has("version") && !call.text("source").unwrap_or_default().contains("?ref=");
    call.version().map_or_else(is_newest, |(major, _)| major >= OLDEST)
}

/// Whether the module has the number of NAT gateways as an argument: version 2.0 has none.
fn has_number(call: &RegistryCall<'_>) -> bool {
    let is_exact = call
        .text("version")
        .is_some_and(|version| version.starts_with(|one: char| one.is_ascii_digit() || one == '='));
    !is_exact || call.version().is_none_or(|version| version > (OLDEST, 0))
}

/// Adds arguments to a call, below another one if it has it.
fn add_arguments(
    draft: &mut Draft<'_>,
    call: &RegistryCall<'_>,
    beside: &str,
    absent: &[(&str, &str)],
) -> Result<(), EditError> {
    let Place { file, block, .. } = call.place;
    let values: Vec<(&str, String)> = absent
        .iter()
        .map(|(name, value)| {
            let key = call.key.as_deref();
            (*name, key.map_or_else(|| (*value).to_owned(), |key| for_one_instance(key, value, "null")))
        })
        .collect();
    let below = block.body.attribute(beside);
    if let ([(name, value)], Some(below)) = (values.as_slice(), below)
        && let Some(splices) = add_below(file, &block.body, below, (name, value))
    {
        draft.splice_all(file, splices);
        return Ok(());
    }
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    draft.splice_all(file, add_paragraph(file, block, &values)?);
    Ok(())
}

/// Adds an endpoint to the map of the module that creates endpoints of the VPC. Returns `false`, and edits nothing, if no such module has a
/// map that can get it.
///
/// # Errors
/// The map has the endpoint already.
pub(in crate::terraform::edit) fn add_endpoint(
    draft: &mut Draft<'_>,
    spec: &EndpointSpec<'_>,
) -> Result<bool, EditError> {
    let Some(call) = call_of_endpoints(draft) else { return Ok(false) };
    let (place, config, module) = (call.place, draft.finder.config, call.address());
    let (argument, resource) = match spec.endpoint_type {
        "Gateway" => ("gateway_vpc_endpoints", "gateway_endpoint"),
        _ => ("interface_vpc_endpoints", "interface_endpoint"),
    };
    let written = place.block.body.attribute(argument);
    let all = match written {
        Some(map) => literals(config, (place.module, place.file), map.value.clone()),
        None => Some(Vec::new()),
    };
    let Some(all) = all else { return Ok(false) };
    let endpoint = ResourceAddress::new(Some(&module), "aws_vpc_endpoint", resource);
    if let Some(key) = all.iter().find_map(|literal| key_of(literal, spec.suffix)) {
        let address = endpoint.with_key(format!("[{}]", quoted(&key))).to_string();
        return Err(EditError::AlreadyInCode { address, place: place.location() });
    }
    let key = spec.suffix.replace(['.', '-'], "_");
    let is_here = place.module.address == draft.finder.target.address
        && draft.is_editable_call(place)
        && !place.file.is_json();
    let splices = match (written, all.as_slice()) {
        (None, _) => {
            let map = block(&format!("{argument} ="), &[Line::Block(format!("{key} ="), fields(spec))]);
            let (_, map) = map.trim_end().split_once(" = ").unwrap_or_default();
            add_paragraph(place.file, place.block, &[(argument, map)])?
        }
        (Some(_), [literal]) => {
            let is_open = literal.is_editable(config)
                && literal.made_by.is_none()
                && literal.module.address == place.module.address;
            let tree = literal.tree();
            match tree.as_ref().map(without_parentheses) {
                Some(Expression::Object(map)) if is_open => {
                    let entry = block(&format!("{} =", key_like(map, &key)), &fields(spec));
                    insert_block_entry(literal.file, &literal.span, map, &entry).into_iter().collect()
                }
                _ => Vec::new(),
            }
        }
        (Some(_), _) => Vec::new(),
    };
    if splices.is_empty() || !is_here {
        return Ok(false);
    }
    let file = all.first().map_or(place.file, |literal| literal.file);
    draft.splice_all(file, splices);
    draft.reenabled.push(endpoint);
    draft.note(&format!(
        "module.{} creates the endpoint: this edit adds an entry to its {argument}.",
        call.name()
    ));
    Ok(true)
}

/// The fields of an entry. The type of the map requires all of them.
fn fields(spec: &EndpointSpec<'_>) -> Vec<Line> {
    let wanted = |name: &str| {
        let found = spec.requirements.iter().find(|one| one.name() == name);
        found.map_or_else(|| "[]".to_owned(), |one| one.value().to_owned())
    };
    let mut lines = vec![attribute("name", quoted(spec.suffix)), attribute("policy", "null")];
    if spec.endpoint_type == "Gateway" {
        lines.push(attribute("route_table_ids", wanted("route_table_ids")));
    } else {
        lines.push(attribute("private_dns_enabled", "true"));
        lines.push(attribute("subnet_ids", wanted("subnet_ids")));
        lines.push(attribute("security_group_ids", wanted("security_group_ids")));
    }
    lines
}

/// The key of the entry of a service.
fn key_of(literal: &Literal<'_>, suffix: &str) -> Option<String> {
    let tree = literal.tree()?;
    let Expression::Object(map) = without_parentheses(&tree) else { return None };
    map.iter().find_map(|(key, value)| {
        let key = key_text(key)?;
        let name = match without_parentheses(value.expr()) {
            Expression::Object(fields) => fields.iter().find_map(|(name, value)| {
                let is_name = key_text(name).as_deref() == Some("name");
                without_parentheses(value.expr()).as_str().filter(|_| is_name).map(str::to_owned)
            }),
            _ => None,
        };
        let is_service = name
            .map_or_else(|| key.replace('_', "-") == suffix.replace(['_', '.'], "-"), |name| name == suffix);
        is_service.then_some(key)
    })
}

/// The call of the module that creates endpoints of the workload's VPC.
fn call_of_endpoints<'a>(draft: &Draft<'a>) -> Option<RegistryCall<'a>> {
    let vpc = draft.finder.network.vpc.as_ref()?;
    let modules = draft.finder.config.modules().into_iter().filter(|module| module.is_editable());
    let places = modules
        .flat_map(|module| module.blocks("module").map(move |(file, block)| Place { module, file, block }));
    let calls = places.filter(|place| !place.is_one_of_several());
    let mut calls =
        calls.flat_map(|place| RegistryCall::instances(place, RegistryModule::CloudposseEndpoints));
    calls.find(|call| {
        let own = draft.finder.network.origins.single(call.place, "vpc_id");
        has_version(call) && own.is_some_and(|own| is_same_vpc(&own, vpc) == Some(true))
    })
}
