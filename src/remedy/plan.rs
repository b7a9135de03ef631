//! Makes proposals of remedies: simulates, traces again, prices, and says which one to take first.

use rust_decimal::Decimal;

use super::sets;
use super::{
    Change, Met, Precondition, PriceBook, Proposal, RemedyId, default_egress, dynamodb_gateway,
    endpoint_ingress, gateway_route_tables, interface_endpoints, move_connector, nacl, nat, nat_repair,
    s3_gateway, security_group_egress, simulate, vpc_dns,
};
use crate::diagnose::{Diagnosis, Finding, FindingVerdict, diagnose};
use crate::evidence::{Caller, Evidence, Inquiry, Need};
use crate::model::{
    Call, Destination, RouteTableId, SecurityGroupId, Snapshot, Subnet, SubnetId, Vpc, Workload,
};
use crate::reach::{Code, Egresses, Engine, Hop, Layer, Source, Trace, egresses, route_table_of};

/// A remedy that fits here, before it is proved.
pub(super) struct Candidate {
    pub title: String,
    pub changes: Vec<Change>,
    pub preconditions: Vec<Precondition>,
    pub side_effects: Vec<String>,
    pub takes_effect: String,
    pub reversal: String,
}

/// Where a remedy is to work: the workload, its subnets and what fails.
pub(super) struct Site<'a> {
    pub snapshot: &'a Snapshot,
    pub workload: &'a Workload,
    pub subnets: &'a [SubnetId],
    diagnosis: &'a Diagnosis,
}

impl<'a> Site<'a> {
    fn new(snapshot: &'a Snapshot, workload: &'a Workload, diagnosis: &'a Diagnosis) -> Self {
        Self { snapshot, workload, subnets: &diagnosis.subnets, diagnosis }
    }

    /// Destinations that are stopped for certain from at least one subnet.
    pub fn stopped(&self) -> impl Iterator<Item = &'a Destination> {
        self.diagnosis
            .findings
            .iter()
            .filter(|finding| is_stopped(finding))
            .map(|finding| &finding.need.destination)
    }

    /// What stops those destinations, hop by hop.
    pub fn blockers(&self) -> impl Iterator<Item = (&'a Finding, &'a Hop, Code)> {
        let stopped = self.diagnosis.findings.iter().filter(|finding| is_stopped(finding));
        stopped.flat_map(|finding| {
            finding.traces.iter().flat_map(Trace::blockers).map(move |(hop, code)| (finding, hop, code))
        })
    }

    /// Destinations that a blocker of this kind stops, each once.
    pub fn stopped_by(&self, fits: impl Fn(Layer, Code) -> bool) -> impl Iterator<Item = &'a Destination> {
        let mut found: Vec<&'a Destination> = Vec::new();
        for (finding, hop, code) in self.blockers() {
            if fits(hop.layer, code) && !found.contains(&&finding.need.destination) {
                found.push(&finding.need.destination);
            }
        }
        found.into_iter()
    }

    /// The groups on the workload's interfaces.
    pub fn security_groups(&self) -> Vec<SecurityGroupId> {
        match egresses(self.snapshot, self.workload) {
            Egresses::Vpc(sources) => {
                sources.first().map(|source| source.security_groups.clone()).unwrap_or_default()
            }
            Egresses::Public(_) | Egresses::Unknown(_) => Vec::new(),
        }
    }

    /// Subnets of the VPC, at most one a zone and the workload's own first, from which everything is reached that any of them
    /// reaches; none when that is no more than the workload's subnets reach together.
    pub fn subnets_that_reach_more(&self) -> Vec<SubnetId> {
        let (Some(vpc), Egresses::Vpc(sources)) = (self.vpc(), egresses(self.snapshot, self.workload)) else {
            return Vec::new();
        };
        let Some(like) = sources.first() else { return Vec::new() };
        let engine = Engine::new(self.snapshot);
        let wanted: Vec<&Finding> = self
            .diagnosis
            .findings
            .iter()
            .filter(|finding| finding.need.caller == Caller::Application)
            .collect();
        let aims: Vec<_> =
            wanted.iter().map(|one| engine.aim_seen(&one.need.destination, &one.need.addresses)).collect();
        let reached = |id: &SubnetId| {
            let source = Source { subnet: id.clone(), ..like.clone() };
            aims.iter().filter(|aim| aim.trace(&source).is_reachable()).count()
        };
        let mut all: Vec<(usize, bool, &Subnet)> = self
            .snapshot
            .network
            .subnets
            .iter()
            .filter(|subnet| subnet.vpc == vpc.id && subnet.cidr.is_some())
            .map(|subnet| (reached(&subnet.id), self.subnets.contains(&subnet.id), subnet))
            .collect();
        let most = all.iter().map(|(count, ..)| *count).max().unwrap_or_default();
        let everywhere =
            wanted.iter().filter(|finding| finding.verdict() == FindingVerdict::Reachable).count();
        if most <= everywhere {
            return Vec::new();
        }
        all.retain(|(count, ..)| *count == most);
        all.sort_by_key(|(_, own, subnet)| (!own, subnet.zone.clone()));
        let mut chosen: Vec<&Subnet> = Vec::new();
        for (_, _, subnet) in all {
            if !chosen.iter().any(|other| other.zone == subnet.zone) {
                chosen.push(subnet);
            }
        }
        chosen.into_iter().map(|subnet| subnet.id.clone()).collect()
    }

    /// The VPC of the workload's subnets.
    pub fn vpc(&self) -> Option<&'a Vpc> {
        let network = &self.snapshot.network;
        self.subnets.iter().find_map(|id| network.vpcs.get(&network.subnets.get(id)?.vpc))
    }

    /// The tables that decide for the workload's subnets, each once.
    pub fn route_tables(&self) -> Vec<RouteTableId> {
        let mut tables = Vec::new();
        for subnet in self.subnets.iter().filter_map(|id| self.snapshot.network.subnets.get(id)) {
            if let Some((table, _)) = route_table_of(self.snapshot, subnet)
                && !tables.contains(&table.id)
            {
                tables.push(table.id.clone());
            }
        }
        tables
    }

    /// Tables with how many other subnets they serve.
    pub fn tables_in_words(&self, tables: &[RouteTableId]) -> String {
        let others = self.snapshot.network.subnets.iter().filter(|subnet| !self.subnets.contains(&subnet.id));
        let others = others
            .filter(|subnet| {
                route_table_of(self.snapshot, subnet).is_some_and(|(table, _)| tables.contains(&table.id))
            })
            .count();
        let list = tables.iter().map(RouteTableId::as_str).collect::<Vec<_>>().join(", ");
        match others {
            0 => list,
            n => format!("{list} (also {n} subnets that this service does not use)"),
        }
    }

    /// Subnets shared by another account cannot get endpoints, NAT gateways or routes from this one.
    pub fn not_shared(&self) -> Precondition {
        let Some(account) = &self.snapshot.account else {
            return Precondition { text: "whose the subnets are was not read".to_owned(), met: Met::Unknown };
        };
        let foreign =
            self.subnets.iter().filter_map(|id| self.snapshot.network.subnets.get(id)).find_map(|subnet| {
                let owner = subnet.owner.as_ref().filter(|owner| *owner != account)?;
                Some((subnet, owner))
            });
        match foreign {
            None => Precondition { text: "the subnets belong to this account".to_owned(), met: Met::Yes },
            Some((subnet, owner)) => Precondition {
                text: format!(
                    "{} is shared by account {owner}: only that account can change its network",
                    subnet.id
                ),
                met: Met::No,
            },
        }
    }

    /// A fact that was not found: absent for certain, or not read.
    pub fn unread(&self, call: Call, absent: String) -> Precondition {
        match self.snapshot.gap(call) {
            Some(gap) => Precondition { text: format!("not known: {gap}"), met: Met::Unknown },
            None => Precondition { text: absent, met: Met::No },
        }
    }

    /// A fact that holds unless the call's answer is incomplete.
    pub fn unread_or(&self, call: Call, holds: String) -> Precondition {
        match self.snapshot.gap(call) {
            Some(gap) => Precondition { text: format!("not known: {gap}"), met: Met::Unknown },
            None => Precondition { text: holds, met: Met::Yes },
        }
    }
}

fn is_stopped(finding: &Finding) -> bool {
    finding.need.caller == Caller::Application
        && matches!(finding.verdict(), FindingVerdict::Blocked | FindingVerdict::Intermittent)
}

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
        RemedyId::MoveConnector => move_connector::candidate(site),
        RemedyId::DefaultEgress => default_egress::candidate(site),
    }
}

/// Every proposal that fits, best first; those that cannot work here come last, with the reason.
#[must_use]
pub fn propose(
    snapshot: &Snapshot,
    workload: &Workload,
    diagnosis: &Diagnosis,
    prices: &PriceBook,
) -> Vec<Proposal> {
    let site = Site::new(snapshot, workload, diagnosis);
    let single = RemedyId::ALL.iter().filter(|id| candidate(&site, **id).is_some()).copied();
    let single: Vec<RemedyId> = single.collect();
    let prove = |set: &[RemedyId]| compose(snapshot, workload, diagnosis, prices, set);
    let mut proposals: Vec<Proposal> = single.iter().filter_map(|id| prove(&[*id])).collect();
    let composed = sets::composed(&proposals, prove);
    proposals.extend(composed);
    proposals.sort_by_key(rank);
    recommend(&mut proposals, diagnosis);
    proposals
}

/// One proposal of several remedies, proved together. `None` when one of them does not fit here at all.
#[must_use]
pub fn compose(
    snapshot: &Snapshot,
    workload: &Workload,
    diagnosis: &Diagnosis,
    prices: &PriceBook,
    remedies: &[RemedyId],
) -> Option<Proposal> {
    let site = Site::new(snapshot, workload, diagnosis);
    let mut remedies = remedies.to_vec();
    remedies.sort_unstable();
    remedies.dedup();
    let candidates: Option<Vec<Candidate>> = remedies.iter().map(|id| candidate(&site, *id)).collect();
    let candidates = candidates.filter(|candidates| !candidates.is_empty())?;
    let list = |part: fn(&Candidate) -> &str| {
        let mut words: Vec<&str> = candidates.iter().map(part).collect();
        words.dedup();
        words.join("; ")
    };
    let (takes_effect, reversal) = (list(|c| &c.takes_effect), list(|c| &c.reversal));
    let title = candidates.iter().map(|c| c.title.as_str()).collect::<Vec<_>>().join(" + ");
    let mut preconditions: Vec<Precondition> = Vec::new();
    for precondition in candidates.iter().flat_map(|candidate| &candidate.preconditions) {
        if !preconditions.contains(precondition) {
            preconditions.push(precondition.clone());
        }
    }
    let changes: Vec<Change> = candidates.iter().flat_map(|candidate| candidate.changes.clone()).collect();
    let possible = preconditions.iter().all(|precondition| precondition.met != Met::No);
    let after = proof(snapshot, workload, diagnosis, if possible { &changes } else { &[] });
    let (cures, leaves, mut breaks) = compare(diagnosis, &after);
    breaks.extend(broken_neighbours(snapshot, workload, &changes));
    Some(Proposal {
        estimate: prices.estimate(&snapshot.region, &changes),
        side_effects: candidates.iter().flat_map(|candidate| candidate.side_effects.clone()).collect(),
        remedies,
        title,
        changes,
        cures,
        leaves,
        breaks,
        preconditions,
        takes_effect,
        reversal,
        recommended: None,
        after,
    })
}

/// The diagnosis of the changed snapshot.
fn proof(snapshot: &Snapshot, workload: &Workload, before: &Diagnosis, changes: &[Change]) -> Diagnosis {
    let later = simulate(snapshot, changes);
    let needs: Vec<Need> = before.findings.iter().map(|finding| finding.need.clone()).collect();
    diagnose(&later, later.workloads.get(&workload.id).unwrap_or(workload), &needs)
}

/// Hosts cured, left and broken, by comparing the verdicts.
fn compare(before: &Diagnosis, after: &Diagnosis) -> (Vec<String>, Vec<String>, Vec<String>) {
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
    (cures, leaves, breaks)
}

/// Other workloads with a connector whose subnets the changes would leave worse off than they are.
fn broken_neighbours(snapshot: &Snapshot, workload: &Workload, changes: &[Change]) -> Vec<String> {
    let later = simulate(snapshot, changes);
    let mut broken = Vec::new();
    for other in snapshot.workloads.iter().filter(|other| other.id != workload.id) {
        let needs = crate::evidence::needs(snapshot, other, &Inquiry::default());
        let before = diagnose(snapshot, other, &needs);
        let after = later.workloads.get(&other.id).map(|other| diagnose(&later, other, &needs));
        let Some(after) = after else { continue };
        let (_, _, breaks) = compare(&before, &after);
        broken.extend(breaks.into_iter().map(|text| format!("{}: {text}", other.name)));
    }
    broken
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
            && proposal.estimate.per_gb == Some(Decimal::ZERO);
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
