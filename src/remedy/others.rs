//! What changes do to those whom nobody asked about: everything else with a network interface, other App Runner services, and
//! what the workload itself reaches though nobody named it.
//!
//! All of it is traced before and after; no effect is taken from a list. An interface speaks to what the diagnosed workload
//! speaks to, to the services that a change touches, and to the internet.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::Change;
use super::compare::compare;
use crate::diagnose::{Diagnosis, diagnose};
use crate::evidence::{Caller, Need, Query, destination, needs};
use crate::model::{
    Call, Destination, DestinationKind, InterfaceKind, NetworkInterface, Peer, PortRange, Protocol,
    SecurityGroupId, Snapshot, SubnetId, VpcId, Workload,
};
use crate::reach::{Egresses, Engine, Source, Trace, Verdict, ViaKind, egresses};

/// How many interfaces are named before the rest is counted.
const NAMED: usize = 3;

/// Kinds of interface that start no connection of their own.
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

/// Kinds of interface that answer nobody by themselves, or are told of elsewhere.
const NO_TARGETS: &[InterfaceKind] = &[
    InterfaceKind::InstanceConnectEndpoint,
    InterfaceKind::GatewayLoadBalancerEndpoint,
    InterfaceKind::NatGateway,
    InterfaceKind::TransitGateway,
    InterfaceKind::VpcEndpoint,
];

/// Ports that databases, caches and brokers listen on: whoever admits the workload there is likely meant for it.
const PRIVATE_PORTS: &[u16] =
    &[1433, 1521, 2049, 3306, 5432, 5439, 6379, 6380, 8182, 9092, 9094, 9096, 9098, 11211, 27017];

/// What happens to others.
#[derive(Default)]
pub(super) struct Effect {
    pub breaks: Vec<String>,
    pub side_effects: Vec<String>,
}

/// Everybody else, before the changes.
pub(super) struct Others<'a> {
    snapshot: &'a Snapshot,
    workload: &'a Workload,
    wanted: Vec<&'a Destination>,
    engine: Engine<'a>,
    clients: Vec<Client<'a>>,
    /// What each client's traces to a destination say before the changes.
    before: RefCell<HashMap<Destination, Rc<Vec<Trace>>>>,
    services: OnceCell<Vec<(&'a Workload, Vec<Need>, Diagnosis)>>,
}

/// Interfaces in one subnet with the same groups: whatever holds for one holds for all.
struct Client<'a> {
    source: Source,
    interfaces: Vec<&'a NetworkInterface>,
}

impl Client<'_> {
    /// `eni-0a1 (RDSNetworkInterface) and 2 more in subnet-1`
    fn in_words(&self) -> String {
        let first = self.interfaces.first().map_or_else(String::new, |first| named(first));
        match self.interfaces.len() {
            0 | 1 => first,
            n => format!("{first} and {} more in {}", n - 1, self.source.subnet),
        }
    }
}

fn named(interface: &NetworkInterface) -> String {
    match interface.description.trim() {
        "" => interface.id.to_string(),
        description => format!("{} ({description})", interface.id),
    }
}

impl<'a> Others<'a> {
    pub fn new(snapshot: &'a Snapshot, workload: &'a Workload, diagnosis: &'a Diagnosis) -> Self {
        let network = &snapshot.network;
        let vpc: Option<&VpcId> =
            diagnosis.subnets.iter().find_map(|id| network.subnets.get(id)).map(|subnet| &subnet.vpc);
        // Interfaces of connectors are their services', which are judged by what they need.
        let connectors: BTreeSet<(&SubnetId, Vec<&SecurityGroupId>)> = network
            .connectors
            .iter()
            .flat_map(|one| one.subnets.iter().map(|subnet| (subnet, sorted(&one.security_groups))))
            .collect();
        let mut clients: BTreeMap<(&SubnetId, Vec<&SecurityGroupId>, bool), Client<'a>> = BTreeMap::new();
        let speaks = |one: &&NetworkInterface| {
            Some(&one.vpc) == vpc
                && !one.unattached
                && !one.security_groups.is_empty()
                && !NO_CLIENTS.contains(&one.kind)
                && !connectors.contains(&(&one.subnet, sorted(&one.security_groups)))
        };
        for interface in network.network_interfaces.iter().filter(speaks) {
            let key = (&interface.subnet, sorted(&interface.security_groups), interface.public_address);
            let new = || Client { source: Source::of(interface), interfaces: Vec::new() };
            clients.entry(key).or_insert_with(new).interfaces.push(interface);
        }
        let wanted = diagnosis.findings.iter().filter(|one| one.need.caller == Caller::Application);
        Self {
            snapshot,
            workload,
            wanted: wanted.map(|finding| &finding.need.destination).collect(),
            engine: Engine::new(snapshot),
            clients: clients.into_values().collect(),
            before: RefCell::default(),
            services: OnceCell::new(),
        }
    }

    fn traces_before(&self, probe: &Destination) -> Rc<Vec<Trace>> {
        if let Some(known) = self.before.borrow().get(probe) {
            return Rc::clone(known);
        }
        let tracer = self.engine.tracer(probe);
        let traces =
            Rc::new(self.clients.iter().map(|client| tracer.trace(&client.source)).collect::<Vec<_>>());
        self.before.borrow_mut().insert(probe.clone(), Rc::clone(&traces));
        traces
    }

    /// The other services, with what they need and how that stands before the changes; found when first asked for.
    fn services(&self) -> &[(&'a Workload, Vec<Need>, Diagnosis)] {
        self.services.get_or_init(|| {
            let others = self.snapshot.workloads.iter().filter(|other| other.id != self.workload.id);
            let told = others.map(|other| {
                let needs = needs(self.snapshot, other, &Query::default());
                let before = diagnose(self.snapshot, other, &needs);
                (other, needs, before)
            });
            told.collect()
        })
    }

    /// What becomes of them on the changed network.
    pub fn effect(&self, later: &Snapshot, changes: &[Change]) -> Effect {
        let mut effect = Effect::default();
        let engine = Engine::new(later);
        if let Some(gap) = self.snapshot.gap(Call::DescribeNetworkInterfaces) {
            effect.side_effects.push(format!(
                "Who else is in the VPC was not read, so that what becomes of them is not known ({gap})."
            ));
        }
        if changes.iter().any(|change| !is_of_the_workload(change)) {
            self.on_interfaces(&engine, changes, &mut effect);
            self.on_services(later, &mut effect);
        }
        if changes.iter().any(is_of_the_workload) {
            self.on_private_targets(later, &engine, &mut effect);
        }
        effect
    }

    /// Subnets in which anybody else has an interface.
    pub fn subnets(&self) -> BTreeSet<&SubnetId> {
        self.clients.iter().map(|client| &client.source.subnet).collect()
    }

    /// Whether another service's connector is in a subnet.
    pub fn is_used_by_another(&self, subnet: &SubnetId) -> bool {
        self.snapshot.workloads.iter().filter(|other| other.id != self.workload.id).any(
            |other| match egresses(self.snapshot, other) {
                Egresses::Vpc(sources) => sources.iter().any(|source| source.subnet == *subnet),
                Egresses::Public(_) => false,
                Egresses::Unknown(_) => true,
            },
        )
    }

    fn on_interfaces(&self, engine: &Engine<'_>, changes: &[Change], effect: &mut Effect) {
        let internet = destination("example.com").ok();
        let touched = touched(self.snapshot, changes);
        let mut probes: Vec<&Destination> = Vec::new();
        for probe in self.wanted.iter().copied().chain(&touched).chain(&internet) {
            let is_third_party = matches!(probe.kind, DestinationKind::ThirdParty { .. });
            let known = |other: &&Destination| {
                *other == probe || is_third_party && matches!(other.kind, DestinationKind::ThirdParty { .. })
            };
            if !probes.iter().any(known) {
                probes.push(probe);
            }
        }
        for probe in probes {
            let (before, after) = (self.traces_before(probe), engine.tracer(probe));
            let what = match probe.kind {
                DestinationKind::ThirdParty { .. } => "the internet".to_owned(),
                _ => probe.to_string(),
            };
            let mut turns: BTreeMap<Turn, Vec<&Client<'_>>> = BTreeMap::new();
            for (client, old) in self.clients.iter().zip(before.iter()) {
                if let Some(turn) = turn(old, &after.trace(&client.source)) {
                    turns.entry(turn).or_default().push(client);
                }
            }
            for (turn, clients) in turns {
                let who = list(&clients);
                match turn {
                    Turn::Lost(rule) => effect.breaks.push(format!("{who}: {what} would be blocked: {rule}")),
                    Turn::Doubted(rule) => {
                        effect
                            .breaks
                            .push(format!("{who}: it is not known that {what} stays reachable: {rule}"));
                    }
                    Turn::Gained => effect.side_effects.push(format!("{what} becomes reachable for {who}.")),
                    Turn::Moved(now) => effect.side_effects.push(format!(
                        "{who} would reach {what} by {now}: connections open at that moment drop once."
                    )),
                }
            }
        }
    }

    /// Other workloads with a connector whose subnets the changes would leave worse off than they are.
    fn on_services(&self, later: &Snapshot, effect: &mut Effect) {
        for (other, needs, before) in self.services() {
            let Some(after) = later.workloads.get(&other.id).map(|other| diagnose(later, other, needs))
            else {
                continue;
            };
            let breaks = compare(before, &after).breaks;
            effect.breaks.extend(breaks.into_iter().map(|text| format!("{}: {text}", other.name)));
        }
    }

    /// Databases and the like that admit the workload now, and that it would not reach any more.
    fn on_private_targets(&self, later: &Snapshot, engine: &Engine<'_>, effect: &mut Effect) {
        let Egresses::Vpc(before) = egresses(self.snapshot, self.workload) else { return };
        let after = egresses(later, later.workloads.get(&self.workload.id).unwrap_or(self.workload));
        for (interface, target) in self.private_targets(&before) {
            if self.wanted.iter().any(|wanted| wanted.kind == target.kind && wanted.port == target.port) {
                continue;
            }
            let tracer = self.engine.tracer(&target);
            if !before.iter().all(|source| tracer.trace(source).is_reachable()) {
                continue;
            }
            let stays = match &after {
                Egresses::Vpc(sources) => {
                    let tracer = engine.tracer(&target);
                    sources.iter().all(|source| tracer.trace(source).is_reachable())
                }
                Egresses::Public(_) | Egresses::Unknown(_) => false,
            };
            if !stays {
                effect.breaks.push(format!(
                    "{} on port {} admits this service now and would be cut off",
                    named(interface),
                    target.port
                ));
            }
        }
    }

    /// Interfaces of the VPC that admit the workload and are likely meant for it: by a rule that names its group, or a port that
    /// databases have. With the port where a rule names one.
    fn private_targets(&self, sources: &[Source]) -> Vec<(&'a NetworkInterface, Destination)> {
        let own: Vec<&SecurityGroupId> = sources.iter().flat_map(|source| &source.security_groups).collect();
        let network = &self.snapshot.network;
        let vpcs: BTreeSet<&VpcId> = sources
            .iter()
            .filter_map(|source| network.subnets.get(&source.subnet))
            .map(|subnet| &subnet.vpc)
            .collect();
        let of_connector = |one: &NetworkInterface| {
            !is_database(one)
                && sources.iter().any(|source| {
                    source.subnet == one.subnet
                        && sorted(&source.security_groups) == sorted(&one.security_groups)
                })
        };
        let mut targets = Vec::new();
        for interface in network.network_interfaces.iter() {
            let is_one = vpcs.contains(&interface.vpc)
                && !interface.unattached
                && !NO_TARGETS.contains(&interface.kind)
                && !of_connector(interface);
            let address = interface.addresses.iter().find(|address| address.is_ipv4());
            let Some(address) = address.filter(|_| is_one) else { continue };
            let groups = interface.security_groups.iter().filter_map(|id| network.security_groups.get(id));
            let mut ports: BTreeSet<u16> = BTreeSet::new();
            for rule in groups.flat_map(|group| &group.ingress).filter(|rule| rule.protocol.includes_tcp()) {
                let names_it = matches!(&rule.peer, Peer::Group(id) if own.contains(&id));
                let range = if rule.protocol == Protocol::All { PortRange::ALL } else { rule.ports };
                if range.from == range.to {
                    ports.extend([range.from].iter().filter(|port| names_it || PRIVATE_PORTS.contains(port)));
                } else if names_it || is_database(interface) {
                    // Which of them it is does not matter: one stands for all.
                    ports
                        .extend(PRIVATE_PORTS.iter().find(|port| range.from <= **port && **port <= range.to));
                }
            }
            for port in ports {
                let kind = DestinationKind::Address(*address);
                targets.push((interface, Destination { host: address.to_string(), port, kind }));
            }
        }
        targets
    }
}

/// Whether AWS's description names a database, a cache or a file system.
fn is_database(interface: &NetworkInterface) -> bool {
    let text = interface.description.to_ascii_lowercase();
    [
        "rds",
        "elasticache",
        "redshift",
        "efs mount",
        "memorydb",
        "dms",
        "msk",
        "amazon mq",
        "opensearch",
        "neptune",
    ]
    .iter()
    .any(|word| text.contains(word))
}

fn sorted(groups: &[SecurityGroupId]) -> Vec<&SecurityGroupId> {
    let mut groups: Vec<&SecurityGroupId> = groups.iter().collect();
    groups.sort_unstable();
    groups
}

/// A change to the workload, which leaves the network as it is.
fn is_of_the_workload(change: &Change) -> bool {
    matches!(change, Change::UseDefaultEgress { .. } | Change::MoveConnector { .. })
}

/// Names that the changes let take another way.
fn touched(snapshot: &Snapshot, changes: &[Change]) -> Vec<Destination> {
    let mut names: Vec<String> = Vec::new();
    for change in changes {
        match change {
            Change::CreateInterfaceEndpoint { private_names, .. } => {
                // Names with a `*` only where a service has no plain one.
                let plain = private_names.iter().filter(|name| !name.contains('*')).count();
                let told = private_names.iter().filter(|name| plain == 0 || !name.contains('*'));
                names.extend(told.cloned());
            }
            Change::CreateGatewayEndpoint { service, .. } | Change::AssociateRouteTables { service, .. } => {
                names.extend(short_host(service, snapshot));
            }
            // Endpoints that were mute begin to answer.
            Change::EnableVpcDns { vpc, .. } => {
                let endpoints = snapshot.network.endpoints.iter();
                for endpoint in endpoints.filter(|one| one.vpc == *vpc && one.answers_names()) {
                    if let crate::model::EndpointKind::Interface { private_names, .. } = &endpoint.kind {
                        names.extend(private_names.iter().cloned());
                    }
                }
            }
            _ => {}
        }
    }
    // One name stands for all that a `*` means.
    names.iter().filter_map(|name| destination(&name.replace('*', "any")).ok()).collect()
}

/// `s3.us-west-2.amazonaws.com`
fn short_host(service: &str, snapshot: &Snapshot) -> Option<String> {
    let short = super::simulate::short(service);
    matches!(short, "s3" | "dynamodb").then(|| format!("{short}.{}.amazonaws.com", snapshot.region))
}

/// What turns out differently for a client.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// What was reached is not any more; by which rule.
    Lost(String),
    /// What was reached is not known to be any more.
    Doubted(String),
    /// What was stopped is reached.
    Gained,
    /// It is reached by another way.
    Moved(String),
}

fn turn(old: &Trace, new: &Trace) -> Option<Turn> {
    let blocked = || new.blockers().next().map(|(hop, _)| hop.rule.to_string()).unwrap_or_default();
    match (&old.verdict, &new.verdict) {
        (Verdict::Reachable(_), Verdict::Blocked | Verdict::Partial { .. })
        | (Verdict::Unknown, Verdict::Blocked) => Some(Turn::Lost(blocked())),
        (Verdict::Reachable(_), Verdict::Unknown) => Some(Turn::Doubted(
            new.unknowns().next().map(|(hop, _)| hop.rule.to_string()).unwrap_or_default(),
        )),
        (Verdict::Blocked, Verdict::Reachable(_)) => Some(Turn::Gained),
        (Verdict::Reachable(old), Verdict::Reachable(new)) if old != new => match new.kind {
            // Names lead new connections there; open ones stay where they are.
            ViaKind::InterfaceEndpoint => None,
            kind => Some(Turn::Moved(in_words(kind, new.id.as_ref().map(ToString::to_string)))),
        },
        _ => None,
    }
}

fn in_words(kind: ViaKind, id: Option<String>) -> String {
    let way = match kind {
        ViaKind::Local => "the VPC itself",
        ViaKind::GatewayEndpoint => "the gateway endpoint",
        ViaKind::InterfaceEndpoint => "the interface endpoint",
        ViaKind::Nat => "the NAT gateway",
        ViaKind::Internet => "the internet gateway",
        ViaKind::EgressOnly => "the egress-only internet gateway",
        ViaKind::DefaultEgress | ViaKind::AppRunner => "App Runner's own way",
    };
    match id.filter(|id| !id.ends_with("-planned")) {
        Some(id) => format!("{way} {id}"),
        None => way.to_owned(),
    }
}

fn list(clients: &[&Client<'_>]) -> String {
    let named: Vec<String> = clients.iter().take(NAMED).map(|client| client.in_words()).collect();
    let rest: usize = clients.iter().skip(NAMED).map(|client| client.interfaces.len()).sum();
    match rest {
        0 => named.join(", "),
        n => format!("{} and {n} more", named.join(", ")),
    }
}
