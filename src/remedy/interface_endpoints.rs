//! New interface endpoints for every blocked AWS API that has one, sharing one security group.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>

use std::collections::{BTreeMap, BTreeSet};

use super::simulate::one_per_zone;
use super::site::{Candidate, Site};
use super::{Change, Met, Precondition, simulate};
use crate::evidence::private_names;
use crate::model::{Call, Endpoint, EndpointKind, EndpointService, EndpointServiceKind, SubnetId, Vpc};

pub(super) fn candidate(site: &Site<'_>) -> Option<Candidate> {
    let vpc = site.vpc()?;
    let here = format!(".{}.", site.snapshot.region);
    let services: BTreeSet<String> = site
        .stopped()
        .filter_map(|destination| destination.endpoint())
        .filter(|offer| offer.interface && !offer.gateway && offer.service_name.contains(&here))
        .filter(|offer| !shadows_public_names(&offer.service_name))
        .map(|offer| offer.service_name.clone())
        .collect();
    if services.is_empty() {
        return None;
    }
    let mut preconditions = vec![names_resolve(vpc), site.not_shared()];
    let mut changes = Vec::new();
    for service in &services {
        let offered = site
            .snapshot
            .network
            .endpoint_services
            .iter()
            .find(|row| row.name == *service && row.kind == EndpointServiceKind::Interface);
        let subnets = one_per_zone(site.snapshot, site.subnets, offered.map(|row| row.zones.as_slice()));
        let names = offered
            .map(|row| row.private_names.clone())
            .filter(|names| !names.is_empty())
            .unwrap_or_else(|| private_names(service, &site.snapshot.region));
        if let Some(mute) = mute(site, vpc, service) {
            preconditions.push(Precondition {
                text: format!(
                    "{} is there already, without private DNS: it is turned on, not doubled",
                    mute.id
                ),
                met: Met::Yes,
            });
            let (endpoint, service) = (mute.id.clone(), service.clone());
            changes.push(Change::EnablePrivateDns { endpoint, service, private_names: names });
            continue;
        }
        preconditions.push(exists(site, service, offered, &subnets));
        preconditions.extend(no_conflict(site, vpc, service));
        changes.push(Change::CreateInterfaceEndpoint {
            vpc: vpc.id.clone(),
            private_names: names,
            service: service.clone(),
            subnets,
            admits: vpc.cidrs.clone(),
            ports: ports(service),
        });
    }
    preconditions.extend(room(site, &changes));
    preconditions.extend(quota(site, vpc, &changes));
    let creates = changes.iter().any(|change| matches!(change, Change::CreateInterfaceEndpoint { .. }));
    let turns_on: Vec<&str> = changes
        .iter()
        .filter_map(|change| match change {
            Change::EnablePrivateDns { endpoint, .. } => Some(endpoint.as_str()),
            _ => None,
        })
        .collect();
    let mut side_effects = Vec::new();
    if creates {
        side_effects.push(
            "Private DNS moves the whole VPC onto these endpoints, so their security group admits their ports from the \
             whole VPC."
                .to_owned(),
        );
    }
    if !turns_on.is_empty() {
        side_effects.push(format!(
            "Private DNS moves the whole VPC onto {}, whose own security group decides who is admitted.",
            turns_on.join(", ")
        ));
    }
    let reversal = match (creates, turns_on.is_empty()) {
        (true, true) => "delete the endpoints; cached names point at them until they expire (60 s)",
        (true, false) => {
            "delete the new endpoints and turn private DNS of the old ones off; cached names expire in 60 s"
        }
        (false, _) => {
            "turn private DNS off again; cached names point at the endpoint until they expire (60 s)"
        }
    };
    let names: Vec<&str> = services.iter().map(|service| simulate::short(service)).collect();
    Some(Candidate {
        title: format!("Interface endpoints: {}", names.join(", ")),
        changes,
        preconditions,
        side_effects,
        takes_effect: "in a few minutes, no deployment of the service".to_owned(),
        reversal: reversal.to_owned(),
    })
}

/// The ports that a service's endpoint answers on: HTTPS, and SMTP's
/// (<https://docs.aws.amazon.com/ses/latest/dg/send-email-set-up-vpc-endpoints.html>).
fn ports(service: &str) -> Vec<u16> {
    if service.ends_with(".email-smtp") { vec![465, 587, 2465, 2587] } else { vec![443] }
}

/// An endpoint of the service that works and answers no name.
fn mute<'a>(site: &'a Site<'_>, vpc: &Vpc, service: &str) -> Option<&'a Endpoint> {
    site.snapshot.network.endpoints.iter().find(|endpoint| {
        endpoint.vpc == vpc.id
            && endpoint.service == service
            && endpoint.is_available()
            && matches!(endpoint.kind, EndpointKind::Interface { private_dns: false, .. })
    })
}

/// Each endpoint takes an address in each of its subnets.
fn room(site: &Site<'_>, changes: &[Change]) -> Option<Precondition> {
    let mut wanted: BTreeMap<&SubnetId, u32> = BTreeMap::new();
    for change in changes {
        if let Change::CreateInterfaceEndpoint { subnets, .. } = change {
            for id in subnets {
                *wanted.entry(id).or_default() += 1;
            }
        }
    }
    let subnets = || wanted.iter().filter_map(|(id, n)| Some((site.snapshot.network.subnets.get(id)?, *n)));
    let full = subnets().find(|(subnet, n)| subnet.free_addresses.is_some_and(|free| free < *n));
    if let Some((subnet, n)) = full {
        let free = subnet.free_addresses.unwrap_or_default();
        let text = format!("{} has {free} free addresses, and the endpoints take {n}", subnet.id);
        return Some(Precondition { text, met: Met::No });
    }
    let unread = subnets().find(|(subnet, _)| subnet.free_addresses.is_none());
    unread.map(|(subnet, _)| Precondition {
        text: format!("how many addresses are free in {} was not read", subnet.id),
        met: Met::Unknown,
    })
}

/// 50 interface endpoints in a VPC, unless AWS raised it
/// (<https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html>).
fn quota(site: &Site<'_>, vpc: &Vpc, changes: &[Change]) -> Option<Precondition> {
    const QUOTA: usize = 50;
    let is_one = |kind: &EndpointKind| matches!(kind, EndpointKind::Interface { .. });
    let endpoints = site.snapshot.network.endpoints.iter();
    let there = endpoints.filter(|one| one.vpc == vpc.id && is_one(&one.kind)).count();
    let new = changes.iter().filter(|one| matches!(one, Change::CreateInterfaceEndpoint { .. })).count();
    (new > 0 && there + new > QUOTA).then(|| Precondition {
        text: format!("{there} interface endpoints are in {} and {new} more are needed: the quota is {QUOTA} unless AWS raised it", vpc.id),
        met: Met::Unknown,
    })
}

/// Private DNS of API Gateway answers for every API of the Region, and the endpoint serves private ones only: public APIs would
/// be cut off from the whole VPC (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html>).
pub(super) fn shadows_public_names(service: &str) -> bool {
    service.ends_with(".execute-api")
}

fn names_resolve(vpc: &Vpc) -> Precondition {
    match (vpc.dns.support, vpc.dns.hostnames) {
        (Some(true), Some(true)) => Precondition {
            text: format!("{} has enableDnsSupport and enableDnsHostnames on", vpc.id),
            met: Met::Yes,
        },
        (Some(false), _) | (_, Some(false)) => Precondition {
            text: format!(
                "private DNS needs enableDnsSupport and enableDnsHostnames on {}: one is off",
                vpc.id
            ),
            met: Met::No,
        },
        (None, _) | (_, None) => Precondition {
            text: format!("private DNS needs both DNS attributes of {}, which were not read", vpc.id),
            met: Met::Unknown,
        },
    }
}

fn exists(
    site: &Site<'_>,
    service: &str,
    offered: Option<&EndpointService>,
    subnets: &[SubnetId],
) -> Precondition {
    match offered {
        Some(_) if subnets.is_empty() => {
            Precondition { text: format!("{service} is offered in none of the subnets' zones"), met: Met::No }
        }
        Some(_) => Precondition {
            text: format!("{service} is offered in {} of the subnets' zones", subnets.len()),
            met: Met::Yes,
        },
        None => {
            site.unread(Call::DescribeVpcEndpointServices, format!("{service} is not offered in this region"))
        }
    }
}

/// A second endpoint with private DNS for one service is refused by AWS.
fn no_conflict(site: &Site<'_>, vpc: &Vpc, service: &str) -> Option<Precondition> {
    let existing = site.snapshot.network.endpoints.iter().find(|endpoint| {
        endpoint.vpc == vpc.id
            && endpoint.service == service
            && matches!(endpoint.kind, EndpointKind::Interface { private_dns: true, .. })
    })?;
    Some(Precondition {
        text: format!("{} answers {service} with private DNS already; a second one is refused", existing.id),
        met: Met::No,
    })
}
