//! A connector in subnets that do lead out. A connector cannot be changed: a new one, under a new name, takes its place.
//!
//! <https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>; that a new connector needs another name is known from
//! the field, not from the guide.

use super::default_egress::updatable;
use super::site::{Candidate, Site};
use super::{Change, Met, Precondition};
use crate::model::{Egress, SubnetId, WorkloadKind};

pub(super) fn candidate(site: &Site<'_>) -> Option<Candidate> {
    let Egress::Vpc(arn) = &site.workload.egress else { return None };
    if site.workload.kind != WorkloadKind::AppRunner {
        return None;
    }
    let connector = site.snapshot.network.connectors.get(arn)?;
    let better = site.subnets_that_reach_more();
    let zones: std::collections::BTreeSet<_> = better
        .iter()
        .filter_map(|id| site.snapshot.network.subnets.get(id))
        .map(|subnet| &subnet.zone)
        .collect();
    if better.is_empty()
        || better.iter().all(|id| connector.subnets.contains(id)) && better.len() == connector.subnets.len()
    {
        return None;
    }
    let names: Vec<&str> = better.iter().map(SubnetId::as_str).collect();
    let spread = if zones.len() > 1 {
        Precondition { text: format!("the subnets lie in {} zones", zones.len()), met: Met::Yes }
    } else {
        Precondition {
            text: "all of them lie in one zone: if it fails, so does the service's way out".to_owned(),
            met: Met::Unknown,
        }
    };
    Some(Candidate {
        title: format!("A new connector in {}", names.join(", ")),
        preconditions: vec![updatable(site), room(site, &better), spread],
        side_effects: vec![
            "Other services on the old connector stay where they are.".to_owned(),
            "Groups and policies that name the old subnets' ranges do not know the new ones.".to_owned(),
        ],
        takes_effect: "with a new deployment of the service, and two to five minutes for the new connector"
            .to_owned(),
        reversal: "set the old connector again; another deployment".to_owned(),
        changes: vec![Change::MoveConnector {
            workload: site.workload.id.clone(),
            name: format!("{}-2", connector.name),
            subnets: better,
            security_groups: connector.security_groups.clone(),
        }],
    })
}

/// Each instance takes an address (<https://docs.aws.amazon.com/apprunner/latest/relnotes/release-2024-11-18-2024-infra-updates.html>).
fn room(site: &Site<'_>, subnets: &[SubnetId]) -> Precondition {
    let free: Option<u32> = subnets
        .iter()
        .map(|id| site.snapshot.network.subnets.get(id).and_then(|subnet| subnet.free_addresses))
        .sum();
    match free {
        Some(free) if free >= 25 => {
            Precondition { text: format!("{free} addresses are free in these subnets"), met: Met::Yes }
        }
        Some(free) => Precondition {
            text: format!("only {free} addresses are free in these subnets, and each instance takes one"),
            met: Met::Unknown,
        },
        None => {
            Precondition { text: "how many addresses are free was not read".to_owned(), met: Met::Unknown }
        }
    }
}
