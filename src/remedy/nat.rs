//! Remedies `nat`, `nat-per-zone` and `nat-regional`: a new public NAT gateway. These are the only remedies
//! inside the VPC for third-party destinations. If the VPC has a NAT gateway that works, remedy `nat` adds
//! routes to it instead. It also replaces default routes to a NAT instance that was stopped or deleted.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>

use std::collections::{BTreeMap, BTreeSet};

use super::context::{Candidate, RemedyContext};
use super::endpoint_service::display_name;
use super::nat_conditions::{
    UsableGateway, blocker_at, gateway_for, has_default_route, has_fault, has_internet_gateway,
    has_public_subnet, internet_gateway, is_broken_instance, is_default, is_pending, public_subnet,
    public_subnets, usable_gateways,
};
use super::nat_repair::repair_title;
use super::{Change, Precondition};
use crate::model::{
    AvailabilityZone, Call, EncryptionControl, Route, RouteState, RouteTableId, RouteTarget, Vpc,
};
use crate::reach::{Code, route_table_of};
use crate::text::listed;

const TAKES_EFFECT: &str = "in two to three minutes, no deployment of the service";
const ROLLBACK: &str = "delete the routes, the NAT gateway and its Elastic IP address";

/// Limits that may prevent the remedy and that are not read
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html#using-instance-addressing-limit>).
const NOT_CHECKED: &str = "Not checked: the quota of Elastic IP addresses (5 per Region by default), and organization policies that deny ec2:AllocateAddress or ec2:CreateRoute.";

/// One NAT gateway for all AZs.
pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let vpc = context.vpc()?;
    context.blocked().next()?;
    let route_tables = context.route_tables();
    if let Some(routes) = routes_to_working(context, vpc, &route_tables) {
        return Some(routes);
    }
    let public = public_subnet(context, vpc);
    let mut preconditions = vec![has_internet_gateway(context, vpc), has_public_subnet(context, vpc, public)];
    // Remedy `nat-repair` replaces a NAT gateway that was deleted.
    let mut replaced = replaced_targets(context, &route_tables);
    replaced.retain(|target| !matches!(target, RouteTarget::NatGateway(_)));
    preconditions.extend(common_requirements(context, vpc, &route_tables, &replaced));
    let mut side_effects = common_side_effects(context, &route_tables);
    side_effects.extend(effects_of_replacement(context, &replaced));
    side_effects.push("Single AZ: if that AZ fails, egress fails.".to_owned());
    side_effects.push(NOT_CHECKED.to_owned());
    Some(Candidate {
        title: "NAT gateway".to_owned(),
        side_effects,
        preconditions,
        takes_effect: TAKES_EFFECT.to_owned(),
        rollback: ROLLBACK.to_owned(),
        changes: vec![Change::CreateNat {
            vpc: vpc.id.clone(),
            subnet: public.map(|subnet| subnet.id.clone()),
            route_tables,
        }],
    })
}

/// The targets of default routes that carry no packets: a broken NAT instance, or a target that was stopped or deleted. Remedy
/// `internet-gateway` replaces an internet gateway.
fn replaced_targets(context: &RemedyContext<'_>, tables: &[RouteTableId]) -> Vec<RouteTarget> {
    let tables = tables.iter().filter_map(|id| context.snapshot.network.route_tables.get(id));
    let is_replaced = |route: &Route| match &route.target {
        RouteTarget::InternetGateway(_) | RouteTarget::Local => false,
        RouteTarget::NetworkInterface(id) if is_broken_instance(context, id) => true,
        // A peering connection carries no traffic to the internet
        // (https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html).
        RouteTarget::Peering(_) => true,
        _ => route.state == RouteState::Blackhole,
    };
    let mut targets = Vec::new();
    for route in tables.flat_map(|table| &table.routes).filter(|route| is_default(&route.destination)) {
        if is_replaced(route) && !targets.contains(&route.target) {
            targets.push(route.target.clone());
        }
    }
    targets
}

/// The side effects of new targets of default routes.
fn effects_of_replacement(context: &RemedyContext<'_>, replaced: &[RouteTarget]) -> Vec<String> {
    if replaced.is_empty() {
        return Vec::new();
    }
    let effect = format!(
        "The default routes to {} are replaced. The destinations see the address of the NAT gateway: add it to access lists.",
        join(replaced)
    );
    let to_peers = replaced.iter().filter(|target| matches!(target, RouteTarget::Peering(_)));
    let lost = to_peers.map(|target| {
        format!("Private addresses that only the default route to {target} leads to need a route of their own to {target}.")
    });
    [effect].into_iter().chain(lost).chain(stopped_instances(context, replaced)).collect()
}

/// The alternative for NAT instances that are stopped and not deleted.
fn stopped_instances(context: &RemedyContext<'_>, targets: &[RouteTarget]) -> Option<String> {
    let instance = |target: &RouteTarget| match target {
        RouteTarget::NetworkInterface(id) if !is_broken_instance(context, id) => {
            context.snapshot.network.network_interfaces.get(id)?.instance.as_ref().map(ToString::to_string)
        }
        _ => None,
    };
    let instances: Vec<String> = targets.iter().filter_map(instance).collect();
    (!instances.is_empty()).then(|| {
        format!(
            "Instead of a NAT gateway, the NAT instance can be started: aws ec2 start-instances --instance-ids {}.",
            instances.join(" ")
        )
    })
}

fn join(targets: &[RouteTarget]) -> String {
    listed(&targets.iter().map(ToString::to_string).collect::<Vec<_>>(), "and")
}

/// Default routes to the NAT gateways that work, in the route tables without a default route.
fn routes_to_working(context: &RemedyContext<'_>, vpc: &Vpc, tables: &[RouteTableId]) -> Option<Candidate> {
    let network = &context.snapshot.network;
    let gateways = usable_gateways(context, vpc);
    let without_default: Vec<RouteTableId> = tables
        .iter()
        .filter(|id| network.route_tables.get(id).is_some_and(|table| !has_default_route(table)))
        .cloned()
        .collect();
    let mut chosen: Vec<(&UsableGateway<'_>, Vec<RouteTableId>)> = Vec::new();
    for id in &without_default {
        let gateway = gateway_for(context, &gateways, id)?;
        match chosen.iter_mut().find(|(known, _)| known.nat.id == gateway.nat.id) {
            Some((_, tables)) => tables.push(id.clone()),
            None => chosen.push((gateway, vec![id.clone()])),
        }
    }
    if chosen.is_empty() {
        return None;
    }
    let names: Vec<&str> = chosen.iter().map(|(one, _)| one.nat.id.as_str()).collect();
    let mut preconditions: Vec<Precondition> = chosen.iter().map(|(one, _)| one.carries.clone()).collect();
    preconditions.push(context.owns_subnets());
    Some(Candidate {
        title: format!("Routes to {}", listed(&names, "and")),
        side_effects: common_side_effects(context, &without_default),
        preconditions,
        takes_effect: "at once, no deployment of the service".to_owned(),
        rollback: "delete the routes".to_owned(),
        changes: chosen
            .into_iter()
            .map(|(one, route_tables)| Change::RouteToNat { nat: one.nat.id.clone(), route_tables })
            .collect(),
    })
}

/// The condition of one NAT gateway per AZ.
pub const ONE_TABLE_PER_AZ: &str = "one NAT gateway per AZ needs one route table per AZ";

/// One NAT gateway in each AZ of the workload: no traffic crosses AZs, and no AZ depends on another. An AZ keeps its present one.
pub(super) fn per_zone(context: &RemedyContext<'_>) -> Option<Candidate> {
    let vpc = context.vpc()?;
    context.blocked().next()?;
    let network = &context.snapshot.network;
    let present = usable_gateways(context, vpc);
    let mut zones: BTreeMap<&AvailabilityZone, Vec<RouteTableId>> = BTreeMap::new();
    for subnet in context.subnets.iter().filter_map(|id| network.subnets.get(id)) {
        let tables = zones.entry(&subnet.zone).or_default();
        if let Some((table, _)) = route_table_of(context.snapshot, subnet)
            && !tables.contains(&table.id)
        {
            tables.push(table.id.clone());
        }
    }
    // Remedy `nat-route` uses the NAT gateways that each AZ has.
    let is_routed = |zone: &AvailabilityZone, tables: &[RouteTableId]| {
        let leads_to = |id: &RouteTableId| {
            let table = network.route_tables.get(id)?;
            let route = table.routes.iter().find(|route| is_default(&route.destination))?;
            present.iter().find(|one| RouteTarget::NatGateway(one.nat.id.clone()) == route.target)?.zone
        };
        !tables.is_empty() && tables.iter().all(|id| leads_to(id) == Some(zone))
    };
    if zones.len() < 2 || zones.keys().all(|zone| present.iter().any(|one| one.zone == Some(*zone))) {
        return None;
    }
    // An AZ whose subnets use a NAT gateway that works in the same AZ needs no other one.
    zones.retain(|zone, tables| !is_routed(zone, tables));
    let tables: Vec<RouteTableId> = context
        .route_tables()
        .into_iter()
        .filter(|id| zones.values().any(|tables| tables.contains(id)))
        .collect();
    let shared = tables.iter().find(|id| zones.values().filter(|tables| tables.contains(id)).count() > 1);
    let mut preconditions = vec![has_internet_gateway(context, vpc)];
    preconditions.push(match shared {
        None => Precondition::met("each AZ has its own route table"),
        Some(table) => {
            Precondition::not_met(format!("subnets in several AZs share {table}; {ONE_TABLE_PER_AZ}"))
        }
    });
    let has_route = |id: &RouteTableId| network.route_tables.get(id).is_none_or(has_default_route);
    let mut changes = Vec::new();
    for (zone, route_tables) in zones {
        // The subnets of an AZ with a NAT gateway that works get a route to it.
        let own = present.iter().find(|one| one.zone == Some(zone));
        if let Some(own) = own.filter(|_| !route_tables.iter().any(has_route)) {
            preconditions.push(own.carries.clone());
            changes.push(Change::RouteToNat { nat: own.nat.id.clone(), route_tables });
            continue;
        }
        let public = public_subnets(context, vpc).find(|subnet| subnet.zone == *zone);
        if public.is_none() && internet_gateway(context, vpc).is_some() {
            preconditions.push(context.not_met_unless_gap(
                Call::DescribeRouteTables,
                format!("{zone} has no public subnet for a NAT gateway"),
            ));
        }
        let subnet = public.map(|subnet| subnet.id.clone());
        changes.push(Change::CreateNat { vpc: vpc.id.clone(), subnet, route_tables });
    }
    let replaced = replaced_targets(context, &tables);
    preconditions.extend(common_requirements(context, vpc, &tables, &replaced));
    let mut side_effects = common_side_effects(context, &tables);
    side_effects.extend(effects_of_replacement(context, &replaced));
    side_effects.push(NOT_CHECKED.to_owned());
    Some(Candidate {
        title: "NAT gateway in each AZ".to_owned(),
        side_effects,
        preconditions,
        takes_effect: TAKES_EFFECT.to_owned(),
        rollback: "delete the routes, the NAT gateways and their Elastic IP addresses".to_owned(),
        changes,
    })
}

/// A regional NAT gateway needs no public subnet and serves every AZ
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html>).
pub(super) fn regional(context: &RemedyContext<'_>) -> Option<Candidate> {
    let vpc = context.vpc()?;
    context.blocked().next()?;
    let route_tables = context.route_tables();
    let network = &context.snapshot.network;
    let subnets = context.subnets.iter().filter_map(|id| network.subnets.get(id));
    let zones: BTreeSet<AvailabilityZone> = subnets.map(|subnet| subnet.zone.clone()).collect();
    let mut preconditions = vec![has_internet_gateway(context, vpc)];
    let replaced = replaced_targets(context, &route_tables);
    preconditions.extend(common_requirements(context, vpc, &route_tables, &replaced));
    let mut side_effects = common_side_effects(context, &route_tables);
    side_effects.extend(effects_of_replacement(context, &replaced));
    side_effects.push(
        "It takes up to an hour to expand to an AZ; until then the traffic of that AZ crosses to another AZ."
            .to_owned(),
    );
    Some(Candidate {
        title: "Regional NAT gateway".to_owned(),
        side_effects,
        preconditions,
        takes_effect: TAKES_EFFECT.to_owned(),
        rollback: "delete the routes and the NAT gateway".to_owned(),
        changes: vec![Change::CreateRegionalNat {
            vpc: vpc.id.clone(),
            zones: zones.into_iter().collect(),
            route_tables,
        }],
    })
}

/// The requirements of every new NAT gateway, except for its subnet.
fn common_requirements(
    context: &RemedyContext<'_>,
    vpc: &Vpc,
    route_tables: &[RouteTableId],
    replaced: &[RouteTarget],
) -> Vec<Precondition> {
    let mut requirements =
        vec![has_no_default_route(context, route_tables, replaced), context.owns_subnets()];
    requirements.extend(has_encryption_exclusion(vpc));
    requirements
}

/// VPC encryption controls in enforce mode allow no NAT gateway without an exclusion
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html>).
fn has_encryption_exclusion(vpc: &Vpc) -> Option<Precondition> {
    (vpc.encryption == EncryptionControl::Enforce).then(|| {
        Precondition::unknown(format!(
            "{} enforces encryption: a NAT gateway needs an encryption exclusion; exclusions were not read",
            vpc.id
        ))
    })
}

/// Whether an endpoint service belongs to the region of the network. A gateway endpoint serves only its own region.
fn is_in_region(context: &RemedyContext<'_>, service: &str) -> bool {
    let region = context.snapshot.region.as_str();
    service.split('.').any(|part| part == region)
}

fn common_side_effects(context: &RemedyContext<'_>, route_tables: &[RouteTableId]) -> Vec<String> {
    let tables = context.describe_route_tables(route_tables);
    let mut effects = vec![format!("All subnets that use {tables} get internet access.")];
    let services: BTreeSet<&str> = context
        .blocked()
        .filter(|destination| destination.bucket_of_unknown_region().is_none())
        .filter_map(|destination| destination.endpoint())
        .filter(|offer| offer.gateway && is_in_region(context, &offer.service_name))
        .map(|offer| display_name(&offer.service_name))
        .collect();
    if !services.is_empty() {
        let list = listed(&services.into_iter().collect::<Vec<_>>(), "and");
        effects.push(format!(
            "The NAT gateway also charges traffic to {list} per GB; with a gateway endpoint this traffic is free."
        ));
    }
    effects
}

/// The requirement that the route tables have no default route, except to the targets that are replaced. These remedies do
/// not replace a default route that works: the user must decide that.
fn has_no_default_route(
    context: &RemedyContext<'_>,
    tables: &[RouteTableId],
    replaced: &[RouteTarget],
) -> Precondition {
    let tables = tables.iter().filter_map(|id| context.snapshot.network.route_tables.get(id));
    let default = tables
        .flat_map(|table| table.routes.iter().map(move |route| (table, route)))
        .find(|(_, route)| is_default(&route.destination) && !replaced.contains(&route.target));
    match default {
        None if replaced.is_empty() => Precondition::met("the route tables have no default route yet"),
        None => Precondition::met(format!("the default routes to {} carry no packets", join(replaced))),
        Some((table, route)) => Precondition::not_met(format!(
            "{} already has a default route to {}",
            table.id,
            target_and_advice(context, route)
        )),
    }
}

fn target_and_advice(context: &RemedyContext<'_>, route: &Route) -> String {
    match &route.target {
        RouteTarget::NatGateway(id) if route.state == RouteState::Blackhole => {
            format!("{id}, which was deleted or is not available: {} replaces it", repair_title(context, id))
        }
        RouteTarget::NatGateway(id) if is_pending(context, id) => {
            format!("{id}, which is pending; it becomes available in a few minutes")
        }
        RouteTarget::NatGateway(id) if has_fault(context, id) => {
            format!("{id}, which does not work: {} replaces it", repair_title(context, id))
        }
        RouteTarget::NatGateway(id) => match blocker_at(context, id) {
            Some((hop, Code::SubnetAclRestriction)) => format!(
                "{id}, and only network ACL {} of its subnet blocks: add rules to it (nacl), or use a NAT gateway in a subnet with \
                 another network ACL",
                hop.component
            ),
            Some((hop, _)) => format!("{id}, which does not carry all packets: {}", hop.rule),
            None => format!("{id}, in which no fault was found: a second NAT gateway does not help"),
        },
        RouteTarget::InternetGateway(id) => {
            format!(
                "{id}: with a NAT gateway instead of it, resources with a public address in these subnets lose internet access"
            )
        }
        target => target.to_string(),
    }
}
