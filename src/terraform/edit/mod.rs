//! Converts a proposal to a change set. Writes no file.
//!
//! [`plan_edit`] passes each change to its editor (`dispatch`). The editors are in folders by what they edit: `egress`, `endpoint`, `nat`,
//! `network`, `rule`; `values` has the values in the code that decide whether a resource exists, and `text` edits of the text. An editor
//! adds text edits to the [`Draft`], or refuses with the code that the user must write by hand; `by_hand` has the code for refusals without their own.

mod apply_first;
mod boundary;
mod by_hand;
mod comments;
mod dispatch;
mod draft;
mod egress;
mod endpoint;
mod folders;
mod id_notes;
mod ignored;
mod import;
mod nat;
mod network;
mod new_instances;
mod override_file;
mod price;
mod rule;
mod same_resource;
mod shown_place;
mod steps;
mod stopped;
mod text;
mod values;

use std::collections::BTreeSet;

use crate::model::{Snapshot, Workload};
use crate::remedy::{Change, Proposal, RemedyId};
use crate::terraform::answer::OwnerChoices;
use crate::terraform::changeset::{ByHandPart, ChangeSet, PlannedFix};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::steps::Split;
use crate::terraform::edit::stopped::{InCode, Stopped};
pub use crate::terraform::edit::values::unmet::cause_in_code;
use crate::terraform::error::EditError;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::vpc::connector_name;
use crate::terraform::read::config::Config;

/// Limit of the root modules that read each other's state up to the one that creates the VPC.
const ROOTS: usize = 4;

/// Plans the edit of a proposal. Writes nothing. Reads the state, and the root module of the repository that creates the VPC if it is
/// another one.
///
/// # Errors
/// The code is not found or not understood, has the change already, or must be changed by hand; the error
/// contains the place and the instruction. If several blocks are possible, the error contains a question:
/// plan again with the user's answer.
pub fn plan_edit(
    config: &Config,
    (snapshot, workload): (&Snapshot, &Workload),
    proposal: &Proposal,
    answers: &OwnerChoices,
) -> Result<ChangeSet, EditError> {
    plan_changes(config, (snapshot, workload), proposal, answers).map_err(|stopped| {
        let (stopped, mut done) = *stopped;
        let Some(change) = stopped.change else { return stopped.error };
        let changes = [change].into_iter().chain(stopped.others().iter().copied());
        done.extend(changes.map(|change| (change, stopped.error.clone())));
        let rest = plan_within(config, (snapshot, workload), (proposal, &done), answers, ROOTS);
        if rest.is_ok() { steps::with_rest(stopped.error, proposal, change) } else { stopped.error }
    })
}

/// As [`plan_edit`], also if remedies of the proposal cannot be written: the user makes these by hand. A remedy is written as a whole.
///
/// # Errors
/// The user must first correct or answer something.
pub fn plan_in_parts(
    config: &Config,
    (snapshot, workload): (&Snapshot, &Workload),
    proposal: &Proposal,
    answers: &OwnerChoices,
) -> Result<PlannedFix, EditError> {
    let mut rest = proposal.clone();
    let mut parts: Vec<ByHandPart> = Vec::new();
    while !rest.remedies.is_empty() {
        let stopped = match plan_changes(config, (snapshot, workload), &rest, answers) {
            Ok(mut changes) => {
                for part in &mut parts {
                    part.is_first = is_before(proposal, &part.remedies, &rest.remedies);
                }
                changes.by_hand = parts;
                return Ok(PlannedFix::Files(Box::new(changes)));
            }
            Err(stopped) if !stopped.0.error.is_by_hand() => return Err(stopped.0.error),
            Err(stopped) => stopped.0,
        };
        if let Some(own) = stopped.of_own_root() {
            let plan = |part: &Proposal| {
                plan_changes(config, (snapshot, workload), part, answers).map_err(|of_part| of_part.0.error)
            };
            match steps::split((proposal, &rest), (own, config), &plan) {
                Split::Rest(part) => {
                    parts.push(part);
                    rest = rest.without(own);
                    continue;
                }
                Split::Files(mut changes) => {
                    changes.by_hand = parts;
                    return Ok(PlannedFix::Files(changes));
                }
                Split::InCode(error) => return Err(error),
                Split::Stopped => {}
            }
        }
        let changes = stopped.change.into_iter().chain(stopped.others().iter().copied());
        let mut remedies: Vec<RemedyId> = changes.filter_map(|at| rest.owners.get(at)).copied().collect();
        remedies.dedup();
        if remedies.is_empty() {
            remedies.clone_from(&rest.remedies);
        }
        parts.push(ByHandPart::new(proposal, &remedies, &stopped.error));
        rest = rest.without(&remedies);
    }
    Ok(PlannedFix::ByHand(parts))
}

/// Whether a change of these remedies comes before one of the others: a fix makes its changes in this order.
fn is_before(proposal: &Proposal, remedies: &[RemedyId], others: &[RemedyId]) -> bool {
    let first = proposal.owners.iter().position(|owner| remedies.contains(owner));
    let last = proposal.owners.iter().rposition(|owner| others.contains(owner));
    first < last
}

/// As [`plan_edit`], with the change at which the plan stops, and the changes that are in the code already.
fn plan_changes(
    config: &Config,
    (snapshot, workload): (&Snapshot, &Workload),
    proposal: &Proposal,
    answers: &OwnerChoices,
) -> Result<ChangeSet, Box<(Stopped, InCode)>> {
    let mut in_code: InCode = InCode::new();
    loop {
        let planned = plan_within(config, (snapshot, workload), (proposal, &in_code), answers, ROOTS);
        match planned.map_err(|stopped| stopped.shown(config)) {
            Ok(mut changes) => {
                changes.notes.extend(in_code.values().filter_map(EditError::in_code_note));
                return Ok(changes);
            }
            // The other changes of the proposal are planned again without this one.
            Err(Stopped {
                change: Some(change),
                error: error @ (EditError::AlreadyInCode { .. } | EditError::NotApplied { .. }),
                ..
            }) if !in_code.contains_key(&change) => {
                in_code.insert(change, error.clone());
                if in_code.len() == proposal.changes.len() {
                    let error = in_code.into_values().next().unwrap_or(error);
                    return Err(Box::new((error.into(), InCode::new())));
                }
            }
            Err(stopped) => return Err(Box::new((stopped, in_code))),
        }
    }
}

/// Limit of the questions that are asked at once.
const QUESTIONS: usize = 16;

/// All questions that the user must answer before the edit can be planned, `first` with those that follow if the most likely answer to
/// each is right.
#[must_use]
pub fn all_questions(
    config: &Config,
    case: (&Snapshot, &Workload),
    proposal: &Proposal,
    answers: &OwnerChoices,
    first: &EditError,
) -> Vec<EditError> {
    let (mut answers, mut all) = (answers.clone(), vec![first.clone()]);
    while let Some(question) = all.last().and_then(EditError::question).filter(|_| all.len() < QUESTIONS) {
        let Some(likely) = question.answers().into_iter().next() else { break };
        if answers.insert(question.id, likely).is_some() {
            break;
        }
        match plan_edit(config, case, proposal, &answers) {
            Err(next) if next.question().is_some_and(|next| !answers.contains_key(&next.id)) => {
                all.push(next);
            }
            Err(_) | Ok(_) => break,
        }
    }
    all
}

/// As [`plan_edit`], without the changes that are in the code already; `roots` is the limit of the root modules that lead to the one
/// that creates the VPC. With 0, disabled code is not tried either.
fn plan_within(
    config: &Config,
    (snapshot, workload): (&Snapshot, &Workload),
    (proposal, in_code): (&Proposal, &InCode),
    answers: &OwnerChoices,
    roots: usize,
) -> Result<ChangeSet, Stopped> {
    let open = proposal.changes.iter().enumerate().filter(|(at, _)| !in_code.contains_key(at));
    let rest: Vec<&Change> = open.map(|(_, change)| change).collect();
    let owner =
        if rest.first().is_some_and(|first| is_of_service(first)) { "service" } else { "VPC of the service" };
    let owner = format!("the code of the {owner} {}", workload.name);
    let finder = Finder::new(config, (snapshot, workload), answers).map_err(|error| {
        let present = connector_name(snapshot, workload);
        let moved =
            proposal.changes.iter().find_map(|change| egress::connector::in_code(config, present, change));
        moved.unwrap_or_else(|| by_hand::with_code_of_first(error, config, &rest, &owner))
    })?;
    let is_here = |change: &Change| network::other_root::is_group_here(&finder, change);
    let changes = &proposal.changes;
    let stays = changes.iter().any(is_here) && changes.iter().all(|one| is_of_service(one) || is_here(one));
    let creator = (!stays).then(|| network::other_root::creator(&finder, (snapshot, workload), answers));
    let mut creator = creator.flatten();
    // The root module that creates the connector has the other changes.
    let is_of_other = |change: &Change| match &finder.without_connector {
        Some(_) => !matches!(change, Change::UseDefaultEgress { .. }),
        None => !is_of_service(change),
    };
    if let Some((creator, roots)) = creator
        .take_if(|creator| {
            let mut others = proposal.changes.iter().filter(|change| !is_of_other(change));
            others
                .all(|change| network::other_root::has_group(creator, (snapshot, workload), answers, change))
        })
        .zip(roots.checked_sub(1))
    {
        let changes = plan_within(&creator.config, (snapshot, workload), (proposal, in_code), answers, roots)
            .map_err(|stopped| stopped.shown(&creator.config))?;
        return Ok(network::other_root::with_note(&creator, changes));
    }
    let open: Vec<(usize, &Change)> =
        proposal.changes.iter().enumerate().filter(|(at, _)| !in_code.contains_key(at)).collect();
    if let Some(refusal) = of_vpc_unit(&finder, &open, creator.is_none()) {
        return Err(refusal);
    }
    if let Some(error) = finder.without_connector.clone().filter(|_| proposal.changes.iter().any(is_of_other))
    {
        return Err(by_hand::with_code_of_first(error, config, &rest, &owner).into());
    }
    if let Some(creator) = creator.filter(|_| !proposal.changes.iter().all(is_of_service)) {
        return Err(steps::in_two_roots(config, &creator, proposal));
    }
    let mut draft = Draft::new(finder);
    let is_nat = |change: &&Change| matches!(change, Change::CreateNat { .. });
    draft.nat_gateways = proposal.changes.iter().filter(is_nat).count().max(1);
    draft.nat_zones = nat::keys::zones(&snapshot.network, &proposal.changes);
    let network = draft.finder.network_module();
    draft.finder.enter(network)?;
    let mut enabled = BTreeSet::new();
    for at in 0..proposal.changes.len() {
        if roots > 0 && !in_code.contains_key(&at) && !enabled.contains(&at) {
            let plan = |config: &Config, proposal: &Proposal| {
                plan_within(config, (snapshot, workload), (proposal, &InCode::new()), answers, 0)
                    .err()
                    .map(|stopped| stopped.error)
            };
            let found = values::disabled_code::enable(&mut draft, (at, proposal), &plan);
            enabled.extend(found.map_err(|error| Stopped::at(at, error))?);
            let is_added = !enabled.contains(&at)
                && (values::sibling_call::add(&mut draft, (at, proposal), &plan)?
                    || endpoint::call::add(&mut draft, (at, proposal), &plan)?);
            enabled.extend(is_added.then_some(at));
        }
    }
    let is_open = |at: &usize| !in_code.contains_key(at) && !enabled.contains(at);
    let open = || proposal.changes.iter().enumerate().filter(|(at, _)| is_open(at));
    endpoint::group::prepare(&mut draft, &open().map(|(_, change)| change).collect::<Vec<_>>())?;
    for (at, change) in open() {
        let module = if is_of_service(change) { draft.finder.service_module } else { network };
        if module.address != draft.finder.target.address {
            draft.finder.enter(module)?;
        }
        if let Some(refusal) = without_service_code(&draft, change) {
            return Err(refusal.into());
        }
        let edits_service = matches!(
            change,
            Change::UseDefaultEgress { .. }
                | Change::MoveConnector { .. }
                | Change::CreatePrivateSubnets { .. }
        );
        if let Some((place, what)) = draft.finder.overridden.clone().filter(|_| edits_service) {
            if matches!(change, Change::UseDefaultEgress { .. }) && egress::override_file::set(&mut draft)? {
                continue;
            }
            let refusal = EditError::NotUnderstood { place, what };
            return Err(by_hand::with_code(refusal, &draft, change, &rest).into());
        }
        apply_first::ensure_not_pending(&draft, change)?;
        let edited = network::internet_gateway::ensure_new_subnet(&draft, change, (proposal, in_code))
            .and_then(|()| dispatch::edit(&mut draft, change, &proposal.changes));
        edited.and_then(|()| draft.same.take().map_or(Ok(()), Err)).map_err(|error| {
            let error = values::unknown_workspace::with_workspace(error, &draft.finder);
            Stopped::at(at, by_hand::with_code(error, &draft, change, &rest))
        })?;
    }
    Ok(finished(config, draft, proposal)?)
}

/// The refusal for a VPC that a Terragrunt unit creates with a module whose code is not in this repository. `is_unread` if no other root
/// module of the repository is known to create the VPC.
fn of_vpc_unit(finder: &Finder<'_>, changes: &[(usize, &Change)], is_unread: bool) -> Option<Stopped> {
    let code = |error: EditError, change: &Change| {
        by_hand::with_code_of_first(error, finder.config, &[change], "the code of the VPC")
    };
    nat::registry_unit::refusal(finder, changes).or_else(|| {
        is_unread.then(|| network::unit_of_other_module::refusal(finder, changes, &code)).flatten()
    })
}

/// The change set of a draft.
///
/// # Errors
/// The edit is only right for one of several environments that use the code, or a check of it fails.
fn finished(config: &Config, draft: Draft<'_>, proposal: &Proposal) -> Result<ChangeSet, EditError> {
    // The ids of an edit of the service are those of its own group and subnets.
    let is_network = !proposal.changes.iter().all(is_of_service);
    let unknown = is_network.then(|| values::unknown_workspace::of_edit(&draft)).flatten();
    let owner = network::vpc_owner::note(&draft, &proposal.changes);
    let owner: Vec<String> = owner.into_iter().chain(network::vpc_owner::provider_note(&draft)).collect();
    let price = price::of_edit(&draft, proposal);
    let mut changes = draft.finish()?;
    changes.notes.extend(owner);
    if let Some((estimate, note)) = price {
        changes.effect.estimate = Some(estimate);
        changes.notes.extend(note);
    }
    changes.notes.extend(values::all_environments::note(config, &changes));
    let has_ids = || changes.notes.iter().any(|note| id_notes::is_of_id(note));
    if let Some(error) =
        unknown.filter(|_| values::unknown_workspace::reads_state_of_workspace(config) || has_ids())
    {
        return Err(error);
    }
    let of_ids = values::all_environments::note_of_ids(config).filter(|_| is_network && has_ids());
    changes.notes.extend(of_ids);
    network::other_root::ensure_own_module(config, changes)
}

/// The refusal for a change of the service if the code does not have the service.
fn without_service_code(draft: &Draft<'_>, change: &Change) -> Option<EditError> {
    let absent = draft.finder.absent.as_ref()?;
    let workload = draft.finder.workload;
    match change {
        Change::UseDefaultEgress { .. } => Some(egress::elsewhere::without_code(workload, absent)),
        Change::MoveConnector { .. } => {
            let why = absent.to_string();
            let what = why.strip_prefix("not found: ").unwrap_or(&why);
            let refusal = EditError::NotUnderstood {
                place: format!("the code of the service {}", workload.name),
                what: format!("not found: {what}"),
            };
            Some(by_hand::with_code(refusal, draft, change, &[change]))
        }
        _ => None,
    }
}

/// Whether a change is of the service or its connector. The other changes are of the VPC.
fn is_of_service(change: &Change) -> bool {
    matches!(
        change,
        Change::UseDefaultEgress { .. }
            | Change::MoveConnector { .. }
            | Change::CreatePrivateSubnets { .. }
            | Change::AllowEgress { .. }
    )
}
