//! Where a remedy is to work: the workload, its subnets, what fails, and the facts that every remedy asks for.

use super::{Change, Met, Precondition};
use crate::diagnose::{Diagnosis, Finding, FindingVerdict};
use crate::evidence::Caller;
use crate::model::{
    Call, Destination, RouteTableId, SecurityGroupId, Snapshot, Subnet, SubnetId, Vpc, Workload,
};
use crate::reach::{Code, Egresses, Engine, Hop, Layer, Source, Trace, egresses, route_table_of};

/// A remedy that fits here, before it is proved.
#[derive(Clone)]
pub(super) struct Candidate {
    pub title: String,
    pub changes: Vec<Change>,
    pub preconditions: Vec<Precondition>,
    pub side_effects: Vec<String>,
    pub takes_effect: String,
    pub reversal: String,
}

/// A workload on a network, with what fails.
pub(super) struct Site<'a> {
    pub snapshot: &'a Snapshot,
    pub workload: &'a Workload,
    pub subnets: &'a [SubnetId],
    diagnosis: &'a Diagnosis,
}

impl<'a> Site<'a> {
    pub fn new(snapshot: &'a Snapshot, workload: &'a Workload, diagnosis: &'a Diagnosis) -> Self {
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
        let tracers: Vec<_> = wanted
            .iter()
            .map(|one| engine.tracer_with_addresses(&one.need.destination, &one.need.addresses))
            .collect();
        let reached = |id: &SubnetId| {
            let source = Source { subnet: id.clone(), ..like.clone() };
            tracers.iter().filter(|tracer| tracer.trace(&source).is_reachable()).count()
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

pub(super) fn is_stopped(finding: &Finding) -> bool {
    finding.need.caller == Caller::Application
        && matches!(finding.verdict(), FindingVerdict::Blocked | FindingVerdict::Intermittent)
}

impl Candidate {
    /// Whether nothing is known that stands against it.
    pub fn is_possible(&self) -> bool {
        self.preconditions.iter().all(|precondition| precondition.met != Met::No)
    }
}
