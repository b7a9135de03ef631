//! A new public NAT gateway: the only remedy inside the VPC that reaches third parties.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>

use std::collections::{BTreeMap, BTreeSet};

use super::nat_repair::fault;
use super::site::{Candidate, Site};
use super::{Change, Met, Precondition, simulate};
use crate::model::{
    AvailabilityZone, Call, EncryptionControl, InternetGateway, NatGatewayId, RouteDestination, RouteState,
    RouteTableId, RouteTarget, Subnet, SubnetId, Vpc,
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
        nat.vpc == vpc.id && nat.state.eq_ignore_ascii_case("available") && fault(site, &nat.id).is_none()
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

pub(super) fn is_default(destination: &RouteDestination) -> bool {
    *destination == RouteDestination::Ipv4(ipnet::Ipv4Net::default())
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

pub(super) fn attached<'a>(site: &'a Site<'_>, vpc: &Vpc) -> Option<&'a InternetGateway> {
    site.snapshot
        .network
        .internet_gateways
        .iter()
        .find(|gateway| gateway.attached_to.as_ref() == Some(&vpc.id))
}

pub(super) fn gateway(site: &Site<'_>, vpc: &Vpc) -> Precondition {
    match attached(site, vpc) {
        Some(gateway) => Precondition {
            text: format!("{} has an internet gateway ({})", vpc.id, gateway.id),
            met: Met::Yes,
        },
        None => site.unread(Call::DescribeInternetGateways, format!("{} has no internet gateway", vpc.id)),
    }
}

/// The first subnet whose own table leads to the VPC's internet gateway.
pub(super) fn public_subnet<'a>(site: &'a Site<'_>, vpc: &Vpc) -> Option<&'a Subnet> {
    // One with room, in a zone of the workload where there is one.
    let own = |subnet: &Subnet| {
        let mut subnets = site.subnets.iter().filter_map(|id| site.snapshot.network.subnets.get(id));
        subnets.any(|one| one.zone == subnet.zone)
    };
    public_subnets(site, vpc).min_by_key(|subnet| (subnet.free_addresses == Some(0), !own(subnet)))
}

fn public_subnets<'a>(site: &'a Site<'_>, vpc: &Vpc) -> impl Iterator<Item = &'a Subnet> {
    let gateway = attached(site, vpc);
    site.snapshot.network.subnets.iter().filter(|subnet| subnet.vpc == vpc.id).filter(move |subnet| {
        let Some(gateway) = gateway else { return false };
        route_table_of(site.snapshot, subnet).is_some_and(|(table, _)| {
            table.routes.iter().any(|route| {
                route.destination == RouteDestination::Ipv4(ipnet::Ipv4Net::default())
                    && route.target == RouteTarget::InternetGateway(gateway.id.clone())
                    && route.state == RouteState::Active
            })
        })
    })
}

pub(super) fn standing(site: &Site<'_>, vpc: &Vpc, public: Option<&Subnet>) -> Precondition {
    match public {
        Some(subnet) if subnet.free_addresses == Some(0) => Precondition {
            text: format!("{}, the public subnet, has no free address for the gateway", subnet.id),
            met: Met::No,
        },
        Some(subnet) => Precondition {
            text: format!(
                "{} ({}) is public by its route, so the gateway can stand there",
                subnet.id, subnet.zone
            ),
            met: Met::Yes,
        },
        // Without one there is nothing to plan, whether it is missing or was not read.
        None => {
            let calls = [Call::DescribeRouteTables, Call::DescribeInternetGateways, Call::DescribeSubnets];
            let gap = calls.into_iter().find_map(|call| site.snapshot.gap(call));
            let text = match gap {
                Some(gap) => {
                    format!("no public subnet is known ({gap}), and without one nothing can be planned")
                }
                None => format!("{} has no public subnet for the gateway to stand in", vpc.id),
            };
            Precondition { text, met: Met::No }
        }
    }
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
        site.snapshot
            .network
            .nat_gateways
            .get(id)
            .is_some_and(|nat| nat.state.eq_ignore_ascii_case("pending"))
    };
    match target {
        RouteTarget::NatGateway(id) if is_pending(id) => {
            format!("{id}, which is pending: it is available in some minutes")
        }
        RouteTarget::NatGateway(id) => format!("{}: repair that instead", NatGatewayId::as_str(id)),
        other => other.to_string(),
    }
}
