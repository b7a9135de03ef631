//! The next step of a check that needs facts of another account or Region: a shared VPC, or the peer of a VPC.
//!
//! Owns which profile, Region or permission these sentences name. Does not decide whether a check is unknown.

use std::collections::BTreeSet;

use crate::model::{Call, GapKind, Place, ResourceId, Snapshot, VpcId};

/// The account that owns the VPC of the source and shares it: what reads its resources. `None` if the account of the service owns
/// the VPC.
pub(super) fn shared_vpc(snapshot: &Snapshot, vpc: &VpcId, call: Call) -> Option<String> {
    let action = call.iam_action()?;
    let owner = snapshot.owner_of(vpc)?;
    let account = &owner.account;
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
    let Place { account, region } = place;
    // Other text is not put into an option.
    let is_name = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if ![account.as_str(), region.as_str(), snapshot.region.as_str()].into_iter().all(is_name) {
        return None;
    }
    if snapshot.has_read(place) {
        let actions: BTreeSet<&str> =
            snapshot.gaps_of(place).filter_map(|gap| gap.call.iam_action()).collect();
        let actions = actions.into_iter().collect::<Vec<_>>().join(", ");
        return (!actions.is_empty())
            .then(|| format!("Allow {actions} in {place}, then read the accounts again."));
    }
    let is_own = snapshot.account.as_ref() == Some(account);
    let profile = format!("give --profile a second time, with a profile of account {account}");
    let option = format!("give --region {} --region {region}", snapshot.region);
    Some(match (is_own, snapshot.region == *region) {
        (true, true) => format!("Read the account again: {peer} was not read."),
        (true, false) => format!("Read {region} too: {option}."),
        (false, true) => format!("Read account {account} too: {profile}."),
        (false, false) => format!("Read account {account} in {region} too: {profile}, and {option}."),
    })
}
