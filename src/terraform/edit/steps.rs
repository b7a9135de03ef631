//! The remedies of a fix that are written one after the other, because they are in several root modules, or one of them is not edited.

use crate::remedy::{Change, Proposal, RemedyId};
use crate::terraform::edit::boundary::shown;
use crate::terraform::edit::root_by_name::Creator;
use crate::terraform::error::EditError;
use crate::terraform::read::config::Config;

/// The remedies that change the service, its connector or its security group.
const OF_SERVICE: [RemedyId; 4] = [
    RemedyId::SecurityGroupEgress,
    RemedyId::PrivateSubnets,
    RemedyId::MoveConnector,
    RemedyId::DefaultEgress,
];

/// The refusal of a fix whose parts are in two root modules: each is planned and applied alone.
pub(super) fn in_two_roots(config: &Config, creator: &Creator, proposal: &Proposal) -> EditError {
    let (own, others): (Vec<RemedyId>, Vec<RemedyId>) =
        proposal.remedies.iter().partition(|remedy| OF_SERVICE.contains(remedy));
    let top = config.boundary.top();
    let (first, second) = (shown(top, &creator.config.root), shown(top, &config.root));
    EditError::Answer {
        place: first.clone(),
        what: format!(
            "{} The fix changes two root modules, and each has its own apply: write --remedy {} first, which changes {first}, and apply \
             it; then --remedy {}, which changes {second}",
            creator.note,
            list(&others),
            list(&own)
        ),
    }
}

/// The refusal of one change, with the remedies that can be written without it.
pub(super) fn with_rest(mut error: EditError, proposal: &Proposal, change: usize) -> EditError {
    let refused = proposal.changes.get(change).map_or(&[][..], remedies_of);
    let (refused, rest): (Vec<RemedyId>, Vec<RemedyId>) =
        proposal.remedies.iter().partition(|remedy| refused.contains(remedy));
    if refused.is_empty() || rest.is_empty() {
        return error;
    }
    let next = format!("--remedy {} writes the rest of the fix", list(&rest));
    match &mut error {
        EditError::Answer { what, .. }
        | EditError::NotUnderstood { what, .. }
        | EditError::ByHand { what, .. } => {
            what.push_str(". ");
            what.push_str(&next);
        }
        EditError::Given { values, .. } => {
            values.push_str("# ");
            values.push_str(&next);
            values.push('\n');
        }
        _ => {}
    }
    error
}

/// The remedies that make a change.
fn remedies_of(change: &Change) -> &'static [RemedyId] {
    match change {
        Change::AllowEgress { .. } => &[RemedyId::SecurityGroupEgress],
        Change::AllowNacl { .. } => &[RemedyId::Nacl],
        Change::AllowEndpointIngress { .. } => &[RemedyId::EndpointIngress, RemedyId::DestinationIngress],
        Change::CreateNat { .. } => &[RemedyId::Nat, RemedyId::NatPerZone],
        Change::CreateGatewayEndpoint { .. } => &[RemedyId::S3Gateway, RemedyId::DynamodbGateway],
        Change::CreateInterfaceEndpoint { .. } => &[RemedyId::InterfaceEndpoints],
        _ => &[],
    }
}

fn list(remedies: &[RemedyId]) -> String {
    remedies.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
