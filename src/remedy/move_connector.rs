//! Remedy `move-connector`: a new connector in subnets that reach more destinations. App Runner cannot
//! change a connector, so a new connector with a new name replaces it.
//!
//! <https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>. This guide does not document that
//! the new connector needs a new name; it was observed.

use std::collections::BTreeSet;

use super::context::{Candidate, RemedyContext};
use super::default_egress::is_updatable;
use super::proposal::DEPLOYS_SERVICE;
use super::{Change, Precondition};
use crate::model::{Egress, SubnetId, WorkloadKind};

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let Egress::Vpc(arn) = &context.workload.egress else { return None };
    // For a destination with an unknown verdict, another subnet only leaves out a check that was not made.
    if context.workload.kind != WorkloadKind::AppRunner || context.blocked().next().is_none() {
        return None;
    }
    let connector = context.snapshot.network.connectors.get(arn)?;
    let subnets = context.subnets_that_reach_more();
    let is_unchanged =
        subnets.iter().all(|id| connector.subnets.contains(id)) && subnets.len() == connector.subnets.len();
    if subnets.is_empty() || is_unchanged {
        return None;
    }
    let names: Vec<&str> = subnets.iter().map(SubnetId::as_str).collect();
    let mut side_effects = vec!["Other services keep the old connector.".to_owned()];
    if subnets.iter().any(|id| !connector.subnets.contains(id)) {
        side_effects.push(
            "Security groups and policies that allow the old subnets' ranges do not allow the new ranges."
                .to_owned(),
        );
    }
    side_effects.extend(subnets.iter().filter_map(|id| without_internet(context, id)));
    if has_single_az(context, &subnets) {
        side_effects.push("Single AZ: if that AZ fails, egress fails.".to_owned());
    }
    side_effects.push(DEPLOYS_SERVICE.to_owned());
    Some(Candidate {
        title: format!("Move the connector to {}", names.join(", ")),
        preconditions: vec![is_updatable(context), free_addresses(context, &subnets)],
        side_effects,
        takes_effect: "with a new deployment of the service, after two to five minutes for the new connector"
            .to_owned(),
        rollback: "set the old connector again; this deploys the service again".to_owned(),
        changes: vec![Change::MoveConnector {
            workload: context.workload.id.clone(),
            name: format!("{}-2", connector.name),
            subnets,
            security_groups: connector.security_groups.clone(),
        }],
    })
}

/// The warning about a new subnet from which the service has no internet access.
fn without_internet(context: &RemedyContext<'_>, id: &SubnetId) -> Option<String> {
    if let Some(gateway) = context.internet_gateway_of(id) {
        return Some(format!(
            "{id} is a public subnet (its default route goes to {gateway}). The network interfaces of a connector get no public IP \
             address, so the service has no internet access over IPv4 from there."
        ));
    }
    let has_access = context.subnets.iter().any(|own| context.has_private_default_route(own));
    (has_access && !context.has_private_default_route(id)).then(|| {
        format!("{id} has no default route, so the service has no internet access over IPv4 from there, as it can have now.")
    })
}

/// Whether all subnets are in one AZ.
fn has_single_az(context: &RemedyContext<'_>, subnets: &[SubnetId]) -> bool {
    let subnets = subnets.iter().filter_map(|id| context.snapshot.network.subnets.get(id));
    subnets.map(|subnet| &subnet.zone).collect::<BTreeSet<_>>().len() == 1
}

/// The requirement of free addresses: each instance uses one address
/// (<https://docs.aws.amazon.com/apprunner/latest/relnotes/release-2024-11-18-2024-infra-updates.html>).
fn free_addresses(context: &RemedyContext<'_>, subnets: &[SubnetId]) -> Precondition {
    let free: Option<u32> = subnets
        .iter()
        .map(|id| context.snapshot.network.subnets.get(id).and_then(|subnet| subnet.free_addresses))
        .sum();
    match free {
        Some(free) if free >= 25 => Precondition::met(format!("these subnets have {free} free addresses")),
        Some(free) => Precondition::unknown(format!(
            "these subnets have only {free} free addresses, and each instance uses one"
        )),
        None => Precondition::unknown("the number of free addresses was not read"),
    }
}
