//! Combinations of remedies: if no single remedy fixes everything that can be fixed, the cheapest and the
//! least invasive combination that fixes it.
//!
//! Each remedy of a combination is simulated on the result of the earlier remedies. This finds combinations
//! for a connection that two rules block, which neither remedy alone fixes. A remedy that no longer applies
//! after the earlier remedies is not added.

use std::cmp::Reverse;

use rust_decimal::Decimal;

use super::planner::{ORDER, Planner, RemedySequence};
use super::{Proposal, RemedyId};

/// The maximum number of remedies in a combination.
const MAX_REMEDIES: usize = 4;

/// A combination that was simulated.
struct Simulated {
    sequence: RemedySequence,
    fixes: usize,
    cost: Decimal,
}

impl Simulated {
    fn contains(&self, remedies: &[RemedyId]) -> bool {
        remedies.iter().all(|id| self.sequence.remedies.contains(id))
    }
}

/// The combinations to offer in addition to the single remedies.
pub(super) fn combined(planner: &Planner<'_>, single: &[Proposal]) -> Vec<Proposal> {
    let mut simulated: Vec<Simulated> = Vec::new();
    // A regional NAT gateway is combined only if no zonal one is possible.
    let has_nat = single.iter().any(|proposal| {
        [[RemedyId::Nat], [RemedyId::NatRoute]].iter().any(|id| proposal.remedies == id)
            && proposal.is_possible()
    });
    // With a NAT gateway that works, `nat` makes the changes of `nat-route`.
    let has_route = single.iter().any(|one| one.remedies == [RemedyId::NatRoute] && one.is_possible());
    let is_allowed = |id: RemedyId| match id {
        RemedyId::Nat => !has_route,
        RemedyId::NatRegional => !has_nat,
        other => combines(other) || replaces_connector(other),
    };
    let order: Vec<RemedyId> = ORDER.iter().copied().filter(|id| is_allowed(*id)).collect();
    grow(planner, &planner.start(), &order, &mut simulated);
    simulated.sort_by_key(|set| set.sequence.remedies.len());
    let fixes_alone = |id: RemedyId| {
        let proposal = single.iter().find(|proposal| proposal.remedies == [id]);
        proposal.map_or(0, |proposal| proposal.fixes.len())
    };
    let most = simulated
        .iter()
        .map(|set| set.fixes)
        .chain(single.iter().map(|proposal| proposal.fixes.len()))
        .max()
        .unwrap_or_default();
    if most == 0 {
        return Vec::new();
    }
    // A combination must be cheaper or less invasive than the cheapest single remedy inside the VPC that
    // fixes as many destinations.
    let best_single = single
        .iter()
        .filter(|proposal| proposal.is_possible() && proposal.fixes.len() == most)
        .filter(|proposal| proposal.remedies.iter().all(|id| combines(*id)))
        .map(|proposal| (cost(proposal), invasiveness(proposal)))
        .min();
    // A combination that contains a sufficient one is neither cheaper nor less invasive.
    let mut sufficient: Vec<Proposal> = Vec::new();
    for set in simulated.iter().filter(|set| set.fixes == most) {
        if !sufficient.iter().any(|smaller| set.contains(&smaller.remedies)) {
            sufficient.push(planner.proposal(&set.sequence));
        }
    }
    let cheapest = sufficient.iter().min_by_key(|set| (cost(set), invasiveness(set)));
    let least_invasive = sufficient.iter().min_by_key(|set| (invasiveness(set), cost(set)));
    let is_better = |set: &&Proposal| {
        best_single.is_none_or(|(price, invasive)| cost(set) < price || invasiveness(set) < invasive)
    };
    // Also offer a first step: the cheapest combination that fixes more than each of its remedies alone and
    // breaks nothing.
    let mut steps: Vec<&Simulated> = simulated
        .iter()
        .filter(|set| {
            set.fixes > set.sequence.remedies.iter().map(|id| fixes_alone(*id)).max().unwrap_or_default()
        })
        .collect();
    steps.sort_by_key(|set| (set.cost, Reverse(set.fixes), set.sequence.remedies.len()));
    let mut steps = steps.into_iter().map(|set| planner.proposal(&set.sequence));
    let first_step = steps.find(|set| set.breaks.is_empty());
    let mut offered: Vec<Proposal> = Vec::new();
    let sets = [cheapest.filter(is_better), least_invasive.filter(is_better), first_step.as_ref()];
    for set in sets.into_iter().flatten() {
        if !offered.iter().any(|other| other.remedies == set.remedies) {
            offered.push(set.clone());
        }
    }
    offered
}

/// Simulates the sequence with every later remedy that applies, recursively.
fn grow(
    planner: &Planner<'_>,
    sequence: &RemedySequence,
    later: &[RemedyId],
    simulated: &mut Vec<Simulated>,
) {
    if sequence.remedies.len() == MAX_REMEDIES {
        return;
    }
    for (index, id) in later.iter().enumerate() {
        let fits = sequence.remedies.iter().all(|other| are_compatible(*other, *id));
        let extended = if fits { planner.extend(sequence, *id) } else { None };
        let Some(extended) = extended.filter(RemedySequence::is_possible) else { continue };
        // Routes to an existing NAT gateway are remedy `nat-route`.
        if *id == RemedyId::Nat && extended.creates_no_gateway() {
            continue;
        }
        if extended.remedies.len() > 1 {
            let (fixes, cost) = (planner.count_fixes(&extended), planner.cost(&extended));
            simulated.push(Simulated { sequence: extended.clone(), fixes, cost });
        }
        grow(planner, &extended, later.get(index + 1..).unwrap_or_default(), simulated);
    }
}

/// Whether a remedy can be part of a combination with each other one. With DEFAULT egress or a new connector, the service does
/// not use its present subnets, so remedies for their paths have no effect. One NAT gateway in each AZ reaches the
/// same destinations as a single NAT gateway, at a higher cost.
fn combines(id: RemedyId) -> bool {
    !matches!(
        id,
        RemedyId::DefaultEgress
            | RemedyId::MoveConnector
            | RemedyId::PrivateSubnets
            | RemedyId::NatPerZone
            | RemedyId::NatRegional
    )
}

/// Whether the service uses a new connector afterwards.
fn replaces_connector(id: RemedyId) -> bool {
    matches!(id, RemedyId::PrivateSubnets | RemedyId::MoveConnector)
}

/// Whether it adds rules. The rules that allow the present subnets do not allow those of a new connector.
fn adds_rules(id: RemedyId) -> bool {
    matches!(
        id,
        RemedyId::SecurityGroupEgress
            | RemedyId::EndpointIngress
            | RemedyId::DestinationIngress
            | RemedyId::Nacl
    )
}

/// Whether both can be in one combination: only one of them may change the default routes or their target, and a new connector is
/// combined only with rules.
fn are_compatible(one: RemedyId, two: RemedyId) -> bool {
    if replaces_connector(one) || replaces_connector(two) {
        return adds_rules(two);
    }
    let is_default_route =
        |id| matches!(id, RemedyId::NatRepair | RemedyId::Nat | RemedyId::NatRoute | RemedyId::NatInstance);
    !(is_default_route(one) && is_default_route(two))
}

fn cost(proposal: &Proposal) -> Decimal {
    proposal.estimate.fixed_per_month.unwrap_or(Decimal::MAX)
}

/// How much a proposal affects other workloads: first the number of broken destinations, then the number of
/// remedies that affect whole route tables, the whole VPC or the service, then the number of changes.
fn invasiveness(proposal: &Proposal) -> (usize, usize, usize) {
    let is_wide = |id: &&RemedyId| {
        matches!(
            id,
            RemedyId::Nat
                | RemedyId::NatPerZone
                | RemedyId::NatRegional
                | RemedyId::NatRepair
                | RemedyId::NatRoute
                | RemedyId::InternetGateway
                | RemedyId::Ipv6Egress
                | RemedyId::PeeringRoute
                | RemedyId::PrivateSubnets
                | RemedyId::MoveConnector
                | RemedyId::DefaultEgress
                | RemedyId::VpcDns
        )
    };
    (proposal.breaks.len(), proposal.remedies.iter().filter(is_wide).count(), proposal.changes.len())
}
