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
use super::nat_conditions::{has_internet_gateway, has_public_subnet, public_subnet, public_subnets};
use super::{Change, Precondition};
use crate::model::{AvailabilityZone, Call, Egress, Subnet, Vpc, WorkloadKind};
use crate::reach::Code;

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
        side_effects: vec![
            "Existing subnets and their routes do not change.".to_owned(),
            "Security groups and policies that allow the old subnets' ranges do not allow the new ranges.".to_owned(),
            "Single AZ of the NAT gateway: if that AZ fails, egress fails, and the traffic of the other AZ crosses AZs."
                .to_owned(),
            "Other services keep the old connector.".to_owned(),
        ],
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
