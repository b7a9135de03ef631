//! Remedy `private-subnets`: the private part of a VPC that has public subnets only: subnets in two AZs, a route table, a NAT
//! gateway in a public subnet, and a new connector in the new subnets.
//!
//! App Runner's guide describes this network
//! (<https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>); the ranges of the new subnets are free ranges of the
//! VPC (<https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>).

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use super::change::PlannedSubnet;
use super::context::{Candidate, RemedyContext};
use super::default_egress::is_updatable;
use super::endpoint_service::display_name;
use super::nat_conditions::{has_internet_gateway, has_public_subnet, public_subnet, public_subnets};
use super::{Change, Precondition};
use crate::model::{
    AvailabilityZone, Call, Egress, EndpointKind, RouteDestination, RouteState, RouteTarget, Snapshot,
    Subnet, SubnetId, Vpc, WorkloadKind,
};
use crate::reach::{Code, route_table_of};

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
    let public = public_subnet(context, vpc);
    let subnets = free_ranges(context, vpc);
    let ranges: Vec<String> =
        subnets.iter().map(|subnet| format!("{} in {}", subnet.cidr, subnet.zone)).collect();
    let preconditions = vec![
        has_internet_gateway(context, vpc),
        has_public_subnet(context, vpc, public),
        if subnets.len() == COUNT {
            context.met_unless_gap(
                Call::DescribeSubnets,
                format!("{} has free ranges for private subnets: {}", vpc.id, ranges.join(", ")),
            )
        } else {
            Precondition::not_met(format!(
                "{} has no free ranges for {COUNT} subnets in {COUNT} AZs: add a secondary CIDR block to the VPC",
                vpc.id
            ))
        },
        context.owns_subnets(),
        is_updatable(context),
    ];
    Some(Candidate {
        title: "Private subnets, NAT gateway and connector".to_owned(),
        preconditions,
        side_effects: [
            "Existing subnets and their routes do not change.",
            "Security groups and policies that allow the old subnets' ranges do not allow the new ranges.",
            "Single AZ of the NAT gateway: if that AZ fails, egress fails, and the traffic of the other AZ crosses AZs.",
            "Other services keep the old connector.",
        ]
        .map(str::to_owned)
        .into_iter()
        .chain(missing_endpoints(context))
        .collect(),
        takes_effect: "with a new deployment of the service, after two to five minutes for the new connector".to_owned(),
        rollback: "set the old connector again, which deploys the service again; then delete the connector, the NAT gateway with \
                   its Elastic IP address, the route table and the subnets"
            .to_owned(),
        changes: vec![Change::CreatePrivateSubnets {
            vpc: vpc.id.clone(),
            workload: context.workload.id.clone(),
            subnets,
            nat_subnet: public.map(|subnet| subnet.id.clone()),
            connector_name: format!("{}-private", connector.name),
            security_groups: connector.security_groups.clone(),
        }],
    })
}

/// Free ranges of the VPC in two AZs, the workload's AZs first. Both have the same size.
fn free_ranges(context: &RemedyContext<'_>, vpc: &Vpc) -> Vec<PlannedSubnet> {
    let network = &context.snapshot.network;
    let own = context.subnets.iter().filter_map(|id| network.subnets.get(id));
    let in_vpc = || network.subnets.iter().filter(|subnet| subnet.vpc == vpc.id);
    let mut zones: Vec<&AvailabilityZone> = Vec::new();
    // The AZ of the NAT gateway first: no traffic of that AZ crosses AZs.
    let preferred = public_subnets(context, vpc).map(|subnet: &Subnet| subnet);
    for subnet in own.chain(preferred).chain(in_vpc()) {
        if !zones.contains(&&subnet.zone) && !subnet.zone.as_str().is_empty() {
            zones.push(&subnet.zone);
        }
    }
    zones.truncate(COUNT);
    let used: Vec<Ipv4Net> = in_vpc().filter_map(|subnet| subnet.cidr).collect();
    for prefix in PREFIXES {
        let mut chosen: Vec<Ipv4Net> = Vec::new();
        for range in &vpc.cidrs {
            let Ok(blocks) = range.subnets(prefix.max(range.prefix_len())) else { continue };
            let is_free =
                |block: &Ipv4Net| !used.iter().any(|other| other.contains(block) || block.contains(other));
            chosen.extend(blocks.filter(is_free).take(COUNT - chosen.len()));
        }
        if chosen.len() == COUNT && zones.len() == COUNT {
            let by_zone: BTreeMap<&AvailabilityZone, Ipv4Net> = zones.iter().copied().zip(chosen).collect();
            let planned =
                |(zone, cidr): (&AvailabilityZone, Ipv4Net)| PlannedSubnet { zone: zone.clone(), cidr };
            return by_zone.into_iter().map(planned).collect();
        }
    }
    Vec::new()
}

/// The gateway endpoints of the present route tables, which the new route table does not use.
fn missing_endpoints(context: &RemedyContext<'_>) -> Vec<String> {
    let tables = context.route_tables();
    let mut sentences: Vec<String> = Vec::new();
    for endpoint in context.snapshot.network.endpoints.iter() {
        let EndpointKind::Gateway { route_tables } = &endpoint.kind else { continue };
        if tables.iter().any(|table| route_tables.contains(table)) {
            let (id, service) = (&endpoint.id, display_name(&endpoint.service));
            sentences.push(format!(
                "{service} traffic of the service then uses the NAT gateway, not {id}: add the new route table to it (aws ec2 \
                 modify-vpc-endpoint --vpc-endpoint-id {id} --add-route-table-ids TABLE)."
            ));
        }
    }
    sentences
}

/// The routes to other networks that the subnets have and a new connector in the new private subnets does not, as sentences.
pub(super) fn lost_routes(snapshot: &Snapshot, subnets: &[SubnetId], changes: &[Change]) -> Vec<String> {
    if !changes.iter().any(|change| matches!(change, Change::CreatePrivateSubnets { .. })) {
        return Vec::new();
    }
    let subnets = subnets.iter().filter_map(|id| snapshot.network.subnets.get(id));
    let mut lost: Vec<String> = Vec::new();
    for route in
        subnets.filter_map(|subnet| route_table_of(snapshot, subnet)).flat_map(|(table, _)| &table.routes)
    {
        let is_to_network = matches!(
            route.target,
            RouteTarget::Peering(_) | RouteTarget::Other(_) | RouteTarget::NetworkInterface(_)
        );
        let is_default = route.destination == RouteDestination::Ipv4(Ipv4Net::default());
        if is_to_network && !is_default && route.state == RouteState::Active {
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
