//! Sets of remedies: where one does not cure all that can be cured, the cheapest and the least intrusive set that does.
//!
//! Every set is proved as a whole, each remedy on the network that the ones before it leave: two rules that stop one call are
//! cured by two remedies, neither of which cures alone, and a remedy that has nothing left to do is not part of a set.

use rust_decimal::Decimal;

use super::planner::{Course, ORDER, Planner};
use super::{Proposal, RemedyId};

/// Remedies in one set at most.
const TOGETHER: usize = 4;

/// A set that was tried.
struct Tried {
    course: Course,
    cures: usize,
    cost: Decimal,
}

impl Tried {
    fn contains(&self, other: &[RemedyId]) -> bool {
        other.iter().all(|id| self.course.remedies.contains(id))
    }
}

/// The sets worth offering beside the single remedies.
pub(super) fn composed(planner: &Planner<'_>, single: &[Proposal]) -> Vec<Proposal> {
    let mut tried: Vec<Tried> = Vec::new();
    // Where no zonal NAT gateway can stand, a regional one takes its place.
    let has_nat = single.iter().any(|one| one.remedies == [RemedyId::Nat] && one.is_possible());
    let may = |id: RemedyId| combines(id) || id == RemedyId::NatRegional && !has_nat;
    let order: Vec<RemedyId> = ORDER.iter().copied().filter(|id| may(*id)).collect();
    grow(planner, &planner.start(), &order, &mut tried);
    tried.sort_by_key(|set| set.course.remedies.len());
    let alone =
        |id: RemedyId| single.iter().find(|one| one.remedies == [id]).map_or(0, |one| one.cures.len());
    let most = tried
        .iter()
        .map(|set| set.cures)
        .chain(single.iter().map(|one| one.cures.len()))
        .max()
        .unwrap_or_default();
    if most == 0 {
        return Vec::new();
    }
    // Where a single remedy inside the VPC does as much for less, no set is needed.
    let best_single = single
        .iter()
        .filter(|one| one.is_possible() && one.cures.len() == most)
        .filter(|one| one.remedies.iter().all(|id| combines(*id)))
        .map(|one| (cost(one), intrusion(one)))
        .min();
    // What is added to a set that is enough already makes it neither cheaper nor gentler.
    let mut enough: Vec<Proposal> = Vec::new();
    for set in tried.iter().filter(|set| set.cures == most) {
        if !enough.iter().any(|smaller| set.contains(&smaller.remedies)) {
            enough.push(planner.proposal(&set.course));
        }
    }
    let cheapest = enough.iter().min_by_key(|one| (cost(one), intrusion(one)));
    let gentlest = enough.iter().min_by_key(|one| (intrusion(one), cost(one)));
    let is_worth =
        |set: &&Proposal| best_single.is_none_or(|(price, harm)| cost(set) < price || intrusion(set) < harm);
    // What is free, or cures more than its parts, is offered as well: the cautious path goes step by step.
    let mut steps: Vec<&Tried> = tried
        .iter()
        .filter(|set| set.cures > set.course.remedies.iter().map(|id| alone(*id)).max().unwrap_or_default())
        .collect();
    steps.sort_by_key(|set| (set.cost, std::cmp::Reverse(set.cures), set.course.remedies.len()));
    let mut step = steps.into_iter().map(|set| planner.proposal(&set.course));
    let step = step.find(|set| set.breaks.is_empty());
    let mut offered: Vec<Proposal> = Vec::new();
    for set in [cheapest.filter(is_worth), gentlest.filter(is_worth), step.as_ref()].into_iter().flatten() {
        if !offered.iter().any(|known| known.remedies == set.remedies) {
            offered.push(set.clone());
        }
    }
    offered
}

/// Adds every later remedy that has something to do, one after the other.
fn grow(planner: &Planner<'_>, from: &Course, rest: &[RemedyId], tried: &mut Vec<Tried>) {
    if from.remedies.len() == TOGETHER {
        return;
    }
    for (place, id) in rest.iter().enumerate() {
        let fits = from.remedies.iter().all(|other| go_together(*other, *id));
        let course = if fits { planner.extend(from, *id) } else { None };
        let Some(course) = course.filter(Course::is_possible) else { continue };
        if course.remedies.len() > 1 {
            let (cures, cost) = (planner.cures(&course), planner.cost(&course));
            tried.push(Tried { course: course.clone(), cures, cost });
        }
        grow(planner, &course, rest.get(place + 1..).unwrap_or_default(), tried);
    }
}

/// DEFAULT egress leaves the VPC, and a new connector the subnets, so that nothing done there helps beside them; NAT gateways in
/// every zone reach no more than one does, for more.
fn combines(id: RemedyId) -> bool {
    !matches!(
        id,
        RemedyId::DefaultEgress | RemedyId::MoveConnector | RemedyId::NatPerZone | RemedyId::NatRegional
    )
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
                | RemedyId::NatPerZone
                | RemedyId::NatRegional
                | RemedyId::NatRepair
                | RemedyId::MoveConnector
                | RemedyId::DefaultEgress
                | RemedyId::VpcDns
        )
    };
    (proposal.breaks.len(), proposal.remedies.iter().filter(wide).count(), proposal.changes.len())
}
