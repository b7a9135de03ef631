//! Re-enables a VPC endpoint that is disabled or commented out in the code.

use hcl_edit::expr::Expression;
use hcl_edit::template::Element;

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::names::data_source_of;
use crate::terraform::edit::text::uncomment::uncomment;
use crate::terraform::edit::values::reenable::enable_block;
use crate::terraform::edit::values::requirement::{Amendment, Requirement};
use crate::terraform::error::EditError;
use crate::terraform::find::commented_out::{CommentedOut, commented_out};
use crate::terraform::find::instance_argument::{argument_of, keys_of};
use crate::terraform::find::origin::Origin;
use crate::terraform::find::switch::{Switch, switch_of};
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::{Expr, reference};
use crate::terraform::lang::partial::references;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::scan::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::{Place, location};

const KIND: &str = "aws_vpc_endpoint";

/// The endpoint that a remedy needs.
pub(in crate::terraform) struct EndpointSpec<'s> {
    /// Full service name, `com.amazonaws.us-west-2.s3`.
    pub service: &'s str,
    /// The part of the service name after the region, `s3`.
    pub suffix: &'s str,
    /// `Gateway` or `Interface`.
    pub endpoint_type: &'s str,
    /// Its other required attributes.
    pub requirements: &'s [Requirement],
}

/// Enables or uncomments the endpoint. Returns `false` if the code does not have it.
///
/// # Errors
/// The endpoint is enabled in the code, or its switch cannot be edited.
pub(in crate::terraform) fn reenable(
    draft: &mut Draft<'_>,
    spec: &EndpointSpec<'_>,
) -> Result<bool, EditError> {
    if let Some(place) = find_block(draft, spec)? {
        let Place { module, file, block } = place;
        let related = security_group_addresses(module, file, block);
        let amendment = Amendment::of(file, block, spec.requirements)?;
        enable_block(draft, place, &related)?;
        amendment.note(draft, &address(block));
        draft.splice_all(file, amendment.splices);
        return Ok(true);
    }
    let Some(commented) = find_commented_out(draft, spec) else { return Ok(false) };
    uncomment(draft, &commented, spec.requirements)?;
    Ok(true)
}

/// Enables the endpoint if the block of it is in another module than the target. Returns `false` if there is no such block.
///
/// # Errors
/// As [`reenable`].
pub(in crate::terraform) fn reenable_elsewhere(
    draft: &mut Draft<'_>,
    spec: &EndpointSpec<'_>,
) -> Result<bool, EditError> {
    let target = &draft.finder.target.address;
    let Some(place) = find_block(draft, spec)?.filter(|place| place.module.address != *target) else {
        return Ok(false);
    };
    enable_block(draft, place, &security_group_addresses(place.module, place.file, place.block))?;
    let is_beside_vpc = matches!(&draft.finder.network.vpc, Some(Origin::Block(vpc)) if vpc.place.module.address == place.module.address);
    if !is_beside_vpc {
        draft.note(&format!(
            "{} is in another module than the network: check its subnets, route tables and security groups.",
            place.address_in_root()
        ));
    }
    Ok(true)
}

/// The block of the endpoint, if it is enabled: Terraform creates the endpoint with the next apply.
///
/// # Errors
/// As [`reenable`].
pub(in crate::terraform) fn enabled_in_code<'a>(
    draft: &Draft<'a>,
    spec: &EndpointSpec<'_>,
) -> Result<Option<Place<'a>>, EditError> {
    let is_on =
        |place: &Place<'a>| switch_of(draft.finder.config, place.module, place.file, place.block).is_on();
    Ok(find_block(draft, spec)?.filter(is_on))
}

/// The block of the endpoint, if it is disabled.
///
/// # Errors
/// As [`reenable`].
pub(in crate::terraform) fn disabled_in_code<'a>(
    draft: &Draft<'a>,
    spec: &EndpointSpec<'_>,
) -> Result<Option<Place<'a>>, EditError> {
    let is_disabled = |place: &Place<'a>| place.module.is_disabled(place.file, place.block) == Some(true);
    Ok(find_block(draft, spec)?.filter(is_disabled))
}

/// The security groups that an endpoint refers to, and their rules. They are free, so they are enabled
/// together with the endpoint.
fn security_group_addresses(module: &Module, file: &File, endpoint: &Block) -> Vec<String> {
    let mut groups = references(file.slice(endpoint.span.clone()));
    groups.retain(|reference| reference.starts_with("aws_security_group."));
    let is_rule = |(file, block): &(&File, &Block)| {
        let kind = block.kind().unwrap_or_default();
        (kind.starts_with("aws_security_group_rule") || kind.starts_with("aws_vpc_security_group_"))
            && references(file.slice(block.span.clone())).iter().any(|reference| groups.contains(reference))
    };
    let rules = module.blocks("resource").filter(is_rule).map(|(_, block)| address(block));
    groups.iter().cloned().chain(rules).collect()
}

/// Whether an expression is the service name; `None` if unknown.
fn is_service(module: &Module, expression: &str, spec: &EndpointSpec<'_>) -> Option<bool> {
    if let Some(name) = module.evaluate(expression) {
        return Some(name == spec.service);
    }
    if ending(expression).is_some_and(|ending| ending.ends_with(&format!(".{}", spec.suffix))) {
        return Some(true);
    }
    if let Some((file, block)) = data_source_of(module, Expr::from(expression)) {
        let service = module.evaluate(module.merged(file, block, "service")?)?;
        return Some(service == spec.suffix);
    }
    (!module.pattern(expression).fits(spec.service)).then_some(false)
}

/// A reference, `local.services.s3`, or the text at the end of a template, `"com.amazonaws.${var.region}.s3"`.
fn ending(expression: &str) -> Option<String> {
    let tree = Expr::from(expression).tree()?;
    match &*tree {
        Expression::StringTemplate(template) => match template.iter().last()? {
            Element::Literal(text) => Some((**text).clone()),
            _ => None,
        },
        other => reference(other),
    }
}

/// Whether `vpc_endpoint_type` is or may be the type; the provider's default is `Gateway`.
fn may_be_of_type(module: &Module, expression: Option<&str>, spec: &EndpointSpec<'_>) -> bool {
    let known = expression.map_or_else(|| Some("Gateway".to_owned()), |written| module.evaluate(written));
    known.is_none_or(|known| known == spec.endpoint_type)
}

/// The block of the endpoint in the workload's VPC, in any module.
///
/// # Errors
/// It is uncertain whether a block is the endpoint: its VPC or service is unknown, it has another provider,
/// or it creates several endpoints. Or an override file changes the block.
fn find_block<'a>(draft: &Draft<'a>, spec: &EndpointSpec<'_>) -> Result<Option<Place<'a>>, EditError> {
    let mut uncertain = None;
    let modules = draft.finder.config.modules().into_iter();
    let places =
        modules.flat_map(|module| module.resources(KIND).map(move |(file, block)| (module, file, block)));
    for (module, file, block) in places {
        let value = |name: &str| module.merged(file, block, name);
        let Some(service) = value("service_name") else { continue };
        if !may_be_of_type(module, value("vpc_endpoint_type"), spec)
            || draft.finder.is_in_another_region(module, file, block)
        {
            continue;
        }
        let why = match match_service(draft, Place { module, file, block }, service, spec) {
            ServiceMatch::No => continue,
            ServiceMatch::Yes => None,
            ServiceMatch::Uncertain(why) => Some(why),
        };
        let is_workload_vpc = value("vpc_id").and_then(|vpc| draft.finder.is_workload_vpc(module, vpc));
        // Discovery found no such endpoint in the workload's VPC, so an applied one is in another VPC.
        let is_applied = draft.finder.state.id_at(&module.address_of(block)).is_some();
        match (is_workload_vpc, why) {
            (Some(false), _) => {}
            (Some(true), None) => {
                if let Some(place) = module.overridden(block) {
                    let what = format!(
                        "this override file changes {} ({}), so an edit there may have no effect",
                        address(block),
                        location(file, block)
                    );
                    return Err(EditError::NotUnderstood { place, what });
                }
                return Ok(Some(Place { module, file, block }));
            }
            _ if is_applied => {}
            (Some(true), Some(why)) => uncertain = uncertain.or(Some((file, block, why))),
            (None, why) => {
                let why = why.unwrap_or_else(|| "may be this endpoint: its VPC is unknown".to_owned());
                uncertain = uncertain.or(Some((file, block, why)));
            }
        }
    }
    let Some((file, block, why)) = uncertain else { return Ok(None) };
    let what = format!("{} {why}", address(block));
    Err(EditError::NotUnderstood { place: location(file, block), what })
}

enum ServiceMatch {
    Yes,
    No,
    /// The predicate of a sentence about the block.
    Uncertain(String),
}

/// Whether a block is for the service.
fn match_service(
    draft: &Draft<'_>,
    Place { module, file, block }: Place<'_>,
    service: &str,
    spec: &EndpointSpec<'_>,
) -> ServiceMatch {
    if Expr::from(service).differs_by_instance() {
        let place = Place { module, file, block };
        let (config, region) = (draft.finder.config, draft.finder.snapshot.region.as_str());
        let keys = keys_of(config, place);
        let services: Vec<Option<String>> =
            keys.iter().map(|key| argument_of(config, place, (key, "service_name"), region)).collect();
        let is_own = |name: &Option<String>| name.as_deref() == Some(spec.service);
        let are_known = !services.is_empty() && services.iter().all(Option::is_some);
        let list = module.merged(file, block, "for_each").unwrap_or_default();
        let contains_service = services.iter().any(is_own)
            || !are_known
                && match module.keys(list) {
                    Some(keys) if !keys.is_empty() => keys.iter().any(|key| key == spec.suffix),
                    Some(_) | None => Expr::from(list).contains_string(spec.suffix),
                };
        return match switch_of(draft.finder.config, module, file, block) {
            _ if !contains_service => ServiceMatch::No,
            Switch::Other(cause) => {
                ServiceMatch::Uncertain(format!("exists, but {cause} disables it: enable it"))
            }
            Switch::Value(found)
                if draft.finder.has_network_provider(module, file, block)
                    && found
                        .instances(module, file, block)
                        .is_some_and(|keys| keys.contains(&format!("[{}]", quoted(spec.suffix)))) =>
            {
                ServiceMatch::Yes
            }
            Switch::On if draft.finder.has_network_provider(module, file, block) => ServiceMatch::Yes,
            _ => ServiceMatch::Uncertain("creates several endpoints, this one included".to_owned()),
        };
    }
    match is_service(module, service, spec) {
        Some(true) if !draft.finder.has_network_provider(module, file, block) => {
            ServiceMatch::Uncertain("may be this endpoint, but it sets its own provider".to_owned())
        }
        Some(true) => ServiceMatch::Yes,
        Some(false) => ServiceMatch::No,
        None => ServiceMatch::Uncertain("may be this endpoint: its service is unknown".to_owned()),
    }
}

/// The commented-out endpoint. Skipped if its VPC is another one or unknown.
fn find_commented_out<'a>(draft: &Draft<'a>, spec: &EndpointSpec<'_>) -> Option<CommentedOut<'a>> {
    let module = draft.finder.target;
    let is_endpoint = |commented: &CommentedOut<'_>| {
        let is_workload_vpc =
            commented.value("vpc_id").and_then(|vpc| draft.finder.is_workload_vpc(module, vpc));
        let is_service = commented.value("service_name").and_then(|name| is_service(module, name, spec));
        is_service == Some(true)
            && may_be_of_type(module, commented.value("vpc_endpoint_type"), spec)
            && is_workload_vpc == Some(true)
    };
    commented_out(module, KIND).into_iter().find(is_endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_name_ends_with_a_known_text() {
        let template = "\"com.amazonaws.${var.region}.s3\"";
        for text in [template, &format!("({template})"), &format!("/* S3 */ {template}")] {
            assert_eq!(ending(text).as_deref(), Some(".s3"), "{text}");
        }
        assert_eq!(ending("(local.names.s3 # S3\n)").as_deref(), Some("local.names.s3"));
        assert_eq!(ending("var.on ? local.names.sqs : local.names.s3"), None);
        assert_eq!(ending("\"com.amazonaws.s3.${var.name}\""), None);
    }
}
