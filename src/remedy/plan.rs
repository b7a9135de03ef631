//! Makes the proposals for a workload, sorts them, and recommends one.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::planner::{ORDER, Planner};
use super::site::is_stopped;
use super::{PriceBook, Proposal, RemedyId, sets};
use crate::diagnose::Diagnosis;
use crate::evidence::Evidence;
use crate::model::{Snapshot, Workload};

/// Every proposal that fits, best first; those that cannot work here come last, with the reason.
#[must_use]
pub fn propose(
    snapshot: &Arc<Snapshot>,
    workload: &Workload,
    diagnosis: &Diagnosis,
    prices: &PriceBook,
) -> Vec<Proposal> {
    let planner = Planner::new(snapshot, workload, diagnosis, prices);
    let mut proposals: Vec<Proposal> = RemedyId::ALL
        .iter()
        .filter_map(|id| planner.extend(&planner.start(), *id))
        .map(|course| planner.proposal(&course))
        .collect();
    let composed = sets::composed(&planner, &proposals);
    proposals.extend(composed);
    proposals.sort_by_key(rank);
    recommend(&mut proposals, diagnosis);
    proposals
}

/// One proposal of several remedies, proved together. `None` when one of them does not fit here at all.
#[must_use]
pub fn compose(
    snapshot: &Arc<Snapshot>,
    workload: &Workload,
    diagnosis: &Diagnosis,
    prices: &PriceBook,
    remedies: &[RemedyId],
) -> Option<Proposal> {
    let planner = Planner::new(snapshot, workload, diagnosis, prices);
    let mut course = planner.start();
    for id in ORDER.iter().filter(|id| remedies.contains(id)) {
        // What an earlier remedy has made needless is done all the same: it was asked for.
        course = planner.extend(&course, *id).or_else(|| planner.add_needless(&course, *id))?;
    }
    (!course.candidates.is_empty()).then(|| planner.proposal(&course))
}

/// Possible first; then what breaks nothing and is free or cheap for what it cures.
fn rank(proposal: &Proposal) -> (bool, bool, bool, usize, Decimal, RemedyId) {
    let cost = proposal.estimate.fixed_per_month.unwrap_or(Decimal::MAX);
    let invasive =
        proposal.remedies.iter().any(|id| matches!(id, RemedyId::DefaultEgress | RemedyId::MoveConnector));
    (
        !proposal.is_possible(),
        proposal.cures.is_empty(),
        invasive || !proposal.breaks.is_empty(),
        usize::from(cost > Decimal::ZERO),
        cost,
        proposal.remedies.first().copied().unwrap_or(RemedyId::DefaultEgress),
    )
}

/// The conservative path: cure what was seen failing first, by the cheapest way that breaks nothing.
fn recommend(proposals: &mut [Proposal], diagnosis: &Diagnosis) {
    let failing: Vec<&str> = diagnosis
        .findings
        .iter()
        .filter(|finding| is_stopped(finding))
        .filter(|finding| {
            finding.need.evidence.iter().any(|evidence| matches!(evidence, Evidence::Log { .. }))
        })
        .map(|finding| finding.need.destination.host.as_str())
        .collect();
    let safe = |proposal: &Proposal| {
        proposal.is_possible()
            && proposal.breaks.is_empty()
            && !proposal.cures.is_empty()
            && !proposal
                .remedies
                .iter()
                .any(|id| matches!(id, RemedyId::DefaultEgress | RemedyId::MoveConnector))
    };
    let cures =
        |proposal: &Proposal| failing.iter().all(|host| proposal.cures.iter().any(|cured| cured == host));
    let everything = |proposal: &Proposal| proposal.leaves.is_empty();
    let best = if failing.is_empty() {
        proposals
            .iter()
            .position(|p| safe(p) && everything(p))
            .map(|at| (at, "cures everything and breaks nothing"))
    } else {
        proposals.iter().position(|p| safe(p) && cures(p)).map(|at| (at, "cures what was seen failing"))
    };
    let best = best
        .or_else(|| proposals.iter().position(safe).map(|at| (at, "cures part of it and breaks nothing")));
    if let Some((at, why)) = best
        && let Some(proposal) = proposals.get_mut(at)
    {
        let free = proposal.estimate.fixed_per_month == Some(Decimal::ZERO)
            && proposal.estimate.per_gb() == Some(Decimal::ZERO);
        let price = if free { ", costs nothing" } else { "" };
        let rest = match proposal.leaves.len() {
            0 => String::new(),
            n => format!("; {n} more to decide after that"),
        };
        proposal.recommended = Some(format!("{why}{price}{rest}"));
        if let Some(head) = proposals.get_mut(..=at) {
            head.rotate_right(1);
        }
    }
}
