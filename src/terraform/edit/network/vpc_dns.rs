//! The edit that enables the DNS attributes of a VPC.

use crate::model::VpcId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::import;
use crate::terraform::edit::nat::vpc_module::set_argument;
use crate::terraform::edit::text::amend::{add_attributes, ensure_not_ignored};
use crate::terraform::edit::values::argument_value;
use crate::terraform::edit::values::enable::enable;
use crate::terraform::error::EditError;
use crate::terraform::find::origin::{Instances, Origin};
use crate::terraform::find::registry::{RegistryCall, RegistryModule};
use crate::terraform::find::score::Clues;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;
use crate::text::listed;

/// Sets `enable_dns_support` and `enable_dns_hostnames` to `true`, each if it is requested.
pub(in crate::terraform) fn enable_dns(
    draft: &mut Draft<'_>,
    vpc: &VpcId,
    support: bool,
    hostnames: bool,
) -> Result<(), EditError> {
    let attributes = [("enable_dns_support", support), ("enable_dns_hostnames", hostnames)];
    let attributes: Vec<&str> = attributes.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    let by_hand = snippet(vpc, &attributes);
    let known = draft.finder.snapshot.network.vpcs.get(vpc);
    let range = known.and_then(|vpc| vpc.cidrs.first()).map(ToString::to_string).unwrap_or_default();
    let tag = known.and_then(|vpc| vpc.tags.get("Name"));
    let clues = Clues { id: vpc.as_str(), tag, attributes: &[("cidr_block", &range)] };
    let found = draft.finder.find(&["aws_vpc", "aws_default_vpc"], &clues)?;
    let Some(found) = found else {
        let is_done = enable_in_call(draft, &attributes)?;
        return if is_done { Ok(()) } else { import::vpc(draft, vpc, &attributes, &by_hand) };
    };
    draft.note(&found.evidence);
    found.ensure_single()?;
    let (present, absent): (Vec<&str>, Vec<&str>) =
        attributes.iter().partition(|name| found.block.body.attribute(name).is_some());
    if !absent.is_empty() {
        ensure_not_ignored(found.file, found.block, &absent)?;
        let values: Vec<(&str, &str)> = absent.iter().map(|name| (*name, "true")).collect();
        draft.splice_all(found.file, add_attributes(found.file, found.block, &values)?);
    }
    for name in present {
        enable(draft, &found, name)?;
    }
    draft.change(&found.address_in_root());
    Ok(())
}

/// Sets the arguments in the call of the VPC module of the registry. Returns `false` if it does not create the VPC.
///
/// # Errors
/// The code has them already, or their values are expressions.
fn enable_in_call(draft: &mut Draft<'_>, names: &[&str]) -> Result<bool, EditError> {
    let vpc = draft.finder.network.vpc.clone();
    let Some(of) = vpc.and_then(|vpc| RegistryCall::of_output(&vpc, RegistryModule::Vpc)) else {
        return Ok(false);
    };
    let call = of.place;
    let module = draft.finder.config.modules().into_iter().find(|own| own.address == call.module.address);
    if !module.is_some_and(Module::is_editable) {
        return Ok(false);
    }
    let label = of.name();
    let key = of.key.as_deref();
    let (mut absent, mut is_changed) = (Vec::new(), false);
    // A value can decide both.
    let mut switch = None;
    for name in names {
        let Some(attribute) = call.block.body.attribute(name) else {
            // Both are on by default in the present versions of the module.
            absent.push((*name, "true"));
            continue;
        };
        if of.text(name).as_deref() == Some("true") {
            continue;
        }
        is_changed = true;
        if !set_argument(draft, &of, (attribute, "true"), &mut switch) {
            return Err(argument_value::of_call(draft, (call, key), attribute, "true"));
        }
    }
    if !absent.is_empty() {
        draft.splice_all(call.file, add_attributes(call.file, call.block, &absent)?);
    } else if !is_changed {
        let address = format!("{} of module.{label}", listed(names, "and"));
        return Err(EditError::AlreadyInCode { address, place: call.location() });
    }
    let own = of.address();
    draft.change(&ResourceAddress::new(Some(&own), "aws_vpc", "this").with_key("[0]"));
    draft.note(&format!(
        "module.{label} ({}) creates the VPC: this edit sets its arguments.",
        call.location()
    ));
    Ok(true)
}

/// Sets the DNS attributes that AWS has and the block of the workload's VPC lacks: private DNS of an endpoint needs both, also in a
/// new environment.
pub(in crate::terraform) fn keep_dns(draft: &mut Draft<'_>) -> Result<(), EditError> {
    let Some(Origin::Block(vpc)) = draft.finder.network.vpc.clone() else { return Ok(()) };
    let Place { module, file, block } = vpc.place;
    let network = &draft.finder.snapshot.network;
    let subnets = draft.finder.workload_subnets();
    let known = subnets
        .iter()
        .find_map(|id| network.subnets.get(id))
        .and_then(|subnet| network.vpcs.get(&subnet.vpc));
    let is_on = known.is_some_and(|vpc| vpc.dns.support == Some(true) && vpc.dns.hostnames == Some(true));
    let range = block.body.attribute("cidr_block").and_then(|range| module.evaluate(file.expression(range)));
    let is_same = range
        .is_none_or(|range| known.is_some_and(|vpc| vpc.cidrs.iter().any(|cidr| cidr.to_string() == range)));
    let is_open = block.is_resource("aws_vpc")
        && is_same
        && module.is_editable()
        && !draft.finder.config.is_used_more_than_once(module)
        && module.overridden(block).is_none()
        && vpc.instance != Instances::All;
    let absent: Vec<(&str, &str)> = ["enable_dns_support", "enable_dns_hostnames"]
        .into_iter()
        .filter(|name| block.body.attribute(name).is_none() && !vpc.place.is_ignored(name))
        .map(|name| (name, "true"))
        .collect();
    // By default, AWS has DNS support and no DNS hostnames.
    if !is_on || !is_open || !absent.iter().any(|(name, _)| *name == "enable_dns_hostnames") {
        return Ok(());
    }
    draft.splice_all(file, add_attributes(file, block, &absent)?);
    let names: Vec<&str> = absent.iter().map(|(name, _)| *name).collect();
    draft.note(&format!(
        "Private DNS needs {} of {} ({}). AWS has {} on, so nothing changes there; a new environment needs this.",
        listed(&names, "and"),
        module.address_of(block),
        vpc.place.location(),
        if names.len() == 1 { "it" } else { "both" }
    ));
    Ok(())
}

/// The DNS attributes for an edit by hand.
pub(in crate::terraform::edit) fn snippet(vpc: &VpcId, names: &[&str]) -> String {
    let width = names.iter().map(|name| name.len()).max().unwrap_or_default();
    let lines: String = names.iter().map(|name| format!("{name:<width$} = true\n")).collect();
    format!("# In the aws_vpc of {vpc}\n{lines}")
}
