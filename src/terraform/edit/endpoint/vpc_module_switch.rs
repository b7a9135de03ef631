//! Endpoints that the public VPC module creates: before its version 3, by the arguments `enable_s3_endpoint`,
//! `enable_secretsmanager_endpoint` and others of its call.

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::nat::vpc_module::{caller, gateway_count, set_argument};
use crate::terraform::edit::text::amend::{add_below, add_paragraph};
use crate::terraform::edit::text::one_value::for_one_instance;
use crate::terraform::edit::values::argument_value;
use crate::terraform::error::EditError;
use crate::terraform::find::registry::{RegistryCall, RegistryModule};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::Expr;

/// The first major version without these arguments.
const WITHOUT: u64 = 3;
const SERVICES: [&str; 2] = ["s3", "dynamodb"];
/// The first version that is known to have the arguments for all these interface endpoints: the ends of service names, and the switches
/// (<https://github.com/terraform-aws-modules/terraform-aws-vpc/blob/v2.77.0/variables.tf>).
const WITH_INTERFACES: (u64, u64) = (2, 44);
const INTERFACES: [(&str, &str); 16] = [
    ("ec2", "enable_ec2_endpoint"),
    ("ec2messages", "enable_ec2messages_endpoint"),
    ("ecr.api", "enable_ecr_api_endpoint"),
    ("ecr.dkr", "enable_ecr_dkr_endpoint"),
    ("events", "enable_events_endpoint"),
    ("execute-api", "enable_apigw_endpoint"),
    ("kinesis-firehose", "enable_kinesis_firehose_endpoint"),
    ("kinesis-streams", "enable_kinesis_streams_endpoint"),
    ("kms", "enable_kms_endpoint"),
    ("logs", "enable_logs_endpoint"),
    ("monitoring", "enable_monitoring_endpoint"),
    ("secretsmanager", "enable_secretsmanager_endpoint"),
    ("sns", "enable_sns_endpoint"),
    ("sqs", "enable_sqs_endpoint"),
    ("ssm", "enable_ssm_endpoint"),
    ("sts", "enable_sts_endpoint"),
];
/// The end of the arguments with the security groups of an interface endpoint.
pub(in crate::terraform::edit) const GROUPS: &str = "_endpoint_security_group_ids";

/// Sets the argument for a service in the call of the module. Returns `false`, and edits nothing, if the module does not create the VPC or
/// has no such argument, or if it gives the endpoint to other route tables than those of the connector.
///
/// # Errors
/// The call has the argument already, or its value must be changed by hand.
pub(in crate::terraform::edit) fn enable(draft: &mut Draft<'_>, suffix: &str) -> Result<bool, EditError> {
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
        if !set_argument(draft, &call, (attribute, "true"), &mut None) {
            return Err(argument_value::of_call(draft, (place, key), attribute, "true"));
        }
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

/// The same for an interface endpoint with private DNS and these security groups, in the private subnets of the module.
///
/// # Errors
/// The call has the argument already.
pub(in crate::terraform::edit) fn enable_interface(
    draft: &mut Draft<'_>,
    suffix: &str,
    groups: &str,
) -> Result<bool, EditError> {
    let Some(call) = caller(draft).filter(|call| call.key.is_none()) else { return Ok(false) };
    let found = INTERFACES.iter().find(|(service, _)| *service == suffix);
    let Some((switch, name)) = found.and_then(|(_, switch)| {
        Some((*switch, switch.strip_prefix("enable")?.strip_prefix('_')?.strip_suffix("_endpoint")?))
    }) else {
        return Ok(false);
    };
    let [groups_name, dns] = [format!("{name}{GROUPS}"), format!("{name}_endpoint_private_dns_enabled")];
    let (place, module) = (call.place, call.address());
    let endpoint = ResourceAddress::new(Some(&module), "aws_vpc_endpoint", name);
    let is_known = call.version().is_some_and(|version| version >= WITH_INTERFACES);
    let is_last = !is_known && call.permits_last_before(WITHOUT);
    let is_old =
        call.is_before(WITHOUT) && (is_known || is_last) && has_variable(&call, switch) != Some(false);
    // Without other subnets, the endpoint is in all private subnets of the module.
    let is_in_private = draft.finder.code.subnets == format!("module.{}.private_subnets", call.name());
    let is_open = is_old
        && is_in_private
        && ![&groups_name, &dns].iter().any(|name| call.has(name))
        && !call.has(&format!("{name}_endpoint_subnet_ids"))
        && !place.file.is_json()
        && draft.is_editable_call(place)
        && draft.finder.state.is_empty();
    if is_old && call.text(switch).as_deref() == Some("true") {
        return Err(EditError::AlreadyInCode { address: endpoint.to_string(), place: place.location() });
    }
    if !is_open {
        return Ok(false);
    }
    let mut new = vec![(groups_name.as_str(), groups), (dns.as_str(), "true")];
    match place.block.body.attribute(switch) {
        Some(present) => {
            if !set_argument(draft, &call, (present, "true"), &mut None) {
                return Ok(false);
            }
        }
        None => new.insert(0, (switch, "true")),
    }
    draft.splice_all(place.file, add_paragraph(place.file, place.block, &new)?);
    draft.reenabled.push(endpoint);
    draft.note(&format!(
        "module.{} creates the endpoint in its private subnets: this edit sets {switch} of its call.",
        call.name()
    ));
    if is_last && has_variable(&call, switch).is_none() {
        draft.note(&format!(
            "{switch} needs version {}.{} or later of module.{}. If terraform init installed an older one, run terraform init -upgrade.",
            WITH_INTERFACES.0,
            WITH_INTERFACES.1,
            call.name()
        ));
    }
    Ok(true)
}

/// Whether the installed code of the module has a variable; `None` if no code is installed.
fn has_variable(call: &RegistryCall<'_>, name: &str) -> Option<bool> {
    let label = call.place.block.kind()?;
    let called = &call.place.module.calls.iter().find(|known| known.name == label)?.module;
    called.blocks("variable").next()?;
    Some(called.has_variable(name))
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
