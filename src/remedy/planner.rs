//! Applies remedies one after the other to a copy of the snapshot, diagnoses the result, and converts it to
//! a proposal.
//!
//! Defines the order in which the remedies of one proposal are applied. Which proposals are offered is
//! decided in `plan` and `sets`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use super::compare::{Comparison, compare};
use super::context::{Candidate, RemedyContext};
use super::side_effects::SideEffects;
use super::wording::still;
use super::{
    Change, Precondition, PriceBook, Proposal, RemedyId, default_egress, destination_ingress,
    dynamodb_gateway, endpoint_ingress, gateway_route_tables, interface_endpoints, internet_gateway,
    ipv6_egress, move_connector, nacl, nat, nat_instance, nat_repair, nat_route, peering_route,
    private_subnets, rollback, s3_gateway, s3express_gateway, savings, security_group_egress, simulate,
    vpc_dns,
};
use crate::diagnose::{Diagnosis, Finding, FindingVerdict, diagnose, next_step};
use crate::evidence::Need;
use crate::model::{DestinationKind, Snapshot, Workload};
use crate::reach::{Hop, Layer, Trace, Verdict, ViaKind};
use crate::text::listed;

fn candidate(context: &RemedyContext<'_>, remedy: RemedyId) -> Option<Candidate> {
    match remedy {
        RemedyId::GatewayRouteTables => gateway_route_tables::candidate(context),
        RemedyId::S3Gateway => s3_gateway::candidate(context),
        RemedyId::DynamodbGateway => dynamodb_gateway::candidate(context),
        RemedyId::S3expressGateway => s3express_gateway::candidate(context),
        RemedyId::SecurityGroupEgress => security_group_egress::candidate(context),
        RemedyId::EndpointIngress => endpoint_ingress::candidate(context),
        RemedyId::DestinationIngress => destination_ingress::candidate(context),
        RemedyId::PeeringRoute => peering_route::candidate(context),
        RemedyId::InternetGateway => internet_gateway::candidate(context),
        RemedyId::NatRoute => nat_route::candidate(context),
        RemedyId::NatInstance => nat_instance::candidate(context),
        RemedyId::Ipv6Egress => ipv6_egress::candidate(context),
        RemedyId::PrivateSubnets => private_subnets::candidate(context),
        RemedyId::Nacl => nacl::candidate(context),
        RemedyId::VpcDns => vpc_dns::candidate(context),
        RemedyId::InterfaceEndpoints => interface_endpoints::candidate(context),
        RemedyId::NatRepair => nat_repair::candidate(context),
        RemedyId::Nat => nat::candidate(context),
        RemedyId::NatPerZone => nat::per_zone(context),
        RemedyId::NatRegional => nat::regional(context),
        RemedyId::MoveConnector => move_connector::candidate(context),
        RemedyId::DefaultEgress => default_egress::candidate(context),
    }
}

/// The order in which the remedies of one proposal are applied: paths first, then rules, so that the rules
/// match the path that the traffic takes in the end.
pub(super) const ORDER: &[RemedyId] = &[
    RemedyId::VpcDns,
    RemedyId::GatewayRouteTables,
    RemedyId::S3Gateway,
    RemedyId::DynamodbGateway,
    RemedyId::S3expressGateway,
    RemedyId::InterfaceEndpoints,
    RemedyId::PeeringRoute,
    RemedyId::InternetGateway,
    RemedyId::NatRoute,
    RemedyId::NatInstance,
    RemedyId::Ipv6Egress,
    RemedyId::NatRepair,
    RemedyId::Nat,
    RemedyId::NatPerZone,
    RemedyId::NatRegional,
    RemedyId::PrivateSubnets,
    RemedyId::MoveConnector,
    RemedyId::SecurityGroupEgress,
    RemedyId::EndpointIngress,
    RemedyId::DestinationIngress,
    RemedyId::Nacl,
    RemedyId::DefaultEgress,
];

/// Remedies applied one after the other, with the resulting snapshot and diagnosis.
#[derive(Clone)]
pub(super) struct RemedySequence {
    pub remedies: Vec<RemedyId>,
    candidates: Vec<Candidate>,
    snapshot: Arc<Snapshot>,
    diagnosis: Diagnosis,
}

impl RemedySequence {
    fn changes(&self) -> Vec<Change> {
        self.candidates.iter().flat_map(|candidate| candidate.changes.clone()).collect()
    }

    /// The remedy of each change.
    fn owners(&self) -> Vec<RemedyId> {
        let parts = self.remedies.iter().zip(&self.candidates);
        parts.flat_map(|(remedy, candidate)| candidate.changes.iter().map(|_| *remedy)).collect()
    }

    fn titles(&self) -> BTreeMap<RemedyId, String> {
        let parts = self.remedies.iter().zip(&self.candidates);
        parts.map(|(remedy, candidate)| (*remedy, candidate.title.clone())).collect()
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

    /// Whether the last remedy adds only routes to NAT gateways that exist.
    pub fn creates_no_gateway(&self) -> bool {
        let last = self.candidates.last();
        last.is_some_and(|last| last.changes.iter().all(|change| matches!(change, Change::RouteToNat { .. })))
    }

    /// Whether every requirement is met or unknown.
    pub fn is_possible(&self) -> bool {
        self.candidates.iter().all(Candidate::is_possible)
    }
}

/// Plans the fixes of one workload.
pub(super) struct Planner<'a> {
    snapshot: &'a Arc<Snapshot>,
    workload: &'a Workload,
    before: &'a Diagnosis,
    needs: Vec<Need>,
    prices: &'a PriceBook,
    side_effects: SideEffects<'a>,
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
            side_effects: SideEffects::new(snapshot, workload, before),
        }
    }

    /// A sequence without a remedy.
    pub fn start(&self) -> RemedySequence {
        RemedySequence {
            remedies: Vec::new(),
            candidates: Vec::new(),
            snapshot: Arc::clone(self.snapshot),
            diagnosis: self.before.clone(),
        }
    }

    /// The sequence with one more remedy. `None` if the remedy does not apply after the earlier remedies.
    pub fn extend(&self, sequence: &RemedySequence, remedy: RemedyId) -> Option<RemedySequence> {
        let without =
            (remedy == RemedyId::NatRegional).then(|| self.without_public_subnet(sequence)).flatten();
        let sequence = without.as_ref().unwrap_or(sequence);
        let workload = sequence.snapshot.workloads.get(&self.workload.id).unwrap_or(self.workload);
        let context = RemedyContext::new(&sequence.snapshot, workload, &sequence.diagnosis);
        Some(self.apply(sequence, remedy, candidate(&context, remedy)?))
    }

    /// The sequence with one more remedy, which applies to the present network but not after the earlier
    /// remedies.
    pub fn extend_with_redundant(
        &self,
        sequence: &RemedySequence,
        remedy: RemedyId,
    ) -> Option<RemedySequence> {
        let context = RemedyContext::new(self.snapshot, self.workload, self.before);
        Some(self.apply(sequence, remedy, candidate(&context, remedy)?))
    }

    /// The sequence without the public subnet of a new internet gateway; `None` if it has none.
    fn without_public_subnet(&self, sequence: &RemedySequence) -> Option<RemedySequence> {
        let has_subnet =
            |change: &Change| matches!(change, Change::CreateInternetGateway { public_subnet: Some(_), .. });
        sequence.changes().iter().any(has_subnet).then_some(())?;
        let parts = sequence.remedies.iter().zip(&sequence.candidates);
        parts.into_iter().try_fold(self.start(), |next, (remedy, present)| {
            let workload = next.snapshot.workloads.get(&self.workload.id).unwrap_or(self.workload);
            let context = RemedyContext::new(&next.snapshot, workload, &next.diagnosis);
            let candidate = match remedy {
                RemedyId::InternetGateway => internet_gateway::for_regional(&context)?,
                _ => present.clone(),
            };
            Some(self.apply(&next, *remedy, candidate))
        })
    }

    /// The sequence with one more candidate. A candidate that is not possible changes nothing.
    fn apply(&self, sequence: &RemedySequence, remedy: RemedyId, candidate: Candidate) -> RemedySequence {
        let mut next = sequence.clone();
        if candidate.is_possible() {
            let changed = Arc::new(simulate(&sequence.snapshot, &candidate.changes));
            let workload = changed.workloads.get(&self.workload.id).unwrap_or(self.workload);
            next.diagnosis = diagnose(&changed, workload, &self.needs);
            next.snapshot = changed;
        }
        next.remedies.push(remedy);
        next.candidates.push(candidate);
        next
    }

    /// The number of hosts that a sequence fixes.
    pub fn count_fixes(&self, sequence: &RemedySequence) -> usize {
        compare(self.before, &sequence.diagnosis).fixes.len()
    }

    /// The fixed price in $/month; `Decimal::MAX` if unknown.
    pub fn cost(&self, sequence: &RemedySequence) -> Decimal {
        let estimate = self.prices.estimate(self.snapshot, &sequence.changes(), &BTreeSet::new());
        estimate.fixed_per_month.unwrap_or(Decimal::MAX)
    }

    /// For several remedies: the destinations that each remedy alone does not fix, as sentences.
    fn why_combined(&self, sequence: &RemedySequence) -> Vec<String> {
        if sequence.remedies.len() < 2 {
            return Vec::new();
        }
        let alone = |id: &RemedyId| {
            let Some(single) = self.extend(&self.start(), *id) else {
                return format!("Only the other changes make {} necessary.", id.phrase());
            };
            let Comparison { fixes: fixed, breaks: broken, .. } = compare(self.before, &sequence.diagnosis);
            let Comparison { mut still_blocked, mut breaks, .. } = compare(self.before, &single.diagnosis);
            breaks.retain(|one| !broken.contains(one));
            // What the whole sequence does not fix either is no reason for it.
            still_blocked.retain(|host| fixed.contains(host));
            let has_endpoint = sequence.remedies.iter().any(|other| other.adds_endpoints());
            match still_blocked.as_slice() {
                [] if !breaks.is_empty() => format!("With only {}, {}.", id.phrase(), listed(&breaks, "and")),
                [] if has_endpoint && !id.adds_endpoints() => format!(
                    "With only {}, the same destinations are reachable, but traffic to the services with an endpoint then pays its \
                     charge per GB.",
                    id.phrase()
                ),
                [] => format!("With only {}, the same destinations are reachable.", id.phrase()),
                hosts => {
                    let names: Vec<String> = hosts.iter().map(|host| self.name(host)).collect();
                    let verb = if names.len() == 1 { "is" } else { "are" };
                    let state = still(&single.diagnosis, hosts);
                    format!("With only {}, {} {verb} {state}.", id.phrase(), listed(&names, "and"))
                }
            }
        };
        sequence.remedies.iter().map(alone).collect()
    }

    /// The short name of a host, `Secrets Manager`.
    fn name(&self, host: &str) -> String {
        let need = self.needs.iter().find(|need| need.name() == host);
        need.map_or_else(|| host.to_owned(), |need| need.short_name(&self.snapshot.region))
    }

    /// The proposal of a sequence.
    pub fn proposal(&self, sequence: &RemedySequence) -> Proposal {
        let join = |part: fn(&Candidate) -> &str| {
            let mut texts: Vec<&str> = Vec::new();
            for text in sequence.candidates.iter().map(part) {
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
            texts
        };
        let changes = sequence.changes();
        // If one remedy is not possible, the proposal has no effect.
        let (snapshot, after) = if sequence.is_possible() {
            (&sequence.snapshot, sequence.diagnosis.clone())
        } else {
            (self.snapshot, self.before.clone())
        };
        let Comparison { fixes, still_blocked, verdicts, unknown_after, breaks } =
            compare(self.before, &after);
        let others = self.side_effects.of(snapshot, &changes);
        let mut side_effects: Vec<String> =
            sequence.candidates.iter().flat_map(|candidate| candidate.side_effects.clone()).collect();
        side_effects.extend(others.side_effects);
        let lost_routes = private_subnets::lost_routes(self.snapshot, &self.before.subnets, &changes);
        let mut remedies = sequence.remedies.clone();
        remedies.sort_unstable();
        let titles: Vec<&str> =
            sequence.candidates.iter().map(|candidate| candidate.title.as_str()).collect();
        let proposal = Proposal {
            title: titles.join(" + "),
            estimate: self.prices.estimate(
                self.snapshot,
                &changes,
                &paths_to(&after, &[&fixes, &unknown_after]),
            ),
            takes_effect: takes_effect(&join(|candidate| &candidate.takes_effect)),
            rollback: rollback::joined(&join(|candidate| &candidate.rollback)),
            savings: savings::savings(
                self.prices,
                self.snapshot,
                self.before,
                &after,
                &changes,
                &self.side_effects,
            ),
            why_combined: self.why_combined(sequence),
            still_blocked_because: still_blocked
                .iter()
                .map(|host| {
                    why_still_blocked(snapshot, &after, host, remedies.iter().any(|id| id.adds_endpoints()))
                })
                .collect(),
            still_blocked_verdicts: verdicts,
            unknown_after,
            owners: sequence.owners(),
            titles: sequence.titles(),
            remedies,
            changes,
            fixes,
            still_blocked,
            breaks: [breaks, others.breaks, lost_routes].concat(),
            side_effects,
            preconditions: sequence.preconditions(),
            recommended: None,
            after,
        };
        if self.snapshot.has_planned_resources() { proposal.with_planned_resources_named() } else { proposal }
    }
}

/// The kinds of path of some hosts.
fn paths_to(after: &Diagnosis, hosts: &[&[String]]) -> BTreeSet<ViaKind> {
    let is_meant = |finding: &&Finding| hosts.iter().any(|hosts| hosts.contains(&finding.need.name()));
    let traces = after.findings.iter().filter(is_meant).flat_map(|finding| &finding.traces);
    traces.flat_map(kinds_of_path).collect()
}

/// The kinds of path of a trace: one for each family of addresses.
fn kinds_of_path(trace: &Trace) -> impl Iterator<Item = ViaKind> {
    let via = match &trace.verdict {
        Verdict::Reachable(via) => Some(via.kind),
        _ => None,
    };
    let is_nat = |hop: &Hop| hop.layer == Layer::Nat && hop.component.as_str().starts_with("nat-");
    let nat = trace.hops.iter().any(is_nat).then_some(ViaKind::Nat);
    via.into_iter().chain(nat)
}

/// When the remedies of a proposal take effect. It takes effect as late as its parts, and the text names a missing deployment once.
fn takes_effect(texts: &[&str]) -> String {
    const NO_DEPLOYMENT: &str = ", no deployment of the service";
    // From the first to the last.
    const TIMES: [&str; 4] = ["at once", "in about a minute", "in a few minutes", "in two to three minutes"];
    let rank = |text: &&str| TIMES.iter().position(|time| text.strip_suffix(NO_DEPLOYMENT) == Some(time));
    match texts.iter().map(rank).collect::<Option<Vec<_>>>() {
        Some(ranks) => {
            let last = ranks.into_iter().max().and_then(|rank| TIMES.get(rank));
            last.map(|time| format!("{time}{NO_DEPLOYMENT}")).unwrap_or_default()
        }
        None => texts.join("; "),
    }
}

/// The rules that block a host after the changes: the first of each component that blocks first. A fix that adds endpoints does not serve a third
/// party. For an unknown verdict, the first unknown rule and how to check it.
fn why_still_blocked(snapshot: &Snapshot, after: &Diagnosis, host: &str, adds_endpoints: bool) -> String {
    let finding = after.findings.iter().find(|finding| finding.need.name() == host);
    let Some(finding) = finding else { return "it was not checked".to_owned() };
    let traces = || finding.traces.iter();
    let first_blockers = traces().filter_map(|trace| trace.blockers().next());
    let mut hops: Vec<&Hop> = Vec::new();
    for (hop, _) in first_blockers {
        if !hops.iter().any(|known| known.component == hop.component) {
            hops.push(hop);
        }
    }
    let needs_path = hops.iter().any(|hop| matches!(hop.layer, Layer::Route | Layer::Nat | Layer::Internet));
    let rules: Vec<String> = hops.iter().map(|hop| hop.rule.to_string()).collect();
    // Of a destination that stays unknown, what is unknown decides, also if a part of its addresses is blocked.
    if !rules.is_empty() && finding.verdict() != FindingVerdict::Unknown {
        let no_endpoint = match &finding.need.destination.kind {
            DestinationKind::ThirdParty { .. } if adds_endpoints && needs_path => {
                "AWS has no VPC endpoint for it; "
            }
            _ => "",
        };
        return format!("{no_endpoint}{}", rules.join("; "));
    }
    let mut unknowns = traces().flat_map(|trace| trace.unknowns().map(move |(hop, _)| (trace, hop)));
    let Some((trace, hop)) = unknowns.next() else { return "no check decides it".to_owned() };
    match next_step(snapshot, trace, hop) {
        Some(step) => format!("{}. {}", hop.rule, step.trim_end_matches('.')),
        None => hop.rule.to_string(),
    }
}
