//! Makes proposals of remedies: applies one after the other to a copy of the network, traces again, prices, and says which one
//! to take first.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::others::Others;
use super::site::{Candidate, Site, is_stopped};
use super::{
    Change, Precondition, PriceBook, Proposal, RemedyId, default_egress, dynamodb_gateway, endpoint_ingress,
    gateway_route_tables, interface_endpoints, move_connector, nacl, nat, nat_repair, s3_gateway, savings,
    security_group_egress, sets, simulate, vpc_dns,
};
use crate::diagnose::{Diagnosis, FindingVerdict, diagnose};
use crate::evidence::{Evidence, Need};
use crate::model::{DestinationKind, Snapshot, Workload};
use crate::reach::Trace;

fn candidate(site: &Site<'_>, remedy: RemedyId) -> Option<Candidate> {
    match remedy {
        RemedyId::GatewayRouteTables => gateway_route_tables::candidate(site),
        RemedyId::S3Gateway => s3_gateway::candidate(site),
        RemedyId::DynamodbGateway => dynamodb_gateway::candidate(site),
        RemedyId::SecurityGroupEgress => security_group_egress::candidate(site),
        RemedyId::EndpointIngress => endpoint_ingress::candidate(site),
        RemedyId::Nacl => nacl::candidate(site),
        RemedyId::VpcDns => vpc_dns::candidate(site),
        RemedyId::InterfaceEndpoints => interface_endpoints::candidate(site),
        RemedyId::NatRepair => nat_repair::candidate(site),
        RemedyId::Nat => nat::candidate(site),
        RemedyId::NatPerZone => nat::per_zone(site),
        RemedyId::NatRegional => nat::regional(site),
        RemedyId::MoveConnector => move_connector::candidate(site),
        RemedyId::DefaultEgress => default_egress::candidate(site),
    }
}

/// The order in which the remedies of a set are applied: ways first, then what guards them, so that each rule is made for the
/// way that is taken in the end.
pub(super) const ORDER: &[RemedyId] = &[
    RemedyId::VpcDns,
    RemedyId::GatewayRouteTables,
    RemedyId::S3Gateway,
    RemedyId::DynamodbGateway,
    RemedyId::InterfaceEndpoints,
    RemedyId::NatRepair,
    RemedyId::Nat,
    RemedyId::NatPerZone,
    RemedyId::NatRegional,
    RemedyId::SecurityGroupEgress,
    RemedyId::EndpointIngress,
    RemedyId::Nacl,
    RemedyId::MoveConnector,
    RemedyId::DefaultEgress,
];

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

/// Remedies applied one after the other, and what came of it.
#[derive(Clone)]
pub(super) struct Course {
    pub remedies: Vec<RemedyId>,
    candidates: Vec<Candidate>,
    snapshot: Arc<Snapshot>,
    diagnosis: Diagnosis,
}

impl Course {
    fn changes(&self) -> Vec<Change> {
        self.candidates.iter().flat_map(|candidate| candidate.changes.clone()).collect()
    }

    fn preconditions(&self) -> Vec<Precondition> {
        let mut preconditions: Vec<Precondition> = Vec::new();
        for precondition in self.candidates.iter().flat_map(|candidate| &candidate.preconditions) {
            if !preconditions.contains(precondition) {
                preconditions.push(precondition.clone());
            }
        }
        preconditions
    }

    /// Whether nothing is known that stands against it.
    pub fn is_possible(&self) -> bool {
        self.candidates.iter().all(Candidate::is_possible)
    }
}

/// Plans for one workload.
pub(super) struct Planner<'a> {
    snapshot: &'a Arc<Snapshot>,
    workload: &'a Workload,
    before: &'a Diagnosis,
    needs: Vec<Need>,
    prices: &'a PriceBook,
    others: Others<'a>,
}

impl<'a> Planner<'a> {
    fn new(
        snapshot: &'a Arc<Snapshot>,
        workload: &'a Workload,
        before: &'a Diagnosis,
        prices: &'a PriceBook,
    ) -> Self {
        Self {
            snapshot,
            workload,
            before,
            needs: before.findings.iter().map(|finding| finding.need.clone()).collect(),
            prices,
            others: Others::new(snapshot, workload, before),
        }
    }

    /// Nothing done yet.
    pub fn start(&self) -> Course {
        Course {
            remedies: Vec::new(),
            candidates: Vec::new(),
            snapshot: Arc::clone(self.snapshot),
            diagnosis: self.before.clone(),
        }
    }

    /// One remedy more; `None` when it has nothing to do on the network as it would be by then.
    pub fn extend(&self, course: &Course, remedy: RemedyId) -> Option<Course> {
        let workload = course.snapshot.workloads.get(&self.workload.id).unwrap_or(self.workload);
        let candidate = candidate(&Site::new(&course.snapshot, workload, &course.diagnosis), remedy)?;
        Some(self.applied(course, remedy, candidate))
    }

    fn add_needless(&self, course: &Course, remedy: RemedyId) -> Option<Course> {
        let candidate = candidate(&Site::new(self.snapshot, self.workload, self.before), remedy)?;
        Some(self.applied(course, remedy, candidate))
    }

    /// The course with a candidate more. What cannot work changes nothing.
    fn applied(&self, course: &Course, remedy: RemedyId, candidate: Candidate) -> Course {
        let mut next = course.clone();
        if candidate.is_possible() {
            let later = Arc::new(simulate(&course.snapshot, &candidate.changes));
            let workload = later.workloads.get(&self.workload.id).unwrap_or(self.workload);
            next.diagnosis = diagnose(&later, workload, &self.needs);
            next.snapshot = later;
        }
        next.remedies.push(remedy);
        next.candidates.push(candidate);
        next
    }

    /// How many hosts are cured.
    pub fn cures(&self, course: &Course) -> usize {
        compare(self.before, &course.diagnosis).cures.len()
    }

    /// $/month whatever the traffic.
    pub fn cost(&self, course: &Course) -> Decimal {
        let estimate = self.prices.estimate(self.snapshot, &course.changes());
        estimate.fixed_per_month.unwrap_or(Decimal::MAX)
    }

    /// What each remedy of a set alone would leave.
    fn why_together(&self, course: &Course) -> Vec<String> {
        if course.remedies.len() < 2 {
            return Vec::new();
        }
        let alone = |id: &RemedyId| match self.extend(&self.start(), *id) {
            None => format!("Alone, {} would have nothing to do yet.", id.title()),
            Some(one) => match compare(self.before, &one.diagnosis).leaves.as_slice() {
                [] => format!("With {} alone everything would be cured.", id.title()),
                left => format!("With {} alone, {} would go on failing.", id.title(), left.join(", ")),
            },
        };
        course.remedies.iter().map(alone).collect()
    }

    /// A course as a proposal.
    pub fn proposal(&self, course: &Course) -> Proposal {
        let list = |part: fn(&Candidate) -> &str| {
            let mut words: Vec<&str> = course.candidates.iter().map(part).collect();
            words.dedup();
            words.join("; ")
        };
        let changes = course.changes();
        let preconditions = course.preconditions();
        // A set of which a part cannot work is not proved by the rest.
        let (snapshot, after) = if course.is_possible() {
            (&course.snapshot, course.diagnosis.clone())
        } else {
            (self.snapshot, self.before.clone())
        };
        let Comparison { cures, leaves, breaks } = compare(self.before, &after);
        let why_together = self.why_together(course);
        let effect = self.others.effect(snapshot, &changes);
        let mut side_effects: Vec<String> =
            course.candidates.iter().flat_map(|candidate| candidate.side_effects.clone()).collect();
        side_effects.extend(effect.side_effects);
        let mut remedies = course.remedies.clone();
        remedies.sort_unstable();
        Proposal {
            title: course.candidates.iter().map(|c| c.title.as_str()).collect::<Vec<_>>().join(" + "),
            estimate: self.prices.estimate(self.snapshot, &changes),
            takes_effect: list(|c| &c.takes_effect),
            reversal: list(|c| &c.reversal),
            savings: savings::savings(
                self.prices,
                self.snapshot,
                self.before,
                &after,
                &changes,
                &self.others,
            ),
            why_together,
            leaves_because: leaves.iter().map(|host| why_left(&after, host)).collect(),
            remedies,
            changes,
            cures,
            leaves,
            breaks: [breaks, effect.breaks].concat(),
            side_effects,
            preconditions,
            recommended: None,
            after,
        }
    }
}

/// Why a host is not reached, by what stops it then.
fn why_left(after: &Diagnosis, host: &str) -> String {
    let finding = after.findings.iter().find(|one| one.need.destination.host == host);
    let Some(finding) = finding else { return "it was not judged".to_owned() };
    let traces = || finding.traces.iter();
    if let Some((hop, _)) = traces().flat_map(Trace::blockers).next() {
        let lead = match &finding.need.destination.kind {
            DestinationKind::ThirdParty { .. } => "no endpoint of AWS serves it; ",
            _ => "",
        };
        return format!("{lead}{}", hop.rule);
    }
    let unknown = traces().flat_map(Trace::unknowns).next();
    unknown
        .map_or_else(|| "it cannot be told".to_owned(), |(hop, _)| format!("it cannot be told: {}", hop.rule))
}

/// What changed for the hosts that were asked about.
pub(super) struct Comparison {
    cures: Vec<String>,
    leaves: Vec<String>,
    pub breaks: Vec<String>,
}

/// Hosts cured, left and broken, by comparing the verdicts.
pub(super) fn compare(before: &Diagnosis, after: &Diagnosis) -> Comparison {
    let (mut cures, mut leaves, mut breaks) = (Vec::new(), Vec::new(), Vec::new());
    for (old, new) in before.findings.iter().zip(&after.findings) {
        let host = old.need.destination.host.clone();
        match (old.verdict(), new.verdict()) {
            (FindingVerdict::Reachable, FindingVerdict::Reachable) => {}
            (FindingVerdict::Reachable, now) => breaks.push(format!("{host} would be {}", now.word())),
            (FindingVerdict::Unknown, FindingVerdict::Blocked | FindingVerdict::Intermittent) => {
                breaks.push(format!("{host} would be {}, it is not known to be now", new.verdict().word()));
            }
            (_, FindingVerdict::Reachable) => cures.push(host),
            (_, _) => leaves.push(host),
        }
    }
    Comparison { cures, leaves, breaks }
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
