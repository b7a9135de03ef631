//! A new public NAT gateway: the only remedy inside the VPC that reaches third parties.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>

use super::site::{Candidate, Site};
use super::{Change, Met, Precondition};
use crate::model::{
    Call, InternetGateway, NatGatewayId, RouteDestination, RouteState, RouteTableId, RouteTarget, Subnet, Vpc,
};
use crate::reach::route_table_of;

pub(super) fn candidate(site: &Site<'_>) -> Option<Candidate> {
    let vpc = site.vpc()?;
    site.stopped().next()?;
    let route_tables = site.route_tables();
    let public = public_subnet(site, vpc);
    let mut preconditions =
        vec![gateway(site, vpc), standing(site, vpc, public), free_default(site, &route_tables)];
    preconditions.push(site.not_shared());
    let subnet = public.map_or_else(|| crate::model::SubnetId::from("(none)"), |subnet| subnet.id.clone());
    Some(Candidate {
        title: "NAT gateway".to_owned(),
        side_effects: vec![
            format!("Everything on {} gains a way to the internet.", site.tables_in_words(&route_tables)),
            "One gateway stands in one zone: if that zone fails, so does the way out.".to_owned(),
        ],
        preconditions,
        takes_effect: "in two to three minutes, no deployment of the service".to_owned(),
        reversal: "delete the routes, the gateway and its Elastic IP address".to_owned(),
        changes: vec![Change::CreateNat { vpc: vpc.id.clone(), subnet, route_tables }],
    })
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
    let gateway = attached(site, vpc)?;
    site.snapshot.network.subnets.iter().filter(|subnet| subnet.vpc == vpc.id).find(|subnet| {
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
        Some(subnet) => Precondition {
            text: format!(
                "{} ({}) is public by its route, so the gateway can stand there",
                subnet.id, subnet.zone
            ),
            met: Met::Yes,
        },
        None => site.unread(
            Call::DescribeRouteTables,
            format!("{} has no public subnet for the gateway to stand in", vpc.id),
        ),
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
            text: format!("{} has a default route already, to {}", table.id, repair(&route.target)),
            met: Met::No,
        },
    }
}

fn repair(target: &RouteTarget) -> String {
    match target {
        RouteTarget::NatGateway(id) => format!("{}: repair that instead", NatGatewayId::as_str(id)),
        other => other.to_string(),
    }
}
