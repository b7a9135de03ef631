//! Sets of remedies: where one does not cure all that can be cured, the cheapest and the least intrusive set that does.
//!
//! Every set is proved as a whole: two rules that stop one call are cured by two remedies, neither of which cures alone.

use rust_decimal::Decimal;

use super::{Proposal, RemedyId};

/// Remedies that are tried together at most, and how many of them in one set.
const TRIED: usize = 8;
const TOGETHER: usize = 4;

/// The sets worth offering beside the single remedies. `prove` simulates and traces a set.
pub(super) fn composed(
    single: &[Proposal],
    prove: impl Fn(&[RemedyId]) -> Option<Proposal>,
) -> Vec<Proposal> {
    let possible: Vec<RemedyId> = single
        .iter()
        .filter(|proposal| proposal.is_possible())
        .filter_map(|proposal| proposal.remedies.first().copied())
        .filter(|id| combines(*id))
        .take(TRIED)
        .collect();
    let mut proved: Vec<Proposal> = subsets(&possible).iter().filter_map(|set| prove(set)).collect();
    proved.retain(|proposal| !proposal.cures.is_empty());
    let most = proved.iter().chain(single).map(|proposal| proposal.cures.len()).max().unwrap_or_default();
    let is_enough = |proposal: &&Proposal| proposal.is_possible() && proposal.cures.len() == most;
    let cheapest = proved.iter().filter(is_enough).min_by_key(|one| (cost(one), intrusion(one)));
    let gentlest = proved.iter().filter(is_enough).min_by_key(|one| (intrusion(one), cost(one)));
    // Where a single remedy inside the VPC does as much for less, no set is needed.
    let stays = |one: &&Proposal| one.remedies.iter().all(|id| combines(*id));
    let best_single =
        single.iter().filter(is_enough).filter(stays).map(|one| (cost(one), intrusion(one))).min();
    let is_worth =
        |set: &&Proposal| best_single.is_none_or(|(price, harm)| cost(set) < price || intrusion(set) < harm);
    // What is free, or cures more than its parts, is offered as well: the cautious path goes step by step.
    let step = proved
        .iter()
        .filter(|set| set.is_possible() && set.breaks.is_empty())
        .filter(|set| {
            let alone = |id: &RemedyId| {
                single.iter().find(|one| one.remedies == [*id]).map_or(0, |one| one.cures.len())
            };
            set.cures.len() > set.remedies.iter().map(alone).max().unwrap_or_default()
        })
        .min_by_key(|one| (cost(one), std::cmp::Reverse(one.cures.len()), intrusion(one)));
    let mut offered: Vec<Proposal> = Vec::new();
    for set in [cheapest.filter(is_worth), gentlest.filter(is_worth), step].into_iter().flatten() {
        if !offered.iter().any(|known| known.remedies == set.remedies) {
            offered.push(set.clone());
        }
    }
    offered
}

/// DEFAULT egress leaves the VPC, and a new connector the subnets, so that nothing done there helps beside them.
fn combines(id: RemedyId) -> bool {
    !matches!(id, RemedyId::DefaultEgress | RemedyId::MoveConnector)
}

/// All sets of two and more, without such as exclude each other.
fn subsets(of: &[RemedyId]) -> Vec<Vec<RemedyId>> {
    let mut sets: Vec<Vec<RemedyId>> = vec![Vec::new()];
    for id in of {
        let with: Vec<Vec<RemedyId>> = sets
            .iter()
            .filter(|set| set.len() < TOGETHER && set.iter().all(|other| go_together(*other, *id)))
            .map(|set| set.iter().copied().chain([*id]).collect())
            .collect();
        sets.extend(with);
    }
    sets.retain(|set| set.len() > 1);
    sets.sort_by_key(Vec::len);
    sets
}

fn go_together(one: RemedyId, two: RemedyId) -> bool {
    !matches!((one, two), (RemedyId::NatRepair, RemedyId::Nat) | (RemedyId::Nat, RemedyId::NatRepair))
}

fn cost(proposal: &Proposal) -> Decimal {
    proposal.estimate.fixed_per_month.unwrap_or(Decimal::MAX)
}

/// How much is changed for others: what breaks weighs most, then a way to the internet for whole tables, then the number of
/// changes.
fn intrusion(proposal: &Proposal) -> (usize, usize, usize) {
    let wide = |id: &&RemedyId| {
        matches!(
            id,
            RemedyId::Nat
                | RemedyId::NatRepair
                | RemedyId::MoveConnector
                | RemedyId::DefaultEgress
                | RemedyId::VpcDns
        )
    };
    (proposal.breaks.len(), proposal.remedies.iter().filter(wide).count(), proposal.changes.len())
}
