//! Checks whether a NAT gateway carries traffic, and whether the VPC meets the requirements of a new one.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;

use super::context::RemedyContext;
use super::{Precondition, PreconditionStatus};
use crate::model::{
    Addresses, AvailabilityZone, Call, InternetGateway, NatGateway, NatGatewayId, NatPlacement, NatState,
    NetworkInterfaceId, PUBLIC_V4, ResourceId, RouteDestination, RouteState, RouteTable, RouteTableId,
    RouteTarget, Subnet, Vpc,
};
use crate::reach::{Code, Engine, Hop, Layer, NatStatus, Outcome, Owner, route_table_of};

/// The destination port of the traces from the workload to the internet.
const HTTPS: u16 = 443;

pub(super) fn is_default(destination: &RouteDestination) -> bool {
    *destination == RouteDestination::Ipv4(Ipv4Net::default())
}

pub(super) fn has_default_route(table: &RouteTable) -> bool {
    table.routes.iter().any(|route| is_default(&route.destination))
}

/// The checks at a NAT gateway that block TCP packets from a subnet to a port of some addresses; `None` if
/// nothing at the NAT gateway blocks them, or if that is unknown.
///
/// These are the blocking hops of [`Layer::Nat`] in a trace through the NAT
/// gateway.
#[must_use]
pub fn nat_gateway_faults(
    engine: &Engine<'_>,
    id: &NatGatewayId,
    source: &Subnet,
    port: u16,
    addresses: &Addresses,
) -> Option<Vec<Hop>> {
    match engine.nat_status(id, source, port, addresses) {
        NatStatus::Blocked(hops) => Some(hops),
        NatStatus::Working | NatStatus::Unknown(_) => None,
    }
}

/// Whether a NAT gateway does not carry the workload's packets to the internet, and a new one in a public subnet does. A pending NAT
/// gateway becomes available without a change, and a network ACL can also block the new NAT gateway.
pub(super) fn has_fault(context: &RemedyContext<'_>, id: &NatGatewayId) -> bool {
    let Some(subnet) = context.subnet().filter(|_| !is_pending(context, id)) else { return false };
    let faults = nat_gateway_faults(context.engine(), id, subnet, HTTPS, &PUBLIC_V4).unwrap_or_default();
    faults.iter().any(is_corrected_by_another_gateway)
}

/// The requirement that an existing NAT gateway carries the workload's packets to the internet. Not met if
/// a new NAT gateway fixes the fault. Met if only a network ACL blocks, because remedy `nacl` fixes that.
pub(super) fn carries_traffic(context: &RemedyContext<'_>, id: &NatGatewayId) -> Precondition {
    let Some(source) = context.subnet() else {
        return Precondition::unknown("the workload's subnets were not read");
    };
    match context.engine().nat_status(id, source, HTTPS, &PUBLIC_V4) {
        NatStatus::Blocked(hops) => match hops.iter().find(|hop| is_corrected_by_another_gateway(hop)) {
            Some(hop) => Precondition::not_met(hop.rule.to_string()),
            None => Precondition::met(format!("{id} exists, is available, and has a route to the internet")),
        },
        NatStatus::Unknown(hops) => Precondition::unknown(
            hops.first().map_or_else(|| format!("{id} was not read"), |hop| hop.rule.to_string()),
        ),
        NatStatus::Working => Precondition::met(format!(
            "{id} exists, is available and public, and has a route to the internet"
        )),
    }
}

/// A NAT gateway of the VPC that existing routes can use.
pub(super) struct UsableGateway<'a> {
    pub nat: &'a NatGateway,
    /// The requirement that it carries the packets.
    pub carries: Precondition,
    /// Whether it certainly carries the packets to all blocked destinations.
    pub is_certain: bool,
    /// Its AZ; `None` if it serves several.
    pub zone: Option<&'a AvailabilityZone>,
}

/// The NAT gateways of the VPC without a known fault: those that certainly work, before those that a network ACL blocks or that were
/// not read completely.
pub(super) fn usable_gateways<'a>(context: &'a RemedyContext<'_>, vpc: &Vpc) -> Vec<UsableGateway<'a>> {
    let network = &context.snapshot.network;
    let gateways = network.nat_gateways.iter().filter(|nat| nat.vpc == vpc.id);
    let usable = gateways.filter_map(|nat| {
        let carries = carries_traffic(context, &nat.id);
        let zone = match &nat.placement {
            NatPlacement::Subnet(id) => network.subnets.get(id).map(|subnet| &subnet.zone),
            NatPlacement::Regional { .. } => None,
        };
        let is_certain = carries_blocked(context, &nat.id);
        let is_usable = carries.status != PreconditionStatus::NotMet;
        is_usable.then_some(UsableGateway { nat, carries, is_certain, zone })
    });
    let mut usable: Vec<UsableGateway<'_>> = usable.collect();
    usable.sort_by_key(|one| (!one.is_certain, one.carries.status != PreconditionStatus::Met));
    usable
}

/// The gateway for a route table: of those that work equally well, one in the AZ of the subnets that use it
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html>).
pub(super) fn gateway_for<'g, 'a>(
    context: &RemedyContext<'_>,
    gateways: &'g [UsableGateway<'a>],
    table: &RouteTableId,
) -> Option<&'g UsableGateway<'a>> {
    let zones = context.zones_of(table);
    let is_elsewhere =
        |one: &UsableGateway<'_>| one.zone.is_some_and(|zone| !zones.is_empty() && !zones.contains(zone));
    gateways
        .iter()
        .min_by_key(|one| (!one.is_certain, one.carries.status != PreconditionStatus::Met, is_elsewhere(one)))
}

/// Whether a NAT gateway certainly carries the workload's packets to the ports of all blocked destinations outside the VPC.
pub(super) fn carries_blocked(context: &RemedyContext<'_>, id: &NatGatewayId) -> bool {
    let Some(source) = context.subnet() else { return false };
    let outside = context.blocked().filter(|destination| destination.is_outside_vpc());
    let ports: BTreeSet<u16> = outside.map(|destination| destination.port).collect();
    let carries = |port: u16| context.engine().nat_status(id, source, port, &PUBLIC_V4) == NatStatus::Working;
    ports.into_iter().all(carries)
}

/// A check at a NAT gateway that blocks a destination.
pub(super) fn blocker_at<'a>(context: &RemedyContext<'a>, id: &NatGatewayId) -> Option<(&'a Hop, Code)> {
    let owner = Owner::Nat(id.clone());
    context.blockers().find(|(_, hop, _)| hop.owner == owner).map(|(_, hop, code)| (hop, code))
}

/// The network ACL of a NAT gateway's subnet that blocks a destination.
pub(super) fn blocking_acl<'a>(context: &RemedyContext<'a>, id: &NatGatewayId) -> Option<&'a ResourceId> {
    blocker_at(context, id)
        .filter(|(_, code)| *code == Code::SubnetAclRestriction)
        .map(|(hop, _)| &hop.component)
}

/// Whether a NAT instance that runs certainly does not carry the packets to a blocked destination.
pub(super) fn is_broken_instance(context: &RemedyContext<'_>, id: &NetworkInterfaceId) -> bool {
    context.blockers().any(|(_, hop, code)| {
        hop.owner == Owner::Appliance(id.clone())
            || hop.layer == Layer::Target
                && code == Code::EniSourceDestCheckRestriction
                && hop.component.as_str() == id.as_str()
    })
}

fn is_corrected_by_another_gateway(hop: &Hop) -> bool {
    matches!(
        hop.outcome,
        Outcome::Block(Code::BadState | Code::NatPrivate | Code::NatNoRouteOnwards | Code::BadStateRoute)
    )
}

/// Whether a NAT gateway is still being created.
pub(super) fn is_pending(context: &RemedyContext<'_>, id: &NatGatewayId) -> bool {
    let nat = context.snapshot.network.nat_gateways.get(id);
    nat.is_some_and(|nat| nat.state == NatState::Pending)
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

/// A public subnet for a NAT gateway, preferably one with a free address and in an AZ of the workload.
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
        // A NAT gateway cannot be planned without a subnet, so the requirement is not met even if a gap is
        // the reason.
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
