//! The next step of a check that needs facts of another account or Region: a shared VPC, or the peer of a VPC.
//!
//! Owns which profile, Region or permission these sentences name. Does not decide whether a check is unknown.

use std::collections::BTreeSet;

use crate::model::{
    Call, Gap, GapKind, Place, ResourceId, Snapshot, TransitAssociation, TransitAttachment, VpcId,
};

/// The account that owns the VPC of the source and shares it: what reads its resources. `None` if the account of the service owns
/// the VPC.
pub(super) fn shared_vpc(snapshot: &Snapshot, vpc: &VpcId, call: Call) -> Option<String> {
    let action = call.iam_action()?;
    let owner = snapshot.owner_of(vpc)?;
    let account = &owner.account;
    if !snapshot.has_read(&owner) && snapshot.calls.is_empty() {
        return Some(format!(
            "Account {account} owns {vpc} and shares its subnets, and saved files show one account only: read AWS itself with --profile \
             given twice, or ask account {account} for the output of aws {}.",
            call.aws_cli().unwrap_or_default()
        ));
    }
    if !snapshot.has_read(&owner) {
        return Some(format!(
            "Account {account} owns {vpc} and shares its subnets: give --profile a second time, with a profile of that account."
        ));
    }
    let is_missing = snapshot.gaps_of(&owner).any(|gap| gap.call == call);
    is_missing.then(|| format!("Allow {action} in {owner}, then read the accounts again."))
}

/// What reads the other VPC of a peering connection; `None` if this is not known to be such a connection.
pub(super) fn peer_vpc(snapshot: &Snapshot, component: &ResourceId) -> Option<String> {
    let Some(peering) = snapshot.network.peering_connections.get(component) else {
        let call = Call::DescribeVpcPeeringConnections;
        let is_denied = snapshot.gap(call).is_some_and(|gap| gap.kind == GapKind::Denied);
        let action = call.iam_action().filter(|_| is_denied && component.as_str().starts_with("pcx-"))?;
        return Some(format!("Allow {action}, then read the account again."));
    };
    let is_unread = |vpc: &&VpcId| snapshot.network.vpcs.get(vpc).is_none();
    let peer = peering.vpcs.iter().find(is_unread)?;
    let place = peering.place_of(peer)?;
    read_place(snapshot, place)
}

/// What reads the part of a path behind a transit gateway: its attachments, its route tables, and the VPC at the other end. `None` if
/// the component is none of these.
pub(super) fn transit_gateway(snapshot: &Snapshot, component: &ResourceId) -> Option<String> {
    let id = component.as_str();
    let is_id = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !is_id || !id.starts_with("tgw-") {
        return None;
    }
    let network = &snapshot.network;
    let here = |account: &Option<String>| {
        account.clone().map(|account| Place { account, region: snapshot.region.clone() })
    };
    if let Some(attachment) = network.transit_attachments.get(component) {
        let unread = attachment.vpc.as_ref().filter(|vpc| network.vpcs.get(vpc).is_none());
        let step = match unread {
            Some(_) => here(&attachment.owner).and_then(|place| read_place(snapshot, &place)),
            None => here(&attachment.gateway_owner).and_then(|place| read_place(snapshot, &place)),
        };
        return Some(step.unwrap_or_else(|| {
            format!(
                "Check the path of the packets and that of the replies: aws ec2 describe-transit-gateway-attachments \
                 --transit-gateway-attachment-ids {id} names the route table and the VPC."
            )
        }));
    }
    let uses = |attachment: &&TransitAttachment| match &attachment.association {
        TransitAssociation::Table(table) | TransitAssociation::Pending(table) => table == component,
        TransitAssociation::NotRead | TransitAssociation::None => false,
    };
    if let Some(attachment) = network.transit_attachments.iter().find(uses) {
        let is_unread = network.transit_route_tables.get(component).is_none();
        let place = here(&attachment.gateway_owner).filter(|_| is_unread);
        return Some(place.and_then(|place| read_place(snapshot, &place)).unwrap_or_else(|| {
            format!(
                "Look at its routes: aws ec2 search-transit-gateway-routes --transit-gateway-route-table-id {id} --filters \
                 Name=state,Values=active,blackhole."
            )
        }));
    }
    let own = snapshot.gaps.iter().filter(|gap| gap.place.is_none() && gap.call.reads_transit_gateway());
    let actions = actions(own);
    (!actions.is_empty()).then(|| format!("Allow {actions}, then read the account again."))
}

/// The actions that AWS denied.
fn actions<'g>(gaps: impl Iterator<Item = &'g Gap>) -> String {
    let actions: BTreeSet<&str> = gaps.filter_map(|gap| gap.call.iam_action()).collect();
    actions.into_iter().collect::<Vec<_>>().join(", ")
}

/// What reads an account in a Region; `None` if this is not known.
fn read_place(snapshot: &Snapshot, place: &Place) -> Option<String> {
    let Place { account, region } = place;
    // Other text is not put into an option.
    let is_name = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if ![account.as_str(), region.as_str(), snapshot.region.as_str()].into_iter().all(is_name) {
        return None;
    }
    if snapshot.other_places.contains(place) {
        let actions = actions(snapshot.gaps_of(place));
        return (!actions.is_empty())
            .then(|| format!("Allow {actions} in {place}, then read the accounts again."));
    }
    let is_own = snapshot.account.as_ref() == Some(account);
    if is_own && *region == snapshot.region {
        let reads_it = |gap: &&Gap| {
            gap.place.is_none()
                && gap.kind == GapKind::Denied
                && (gap.call.reads_vpc() || gap.call.reads_transit_gateway())
        };
        let actions = actions(snapshot.gaps.iter().filter(reads_it));
        return (!actions.is_empty()).then(|| format!("Allow {actions}, then read the account again."));
    }
    let profile = format!("give --profile a second time, with a profile of account {account}");
    let option = format!("give --region {} --region {region}", snapshot.region);
    Some(match (is_own, snapshot.region == *region) {
        (true, _) => format!("Read {region} too: {option}."),
        (false, true) => format!("Read account {account} too: {profile}."),
        (false, false) => format!("Read account {account} in {region} too: {profile}, and {option}."),
    })
}
