//! Routes to a VPC peering connection.
//!
//! Owns which VPC is the peer and which addresses the connection carries. The receiver in the peer VPC is judged as one
//! in the VPC itself: `endpoint.rs`, `border.rs`. A security group of the source in a rule of the peer VPC matches
//! (<https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html>).

use super::appliance::unmodelled_target;
use super::border::Caller;
use super::deciding::{Deciding, Forwarder};
use super::endpoint;
use super::index::Index;
use super::judgement::{Judgement, missing};
use super::trace::{Code, Layer};
use crate::model::{
    Addresses, Call, PUBLIC, PeeringState, ResourceId, RouteTarget, SecurityGroupId, Snapshot, Vpc, VpcId,
};

/// Judges a route to a peering connection: it carries only addresses of the peer VPC, never traffic to the
/// internet or to a gateway endpoint (<https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>).
pub(super) fn cross(
    index: &Index<'_>,
    caller: &Caller<'_>,
    id: &ResourceId,
    is_name: bool,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let snapshot = index.snapshot;
    let mut judgements = Vec::new();
    // A rule cannot name a security group of another Region
    // (https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html).
    let peering = snapshot.network.peering_connections.get(id);
    let is_far = peering.is_some_and(|peering| match &peering.places {
        [Some(one), Some(other)] => one.region != other.region,
        _ => false,
    });
    let security_groups: &[SecurityGroupId] = if is_far { &[] } else { caller.security_groups };
    let caller = &Caller { security_groups, ..*caller };
    let Some(peer) = peer(snapshot, id, &caller.subnet.vpc) else {
        let public = addresses.and(&PUBLIC);
        let inside = addresses.minus(&public);
        if !public.is_empty() && is_name {
            judgements.push(not_carried(id, public));
        } else if !public.is_empty() {
            judgements.push(not_read(snapshot, caller, id, public));
        }
        if !inside.is_empty() {
            judgements.push(not_read(snapshot, caller, id, inside));
        }
        return judgements;
    };
    let state = peering.map(|peering| &peering.state);
    match state {
        None | Some(PeeringState::Active | PeeringState::Unspecified) => {}
        Some(PeeringState::Provisioning | PeeringState::Other(_)) => {
            let rule = format!("{id} is {}", state.map(ToString::to_string).unwrap_or_default());
            let deciding = Deciding::Value(Call::DescribeVpcPeeringConnections);
            judgements.push(Judgement::unknown(Layer::Target, id.clone(), addresses.clone(), rule, deciding));
        }
        Some(state) => {
            let rule = format!("{id} is {state}, not active");
            judgements.push(Judgement::block(
                Layer::Target,
                Code::EgressPeeringNotActive,
                id.clone(),
                addresses.clone(),
                rule,
            ));
        }
    }
    let (inside, outside) = (addresses.and(&peer.addresses()), addresses.minus(&peer.addresses()));
    if !outside.is_empty() {
        judgements.push(not_carried(id, outside));
    }
    if !inside.is_empty() {
        judgements.extend(endpoint::local(index, peer, caller, &inside));
    }
    judgements
}

/// The VPC at the other end of a peering connection, if it was read with its route tables: from the answer about peering
/// connections, or because it is the only other VPC with a route to the connection.
pub(super) fn peer<'a>(snapshot: &'a Snapshot, id: &ResourceId, own: &VpcId) -> Option<&'a Vpc> {
    let network = &snapshot.network;
    if let Some(peering) = network.peering_connections.get(id) {
        return network.vpcs.get(peering.peer_of(own)?);
    }
    let uses_it = |vpc: &&Vpc| {
        let mut tables = network.route_tables.iter().filter(|table| table.vpc == vpc.id);
        tables.any(|table| {
            table.routes.iter().any(|route| matches!(&route.target, RouteTarget::Peering(own) if own == id))
        })
    };
    if missing(snapshot, Call::DescribeRouteTables).is_some() {
        return None;
    }
    network.vpcs.iter().filter(|vpc| vpc.id != *own).find(uses_it)
}

/// The judgement of a peering connection whose other VPC was not read. It names the account of that VPC.
fn not_read(snapshot: &Snapshot, caller: &Caller<'_>, id: &ResourceId, addresses: Addresses) -> Judgement {
    let other = snapshot.network.peering_connections.get(id).and_then(|peering| {
        let peer = peering.peer_of(&caller.subnet.vpc)?;
        Some((peer, peering.place_of(peer)?))
    });
    let Some((peer, place)) = other else { return unmodelled_target(id, addresses) };
    let rule = format!("{id} is a peering connection to {peer} of {place}, which was not read");
    Judgement::unknown(Layer::Target, id.clone(), addresses, rule, Deciding::Forwarding(Forwarder::Peering))
}

fn not_carried(id: &ResourceId, addresses: Addresses) -> Judgement {
    let rule = format!(
        "{id} is a peering connection: a peer cannot use the other VPC's gateways and endpoints to reach {addresses}"
    );
    Judgement::block(Layer::Target, Code::PcxRequiresAddressInVpcCidr, id.clone(), addresses, rule)
}
