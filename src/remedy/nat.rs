//! A new public NAT gateway: the only remedy inside the VPC that reaches third parties.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>

use std::collections::{BTreeMap, BTreeSet};

use super::nat_conditions::{attached, fault, gateway, is_default, public_subnet, public_subnets, standing};
use super::site::{Candidate, Site};
use super::{Change, Met, Precondition, simulate};
use crate::model::{
    AvailabilityZone, Call, EncryptionControl, NatGatewayId, NatState, RouteDestination, RouteTableId,
    RouteTarget, SubnetId, Vpc,
};
use crate::reach::route_table_of;

const TAKES_EFFECT: &str = "in two to three minutes, no deployment of the service";
const REVERSAL: &str = "delete the routes, the gateway and its Elastic IP address";

/// What may stop it and cannot be told from what is read
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html#using-instance-addressing-limit>).
const UNREAD: &str = "Not read: whether the quota leaves an Elastic IP address (five a region unless raised), and whether a policy of the organisation denies ec2:AllocateAddress or ec2:CreateRoute.";

/// One gateway for all zones.
pub(super) fn candidate(site: &Site<'_>) -> Option<Candidate> {
    let vpc = site.vpc()?;
    site.stopped().next()?;
    let route_tables = site.route_tables();
    if let Some(routes) = routes_to_working(site, vpc, &route_tables) {
        return Some(routes);
    }
    let public = public_subnet(site, vpc);
    let subnet = public.map_or_else(|| SubnetId::from("(none)"), |subnet| subnet.id.clone());
    let mut preconditions = vec![gateway(site, vpc), standing(site, vpc, public)];
    preconditions.extend(conditions(site, vpc, &route_tables));
    let mut side_effects = effects(site, &route_tables);
    side_effects.push("One gateway stands in one zone: if that zone fails, so does the way out.".to_owned());
    side_effects.push(UNREAD.to_owned());
    Some(Candidate {
        title: "NAT gateway".to_owned(),
        side_effects,
        preconditions,
        takes_effect: TAKES_EFFECT.to_owned(),
        reversal: REVERSAL.to_owned(),
        changes: vec![Change::CreateNat { vpc: vpc.id.clone(), subnet, route_tables }],
    })
}

/// A gateway that works is used, not doubled: the tables that have no default route get one to it.
fn routes_to_working(site: &Site<'_>, vpc: &Vpc, tables: &[RouteTableId]) -> Option<Candidate> {
    let working = site.snapshot.network.nat_gateways.iter().find(|nat| {
        nat.vpc == vpc.id && nat.state == NatState::Available && fault(site, &nat.id).is_none()
    })?;
    let lacking: Vec<RouteTableId> = tables
        .iter()
        .filter(|id| {
            let table = site.snapshot.network.route_tables.get(id);
            table.is_some_and(|table| !table.routes.iter().any(|route| is_default(&route.destination)))
        })
        .cloned()
        .collect();
    if lacking.is_empty() {
        return None;
    }
    Some(Candidate {
        title: format!("Routes to {}", working.id),
        side_effects: effects(site, &lacking),
        preconditions: vec![
            Precondition {
                text: format!("{} is there, available and public, and leads out", working.id),
                met: Met::Yes,
            },
            site.not_shared(),
        ],
        takes_effect: "at once, no deployment of the service".to_owned(),
        reversal: "delete the routes".to_owned(),
        changes: vec![Change::RouteToNat { nat: working.id.clone(), route_tables: lacking }],
    })
}

/// One gateway for each zone of the workload, so that no traffic crosses zones and no zone depends on another.
pub(super) fn per_zone(site: &Site<'_>) -> Option<Candidate> {
    let vpc = site.vpc()?;
    site.stopped().next()?;
    let network = &site.snapshot.network;
    let mut zones: BTreeMap<&AvailabilityZone, Vec<RouteTableId>> = BTreeMap::new();
    let subnets = || site.subnets.iter().filter_map(|id| network.subnets.get(id));
    for subnet in subnets() {
        let tables = zones.entry(&subnet.zone).or_default();
        if let Some((table, _)) = route_table_of(site.snapshot, subnet)
            && !tables.contains(&table.id)
        {
            tables.push(table.id.clone());
        }
    }
    if zones.len() < 2 {
        return None;
    }
    let all: Vec<RouteTableId> = site.route_tables();
    let shared = all.iter().find(|id| zones.values().filter(|tables| tables.contains(id)).count() > 1);
    let mut preconditions = vec![gateway(site, vpc)];
    preconditions.push(match shared {
        None => Precondition { text: "each zone has a route table of its own".to_owned(), met: Met::Yes },
        Some(table) => Precondition {
            text: format!("{table} serves several zones, and a table takes one default route: a gateway per zone needs a table per zone"),
            met: Met::No,
        },
    });
    let mut changes = Vec::new();
    for (zone, route_tables) in zones {
        let public = public_subnets(site, vpc).find(|subnet| subnet.zone == *zone);
        if public.is_none() && attached(site, vpc).is_some() {
            preconditions.push(site.unread(
                Call::DescribeRouteTables,
                format!("{zone} has no public subnet for a gateway to stand in"),
            ));
        }
        let subnet = public.map_or_else(|| SubnetId::from("(none)"), |subnet| subnet.id.clone());
        changes.push(Change::CreateNat { vpc: vpc.id.clone(), subnet, route_tables });
    }
    preconditions.extend(conditions(site, vpc, &all));
    Some(Candidate {
        title: "NAT gateway in each zone".to_owned(),
        side_effects: [effects(site, &all), vec![UNREAD.to_owned()]].concat(),
        preconditions,
        takes_effect: TAKES_EFFECT.to_owned(),
        reversal: "delete the routes, the gateways and their Elastic IP addresses".to_owned(),
        changes,
    })
}

/// A regional gateway needs no public subnet and serves every zone
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html>).
pub(super) fn regional(site: &Site<'_>) -> Option<Candidate> {
    let vpc = site.vpc()?;
    site.stopped().next()?;
    let route_tables = site.route_tables();
    let network = &site.snapshot.network;
    let zones: BTreeSet<AvailabilityZone> = site
        .subnets
        .iter()
        .filter_map(|id| network.subnets.get(id))
        .map(|subnet| subnet.zone.clone())
        .collect();
    let mut preconditions = vec![gateway(site, vpc)];
    preconditions.extend(conditions(site, vpc, &route_tables));
    let mut side_effects = effects(site, &route_tables);
    side_effects.push(
        "It takes up to an hour to spread into a zone; until then that zone's traffic crosses into another."
            .to_owned(),
    );
    Some(Candidate {
        title: "Regional NAT gateway".to_owned(),
        side_effects,
        preconditions,
        takes_effect: TAKES_EFFECT.to_owned(),
        reversal: "delete the routes and the gateway".to_owned(),
        changes: vec![Change::CreateRegionalNat {
            vpc: vpc.id.clone(),
            zones: zones.into_iter().collect(),
            route_tables,
        }],
    })
}

/// What all of them need beside a place to stand in.
fn conditions(site: &Site<'_>, vpc: &Vpc, route_tables: &[RouteTableId]) -> Vec<Precondition> {
    let mut conditions = vec![free_default(site, route_tables), site.not_shared()];
    conditions.extend(encryption(vpc));
    conditions
}

/// VPC encryption controls that enforce encryption keep NAT gateways out, unless an exclusion was made for them
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html>).
fn encryption(vpc: &Vpc) -> Option<Precondition> {
    (vpc.encryption == EncryptionControl::Enforce).then(|| Precondition {
        text: format!("{} enforces encryption: a NAT gateway needs an exclusion, which was not read", vpc.id),
        met: Met::Unknown,
    })
}

fn effects(site: &Site<'_>, route_tables: &[RouteTableId]) -> Vec<String> {
    let mut effects =
        vec![format!("Everything on {} gains a way to the internet.", site.tables_in_words(route_tables))];
    let gateways: BTreeSet<&str> = site
        .stopped()
        .filter_map(|destination| destination.endpoint())
        .filter(|offer| offer.gateway)
        .map(|offer| simulate::short(&offer.service_name))
        .collect();
    if !gateways.is_empty() {
        let list = gateways.into_iter().collect::<Vec<_>>().join(" and ");
        effects.push(format!(
            "Traffic to {list} is charged by the gigabyte too: a gateway endpoint beside it is free."
        ));
    }
    effects
}

/// A table that has a default route keeps it: replacing it is somebody's decision.
fn free_default(site: &Site<'_>, tables: &[RouteTableId]) -> Precondition {
    let tables = tables.iter().filter_map(|id| site.snapshot.network.route_tables.get(id));
    let default = tables
        .flat_map(|table| table.routes.iter().map(move |route| (table, route)))
        .find(|(_, route)| route.destination == RouteDestination::Ipv4(ipnet::Ipv4Net::default()));
    match default {
        None => Precondition { text: "the tables have no default route yet".to_owned(), met: Met::Yes },
        Some((table, route)) => Precondition {
            text: format!("{} has a default route already, to {}", table.id, repair(site, &route.target)),
            met: Met::No,
        },
    }
}

fn repair(site: &Site<'_>, target: &RouteTarget) -> String {
    let is_pending = |id: &NatGatewayId| {
        site.snapshot.network.nat_gateways.get(id).is_some_and(|nat| nat.state == NatState::Pending)
    };
    match target {
        RouteTarget::NatGateway(id) if is_pending(id) => {
            format!("{id}, which is pending: it is available in some minutes")
        }
        RouteTarget::NatGateway(id) => format!("{}: repair that instead", NatGatewayId::as_str(id)),
        other => other.to_string(),
    }
}
