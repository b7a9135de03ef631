//! Applies remedies one after the other to a copy of the snapshot, diagnoses it again, and turns the result into a proposal.
//!
//! Owns the order in which the remedies of one proposal are applied. Which proposals are offered is decided in `plan` and `sets`.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::compare::{Comparison, compare};
use super::others::Others;
use super::site::{Candidate, Site};
use super::{
    Change, Precondition, PriceBook, Proposal, RemedyId, default_egress, dynamodb_gateway, endpoint_ingress,
    gateway_route_tables, interface_endpoints, move_connector, nacl, nat, nat_repair, s3_gateway, savings,
    security_group_egress, simulate, vpc_dns,
};
use crate::diagnose::{Diagnosis, diagnose};
use crate::evidence::Need;
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

/// Remedies applied one after the other, and what came of it.
#[derive(Clone)]
pub(super) struct Course {
    pub remedies: Vec<RemedyId>,
    pub candidates: Vec<Candidate>,
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
    pub fn new(
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

    pub fn add_needless(&self, course: &Course, remedy: RemedyId) -> Option<Course> {
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
