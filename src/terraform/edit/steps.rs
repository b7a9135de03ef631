//! The remedies of a fix that are written one after the other, because they are in several root modules, or one of them is not edited.

use crate::remedy::{Change, Proposal, RemedyId};
use crate::terraform::changeset::{ByHandPart, ChangeSet, FileChange, OtherRoot};
use crate::terraform::edit::boundary::{patch, shown};
use crate::terraform::edit::network::root_by_name::Creator;
use crate::terraform::edit::stopped::{Also, Stopped};
use crate::terraform::error::EditError;
use crate::terraform::read::config::Config;

/// The remedies that change the service, its connector or its security group.
const OF_SERVICE: [RemedyId; 4] = [
    RemedyId::SecurityGroupEgress,
    RemedyId::PrivateSubnets,
    RemedyId::MoveConnector,
    RemedyId::DefaultEgress,
];

/// The stop of a fix whose parts are in two root modules: each is planned and applied alone.
pub(super) fn in_two_roots(config: &Config, creator: &Creator, proposal: &Proposal) -> Stopped {
    let (own, others): (Vec<RemedyId>, Vec<RemedyId>) =
        proposal.remedies.iter().partition(|remedy| OF_SERVICE.contains(remedy));
    let top = config.boundary.top();
    let (first, second) = (shown(top, &creator.config.root), shown(top, &config.root));
    let error = EditError::Answer {
        place: first.clone(),
        what: format!(
            "{} The fix changes two root modules, and each has its own plan and apply: write --remedy {} first, which changes {first}, and \
             run {}; then write --remedy {}, which changes {second}, and run {}",
            creator.note,
            list(&others),
            creator.config.apply_in(),
            list(&own),
            config.apply_in()
        ),
    };
    let is_of_both = !own.is_empty() && !others.is_empty();
    Stopped { also: is_of_both.then(|| Box::new(Also::OfOwnRoot(own))), ..Stopped::from(error) }
}

/// What remains of a fix in two root modules.
pub(super) enum Split {
    /// The part of the other root module, with a step for that of this one.
    Rest(ByHandPart),
    /// The files of this root module: the code of the other one has its part already.
    Files(Box<ChangeSet>),
    /// The code has both parts.
    InCode(EditError),
    /// Neither is planned.
    Stopped,
}

/// Plans the parts of a fix in two root modules. `own` are the remedies of the root module of the run.
pub(super) fn split(
    (proposal, rest): (&Proposal, &Proposal),
    (own, config): (&[RemedyId], &Config),
    plan: &dyn Fn(&Proposal) -> Result<ChangeSet, EditError>,
) -> Split {
    let others: Vec<RemedyId> =
        rest.remedies.iter().copied().filter(|remedy| !own.contains(remedy)).collect();
    let in_code = |planned: &Result<ChangeSet, EditError>| {
        let error = planned.as_ref().err()?;
        matches!(error, EditError::AlreadyInCode { .. } | EditError::NotApplied { .. }).then(|| error.clone())
    };
    let (of_others, of_own) = (plan(&rest.without(own)), plan(&rest.without(&others)));
    match (in_code(&of_others), in_code(&of_own), of_own) {
        (Some(error), Some(_), _) => Split::InCode(error),
        (Some(error), None, Ok(mut changes)) => {
            changes.notes.extend(error.in_code_note());
            Split::Files(Box::new(changes))
        }
        (None, Some(error), _) => {
            let part = ByHandPart::new(proposal, own, &error);
            let root = shown(config.boundary.top(), &config.root);
            Split::Rest(ByHandPart { reason: format!("In {root}, {}", part.reason), ..part })
        }
        (None, None, Ok(changes)) => Split::Rest(part_of_own_root(proposal, own, &changes)),
        (None, None, Err(error)) if error.is_by_hand() => Split::Rest(ByHandPart::new(proposal, own, &error)),
        (_, None, Err(_)) => Split::Stopped,
    }
}

/// The part of a fix in the root module of the run, beside files of another root module: what it adds, its files, and how to write it.
fn part_of_own_root(proposal: &Proposal, remedies: &[RemedyId], changes: &ChangeSet) -> ByHandPart {
    let top = changes.repository.as_deref().unwrap_or(&changes.root);
    let root =
        Some(shown(top, &changes.root)).filter(|root| !root.is_empty()).unwrap_or_else(|| ".".to_owned());
    let place = if changes.run.unit.is_some() { String::new() } else { format!(" in {root}") };
    let code = changes.files.iter().map(|file| {
        let path = changes.patch_path(&file.path);
        patch(&FileChange { path, ..file.clone() })
    });
    let reason = format!(
        "It changes another root module, {root}, which has its own plan and apply ({}): write it with --remedy {} --write, then run {}{place}",
        changes.tally(),
        list(remedies),
        changes.run.next()
    );
    let titles = remedies.iter().filter_map(|remedy| proposal.titles.get(remedy));
    ByHandPart {
        remedies: remedies.to_vec(),
        title: titles.map(String::as_str).collect::<Vec<_>>().join(" + "),
        reason,
        code: Some(code.collect()),
        is_elsewhere: false,
        is_first: false,
        other_root: Some(OtherRoot {
            commands: changes.run.commands(&changes.root),
            root: changes.root.clone(),
        }),
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
