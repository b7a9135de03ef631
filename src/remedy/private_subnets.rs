//! Remedy `private-subnets`: the private part of a VPC that has public subnets only: subnets in two AZs, a route table, a NAT
//! gateway in a public subnet, and a new connector in the new subnets.
//!
//! App Runner's guide describes this network
//! (<https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>); the ranges of the new subnets are free ranges of the
//! VPC (<https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>).

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use super::change::{KeptRoute, PlannedSubnet};
use super::context::{Candidate, RemedyContext};
use super::default_egress::is_updatable;
use super::nat_conditions::{
    has_internet_gateway, has_public_subnet, public_subnet, public_subnets, usable_gateways,
};
use super::proposal::DEPLOYS_SERVICE;
use super::{Change, Precondition, PreconditionStatus};
use crate::model::{
    AvailabilityZone, Call, Egress, Endpoint, EndpointId, EndpointKind, Route, RouteDestination, RouteState,
    RouteTarget, Snapshot, Subnet, SubnetId, Vpc, WorkloadKind,
};
use crate::reach::{Code, route_table_of};
use crate::text::listed;

/// The sizes of a new subnet, the preferred one first. AWS reserves five addresses of each subnet.
const PREFIXES: [u8; 3] = [24, 26, 27];
/// The number of new subnets, one in each AZ.
const COUNT: usize = 2;

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let vpc = context.vpc()?;
    let Egress::Vpc(arn) = &context.workload.egress else { return None };
    let connector = context.snapshot.network.connectors.get(arn)?;
    let is_public = |code| code == Code::IgwPublicIpAssociationForEgress;
    if context.workload.kind != WorkloadKind::AppRunner
        || !context.blockers().any(|(_, _, code)| is_public(code))
        || !context.subnets_that_reach_more().is_empty()
    {
        return None;
    }
    let gateways = usable_gateways(context, vpc);
    let existing =
        gateways.iter().find(|one| one.is_certain && one.carries.status == PreconditionStatus::Met);
    let public = public_subnet(context, vpc).filter(|_| existing.is_none());
    let subnets = free_ranges(context, vpc, existing.and_then(|one| one.zone), COUNT);
    let ranges: Vec<String> =
        subnets.iter().map(|subnet| format!("{} in {}", subnet.cidr, subnet.zone)).collect();
    let mut preconditions = match existing {
        Some(one) => vec![one.carries.clone()],
        None => vec![has_internet_gateway(context, vpc), has_public_subnet(context, vpc, public)],
    };
    preconditions.extend([
        if subnets.len() == COUNT {
            context.met_unless_gap(
                Call::DescribeSubnets,
                format!("{} has free ranges for private subnets: {}", vpc.id, ranges.join(", ")),
            )
        } else {
            Precondition::not_met(format!(
                "{} has no free ranges for {COUNT} subnets in {COUNT} AZs: add a secondary CIDR block to the VPC (aws ec2 \
                 associate-vpc-cidr-block --vpc-id {} --cidr-block 100.64.0.0/16)",
                vpc.id, vpc.id
            ))
        },
        context.owns_subnets(),
        is_updatable(context),
    ]);
    let (gateway_endpoints, routes) = (gateway_endpoints(context), kept_routes(context));
    Some(Candidate {
        title: match existing {
            Some(one) => format!("Private subnets and connector, with the NAT gateway {}", one.nat.id),
            None => "Private subnets, NAT gateway and connector".to_owned(),
        },
        preconditions,
        side_effects: [
            "Existing subnets and their routes do not change.",
            "Security groups and policies that allow the old subnets' ranges do not allow the new ranges.",
            "Single AZ of the NAT gateway: if that AZ fails, egress fails, and the traffic of the other AZ crosses AZs.",
            "Other services keep the old connector.",
        ]
        .map(str::to_owned)
        .into_iter()
        .chain(same_paths(&gateway_endpoints, &routes))
        .chain([DEPLOYS_SERVICE.to_owned()])
        .collect(),
        takes_effect: "with a new deployment of the service, after two to five minutes for the new connector".to_owned(),
        rollback: format!(
            "set the old connector again, which deploys the service again, and delete the new connector, {}the route table and the \
             subnets",
            if existing.is_some() { "" } else { "the NAT gateway with its Elastic IP address, " }
        ),
        changes: vec![Change::CreatePrivateSubnets {
            vpc: vpc.id.clone(),
            workload: context.workload.id.clone(),
            subnets,
            nat_subnet: public.map(|subnet| subnet.id.clone()),
            nat: existing.map(|one| one.nat.id.clone()),
            gateway_endpoints,
            routes,
            connector_name: format!("{}-2", connector.name),
            security_groups: connector.security_groups.clone(),
        }],
    })
}

/// Free ranges of the VPC in as many AZs, the workload's AZs first. All have the same size.
pub(super) fn free_ranges(
    context: &RemedyContext<'_>,
    vpc: &Vpc,
    gateway: Option<&AvailabilityZone>,
    count: usize,
) -> Vec<PlannedSubnet> {
    let network = &context.snapshot.network;
    let own = context.subnets.iter().filter_map(|id| network.subnets.get(id));
    let in_vpc = || network.subnets.iter().filter(|subnet| subnet.vpc == vpc.id);
    let mut zones: Vec<&AvailabilityZone> = gateway.into_iter().collect();
    // The AZ of the NAT gateway first: no traffic of that AZ crosses AZs.
    let preferred = public_subnets(context, vpc).map(|subnet: &Subnet| subnet);
    for subnet in own.chain(preferred).chain(in_vpc()) {
        if !zones.contains(&&subnet.zone) && !subnet.zone.as_str().is_empty() {
            zones.push(&subnet.zone);
        }
    }
    zones.truncate(count);
    let used: Vec<Ipv4Net> = in_vpc().filter_map(|subnet| subnet.cidr).collect();
    for prefix in PREFIXES {
        let mut chosen: Vec<Ipv4Net> = Vec::new();
        for range in &vpc.cidrs {
            let Ok(blocks) = range.subnets(prefix.max(range.prefix_len())) else { continue };
            let is_free =
                |block: &Ipv4Net| !used.iter().any(|other| other.contains(block) || block.contains(other));
            chosen.extend(blocks.filter(is_free).take(count - chosen.len()));
        }
        if chosen.len() == count && zones.len() == count {
            let by_zone: BTreeMap<&AvailabilityZone, Ipv4Net> = zones.iter().copied().zip(chosen).collect();
            let planned =
                |(zone, cidr): (&AvailabilityZone, Ipv4Net)| PlannedSubnet { zone: zone.clone(), cidr };
            return by_zone.into_iter().map(planned).collect();
        }
    }
    Vec::new()
}

/// The gateway endpoints of the present route tables.
fn gateway_endpoints(context: &RemedyContext<'_>) -> Vec<EndpointId> {
    let tables = context.route_tables();
    let is_used = |endpoint: &&Endpoint| {
        let EndpointKind::Gateway { route_tables } = &endpoint.kind else { return false };
        endpoint.is_available() && tables.iter().any(|table| route_tables.contains(table))
    };
    context.snapshot.network.endpoints.iter().filter(is_used).map(|endpoint| endpoint.id.clone()).collect()
}

/// The routes to other networks of the present route tables. A destination with different targets is left out.
fn kept_routes(context: &RemedyContext<'_>) -> Vec<KeptRoute> {
    let tables = context.route_tables();
    let tables = tables.iter().filter_map(|id| context.snapshot.network.route_tables.get(id));
    let mut kept: Vec<KeptRoute> = Vec::new();
    let mut contradictory: Vec<Ipv4Net> = Vec::new();
    for route in tables.flat_map(|table| &table.routes) {
        let RouteDestination::Ipv4(destination) = route.destination else { continue };
        if !leads_to_network(route) || !is_kept(&route.target) {
            continue;
        }
        match kept.iter().find(|known| known.destination == destination) {
            Some(known) if known.target == route.target => {}
            Some(_) => contradictory.push(destination),
            None => kept.push(KeptRoute { destination, target: route.target.clone() }),
        }
    }
    kept.retain(|route| !contradictory.contains(&route.destination));
    kept
}

/// Whether a route is an active one to another network, not the default route.
fn leads_to_network(route: &Route) -> bool {
    let is_to_network = matches!(
        route.target,
        RouteTarget::Peering(_) | RouteTarget::Other(_) | RouteTarget::NetworkInterface(_)
    );
    let is_default = route.destination == RouteDestination::Ipv4(Ipv4Net::default());
    is_to_network && !is_default && route.state == RouteState::Active
}

/// Whether a new route can have this target.
fn is_kept(target: &RouteTarget) -> bool {
    let target = target.to_string();
    ["pcx-", "tgw-", "vgw-", "eni-"].iter().any(|prefix| target.starts_with(prefix))
}

/// The paths that the new route table has in common with the present ones, as sentences.
fn same_paths(endpoints: &[EndpointId], routes: &[KeptRoute]) -> Vec<String> {
    let mut sentences = Vec::new();
    if !endpoints.is_empty() {
        let ids = listed(&endpoints.iter().map(EndpointId::as_str).collect::<Vec<_>>(), "and");
        sentences
            .push(format!("The new route table uses the gateway endpoints of the present ones too: {ids}."));
    }
    if !routes.is_empty() {
        let list: Vec<String> =
            routes.iter().map(|route| format!("{} -> {}", route.destination, route.target)).collect();
        sentences.push(format!(
            "The new route table has the routes to other networks of the present ones: {}. Route tables there need a route back to \
             the new ranges.",
            list.join(", ")
        ));
    }
    sentences
}

/// The routes to other networks that the subnets have and a new connector in the new private subnets does not, as sentences.
pub(super) fn lost_routes(snapshot: &Snapshot, subnets: &[SubnetId], changes: &[Change]) -> Vec<String> {
    let kept = changes.iter().find_map(|change| match change {
        Change::CreatePrivateSubnets { routes, .. } => Some(routes),
        _ => None,
    });
    let Some(kept) = kept else { return Vec::new() };
    let is_kept = |route: &Route| {
        let has = |one: &KeptRoute| RouteDestination::Ipv4(one.destination) == route.destination;
        kept.iter().any(|one| has(one) && one.target == route.target)
    };
    let subnets = subnets.iter().filter_map(|id| snapshot.network.subnets.get(id));
    let mut lost: Vec<String> = Vec::new();
    for route in
        subnets.filter_map(|subnet| route_table_of(snapshot, subnet)).flat_map(|(table, _)| &table.routes)
    {
        if leads_to_network(route) && !is_kept(route) {
            let sentence = format!(
                "the new route table has no route {} -> {}: add it before the service uses the new connector",
                route.destination, route.target
            );
            if !lost.contains(&sentence) {
                lost.push(sentence);
            }
        }
    }
    lost
}
