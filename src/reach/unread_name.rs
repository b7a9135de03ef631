//! Names of resources whose network interfaces were not read, or are in another VPC: what their subnets, security groups and the routes
//! decide, and which answer is missing.

use super::deciding::Deciding;
use super::interfaces_of_name::{interfaces_of, interfaces_of_host};
use super::judgement::{Judgement, missing};
use super::trace::{Code, Layer};
use crate::model::{
    Addresses, Call, Destination, NamedResource, NamedResourceKind, RouteTable, RouteTarget, Snapshot,
    SubnetId, Vpc, VpcId, calls_for_host, is_never_public,
};

/// Why the name of a resource in a VPC has no known address, and what decides it.
pub(super) fn unread_name(snapshot: &Snapshot, vpc: &Vpc, host: &str) -> (String, Deciding) {
    let calls = calls_for_host(host);
    if let Some(other) = other_vpc(snapshot, vpc, host) {
        let rule = format!(
            "the host is in {other}, another VPC than {} of the service; its address was not read",
            vpc.id
        );
        return (rule, Deciding::Address);
    }
    let rule = match calls.first().and_then(|call| call.iam_action()) {
        Some(action) if is_in_no_answer(snapshot, host) => {
            format!(
                "the host is in a VPC; the answer of {action} does not contain its name, and its address was not read"
            )
        }
        _ => "the host is in a VPC; its address was not read".to_owned(),
    };
    (rule, missing_name(snapshot, host).map_or(Deciding::Address, Deciding::Answer))
}

/// The VPC of the resource with this host name, if it is another one.
pub(super) fn other_vpc<'a>(snapshot: &'a Snapshot, vpc: &Vpc, host: &str) -> Option<&'a VpcId> {
    let elsewhere = snapshot.network.resource_of(host).and_then(|resource| resource.vpc.as_ref());
    elsewhere.filter(|other| **other != vpc.id)
}

/// Whether the resource with this host name has private addresses only.
pub(super) fn is_private_only(snapshot: &Snapshot, host: &str) -> bool {
    is_never_public(host)
        || snapshot.network.resource_of(host).is_some_and(|resource| resource.public == Some(false))
}

/// The resource with this host name, if its network interfaces were not read, but its subnets and security groups were: these decide
/// whether it allows a connection.
pub(super) fn by_groups<'a>(snapshot: &'a Snapshot, vpc: &Vpc, host: &str) -> Option<&'a NamedResource> {
    let resource = snapshot.network.resource_of(host)?;
    let is_own =
        |subnet: &SubnetId| snapshot.network.subnets.get(subnet).is_some_and(|subnet| subnet.vpc == vpc.id);
    let is_read = !resource.subnets.is_empty()
        && resource.subnets.iter().all(is_own)
        && !resource.security_groups.is_empty()
        && resource.security_groups.iter().all(|id| snapshot.network.security_groups.get(id).is_some());
    let has_private_address = is_private_only(snapshot, host)
        || resource.public == Some(true) && resource.kind != NamedResourceKind::LoadBalancer;
    (is_read && has_private_address && interfaces_of(snapshot, resource).is_empty()).then_some(resource)
}

/// Judges a destination in another VPC to which no packet of this VPC can go: its network interfaces were not read and no route table
/// has a route to another network, or its address is also one of this VPC, where the local route keeps the packets
/// (<https://docs.aws.amazon.com/vpc/latest/peering/invalid-peering-configurations.html>).
pub(super) fn elsewhere(
    snapshot: &Snapshot,
    vpc: &Vpc,
    destination: &Destination,
    all: &Addresses,
) -> Option<Judgement> {
    let host = &destination.host;
    let (resource, other) = (snapshot.network.resource_of(host)?, other_vpc(snapshot, vpc, host)?);
    let interfaces = interfaces_of_host(snapshot, resource, host);
    let block = |part: Addresses, rule: String| {
        Judgement::block(Layer::Target, Code::EgressTargetInOtherVpc, other, part, rule)
    };
    if interfaces.is_empty() {
        let rule = format!(
            "the host is in {other}, and {} has no VPC peering connection, transit gateway or other route to another network",
            vpc.id
        );
        let is_cut_off = is_private_only(snapshot, host) && !can_leave(snapshot, vpc);
        return is_cut_off.then(|| block(all.clone(), rule));
    }
    let own: Addresses = vpc.cidrs.iter().copied().collect();
    let both = all.and(&own);
    if both.is_empty() {
        return None;
    }
    let rule = format!(
        "the host is in {other}, which has the same addresses as {}: the local route keeps the packets to {both} in {}",
        vpc.id, vpc.id
    );
    Some(block(both, rule))
}

/// Whether packets of a VPC can reach another private network.
fn can_leave(snapshot: &Snapshot, vpc: &Vpc) -> bool {
    let network = &snapshot.network;
    let is_appliance = |table: &RouteTable| {
        table.vpc == vpc.id
            && table.routes.iter().any(|route| matches!(route.target, RouteTarget::NetworkInterface(_)))
    };
    has_other_networks(snapshot, vpc)
        || missing(snapshot, Call::DescribeVpcPeeringConnections).is_some()
        || network.route_tables.iter().any(is_appliance)
        || network.peering_connections.iter().any(|peering| peering.peer_of(&vpc.id).is_some())
        || network.transit_attachments.iter().any(|attachment| attachment.vpc.as_ref() == Some(&vpc.id))
}

/// The call whose missing answer would have the resource with this host name.
pub(super) fn missing_name(snapshot: &Snapshot, host: &str) -> Option<Call> {
    calls_for_host(host).iter().find_map(|call| missing(snapshot, *call))
}

/// Whether the answers that have the names of this service were read: no resource of this account and Region has the name.
pub(super) fn is_in_no_answer(snapshot: &Snapshot, host: &str) -> bool {
    let calls = calls_for_host(host);
    !calls.is_empty()
        && calls.iter().all(|call| snapshot.is_read(*call))
        && snapshot.network.resource_of(host).is_none()
}

/// Whether a route table of the VPC has a route to another private network, where the destination can be.
pub(super) fn has_other_networks(snapshot: &Snapshot, vpc: &Vpc) -> bool {
    let tables = snapshot.network.route_tables.iter().filter(|table| table.vpc == vpc.id);
    missing(snapshot, Call::DescribeRouteTables).is_some()
        || tables
            .flat_map(|table| &table.routes)
            .any(|route| matches!(route.target, RouteTarget::Peering(_) | RouteTarget::Other(_)))
}
