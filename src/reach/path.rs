//! Walks the layers and adds up what they say.

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;

use super::appliance;
use super::dns::{self, Resolution};
use super::egress::Source;
use super::endpoint::{self, Caller};
use super::engine::Engine;
use super::internet;
use super::judgement::{Judgement, missing};
use super::memo::Memo;
use super::nacl::{self, Crossing, LINUX_EPHEMERAL};
use super::nat;
use super::route::Choice;
use super::security_group;
use super::trace::{Code, Hop, Layer, Outcome, Trace, Verdict, Via, ViaKind};
use crate::model::{
    AddressFamily, Addresses, Call, Destination, DestinationKind, EndpointId, NatGatewayId, NetworkAclId,
    PUBLIC, ResourceId, RouteTable, RouteTableId, RouteTarget, SecurityGroupId, Snapshot, Subnet, Vpc, VpcId,
};

/// One destination, to be traced from any number of sources.
pub struct Aim<'e, 'a> {
    engine: &'e Engine<'a>,
    destination: &'e Destination,
    /// Addresses that the name was seen to have.
    seen: &'e [IpAddr],
    views: Memo<(&'a VpcId, bool), View<'a>>,
}

/// What many sources share.
type Judged = Rc<Vec<Judgement>>;

/// What a table does with a part of the addresses, and where it sends them.
type Step<'a> = (Judgement, Option<&'a RouteTarget>);

/// The destination as seen from one VPC, with or without IPv6.
struct View<'a> {
    vpc: &'a Vpc,
    resolution: Resolution,
    /// Whether some of the addresses are the VPC's own.
    reaches_inside: bool,
    groups: RefCell<Vec<(Vec<SecurityGroupId>, Judged)>>,
    acls: Memo<&'a NetworkAclId, nacl::Verdict>,
    tables: Memo<(&'a RouteTableId, bool), Vec<Step<'a>>>,
    nats: RefCell<Vec<(NatGatewayId, Addresses, Rc<nat::View<'a>>)>>,
}

impl<'e, 'a> Aim<'e, 'a> {
    pub(super) fn new(engine: &'e Engine<'a>, destination: &'e Destination) -> Self {
        Self::seen(engine, destination, &[])
    }

    pub(super) fn seen(engine: &'e Engine<'a>, destination: &'e Destination, seen: &'e [IpAddr]) -> Self {
        Self { engine, destination, seen, views: Memo::default() }
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
            return walk.finish(Some(source), self.destination);
        };
        if self.asks_the_resolver(vpc) {
            return self.at_the_resolver(walk, source, vpc);
        }
        let dual_stack = source.dual_stack && !subnet.ipv6_cidrs.is_empty();
        let view = self.views.get((&vpc.id, dual_stack), || self.view(vpc, dual_stack));
        walk.all = view.resolution.addresses.clone();
        walk.inexact = !view.resolution.exact;
        walk.extend(view.resolution.judgement.iter().cloned());
        walk.extend(self.outbound(&view, &source.security_groups).iter().cloned());
        walk.extend(self.own_border(&view, subnet));
        self.routes(&mut walk, &view, source, subnet);
        walk.finish(Some(source), self.destination)
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
        walk.finish(Some(source), self.destination)
    }

    fn view(&self, vpc: &'a Vpc, dual_stack: bool) -> View<'a> {
        let resolution = dns::resolve(self.engine.snapshot, vpc, self.destination, self.seen, dual_stack);
        View {
            vpc,
            reaches_inside: !resolution.addresses.and(&vpc.addresses()).is_empty(),
            resolution,
            groups: RefCell::default(),
            acls: Memo::default(),
            tables: Memo::default(),
            nats: RefCell::default(),
        }
    }

    /// What the source's groups let out.
    fn outbound(&self, view: &View<'a>, groups: &[SecurityGroupId]) -> Judged {
        if let Some((_, known)) = view.groups.borrow().iter().find(|(asked, _)| asked == groups) {
            return Rc::clone(known);
        }
        let port = self.destination.port;
        let judged = Rc::new(security_group::outbound(self.engine, groups, port, &view.resolution.addresses));
        view.groups.borrow_mut().push((groups.to_vec(), Rc::clone(&judged)));
        judged
    }

    /// The source subnet's own ACL: out to the destination and back, unless the packet stays in the subnet.
    fn own_border(&self, view: &View<'a>, subnet: &Subnet) -> Vec<Judgement> {
        let all = &view.resolution.addresses;
        let crossings = Crossing::leaving(self.destination.port, LINUX_EPHEMERAL);
        if view.reaches_inside {
            let crossing = all.minus(&subnet.addresses());
            if crossing.is_empty() {
                let rule = "not asked: the packets stay in the subnet".to_owned();
                return vec![Judgement::pass(Layer::Nacl, &subnet.id, all.clone(), rule)];
            }
            return nacl::judge(self.engine, Layer::Nacl, subnet, &crossing, &crossings);
        }
        match self.engine.acl_of(subnet) {
            Some(acl) => {
                let verdict = view.acls.get(&acl.id, || nacl::verdict(self.engine, acl, all, &crossings));
                nacl::told(Layer::Nacl, subnet, acl, &verdict)
            }
            None => vec![nacl::unread(self.engine, Layer::Nacl, subnet, all)],
        }
    }

    fn routes(&self, walk: &mut Walk, view: &View<'a>, source: &Source, subnet: &'a Subnet) {
        let Some((table, by_default)) = self.engine.table_of(subnet) else {
            let rule = format!("the route table of {} was not read", subnet.id);
            let call = missing(self.engine.snapshot, Call::DescribeRouteTables);
            walk.add(Judgement::unknown(Layer::Route, &subnet.id, walk.all.clone(), rule, call));
            return;
        };
        let judged = view.tables.get((&table.id, by_default), || self.table(view, table, by_default));
        for (judgement, target) in judged.iter() {
            walk.add(judgement.clone());
            if let Some(target) = target {
                self.target(walk, view, source, subnet, target, &judgement.addresses);
            }
        }
    }

    /// What a table does, and where the packets go that pass.
    fn table(&self, view: &View<'a>, table: &'a RouteTable, by_default: bool) -> Vec<Step<'a>> {
        let id = &table.id;
        let chosen = self.engine.chart(table).select(&view.resolution.addresses);
        let judge = |(part, choice)| match choice {
            Choice::Unknown(why, call) => (Judgement::unknown(Layer::Route, id, part, why, call), None),
            Choice::None => {
                let rule = format!("{id}: no route matches {part}{}", leads(table, by_default, view.vpc));
                (Judgement::block(Layer::Route, Code::NoRouteToDestination, id, part, rule), None)
            }
            Choice::Route { target, blackhole: true, matches } => {
                let rule = format!("{id}: {matches} -> {target} is a blackhole: its target is gone");
                (Judgement::block(Layer::Route, Code::BadStateRoute, id, part, rule), None)
            }
            Choice::Route { target, blackhole: false, matches } => {
                let rule = format!("{id}: {matches} -> {target}{}", main_note(by_default));
                (Judgement::pass(Layer::Route, id, part, rule), Some(target))
            }
        };
        chosen.into_iter().map(judge).collect()
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
                let judged = endpoint::local(engine, view.vpc, &caller, reached);
                walk.arrive(via_of(&judged), reached);
                walk.extend(judged);
            }
            RouteTarget::Endpoint(id) => self.gateway(walk, view, id, reached),
            RouteTarget::NatGateway(id) => {
                walk.arrive(Via { kind: ViaKind::Nat, id: Some(id.into()) }, reached);
                let judged = self.nat(view, id, subnet, reached);
                walk.extend(judged.from(engine, subnet, port, reached));
            }
            RouteTarget::InternetGateway(id) => {
                if !reached.only(AddressFamily::Ipv6).is_empty() {
                    walk.arrive(Via { kind: ViaKind::Internet, id: Some(id.into()) }, reached);
                }
                walk.extend(internet::direct(engine.snapshot, subnet, id, reached));
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

    /// A NAT gateway, for the addresses that a table sends there. Most tables send it the same ones.
    fn nat(
        &self,
        view: &View<'a>,
        id: &NatGatewayId,
        subnet: &Subnet,
        reached: &Addresses,
    ) -> Rc<nat::View<'a>> {
        let same =
            |(known, addresses, _): &&(NatGatewayId, Addresses, _)| known == id && addresses == reached;
        if let Some((_, _, known)) = view.nats.borrow().iter().find(same) {
            return Rc::clone(known);
        }
        let found = Rc::new(nat::view(self.engine, id, subnet, self.destination.port, reached));
        view.nats.borrow_mut().push((id.clone(), reached.clone(), Rc::clone(&found)));
        found
    }

    fn gateway(&self, walk: &mut Walk, view: &View<'a>, id: &EndpointId, reached: &Addresses) {
        walk.arrive(Via { kind: ViaKind::GatewayEndpoint, id: Some(id.into()) }, reached);
        walk.add(endpoint::gateway(self.engine.snapshot, id, reached.clone()));
        walk.extend(endpoint::encryption(view.vpc, self.destination.port, reached));
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
    walk.finish(None, destination)
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
    let rule = "App Runner itself calls it, outside the VPC".to_owned();
    let hop = Hop { layer: Layer::Egress, component, outcome: Outcome::Pass, rule };
    let all = Addresses::of(AddressFamily::Ipv4);
    let mut walk = Walk { all: all.clone(), hops: vec![hop], ..Walk::default() };
    walk.arrive(Via { kind: ViaKind::AppRunner, id: None }, &all);
    walk.finish(None, destination)
}

#[derive(Default)]
struct Walk {
    all: Addresses,
    /// The destination uses an unknown part of `all`.
    inexact: bool,
    stopped: Vec<Addresses>,
    doubtful: Vec<Addresses>,
    hops: Vec<Hop>,
    /// The way that most addresses take, and how many those are.
    via: Option<(u128, Via)>,
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
        let size = addresses.size();
        if self.via.as_ref().is_none_or(|(most, _)| size > *most) {
            self.via = Some((size, via));
        }
    }

    fn finish(mut self, source: Option<&Source>, destination: &Destination) -> Trace {
        match self.hops.first().map(|hop| hop.outcome) {
            Some(Outcome::Block(_)) => self.stopped.push(self.all.clone()),
            Some(Outcome::Unknown { .. }) => self.doubtful.push(self.all.clone()),
            Some(Outcome::Pass) | None => {}
        }
        let stopped = Addresses::union(&self.stopped).and(&self.all);
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
                rule,
            });
            Verdict::Unknown
        } else {
            Verdict::Partial { stopped }
        };
        Trace {
            subnet: source.map(|source| source.subnet.clone()),
            destination: destination.clone(),
            hops: self.hops,
            verdict,
        }
    }
}

/// Where the table leads instead, so that the reader sees how little there is.
fn leads(table: &RouteTable, by_default: bool, vpc: &Vpc) -> String {
    let only_local = table.routes.iter().all(|route| route.target == RouteTarget::Local);
    let routes = if only_local { format!(", only {} -> local", local_ranges(vpc)) } else { String::new() };
    format!("{routes}{}", main_note(by_default))
}

fn local_ranges(vpc: &Vpc) -> String {
    vpc.cidrs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn main_note(by_default: bool) -> &'static str {
    if by_default { " (the VPC's main table: the subnet has no association)" } else { "" }
}
