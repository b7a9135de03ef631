//! Walks the layers and adds up what they say.

use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use super::appliance;
use super::dns::{self, Resolution};
use super::egress::Source;
use super::endpoint::{self, Caller};
use super::engine::Engine;
use super::internet;
use super::judgement::{Judgement, missing};
use super::memo::Memo;
use super::trace::{Code, Hop, Layer, Outcome, Trace, Verdict, Via, ViaKind};
use super::ways::Ways;
use crate::model::{
    AddressFamily, Addresses, Call, Destination, DestinationKind, EndpointId, PUBLIC, ResourceId,
    RouteTarget, Snapshot, Subnet, Vpc, VpcId,
};

/// One destination, to be traced from any number of sources.
pub struct Aim<'e, 'a> {
    engine: &'e Engine<'a>,
    destination: Arc<Destination>,
    /// Addresses that the name was seen to have.
    seen: &'e [IpAddr],
    views: Memo<(&'a VpcId, bool), View<'a>>,
}

/// The destination as seen from one VPC, with or without IPv6.
struct View<'a> {
    resolution: Resolution,
    ways: Rc<Ways<'a>>,
}

impl<'e, 'a> Aim<'e, 'a> {
    pub(super) fn new(engine: &'e Engine<'a>, destination: &Destination) -> Self {
        Self::seen(engine, destination, &[])
    }

    pub(super) fn seen(engine: &'e Engine<'a>, destination: &Destination, seen: &'e [IpAddr]) -> Self {
        Self { engine, destination: Arc::new(destination.clone()), seen, views: Memo::default() }
    }

    /// Traces a TCP connection from a subnet of the VPC.
    #[must_use]
    pub fn trace(&self, source: &Source) -> Trace {
        let network = &self.engine.snapshot.network;
        let subnet = network.subnets.get(&source.subnet);
        let vpc = subnet.and_then(|subnet| network.vpcs.get(&subnet.vpc));
        let mut walk = Walk { hops: Vec::with_capacity(8), ..Walk::default() };
        walk.hops.push(source.egress.clone());
        let (Some(subnet), Some(vpc)) = (subnet, vpc) else {
            let rule = format!("{} or its VPC was not read", source.subnet);
            let call = if subnet.is_none() { Call::DescribeSubnets } else { Call::DescribeVpcs };
            let call = missing(self.engine.snapshot, call);
            walk.all = Addresses::of(AddressFamily::Ipv4);
            walk.add(Judgement::unknown(Layer::Route, &source.subnet, walk.all.clone(), rule, call));
            return walk.finish(Some(source), Arc::clone(&self.destination));
        };
        if self.asks_the_resolver(vpc) {
            return self.at_the_resolver(walk, source, vpc);
        }
        let dual_stack = source.dual_stack && !subnet.ipv6_cidrs.is_empty();
        let view = self.views.get((&vpc.id, dual_stack), || self.view(vpc, dual_stack));
        walk.all = view.resolution.addresses.clone();
        walk.inexact = !view.resolution.exact;
        walk.extend(view.resolution.judgement.iter().cloned());
        walk.extend(view.ways.outbound(self.engine, &source.security_groups).iter().cloned());
        walk.extend(view.ways.own_border(self.engine, subnet));
        self.routes(&mut walk, &view, source, subnet);
        walk.finish(Some(source), Arc::clone(&self.destination))
    }

    /// Whether the destination is Amazon's resolver, at the second address of the VPC.
    fn asks_the_resolver(&self, vpc: &Vpc) -> bool {
        let second = vpc.cidrs.first().map(|net| u32::from(net.network()).saturating_add(2));
        self.destination.port == 53
            && matches!(self.destination.kind, DestinationKind::Address(IpAddr::V4(address)) if second == Some(address.into()))
    }

    /// Neither groups nor ACLs filter what goes to Amazon's resolver
    /// (<https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>).
    fn at_the_resolver(&self, mut walk: Walk, source: &Source, vpc: &Vpc) -> Trace {
        walk.all = Addresses::of(AddressFamily::Ipv4);
        let all = walk.all.clone();
        walk.arrive(Via { kind: ViaKind::Local, id: None }, &all);
        walk.add(match vpc.dns.support {
            Some(true) => {
                let rule = "Amazon's resolver: neither groups nor network ACLs filter it".to_owned();
                Judgement::pass(Layer::Dns, &vpc.id, all, rule)
            }
            Some(false) => {
                let rule = "enableDnsSupport is off: Amazon's resolver answers nobody in this VPC".to_owned();
                Judgement::block(Layer::Dns, Code::DnsSupportDisabled, &vpc.id, all, rule)
            }
            None => {
                let rule = "whether the VPC resolves names was not read".to_owned();
                Judgement::unknown(Layer::Dns, &vpc.id, all, rule, Some(Call::DescribeVpcAttribute))
            }
        });
        walk.finish(Some(source), Arc::clone(&self.destination))
    }

    fn view(&self, vpc: &'a Vpc, dual_stack: bool) -> View<'a> {
        let resolution = dns::resolve(self.engine.snapshot, vpc, &self.destination, self.seen, dual_stack);
        let ways = self.engine.ways(vpc, &resolution.addresses, self.destination.port);
        View { resolution, ways }
    }

    fn routes(&self, walk: &mut Walk, view: &View<'a>, source: &Source, subnet: &'a Subnet) {
        let Some((table, by_default)) = self.engine.table_of(subnet) else {
            let rule = format!("the route table of {} was not read", subnet.id);
            let call = missing(self.engine.snapshot, Call::DescribeRouteTables);
            walk.add(Judgement::unknown(Layer::Route, &subnet.id, walk.all.clone(), rule, call));
            return;
        };
        for (judgement, target) in view.ways.steps(self.engine, table, by_default).iter() {
            walk.add(judgement.clone());
            if let Some(target) = target {
                self.target(walk, view, source, subnet, target, &judgement.addresses);
            }
        }
    }

    fn target(
        &self,
        walk: &mut Walk,
        view: &View<'a>,
        source: &Source,
        subnet: &Subnet,
        target: &RouteTarget,
        reached: &Addresses,
    ) {
        let (engine, port) = (self.engine, self.destination.port);
        let groups = &source.security_groups;
        match target {
            RouteTarget::Local => {
                let caller = Caller { subnet, security_groups: groups, port };
                let judged = endpoint::local(engine, view.ways.vpc, &caller, reached);
                walk.arrive(via_of(&judged), reached);
                walk.extend(judged);
            }
            RouteTarget::Endpoint(id) => self.gateway(walk, view, id, reached),
            RouteTarget::NatGateway(id) => {
                walk.arrive(Via { kind: ViaKind::Nat, id: Some(id.into()) }, reached);
                let judged = view.ways.nat(engine, id, subnet, reached);
                walk.extend(judged.from(engine, subnet, port, reached));
            }
            RouteTarget::InternetGateway(id) => {
                if source.public_address || !reached.only(AddressFamily::Ipv6).is_empty() {
                    walk.arrive(Via { kind: ViaKind::Internet, id: Some(id.into()) }, reached);
                }
                walk.extend(internet::direct(engine.snapshot, subnet, source.public_address, id, reached));
            }
            RouteTarget::EgressOnlyInternetGateway(id) => {
                walk.arrive(Via { kind: ViaKind::EgressOnly, id: Some(id.into()) }, reached);
                walk.extend(internet::egress_only(engine.snapshot, subnet, id, reached));
            }
            RouteTarget::NetworkInterface(id) => {
                walk.extend(appliance::interface(engine, subnet, groups, port, id, reached));
            }
            RouteTarget::Peering(id) => {
                let is_name = !matches!(self.destination.kind, DestinationKind::Address(_));
                walk.extend(appliance::peering(id, is_name, reached));
            }
            RouteTarget::Other(id) => walk.add(appliance::beyond(id, reached.clone())),
        }
    }

    fn gateway(&self, walk: &mut Walk, view: &View<'a>, id: &EndpointId, reached: &Addresses) {
        walk.arrive(Via { kind: ViaKind::GatewayEndpoint, id: Some(id.into()) }, reached);
        walk.add(endpoint::gateway(self.engine.snapshot, id, reached.clone()));
        walk.extend(endpoint::encryption(view.ways.vpc, self.destination.port, reached));
    }
}

/// By which way packets arrive inside the VPC: an endpoint where one is met.
fn via_of(judged: &[Judgement]) -> Via {
    let is_endpoint =
        |hop: &&Hop| hop.layer == Layer::Endpoint && hop.component.as_str().starts_with("vpce-");
    match judged.iter().map(|judgement| &judgement.hop).find(is_endpoint) {
        Some(hop) => Via { kind: ViaKind::InterfaceEndpoint, id: Some(hop.component.clone()) },
        None => Via { kind: ViaKind::Local, id: None },
    }
}

/// Traces a connection that never enters a VPC: DEFAULT egress, or egress that is not known.
pub(crate) fn trace_outside(
    snapshot: &Snapshot,
    egress: &Hop,
    destination: &Destination,
    seen: &[IpAddr],
) -> Trace {
    let mut walk =
        Walk { all: Addresses::of(AddressFamily::Ipv4), hops: vec![egress.clone()], ..Walk::default() };
    let component = egress.component.as_str();
    match (egress.outcome, is_private(destination, seen)) {
        (Outcome::Pass, Some(true)) => {
            let rule =
                format!("{} has a private address, and DEFAULT egress enters no VPC", destination.host);
            let all = walk.all.clone();
            walk.add(Judgement::block(Layer::Egress, Code::EgressNotInVpc, component, all, rule));
        }
        (Outcome::Pass, None) => {
            let rule = format!(
                "{} is private unless it was made publicly accessible, which was not read; DEFAULT egress enters no VPC",
                destination.host
            );
            let all = walk.all.clone();
            walk.add(Judgement::unknown(Layer::Egress, component, all, rule, None));
        }
        (Outcome::Pass, Some(false)) => {
            let rule = format!("public name, public address in {}", snapshot.region);
            let all = walk.all.clone();
            walk.arrive(Via { kind: ViaKind::DefaultEgress, id: None }, &all);
            walk.add(Judgement::pass(Layer::Target, component, all, rule));
        }
        (Outcome::Block(_) | Outcome::Unknown { .. }, _) => {}
    }
    walk.finish(None, Arc::new(destination.clone()))
}

/// Whether a destination's address is private; `None` when its name says nothing and nobody saw an address.
fn is_private(destination: &Destination, seen: &[IpAddr]) -> Option<bool> {
    match &destination.kind {
        DestinationKind::Address(address) => Some(!PUBLIC.contains(*address)),
        DestinationKind::AwsApi(_) | DestinationKind::AwsPublic(_) | DestinationKind::ThirdParty { .. } => {
            Some(false)
        }
        DestinationKind::AwsVpc(_) if !seen.is_empty() => {
            Some(seen.iter().all(|address| !PUBLIC.contains(*address)))
        }
        // A name of nobody's (`db.internal`), and a load balancer's inside.
        DestinationKind::AwsVpc(aws)
            if aws.service.is_none() || destination.host.starts_with("internal-") =>
        {
            Some(true)
        }
        DestinationKind::AwsVpc(_) => None,
    }
}

/// What App Runner itself fetches never takes the connector.
#[must_use]
pub fn trace_control_plane(component: ResourceId, destination: &Destination) -> Trace {
    let rule = "App Runner itself calls it, outside the VPC".into();
    let hop = Hop { layer: Layer::Egress, component, outcome: Outcome::Pass, rule };
    let all = Addresses::of(AddressFamily::Ipv4);
    let mut walk = Walk { all: all.clone(), hops: vec![hop], ..Walk::default() };
    walk.arrive(Via { kind: ViaKind::AppRunner, id: None }, &all);
    walk.finish(None, Arc::new(destination.clone()))
}

#[derive(Default)]
struct Walk {
    all: Addresses,
    /// The destination uses an unknown part of `all`.
    inexact: bool,
    stopped: Vec<Addresses>,
    doubtful: Vec<Addresses>,
    hops: Vec<Hop>,
    /// The way that most addresses take, and those.
    via: Option<(Addresses, Via)>,
}

impl Walk {
    fn add(&mut self, judgement: Judgement) {
        match judgement.hop.outcome {
            Outcome::Pass => {}
            Outcome::Block(_) => self.stopped.push(judgement.addresses),
            Outcome::Unknown { .. } => self.doubtful.push(judgement.addresses),
        }
        self.hops.push(judgement.hop);
    }

    fn extend(&mut self, judgements: impl IntoIterator<Item = Judgement>) {
        for judgement in judgements {
            self.add(judgement);
        }
    }

    /// The way that most addresses take stands for all.
    fn arrive(&mut self, via: Via, addresses: &Addresses) {
        if self.via.as_ref().is_none_or(|(most, _)| addresses.size() > most.size()) {
            self.via = Some((addresses.clone(), via));
        }
    }

    fn finish(mut self, source: Option<&Source>, destination: Arc<Destination>) -> Trace {
        match self.hops.first().map(|hop| hop.outcome) {
            Some(Outcome::Block(_)) => self.stopped.push(self.all.clone()),
            Some(Outcome::Unknown { .. }) => self.doubtful.push(self.all.clone()),
            Some(Outcome::Pass) | None => {}
        }
        // Mostly one hop stops all there is.
        let stopped = match self.stopped.iter().find(|part| **part == self.all) {
            Some(all) => all.clone(),
            None => Addresses::union(&self.stopped).and(&self.all),
        };
        let verdict = if stopped == self.all && !self.all.is_empty() {
            Verdict::Blocked
        } else if stopped.is_empty() {
            match (self.doubtful.iter().all(Addresses::is_empty) && !self.all.is_empty(), self.via.take()) {
                (true, Some((_, via))) => Verdict::Reachable(via),
                _ => Verdict::Unknown,
            }
        } else if self.inexact {
            let rule = format!("{} uses an unknown part of {}", destination.host, self.all);
            let component =
                self.hops.last().map_or_else(|| ResourceId::from("?"), |hop| hop.component.clone());
            self.hops.push(Hop {
                layer: Layer::Target,
                component,
                outcome: Outcome::Unknown { missing: None },
                rule: rule.into(),
            });
            Verdict::Unknown
        } else {
            Verdict::Partial { stopped }
        };
        Trace { subnet: source.map(|source| source.subnet.clone()), destination, hops: self.hops, verdict }
    }
}
