//! The facts that decide whether a NAT gateway works, and whether a new one can.

use ipnet::Ipv4Net;

use super::Precondition;
use super::context::RemedyContext;
use crate::model::{
    Call, InternetGateway, NatConnectivity, NatGatewayId, NatPlacement, NatState, RouteDestination,
    RouteState, RouteTable, RouteTarget, Subnet, Vpc,
};
use crate::reach::route_table_of;

pub(super) fn is_default(destination: &RouteDestination) -> bool {
    *destination == RouteDestination::Ipv4(Ipv4Net::default())
}

pub(super) fn has_default_route(table: &RouteTable) -> bool {
    table.routes.iter().any(|route| is_default(&route.destination))
}

/// Why a NAT gateway does not work; `None` if it seems to work, or was not read.
pub(super) fn fault(context: &RemedyContext<'_>, id: &NatGatewayId) -> Option<String> {
    let nat = context.snapshot.network.nat_gateways.get(id)?;
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
    let subnet = context.snapshot.network.subnets.get(subnet)?;
    let (table, _) = route_table_of(context.snapshot, subnet)?;
    let is_public = table.routes.iter().any(|route| {
        is_default(&route.destination)
            && matches!(route.target, RouteTarget::InternetGateway(_))
            && route.state == RouteState::Active
    });
    (!is_public).then(|| format!("its subnet {} has no route to an internet gateway", subnet.id))
}

/// The internet gateway of a VPC.
pub(super) fn internet_gateway<'a>(context: &'a RemedyContext<'_>, vpc: &Vpc) -> Option<&'a InternetGateway> {
    let mut gateways = context.snapshot.network.internet_gateways.iter();
    gateways.find(|gateway| gateway.attached_to.as_ref() == Some(&vpc.id))
}

pub(super) fn has_internet_gateway(context: &RemedyContext<'_>, vpc: &Vpc) -> Precondition {
    match internet_gateway(context, vpc) {
        Some(gateway) => Precondition::met(format!("{} has an internet gateway ({})", vpc.id, gateway.id)),
        None => context.not_met_unless_gap(
            Call::DescribeInternetGateways,
            format!("{} has no internet gateway", vpc.id),
        ),
    }
}

/// The best public subnet for a NAT gateway: one with a free address, in an AZ of the workload.
pub(super) fn public_subnet<'a>(context: &'a RemedyContext<'_>, vpc: &Vpc) -> Option<&'a Subnet> {
    let is_in_own_az = |subnet: &Subnet| {
        let mut subnets = context.subnets.iter().filter_map(|id| context.snapshot.network.subnets.get(id));
        subnets.any(|own| own.zone == subnet.zone)
    };
    public_subnets(context, vpc)
        .min_by_key(|subnet| (subnet.free_addresses == Some(0), !is_in_own_az(subnet)))
}

/// The VPC's subnets with an active default route to its internet gateway.
pub(super) fn public_subnets<'a>(
    context: &'a RemedyContext<'_>,
    vpc: &Vpc,
) -> impl Iterator<Item = &'a Subnet> {
    let gateway = internet_gateway(context, vpc);
    context.snapshot.network.subnets.iter().filter(|subnet| subnet.vpc == vpc.id).filter(move |subnet| {
        let Some(gateway) = gateway else { return false };
        route_table_of(context.snapshot, subnet).is_some_and(|(table, _)| {
            table.routes.iter().any(|route| {
                is_default(&route.destination)
                    && route.target == RouteTarget::InternetGateway(gateway.id.clone())
                    && route.state == RouteState::Active
            })
        })
    })
}

/// The requirement of a public subnet with a free address.
pub(super) fn has_public_subnet(
    context: &RemedyContext<'_>,
    vpc: &Vpc,
    public: Option<&Subnet>,
) -> Precondition {
    match public {
        Some(subnet) if subnet.free_addresses == Some(0) => Precondition::not_met(format!(
            "the public subnet {} has no free address for the NAT gateway",
            subnet.id
        )),
        Some(subnet) => Precondition::met(format!(
            "{} ({}) is a public subnet for the NAT gateway",
            subnet.id, subnet.zone
        )),
        // A NAT gateway cannot be planned without a subnet, so a gap is as bad as a missing subnet.
        None => {
            let calls = [Call::DescribeRouteTables, Call::DescribeInternetGateways, Call::DescribeSubnets];
            let gap = calls.into_iter().find_map(|call| context.snapshot.gap(call));
            Precondition::not_met(match gap {
                Some(gap) => format!("the NAT gateway needs a public subnet, and none is known ({gap})"),
                None => format!("{} has no public subnet for the NAT gateway", vpc.id),
            })
        }
    }
}
