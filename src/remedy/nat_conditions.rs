//! The facts that decide whether a NAT gateway works, and whether a new one can.

use super::site::Site;
use super::{Met, Precondition};
use crate::model::{
    Call, InternetGateway, NatConnectivity, NatGatewayId, NatPlacement, NatState, RouteDestination,
    RouteState, RouteTarget, Subnet, Vpc,
};
use crate::reach::route_table_of;

pub(super) fn is_default(destination: &RouteDestination) -> bool {
    *destination == RouteDestination::Ipv4(ipnet::Ipv4Net::default())
}

/// Why a NAT gateway leads nowhere; `None` when it seems to work, or was not read.
pub(super) fn fault(site: &Site<'_>, id: &NatGatewayId) -> Option<String> {
    let nat = site.snapshot.network.nat_gateways.get(id)?;
    if nat.state == NatState::Pending {
        return None;
    }
    if nat.state != NatState::Available {
        return Some(format!("it is {}", nat.state));
    }
    if nat.connectivity == NatConnectivity::Private {
        return Some("it is private".to_owned());
    }
    let NatPlacement::Subnet(subnet) = &nat.placement else { return None };
    let subnet = site.snapshot.network.subnets.get(subnet)?;
    let (table, _) = route_table_of(site.snapshot, subnet)?;
    let leads_out = table.routes.iter().any(|route| {
        is_default(&route.destination)
            && matches!(route.target, RouteTarget::InternetGateway(_))
            && route.state == RouteState::Active
    });
    (!leads_out).then(|| format!("it stands in {}, whose table leads to no internet gateway", subnet.id))
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

pub(super) fn public_subnets<'a>(site: &'a Site<'_>, vpc: &Vpc) -> impl Iterator<Item = &'a Subnet> {
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
