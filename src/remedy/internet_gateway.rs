//! Remedy `internet-gateway`: attaches the internet gateway that routes of the VPC have as their target, or creates a new one
//! instead of a deleted one, or the first one of a VPC, with a public subnet for a NAT gateway.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/working-with-igw.html>

use std::collections::BTreeSet;

use super::context::{Candidate, RemedyContext};
use super::nat_conditions::{internet_gateway, is_default};
use super::private_subnets::free_ranges;
use super::{Change, Precondition};
use crate::model::{Call, InternetGateway, InternetGatewayId, RouteTableId, RouteTarget, Vpc};
use crate::reach::{Code, Layer, Subject};

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    with_or_without_public_subnet(context, true)
}

/// The same for a regional NAT gateway, which needs no public subnet
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html>).
pub(super) fn for_regional(context: &RemedyContext<'_>) -> Option<Candidate> {
    with_or_without_public_subnet(context, false)
}

fn with_or_without_public_subnet(context: &RemedyContext<'_>, needs_subnet: bool) -> Option<Candidate> {
    let vpc = context.vpc()?;
    let mut detached: Option<InternetGatewayId> = None;
    let mut tables: BTreeSet<RouteTableId> = BTreeSet::new();
    for (_, hop, code) in context.blockers() {
        match (code, &hop.subject) {
            (Code::BadStateAttachment, _) if hop.component.as_str().starts_with("igw-") => {
                detached = Some(InternetGatewayId::from(hop.component.as_str()));
            }
            (
                Code::BadStateRoute,
                Subject::Route { target: RouteTarget::InternetGateway(id), is_return: false, .. },
            ) if hop.layer == Layer::Nat => {
                // The routes to a gateway that exists are active again when it is attached.
                let exists = context.snapshot.network.internet_gateways.get(id).is_some();
                if exists {
                    detached = Some(id.clone());
                } else {
                    tables.insert(RouteTableId::from(hop.component.as_str()));
                }
            }
            _ => {}
        }
    }
    let network = &context.snapshot.network;
    let present = internet_gateway(context, vpc);
    // A new NAT gateway needs an internet gateway, and a public subnet: one whose default route goes to the detached gateway.
    if detached.is_none() && tables.is_empty() && present.is_none() && lacks_path(context) {
        let is_target = |gateway: &&InternetGateway| {
            let target = RouteTarget::InternetGateway(gateway.id.clone());
            let own = network.route_tables.iter().filter(|table| table.vpc == vpc.id);
            own.flat_map(|table| &table.routes)
                .any(|route| route.target == target && is_default(&route.destination))
        };
        let mut free = network.internet_gateways.iter().filter(|gateway| gateway.attached_to.is_none());
        detached = free.find(is_target).map(|gateway| gateway.id.clone());
    }
    let mut preconditions = vec![match present {
        None => context.met_unless_gap(
            Call::DescribeInternetGateways,
            format!("{} has no other internet gateway: a VPC can have one", vpc.id),
        ),
        Some(other) => Precondition::not_met(format!(
            "{} has the internet gateway {}: a VPC can have one, so change the routes to it",
            vpc.id, other.id
        )),
    }];
    let (title, change, rollback) = if let Some(gateway) = detached {
        let of = network.internet_gateways.get(&gateway).and_then(|known| known.attached_to.as_ref());
        preconditions.push(match of {
            None => Precondition::met(format!("{gateway} is not attached to another VPC")),
            Some(other) => Precondition::not_met(format!(
                "{gateway} is attached to {other}: an internet gateway can be attached to one VPC"
            )),
        });
        let title = format!("Attach the internet gateway {gateway} to {}", vpc.id);
        let change = Change::AttachInternetGateway { vpc: vpc.id.clone(), gateway };
        (title, change, "detach the internet gateway")
    } else if tables.is_empty() {
        if present.is_some() || !lacks_path(context) {
            return None;
        }
        return Some(first(context, vpc, (preconditions, needs_subnet)));
    } else {
        let change = Change::CreateInternetGateway {
            vpc: vpc.id.clone(),
            route_tables: tables.into_iter().collect(),
            public_subnet: None,
        };
        (
            "New internet gateway".to_owned(),
            change,
            "set the old routes again, and delete the internet gateway",
        )
    };
    preconditions.push(context.owns_subnets());
    Some(Candidate {
        title,
        changes: vec![change],
        preconditions,
        side_effects: vec![
            "Resources with a public IP in subnets with a route to the internet gateway become reachable from the internet, as \
             far as their security groups allow."
                .to_owned(),
        ],
        takes_effect: "at once, no deployment of the service".to_owned(),
        rollback: rollback.to_owned(),
    })
}

/// A new internet gateway in a VPC that has none, with a public subnet if the NAT gateway needs one. Alone it carries nothing: it is for a
/// new NAT gateway (<https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html>).
fn first(
    context: &RemedyContext<'_>,
    vpc: &Vpc,
    (mut preconditions, needs_subnet): (Vec<Precondition>, bool),
) -> Candidate {
    let planned = free_ranges(context, vpc, None, 1).into_iter().next().filter(|_| needs_subnet);
    if needs_subnet {
        preconditions.push(match &planned {
            Some(subnet) => context.met_unless_gap(
                Call::DescribeSubnets,
                format!(
                    "{} has a free range for a public subnet: {} in {}",
                    vpc.id, subnet.cidr, subnet.zone
                ),
            ),
            None => Precondition::not_met(format!(
                "{} has no free range for a public subnet: add a secondary CIDR block to the VPC (aws ec2 \
                 associate-vpc-cidr-block --vpc-id {} --cidr-block 100.64.0.0/16)",
                vpc.id, vpc.id
            )),
        });
    }
    preconditions.push(context.owns_subnets());
    let (title, rollback) = if needs_subnet {
        (
            "Internet gateway and public subnet",
            "delete the public subnet, its route table and the internet gateway",
        )
    } else {
        ("Internet gateway", "delete the internet gateway")
    };
    Candidate {
        title: title.to_owned(),
        changes: vec![Change::CreateInternetGateway {
            vpc: vpc.id.clone(),
            route_tables: Vec::new(),
            public_subnet: planned,
        }],
        preconditions,
        side_effects: vec![format!(
            "{} gets its first path to the internet: make sure that it is not isolated on purpose. The internet gateway changes no existing \
             subnet or route.",
            vpc.id
        )],
        takes_effect: "at once, no deployment of the service".to_owned(),
        rollback: rollback.to_owned(),
    }
}

/// Whether a destination on the internet has no route.
fn lacks_path(context: &RemedyContext<'_>) -> bool {
    context.blockers().any(|(finding, hop, code)| {
        code == Code::NoRouteToDestination
            && hop.layer == Layer::Route
            && finding.need.destination.is_outside_vpc()
    })
}
