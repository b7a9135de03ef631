//! The input of a remedy: a workload on a snapshot with its diagnosis, and the facts that several remedies
//! use.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use ipnet::IpNet;

use super::{Change, Precondition, PreconditionStatus};
use crate::diagnose::{Diagnosis, Finding, FindingVerdict, seen};
use crate::evidence::Caller;
use crate::model::{
    AddressFamily, Addresses, AvailabilityZone, Call, Destination, InternetGatewayId, Route,
    RouteDestination, RouteState, RouteTableId, RouteTarget, SecurityGroupId, Snapshot, Subnet, SubnetId,
    Vpc, Workload,
};
use crate::reach::{Code, Deciding, Egresses, Engine, Hop, Layer, Source, Trace, egresses, route_table_of};

/// A remedy that applies to the diagnosis, before it is simulated.
#[derive(Clone)]
pub(super) struct Candidate {
    pub title: String,
    pub changes: Vec<Change>,
    pub preconditions: Vec<Precondition>,
    pub side_effects: Vec<String>,
    pub takes_effect: String,
    pub rollback: String,
}

impl Candidate {
    /// Whether every requirement is met or unknown.
    pub fn is_possible(&self) -> bool {
        self.preconditions.iter().all(|precondition| precondition.status != PreconditionStatus::NotMet)
    }
}

/// A workload on a snapshot, with its diagnosis.
pub(super) struct RemedyContext<'a> {
    pub snapshot: &'a Snapshot,
    pub workload: &'a Workload,
    pub subnets: &'a [SubnetId],
    diagnosis: &'a Diagnosis,
    engine: OnceCell<Engine<'a>>,
}

impl<'a> RemedyContext<'a> {
    pub fn new(snapshot: &'a Snapshot, workload: &'a Workload, diagnosis: &'a Diagnosis) -> Self {
        Self { snapshot, workload, subnets: &diagnosis.subnets, diagnosis, engine: OnceCell::new() }
    }

    /// The engine for the snapshot.
    pub fn engine(&self) -> &Engine<'a> {
        self.engine.get_or_init(|| Engine::new(self.snapshot))
    }

    /// The first of the workload's subnets.
    pub fn subnet(&self) -> Option<&'a Subnet> {
        self.subnets.iter().find_map(|id| self.snapshot.network.subnets.get(id))
    }

    /// The findings of destinations that are blocked from at least one subnet.
    pub fn blocked_findings(&self) -> impl Iterator<Item = &'a Finding> {
        self.diagnosis.findings.iter().filter(|finding| is_blocked(finding))
    }

    /// Destinations that are blocked from at least one subnet.
    pub fn blocked(&self) -> impl Iterator<Item = &'a Destination> {
        self.blocked_findings().map(|finding| &finding.need.destination)
    }

    /// The hops that block these destinations, each with its finding and its code.
    pub fn blockers(&self) -> impl Iterator<Item = (&'a Finding, &'a Hop, Code)> {
        self.blocked_findings().flat_map(|finding| {
            finding.traces.iter().flat_map(Trace::blockers).map(move |(hop, code)| (finding, hop, code))
        })
    }

    /// Destinations with a blocking hop that matches, each once.
    pub fn blocked_by(&self, matches: impl Fn(Layer, Code) -> bool) -> Vec<&'a Destination> {
        let mut destinations: Vec<&'a Destination> = Vec::new();
        for (finding, hop, code) in self.blockers() {
            if matches(hop.layer, code) && !destinations.contains(&&finding.need.destination) {
                destinations.push(&finding.need.destination);
            }
        }
        destinations
    }

    /// Whether the path to a destination depends on the region of its bucket.
    pub fn depends_on_bucket_region(&self, destination: &Destination) -> bool {
        let own = self.diagnosis.findings.iter().filter(|finding| finding.need.destination == *destination);
        own.flat_map(|finding| &finding.traces)
            .flat_map(Trace::unknowns)
            .any(|(_, deciding)| deciding == Deciding::BucketRegion)
    }

    /// The security groups of the workload's network interfaces.
    pub fn security_groups(&self) -> Vec<SecurityGroupId> {
        match egresses(self.snapshot, self.workload) {
            Egresses::Vpc(sources) => {
                sources.first().map(|source| source.security_groups.clone()).unwrap_or_default()
            }
            Egresses::Public(_) | Egresses::Unknown(_) => Vec::new(),
        }
    }

    /// The subnets of the VPC that reach the most destinations, one for each AZ, the workload's own subnets
    /// first. Empty if no subnet reaches more destinations than all of the workload's subnets reach now.
    pub fn subnets_that_reach_more(&self) -> Vec<SubnetId> {
        let (Some(vpc), Egresses::Vpc(sources)) = (self.vpc(), egresses(self.snapshot, self.workload)) else {
            return Vec::new();
        };
        let Some(own_source) = sources.first() else { return Vec::new() };
        let engine = self.engine();
        let findings: Vec<&Finding> = self
            .diagnosis
            .findings
            .iter()
            .filter(|finding| finding.need.caller == Caller::Application)
            .collect();
        let tracers: Vec<_> = findings
            .iter()
            .map(|finding| engine.tracer_with_addresses(&finding.need.destination, seen(&finding.need)))
            .collect();
        let reachable_from = |id: &SubnetId| {
            let source = Source { subnet: id.clone(), ..own_source.clone() };
            tracers.iter().filter(|tracer| tracer.trace(&source).is_reachable()).count()
        };
        let mut subnets: Vec<(usize, bool, &Subnet)> = self
            .snapshot
            .network
            .subnets
            .iter()
            .filter(|subnet| subnet.vpc == vpc.id && subnet.cidr.is_some())
            .map(|subnet| (reachable_from(&subnet.id), self.subnets.contains(&subnet.id), subnet))
            .collect();
        let most = subnets.iter().map(|(count, ..)| *count).max().unwrap_or_default();
        let reachable_now =
            findings.iter().filter(|finding| finding.verdict() == FindingVerdict::Reachable).count();
        if most <= reachable_now {
            return Vec::new();
        }
        subnets.retain(|(count, ..)| *count == most);
        // Without a default route, or with one to an internet gateway, a connector has no internet access, also to destinations
        // that were not asked about.
        let has_access = |subnet: &Subnet| self.has_private_default_route(&subnet.id);
        if self.subnets.iter().any(|id| self.has_private_default_route(id))
            && subnets.iter().any(|(.., subnet)| has_access(subnet))
        {
            subnets.retain(|(.., subnet)| has_access(subnet));
        }
        subnets.sort_by_key(|(_, own, subnet)| {
            (self.internet_gateway_of(&subnet.id).is_some(), !own, subnet.zone.clone())
        });
        let mut chosen: Vec<&Subnet> = Vec::new();
        for (_, _, subnet) in subnets {
            if !chosen.iter().any(|other| other.zone == subnet.zone) {
                chosen.push(subnet);
            }
        }
        chosen.into_iter().map(|subnet| subnet.id.clone()).collect()
    }

    /// The IPv4 default route of a subnet.
    fn default_route_of(&self, id: &SubnetId) -> Option<&'a Route> {
        let (table, _) = route_table_of(self.snapshot, self.snapshot.network.subnets.get(id)?)?;
        let internet = RouteDestination::Ipv4(ipnet::Ipv4Net::default());
        table.routes.iter().find(|route| route.destination == internet)
    }

    /// The internet gateway that is the target of a subnet's default route.
    pub fn internet_gateway_of(&self, id: &SubnetId) -> Option<&'a InternetGatewayId> {
        match &self.default_route_of(id)?.target {
            RouteTarget::InternetGateway(gateway) => Some(gateway),
            _ => None,
        }
    }

    /// Whether the default route of a subnet can carry packets without a public IP address: to a NAT gateway, a transit gateway, an
    /// appliance.
    pub fn has_private_default_route(&self, id: &SubnetId) -> bool {
        self.default_route_of(id).is_some_and(|route| {
            route.state == RouteState::Active && !matches!(route.target, RouteTarget::InternetGateway(_))
        })
    }

    /// The range of a VPC that contains all of the addresses, the workload's VPC first.
    pub fn range_of_vpc(&self, addresses: &Addresses) -> Option<IpNet> {
        let others = self.snapshot.network.vpcs.iter();
        let ranges = self.vpc().into_iter().chain(others).flat_map(|vpc| {
            let four = vpc.cidrs.iter().copied().map(IpNet::V4);
            four.chain(vpc.ipv6_cidrs.iter().copied().map(IpNet::V6))
        });
        let mut ranges = ranges.filter(|_| !addresses.is_empty());
        ranges.find(|range| Addresses::from_iter([*range]).covers(addresses))
    }

    /// The VPC of the workload's subnets.
    pub fn vpc(&self) -> Option<&'a Vpc> {
        let network = &self.snapshot.network;
        self.subnets.iter().find_map(|id| network.vpcs.get(&network.subnets.get(id)?.vpc))
    }

    /// The families of addresses for which a rule helps. IPv6 counts beside IPv4 only if the VPC contains the addresses, or a
    /// route for IPv6 leaves the VPC: without a path, a rule changes nothing.
    pub fn families_with_path(&self, addresses: &Addresses) -> Vec<AddressFamily> {
        let ipv6 = addresses.only(AddressFamily::Ipv6);
        let has_ipv4 = ipv6.is_empty() || !addresses.only(AddressFamily::Ipv4).is_empty();
        let tables = self.route_tables();
        let tables = tables.iter().filter_map(|id| self.snapshot.network.route_tables.get(id));
        let has_path = || {
            self.vpc().is_some_and(|vpc| vpc.addresses().covers(&ipv6))
                || tables.flat_map(|table| &table.routes).any(|route| {
                    matches!(route.destination, RouteDestination::Ipv6(_))
                        && route.target != RouteTarget::Local
                })
        };
        let has_ipv6 = !ipv6.is_empty() && (!has_ipv4 || has_path());
        let all = [(has_ipv4, AddressFamily::Ipv4), (has_ipv6, AddressFamily::Ipv6)];
        all.into_iter().filter_map(|(has, family)| has.then_some(family)).collect()
    }

    /// The route tables of the workload's subnets, each once.
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

    /// The AZs of the workload's subnets that use a route table.
    pub fn zones_of(&self, table: &RouteTableId) -> BTreeSet<&'a AvailabilityZone> {
        let subnets = self.subnets.iter().filter_map(|id| self.snapshot.network.subnets.get(id));
        let uses =
            |subnet: &&Subnet| route_table_of(self.snapshot, subnet).is_some_and(|(own, _)| own.id == *table);
        subnets.filter(uses).map(|subnet| &subnet.zone).collect()
    }

    /// `rtb-1, rtb-2 (also used by 3 other subnets)`
    pub fn describe_route_tables(&self, tables: &[RouteTableId]) -> String {
        let others = self.snapshot.network.subnets.iter().filter(|subnet| !self.subnets.contains(&subnet.id));
        let others = others
            .filter(|subnet| {
                route_table_of(self.snapshot, subnet).is_some_and(|(table, _)| tables.contains(&table.id))
            })
            .count();
        let list = tables.iter().map(RouteTableId::as_str).collect::<Vec<_>>().join(", ");
        match others {
            0 => list,
            1 => format!("{list} (also used by 1 other subnet)"),
            n => format!("{list} (also used by {n} other subnets)"),
        }
    }

    /// The requirement that this account owns the workload's subnets. In a subnet that another account
    /// shares, this account cannot create endpoints, NAT gateways or routes.
    pub fn owns_subnets(&self) -> Precondition {
        let Some(account) = &self.snapshot.account else {
            return Precondition::unknown("the owner of the subnets was not read");
        };
        let foreign =
            self.subnets.iter().filter_map(|id| self.snapshot.network.subnets.get(id)).find_map(|subnet| {
                let owner = subnet.owner.as_ref().filter(|owner| *owner != account)?;
                Some((subnet, owner))
            });
        match foreign {
            None => Precondition::met("this account owns the subnets"),
            Some((subnet, owner)) => Precondition::not_met(format!(
                "account {owner} owns {} and shares it: only that account can change its network",
                subnet.id
            )),
        }
    }

    /// A requirement whose fact was not found: not met, or unknown if the AWS call has a gap.
    pub fn not_met_unless_gap(&self, call: Call, fact: String) -> Precondition {
        match self.snapshot.gap(call) {
            Some(gap) => Precondition::unknown(format!("unknown: {gap}")),
            None => Precondition::not_met(fact),
        }
    }

    /// A requirement whose fact was found: met, or unknown if the AWS call has a gap.
    pub fn met_unless_gap(&self, call: Call, fact: String) -> Precondition {
        match self.snapshot.gap(call) {
            Some(gap) => Precondition::unknown(format!("unknown: {gap}")),
            None => Precondition::met(fact),
        }
    }
}

/// Whether the workload itself connects to the destination and at least one subnet does not reach it.
pub(super) fn is_blocked(finding: &Finding) -> bool {
    finding.need.caller == Caller::Application
        && matches!(finding.verdict(), FindingVerdict::Blocked | FindingVerdict::Intermittent)
}
