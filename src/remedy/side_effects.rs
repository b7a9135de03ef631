//! The side effects of changes on other network interfaces, other App Runner services, and private
//! resources that the workload reaches now.
//!
//! Each effect is a difference between the traces before and after the changes. A network interface is
//! traced to the destinations of the diagnosed workload, to the services that a change affects, and to the
//! internet.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::Change;
use super::compare::compare;
use super::private_targets::{PrivateTarget, private_targets};
use super::reachability_change::ReachabilityChange;
use crate::diagnose::{Diagnosis, diagnose};
use crate::evidence::{Caller, Need, Query, destination, needs};
use crate::model::{
    Call, Destination, DestinationKind, InterfaceKind, NetworkInterface, SecurityGroupId, Snapshot, SubnetId,
    VpcId, Workload,
};
use crate::reach::{Egresses, Engine, Source, Trace, egresses};

/// The maximum number of network interfaces in a sentence; the rest is counted.
const MAX_NAMED: usize = 3;

/// Kinds of network interface that open no connections themselves.
const NO_CLIENTS: &[InterfaceKind] = &[
    InterfaceKind::ApiGateway,
    InterfaceKind::InstanceConnectEndpoint,
    InterfaceKind::GatewayLoadBalancer,
    InterfaceKind::GatewayLoadBalancerEndpoint,
    InterfaceKind::GlobalAccelerator,
    InterfaceKind::LoadBalancer,
    InterfaceKind::NatGateway,
    InterfaceKind::NetworkLoadBalancer,
    InterfaceKind::TransitGateway,
    InterfaceKind::VpcEndpoint,
];

/// The effects of one proposal, as sentences.
#[derive(Default)]
pub(super) struct Effects {
    pub breaks: Vec<String>,
    pub side_effects: Vec<String>,
}

/// The other workloads of the VPC, with their traces before the changes.
pub(super) struct SideEffects<'a> {
    snapshot: &'a Snapshot,
    workload: &'a Workload,
    destinations: Vec<&'a Destination>,
    engine: Engine<'a>,
    clients: Vec<Client<'a>>,
    /// The traces of all clients to a destination before the changes, in the order of `clients`.
    before: RefCell<HashMap<Destination, Rc<Vec<Trace>>>>,
    services: OnceCell<Vec<(&'a Workload, Vec<Need>, Diagnosis)>>,
}

/// Network interfaces with the same subnet, security groups and kind of address: one trace is valid for all
/// of them.
struct Client<'a> {
    source: Source,
    interfaces: Vec<&'a NetworkInterface>,
}

impl Client<'_> {
    /// `eni-0a1 (RDSNetworkInterface) and 2 more in subnet-1`
    fn describe(&self) -> String {
        let first =
            self.interfaces.first().map_or_else(String::new, |interface| describe_interface(interface));
        match self.interfaces.len() {
            0 | 1 => first,
            n => format!("{first} and {} more in {}", n - 1, self.source.subnet),
        }
    }
}

fn describe_interface(interface: &NetworkInterface) -> String {
    match interface.description.trim() {
        "" => interface.id.to_string(),
        description => format!("{} ({description})", interface.id),
    }
}

fn describe_clients(clients: &[&Client<'_>]) -> String {
    let named: Vec<String> = clients.iter().take(MAX_NAMED).map(|client| client.describe()).collect();
    let rest: usize = clients.iter().skip(MAX_NAMED).map(|client| client.interfaces.len()).sum();
    match rest {
        0 => named.join(", "),
        n => format!("{} and {n} more", named.join(", ")),
    }
}

impl<'a> SideEffects<'a> {
    pub fn new(snapshot: &'a Snapshot, workload: &'a Workload, diagnosis: &'a Diagnosis) -> Self {
        let network = &snapshot.network;
        let vpc: Option<&VpcId> =
            diagnosis.subnets.iter().find_map(|id| network.subnets.get(id)).map(|subnet| &subnet.vpc);
        // Connectors are part of their services, which are diagnosed as a whole.
        let connectors: BTreeSet<(&SubnetId, Vec<&SecurityGroupId>)> = network
            .connectors
            .iter()
            .flat_map(|connector| {
                connector.subnets.iter().map(|subnet| (subnet, sorted(&connector.security_groups)))
            })
            .collect();
        let is_client = |interface: &&NetworkInterface| {
            Some(&interface.vpc) == vpc
                && !interface.is_unattached()
                && !interface.security_groups.is_empty()
                && !NO_CLIENTS.contains(&interface.kind)
                && !connectors.contains(&(&interface.subnet, sorted(&interface.security_groups)))
        };
        let mut clients: BTreeMap<(&SubnetId, Vec<&SecurityGroupId>, bool), Client<'a>> = BTreeMap::new();
        for interface in network.network_interfaces.iter().filter(is_client) {
            let key = (&interface.subnet, sorted(&interface.security_groups), interface.public_address);
            let new = || Client { source: Source::of(interface), interfaces: Vec::new() };
            clients.entry(key).or_insert_with(new).interfaces.push(interface);
        }
        let findings = diagnosis.findings.iter().filter(|finding| finding.need.caller == Caller::Application);
        Self {
            snapshot,
            workload,
            destinations: findings.map(|finding| &finding.need.destination).collect(),
            engine: Engine::new(snapshot),
            clients: clients.into_values().collect(),
            before: RefCell::default(),
            services: OnceCell::new(),
        }
    }

    fn traces_before(&self, destination: &Destination) -> Rc<Vec<Trace>> {
        if let Some(traces) = self.before.borrow().get(destination) {
            return Rc::clone(traces);
        }
        let to_destination = self.engine.tracer(destination);
        let traces = Rc::new(
            self.clients.iter().map(|client| to_destination.trace(&client.source)).collect::<Vec<_>>(),
        );
        self.before.borrow_mut().insert(destination.clone(), Rc::clone(&traces));
        traces
    }

    /// The other services with their needs and their diagnosis before the changes. Computed at the first use.
    fn services(&self) -> &[(&'a Workload, Vec<Need>, Diagnosis)] {
        self.services.get_or_init(|| {
            let others = self.snapshot.workloads.iter().filter(|other| other.id != self.workload.id);
            let diagnosed = others.map(|other| {
                let needs = needs(self.snapshot, other, &Query::default());
                let before = diagnose(self.snapshot, other, &needs);
                (other, needs, before)
            });
            diagnosed.collect()
        })
    }

    /// The effects of changes, with the changed snapshot.
    pub fn of(&self, after: &Snapshot, changes: &[Change]) -> Effects {
        let mut effects = Effects::default();
        let engine = Engine::new(after);
        if let Some(gap) = self.snapshot.gap(Call::DescribeNetworkInterfaces) {
            effects.side_effects.push(format!(
                "The effects on other workloads are unknown: the network interfaces of the VPC were not read ({gap})."
            ));
        }
        if changes.iter().any(|change| !change.is_of_the_service()) {
            self.add_effects_on_interfaces(&engine, changes, &mut effects);
            self.add_effects_on_services(after, &mut effects);
        }
        if changes.iter().any(Change::is_of_the_service) {
            self.add_effects_on_private_targets(after, &engine, &mut effects);
        }
        effects
    }

    /// Subnets in which other workloads have a network interface.
    pub fn subnets(&self) -> BTreeSet<&SubnetId> {
        self.clients.iter().map(|client| &client.source.subnet).collect()
    }

    /// Whether another service's connector is, or may be, in a subnet.
    pub fn is_used_by_another(&self, subnet: &SubnetId) -> bool {
        self.snapshot.workloads.iter().filter(|other| other.id != self.workload.id).any(
            |other| match egresses(self.snapshot, other) {
                Egresses::Vpc(sources) => sources.iter().any(|source| source.subnet == *subnet),
                Egresses::Public(_) => false,
                Egresses::Unknown(_) => true,
            },
        )
    }

    fn add_effects_on_interfaces(&self, engine: &Engine<'_>, changes: &[Change], effects: &mut Effects) {
        let internet = destination("example.com").ok();
        let affected = affected_destinations(self.snapshot, changes);
        let mut probes: Vec<&Destination> = Vec::new();
        for probe in self.destinations.iter().copied().chain(&affected).chain(&internet) {
            let is_third_party = matches!(probe.kind, DestinationKind::ThirdParty { .. });
            let is_same = |other: &&Destination| {
                *other == probe || is_third_party && matches!(other.kind, DestinationKind::ThirdParty { .. })
            };
            if !probes.iter().any(is_same) {
                probes.push(probe);
            }
        }
        for probe in probes {
            let (before, after) = (self.traces_before(probe), engine.tracer(probe));
            let mut clients_by_change: BTreeMap<ReachabilityChange, Vec<&Client<'_>>> = BTreeMap::new();
            for (client, old) in self.clients.iter().zip(before.iter()) {
                if let Some(change) = ReachabilityChange::between(old, &after.trace(&client.source)) {
                    clients_by_change.entry(change).or_default().push(client);
                }
            }
            let what = match probe.kind {
                DestinationKind::ThirdParty { .. } => "the internet".to_owned(),
                _ => probe.to_string(),
            };
            for (change, clients) in clients_by_change {
                let who = describe_clients(&clients);
                match change {
                    ReachabilityChange::Lost(rule) => {
                        effects.breaks.push(format!("{who}: {what} becomes blocked: {rule}"));
                    }
                    ReachabilityChange::Unknown(rule) => {
                        effects.breaks.push(format!("{who}: {what} becomes unknown: {rule}"));
                    }
                    ReachabilityChange::Gained => {
                        effects.side_effects.push(format!("{what} becomes reachable for {who}."));
                    }
                    ReachabilityChange::OtherPath(path) => effects.side_effects.push(format!(
                        "Traffic from {who} to {what} then goes through {path}; open connections drop once."
                    )),
                }
            }
        }
    }

    /// Adds the destinations of other services that become less reachable.
    fn add_effects_on_services(&self, changed: &Snapshot, effects: &mut Effects) {
        for (other, needs, before) in self.services() {
            let Some(after) = changed.workloads.get(&other.id).map(|other| diagnose(changed, other, needs))
            else {
                continue;
            };
            let breaks = compare(before, &after).breaks;
            effects.breaks.extend(breaks.into_iter().map(|text| format!("{}: {text}", other.name)));
        }
    }

    /// Adds databases and other private resources that the workload reaches now and does not reach after
    /// the changes.
    fn add_effects_on_private_targets(&self, changed: &Snapshot, engine: &Engine<'_>, effects: &mut Effects) {
        let Egresses::Vpc(sources) = egresses(self.snapshot, self.workload) else { return };
        let after = egresses(changed, changed.workloads.get(&self.workload.id).unwrap_or(self.workload));
        for PrivateTarget { interface, destination } in private_targets(self.snapshot, &sources) {
            // A port that the rules allow only stands for a resource without a known port.
            let is_asked = |asked: &&Destination| asked.kind == destination.kind;
            if self.destinations.iter().any(is_asked) {
                continue;
            }
            let tracer = self.engine.tracer(&destination);
            if !sources.iter().all(|source| tracer.trace(source).is_reachable()) {
                continue;
            }
            let stays_reachable = match &after {
                Egresses::Vpc(sources) => {
                    let tracer = engine.tracer(&destination);
                    sources.iter().all(|source| tracer.trace(source).is_reachable())
                }
                Egresses::Public(_) | Egresses::Unknown(_) => false,
            };
            if !stays_reachable {
                effects.breaks.push(format!(
                    "{} on port {} allows this service now and becomes unreachable",
                    describe_interface(interface),
                    destination.port
                ));
            }
        }
    }
}

fn sorted(groups: &[SecurityGroupId]) -> Vec<&SecurityGroupId> {
    let mut groups: Vec<&SecurityGroupId> = groups.iter().collect();
    groups.sort_unstable();
    groups
}

/// The destinations whose traffic takes another path after the changes. One name is traced for each wildcard.
fn affected_destinations(snapshot: &Snapshot, changes: &[Change]) -> Vec<Destination> {
    let hosts = changes.iter().flat_map(|change| change.affected_hosts(snapshot));
    hosts.filter_map(|host| destination(&host.replace('*', "any")).ok()).collect()
}
