//! Remedy `interface-endpoints`: a new interface endpoint for each blocked AWS API that supports one. All
//! new endpoints share one new security group. If an endpoint exists without private DNS, private DNS is
//! turned on instead.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>

use std::collections::{BTreeMap, BTreeSet};

use super::context::{Candidate, RemedyContext};
use super::endpoint_service::short_name;
use super::simulate::one_per_az;
use super::{Change, Precondition};
use crate::evidence::private_names;
use crate::model::{
    Call, Endpoint, EndpointKind, EndpointService, EndpointServiceKind, Subnet, SubnetId, Vpc,
};

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let vpc = context.vpc()?;
    let own_region = format!(".{}.", context.snapshot.region);
    let services: BTreeSet<String> = context
        .blocked()
        .filter_map(|destination| destination.endpoint())
        .filter(|offer| offer.interface && !offer.gateway && offer.service_name.contains(&own_region))
        .filter(|offer| !hides_public_apis(&offer.service_name))
        .map(|offer| offer.service_name.clone())
        .collect();
    if services.is_empty() {
        return None;
    }
    let mut preconditions = vec![has_dns_attributes(vpc), context.owns_subnets()];
    let mut changes = Vec::new();
    for service in &services {
        let mut offers = context.snapshot.network.endpoint_services.iter();
        let offer =
            offers.find(|offer| offer.name == *service && offer.kind == EndpointServiceKind::Interface);
        let subnets =
            one_per_az(context.snapshot, context.subnets, offer.map(|offer| offer.zones.as_slice()));
        let subnets: Vec<SubnetId> =
            subnets.into_iter().map(|id| with_room(context, id, services.len())).collect();
        let names = offer
            .map(|offer| offer.private_names.clone())
            .filter(|names| !names.is_empty())
            .unwrap_or_else(|| private_names(service, &context.snapshot.region));
        if let Some(endpoint) = without_private_dns(context, vpc, service) {
            preconditions.push(Precondition::met(format!(
                "{} exists without private DNS: private DNS is turned on, no second endpoint is created",
                endpoint.id
            )));
            let (endpoint, service) = (endpoint.id.clone(), service.clone());
            changes.push(Change::EnablePrivateDns { endpoint, service, private_names: names });
            continue;
        }
        preconditions.push(is_offered(context, service, offer, &subnets));
        preconditions.extend(has_no_conflict(context, vpc, service));
        changes.push(Change::CreateInterfaceEndpoint {
            vpc: vpc.id.clone(),
            private_names: names,
            service: service.clone(),
            subnets,
            allowed_ranges: vpc.cidrs.clone(),
            ports: ports(service),
        });
    }
    preconditions.extend(free_addresses(context, &changes));
    preconditions.extend(within_quota(context, vpc, &changes));
    let creates = changes.iter().any(|change| matches!(change, Change::CreateInterfaceEndpoint { .. }));
    let turned_on: Vec<&str> = changes
        .iter()
        .filter_map(|change| match change {
            Change::EnablePrivateDns { endpoint, .. } => Some(endpoint.as_str()),
            _ => None,
        })
        .collect();
    let mut side_effects = Vec::new();
    if creates {
        side_effects.push(
            "All workloads in the VPC use the new endpoints, because of private DNS. The endpoints' security group allows \
             inbound traffic from the whole VPC on their ports."
                .to_owned(),
        );
    }
    if !turned_on.is_empty() {
        side_effects.push(format!(
            "All workloads in the VPC use {}, because of private DNS. The endpoint's own security group decides which of them it \
             allows.",
            turned_on.join(", ")
        ));
    }
    let rollback = match (creates, turned_on.is_empty()) {
        (true, true) => "delete the interface endpoints; cached DNS answers expire within 60 s",
        (true, false) => {
            "delete the new interface endpoints and turn off private DNS of the existing ones; cached DNS answers expire within 60 s"
        }
        (false, _) => "turn off private DNS; cached DNS answers expire within 60 s",
    };
    let title = title(&changes);
    Some(Candidate {
        title,
        changes,
        preconditions,
        side_effects,
        takes_effect: "in a few minutes, no deployment of the service".to_owned(),
        rollback: rollback.to_owned(),
    })
}

/// The new endpoints by their services, and the existing endpoints whose private DNS is turned on.
fn title(changes: &[Change]) -> String {
    let mut new: Vec<&str> = Vec::new();
    let mut existing: Vec<String> = Vec::new();
    for change in changes {
        match change {
            Change::CreateInterfaceEndpoint { service, .. } => new.push(short_name(service)),
            Change::EnablePrivateDns { endpoint, service, .. } => {
                existing.push(format!("{endpoint} ({})", short_name(service)));
            }
            _ => {}
        }
    }
    let (new, existing) = (new.join(", "), existing.join(", "));
    match (new.as_str(), existing.as_str()) {
        (_, "") => format!("Interface endpoints: {new}"),
        ("", _) => format!("Turn on private DNS of the interface endpoint {existing}"),
        _ => format!("Interface endpoints: {new}; turn on private DNS of {existing}"),
    }
}

/// The ports that a service's endpoint listens on: HTTPS, and for email the SMTP ports
/// (<https://docs.aws.amazon.com/ses/latest/dg/send-email-set-up-vpc-endpoints.html>).
fn ports(service: &str) -> Vec<u16> {
    if service.ends_with(".email-smtp") { vec![465, 587, 2465, 2587] } else { vec![443] }
}

/// An available endpoint of the service without private DNS.
fn without_private_dns<'a>(context: &'a RemedyContext<'_>, vpc: &Vpc, service: &str) -> Option<&'a Endpoint> {
    context.snapshot.network.endpoints.iter().find(|endpoint| {
        endpoint.vpc == vpc.id
            && endpoint.service == service
            && endpoint.is_available()
            && matches!(endpoint.kind, EndpointKind::Interface { private_dns: false, .. })
    })
}

/// The subnet, or another one of its AZ if it has not enough free addresses: a network interface of an endpoint can be in any subnet of
/// the AZ. A subnet without a route to an internet gateway comes first.
fn with_room(context: &RemedyContext<'_>, id: SubnetId, needed: usize) -> SubnetId {
    let network = &context.snapshot.network;
    let Some(subnet) = network.subnets.get(&id) else { return id };
    let has_room = |subnet: &Subnet| {
        subnet.free_addresses.is_none_or(|free| usize::try_from(free).is_ok_and(|free| free >= needed))
    };
    if has_room(subnet) {
        return id;
    }
    let others = network.subnets.iter().filter(|other| other.vpc == subnet.vpc && other.zone == subnet.zone);
    let other = others
        .filter(|other| has_room(other))
        .min_by_key(|other| context.internet_gateway_of(&other.id).is_some());
    other.map_or(id, |other| other.id.clone())
}

/// The requirement of free addresses: each endpoint uses one address in each of its subnets. `None` if
/// there are enough.
fn free_addresses(context: &RemedyContext<'_>, changes: &[Change]) -> Option<Precondition> {
    let mut needed: BTreeMap<&SubnetId, u32> = BTreeMap::new();
    for change in changes {
        if let Change::CreateInterfaceEndpoint { subnets, .. } = change {
            for id in subnets {
                *needed.entry(id).or_default() += 1;
            }
        }
    }
    let subnets =
        || needed.iter().filter_map(|(id, n)| Some((context.snapshot.network.subnets.get(id)?, *n)));
    let full = subnets().find(|(subnet, n)| subnet.free_addresses.is_some_and(|free| free < *n));
    if let Some((subnet, n)) = full {
        let free = subnet.free_addresses.unwrap_or_default();
        return Some(Precondition::not_met(format!(
            "{} has {free} free addresses; the endpoints need {n}",
            subnet.id
        )));
    }
    let unread = subnets().find(|(subnet, _)| subnet.free_addresses.is_none());
    unread.map(|(subnet, _)| {
        Precondition::unknown(format!("the number of free addresses in {} was not read", subnet.id))
    })
}

/// The requirement of the quota; `None` if the changes are within it. The default quota is 50 interface
/// endpoints in a VPC (<https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html>).
fn within_quota(context: &RemedyContext<'_>, vpc: &Vpc, changes: &[Change]) -> Option<Precondition> {
    const QUOTA: usize = 50;
    let is_interface = |kind: &EndpointKind| matches!(kind, EndpointKind::Interface { .. });
    let endpoints = context.snapshot.network.endpoints.iter();
    let existing =
        endpoints.filter(|endpoint| endpoint.vpc == vpc.id && is_interface(&endpoint.kind)).count();
    let new =
        changes.iter().filter(|change| matches!(change, Change::CreateInterfaceEndpoint { .. })).count();
    (new > 0 && existing + new > QUOTA).then(|| {
        Precondition::unknown(format!(
            "{} has {existing} interface endpoints and needs {new} more: the default quota is {QUOTA}",
            vpc.id
        ))
    })
}

/// Whether private DNS of a service blocks public APIs. Private DNS of API Gateway resolves the names of
/// all APIs of the Region, and the endpoint serves private APIs only: the whole VPC would lose access to
/// public APIs
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html>).
pub(super) fn hides_public_apis(service: &str) -> bool {
    service.ends_with(".execute-api")
}

fn has_dns_attributes(vpc: &Vpc) -> Precondition {
    let not_met = |off: &str| {
        Precondition::not_met(format!(
            "private DNS needs enableDnsSupport and enableDnsHostnames on {}, and {off} off",
            vpc.id
        ))
    };
    match (vpc.dns.support, vpc.dns.hostnames) {
        (Some(true), Some(true)) => {
            Precondition::met(format!("{} has enableDnsSupport and enableDnsHostnames on", vpc.id))
        }
        (Some(false), Some(false)) => not_met("enableDnsSupport and enableDnsHostnames are"),
        (Some(false), _) => not_met("enableDnsSupport is"),
        (_, Some(false)) => not_met("enableDnsHostnames is"),
        (None, _) | (_, None) => Precondition::unknown(format!(
            "private DNS needs enableDnsSupport and enableDnsHostnames on {}, which were not read",
            vpc.id
        )),
    }
}

fn is_offered(
    context: &RemedyContext<'_>,
    service: &str,
    offer: Option<&EndpointService>,
    subnets: &[SubnetId],
) -> Precondition {
    match (offer, subnets.len()) {
        (Some(_), 0) => {
            Precondition::not_met(format!("AWS offers {service} in none of the AZs of the subnets"))
        }
        (Some(_), 1) => Precondition::met(format!("AWS offers {service} in 1 AZ of the subnets")),
        (Some(_), n) => Precondition::met(format!("AWS offers {service} in {n} AZs of the subnets")),
        (None, _) => context.not_met_unless_gap(
            Call::DescribeVpcEndpointServices,
            format!("AWS does not offer {service} in this Region"),
        ),
    }
}

/// A requirement that is not met if an endpoint of the service has private DNS: AWS rejects a second
/// endpoint with private DNS for the same service. `None` if there is no such endpoint.
fn has_no_conflict(context: &RemedyContext<'_>, vpc: &Vpc, service: &str) -> Option<Precondition> {
    let existing = context.snapshot.network.endpoints.iter().find(|endpoint| {
        endpoint.vpc == vpc.id
            && endpoint.service == service
            && matches!(endpoint.kind, EndpointKind::Interface { private_dns: true, .. })
    })?;
    if !existing.is_available() {
        return Some(Precondition::not_met(format!(
            "{} has private DNS for {service} and is {}: delete it first (aws ec2 delete-vpc-endpoints --vpc-endpoint-ids {}), \
             then this fix creates a new one",
            existing.id, existing.state, existing.id
        )));
    }
    Some(Precondition::not_met(format!(
        "{} already has private DNS for {service}; AWS rejects a second endpoint with private DNS",
        existing.id
    )))
}
