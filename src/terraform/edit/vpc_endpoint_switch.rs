//! Gateway endpoints that the public VPC module creates: before its version 3, by the arguments `enable_s3_endpoint` and
//! `enable_dynamodb_endpoint` of its call.

use crate::terraform::edit::amend::{add_below, add_paragraph};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::one_value::for_one_instance;
use crate::terraform::edit::vpc_module::{gateway_count, kept_elsewhere, set_argument};
use crate::terraform::error::EditError;
use crate::terraform::find::registry::{RegistryCall, RegistryModule};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::Expr;

/// The first major version without these arguments.
const WITHOUT: u64 = 3;
const SERVICES: [&str; 2] = ["s3", "dynamodb"];

/// Sets the argument for a service in the call of the module. Returns `false`, and edits nothing, if the module does not create the VPC or
/// has no such argument, or if it gives the endpoint to other route tables than those of the connector.
///
/// # Errors
/// The call has the argument already, or its value must be changed by hand.
pub(super) fn enable(draft: &mut Draft<'_>, suffix: &str) -> Result<bool, EditError> {
    let vpc = draft.finder.network.vpc.clone();
    let call = vpc.and_then(|vpc| RegistryCall::of_output(&vpc, RegistryModule::Vpc));
    let Some(call) = call.filter(|_| SERVICES.contains(&suffix)) else { return Ok(false) };
    let Some(tier) = tier_for(draft, &call, suffix) else { return Ok(false) };
    let (place, key, name) = (call.place, call.key.as_deref(), format!("enable_{suffix}_endpoint"));
    let module = call.address();
    let endpoint = ResourceAddress::new(Some(&module), "aws_vpc_endpoint", suffix);
    if call.text(&name).as_deref() == Some("true") {
        return Err(EditError::AlreadyInCode { address: endpoint.to_string(), place: place.location() });
    }
    let body = &place.block.body;
    if let Some(attribute) = body.attribute(&name) {
        let expression = place.file.expression(attribute);
        set_argument(draft, &call, (attribute, "true"), &mut None).map_err(|kept| EditError::ByHand {
            place: place.location(),
            what: kept_elsewhere(&call, (&name, expression), kept, "true"),
            snippet: format!("{name} = true\n"),
        })?;
    } else {
        let value = key.map_or_else(|| "true".to_owned(), |key| for_one_instance(key, "true", "false"));
        let mut others = SERVICES.iter().filter_map(|one| body.attribute(&format!("enable_{one}_endpoint")));
        let below = others.next().and_then(|other| add_below(place.file, body, other, (&name, &value)));
        if let Some(splices) = below {
            draft.splice_all(place.file, splices);
        } else {
            draft.splice_all(place.file, add_paragraph(place.file, place.block, &[(&name, &value)])?);
        }
    }
    let association = format!("{tier}_{suffix}");
    let association =
        ResourceAddress::new(Some(&module), "aws_vpc_endpoint_route_table_association", &association);
    let tables = if tier == "private" { gateway_count(&call) } else { Some(1) };
    draft.instances.insert(association.clone(), tables.unwrap_or(1));
    draft.reenabled.extend([endpoint, association]);
    draft.note(&format!(
        "module.{} creates the endpoint with routes in its private, intra and public route tables: this edit sets {name} of its call.",
        call.name()
    ));
    Ok(true)
}

/// The kind of the connector's subnets, if the call has the argument for a service, and its endpoint gets their route tables.
fn tier_for(draft: &Draft<'_>, call: &RegistryCall<'_>, suffix: &str) -> Option<&'static str> {
    let has_switches = call.is_before(WITHOUT)
        || SERVICES.iter().any(|service| call.has(&format!("enable_{service}_endpoint")));
    let kind = format!("{suffix}_endpoint_type");
    let is_gateway = !call.has(&kind) || call.text(&kind).as_deref() == Some("Gateway");
    let subnets = Expr::from(&draft.finder.code.subnets);
    let is_in = |tier: &str| subnets.has_only_elements_of(&format!("module.{}.{tier}_subnets", call.name()));
    let is_here = call.place.module.address == draft.finder.target.address;
    let is_open = has_switches
        && is_gateway
        && is_here
        && draft.is_editable_call(call.place)
        && draft.finder.state.is_empty();
    ["private", "intra"].into_iter().find(|tier| is_open && is_in(tier))
}
