//! Makes the proposals for a workload, sorts them, and recommends one.

use std::sync::Arc;

use rust_decimal::Decimal;
use strum::VariantArray as _;

use super::context::is_blocked;
use super::planner::{ORDER, Planner};
use super::wording::{join_and, still};
use super::{PriceBook, Proposal, RemedyId, sets};
use crate::diagnose::Diagnosis;
use crate::evidence::Need;
use crate::model::{Snapshot, Workload};

/// Every proposal that applies, the best first. Those that are not possible come last, with the requirement
/// that is not met.
#[must_use]
pub fn propose(
    snapshot: &Arc<Snapshot>,
    workload: &Workload,
    diagnosis: &Diagnosis,
    prices: &PriceBook,
) -> Vec<Proposal> {
    let planner = Planner::new(snapshot, workload, diagnosis, prices);
    let mut proposals: Vec<Proposal> = RemedyId::VARIANTS
        .iter()
        .filter_map(|id| planner.extend(&planner.start(), *id))
        .map(|sequence| planner.proposal(&sequence))
        .collect();
    // `nat` adds routes to an existing NAT gateway too: the same fix is offered once.
    let by_id = |id| proposals.iter().find(|proposal| proposal.remedies == [id]);
    let routes = by_id(RemedyId::NatRoute).map(|proposal| proposal.changes.clone());
    proposals.retain(|proposal| {
        proposal.remedies != [RemedyId::Nat] || routes.as_ref() != Some(&proposal.changes)
    });
    let combined = sets::combined(&planner, &proposals);
    proposals.extend(combined);
    proposals.sort_by_key(rank);
    recommend(&mut proposals, snapshot, diagnosis);
    proposals
}

/// One proposal of given remedies, simulated together. `None` if one of them does not apply.
#[must_use]
pub fn compose(
    snapshot: &Arc<Snapshot>,
    workload: &Workload,
    diagnosis: &Diagnosis,
    prices: &PriceBook,
    remedies: &[RemedyId],
) -> Option<Proposal> {
    let planner = Planner::new(snapshot, workload, diagnosis, prices);
    let mut sequence = planner.start();
    // `endpoint-ingress` once covered databases too: a request with this id also applies `destination-ingress`.
    let renamed = |id: RemedyId| match id {
        RemedyId::DestinationIngress => remedies.contains(&RemedyId::EndpointIngress),
        _ => false,
    };
    for id in ORDER.iter().copied().filter(|id| remedies.contains(id) || renamed(*id)) {
        // Keep a requested remedy even if an earlier remedy makes it redundant.
        let next = planner.extend(&sequence, id).or_else(|| planner.extend_with_redundant(&sequence, id));
        sequence = match next {
            Some(next) => next,
            None if renamed(id) || id == RemedyId::EndpointIngress => continue,
            None => return None,
        };
    }
    (!sequence.remedies.is_empty()).then(|| planner.proposal(&sequence))
}

/// Sort key, in this order: the proposal is possible, fixes a destination, breaks nothing and does not
/// change the service, is free, costs less.
fn rank(proposal: &Proposal) -> (bool, bool, bool, usize, Decimal, RemedyId) {
    let cost = proposal.estimate.fixed_per_month.unwrap_or(Decimal::MAX);
    (
        !proposal.is_possible(),
        proposal.fixes.is_empty(),
        proposal.changes_the_service() || !proposal.breaks.is_empty(),
        usize::from(cost > Decimal::ZERO),
        cost,
        proposal.remedies.first().copied().unwrap_or(RemedyId::DefaultEgress),
    )
}

/// Recommends the first proposal that fixes the destinations that fail in the log (all blocked destinations
/// if none fails there), or else the first that fixes any destination, and moves it to the front. A
/// recommended proposal breaks nothing, and changes the service only if that spares a paid step.
fn recommend(proposals: &mut [Proposal], snapshot: &Snapshot, diagnosis: &Diagnosis) {
    let failing: Vec<&Need> = diagnosis
        .findings
        .iter()
        .filter(|finding| is_blocked(finding))
        .filter(|finding| finding.need.evidence.iter().any(|evidence| evidence.symptom().is_some()))
        .map(|finding| &finding.need)
        .collect();
    let is_safe = Proposal::is_safe;
    let fixes_failing = |proposal: &Proposal| {
        if failing.is_empty() {
            proposal.still_blocked.is_empty()
        } else {
            failing.iter().all(|need| proposal.fixes.contains(&need.name()))
        }
    };
    // Private subnets are what AWS documents for a VPC with public subnets only.
    let fits = |proposal: &Proposal| {
        proposal.remedies == [RemedyId::PrivateSubnets]
            && proposal.is_possible()
            && proposal.breaks.is_empty()
            && proposal.still_blocked.is_empty()
    };
    let best = proposals
        .iter()
        .position(|proposal| is_safe(proposal) && fixes_failing(proposal))
        .or_else(|| proposals.iter().position(fits))
        .or_else(|| proposals.iter().position(is_safe));
    let Some(index) = best.map(|index| cheaper_whole(proposals, index).unwrap_or(index)) else { return };
    let next = proposals.get(index).and_then(|first| {
        let fixes_rest = |other: &&Proposal| {
            is_safe(other) && first.still_blocked.iter().all(|host| other.fixes.contains(host))
        };
        proposals.iter().find(fixes_rest).map(|next| next.title.clone())
    });
    let Some(proposal) = proposals.get_mut(index) else { return };
    let is_free = proposal.estimate.fixed_per_month == Some(Decimal::ZERO)
        && proposal.estimate.per_gb() == Some(Decimal::ZERO);
    let price = if is_free { " at no cost" } else { "" };
    let what = if proposal.still_blocked.is_empty() {
        format!(
            "Fixes all blocked destinations{price}{}.",
            if proposal.breaks.is_empty() { " and breaks no known destination" } else { "" }
        )
    } else if !failing.is_empty() && fixes_failing(proposal) {
        let mut names: Vec<String> = failing.iter().map(|need| need.short_name(&snapshot.region)).collect();
        names.dedup();
        format!("Fixes the failing calls in the log ({}){price}.", join_and(&names))
    } else {
        format!("Fixes some of the blocked destinations{price} and breaks no known destination.")
    };
    proposal.recommended = Some(format!("{what}{}", rest(proposal, next.as_deref())));
    if let Some(front) = proposals.get_mut(..=index) {
        front.rotate_right(1);
    }
}

/// The first proposal that fixes all destinations and costs no more than a proposal that costs money and fixes only some: the paid one
/// would be a step for nothing. It breaks nothing, but may deploy the service again.
fn cheaper_whole(proposals: &[Proposal], index: usize) -> Option<usize> {
    let part = proposals.get(index)?;
    let paid = part.estimate.fixed_per_month.filter(|cost| *cost > Decimal::ZERO)?;
    let is_cheaper_whole = |other: &Proposal| {
        other.is_possible()
            && other.breaks.is_empty()
            && other.may_break().is_none()
            && other.still_blocked.is_empty()
            && part.fixes.iter().all(|host| other.fixes.contains(host))
            && other.estimate.fixed_per_month.is_some_and(|cost| cost <= paid)
    };
    if part.still_blocked.is_empty() { None } else { proposals.iter().position(is_cheaper_whole) }
}

/// ` 3 destinations are still blocked: NAT gateway fixes them.` `next` is the title of that fix, if one fixes all of them. A long
/// title is in quotes.
fn rest(proposal: &Proposal, next: Option<&str>) -> String {
    const SHORT: usize = 3;
    let is_short = |title: &str| title.split(' ').count() <= SHORT;
    let next =
        next.map(|title| if is_short(title) { title.to_owned() } else { format!("the fix \"{title}\"") });
    let state = still(&proposal.after, &proposal.still_blocked);
    let is_unknown = proposal.still_blocked.iter().all(|host| proposal.unknown_after.contains(host));
    match (proposal.still_blocked.len(), next) {
        (0, _) => String::new(),
        (1, Some(next)) => format!(" 1 destination is {state}: {next} fixes it."),
        (count, Some(next)) => format!(" {count} destinations are {state}: {next} fixes them."),
        (1, None) if is_unknown => format!(" 1 destination is {state}."),
        (count, None) if is_unknown => format!(" {count} destinations are {state}."),
        (1, None) => format!(" 1 destination is {state} and needs another fix."),
        (count, None) => format!(" {count} destinations are {state} and need another fix."),
    }
}
