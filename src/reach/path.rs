//! The engine, which checks the layers of a connection in order.
//!
//! Owns the order of the checks. The rules of each layer are in the layer's own file, the verdict is
//! computed in `walk.rs`.

use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use super::acl_rules::LINUX_EPHEMERAL;
use super::appliance;
use super::border::Caller;
use super::deciding::Deciding;
use super::dns::{self, Resolution};
use super::dns_servers;
use super::egress::Source;
use super::endpoint;
use super::failover;
use super::index::Index;
use super::internet;
use super::judgement::Judgement;
use super::memo::Memo;
use super::nat::{self, NatStatus};
use super::own_address::{self, Sender};
use super::peering;
use super::resolved::SeenAddresses;
use super::security_group;
use super::shared_trace::SharedTrace;
use super::trace::{Code, Hop, Layer, Trace, Via, ViaKind};
use super::transit;
use super::walk::Walk;
use super::{named, unread_name};
use crate::model::{
    AddressFamily, Addresses, AvailabilityZone, Call, Destination, DestinationKind, DhcpResolver, EndpointId,
    NamedResource, NatGatewayId, ResourceId, RouteTable, RouteTarget, Snapshot, Subnet, Vpc, VpcId,
};

/// Traces connections in one snapshot. A result that several traces share is computed once.
pub struct Engine<'a> {
    index: Index<'a>,
    shared: Memo<(&'a VpcId, Addresses, u16), SharedTrace<'a>>,
}

impl<'a> Engine<'a> {
    /// An engine for a snapshot.
    #[must_use]
    pub fn new(snapshot: &'a Snapshot) -> Self {
        Self { index: Index::new(snapshot), shared: Memo::default() }
    }

    /// A tracer for one destination. It traces from any number of sources.
    #[must_use]
    pub fn tracer<'e>(&'e self, destination: &Destination) -> DestinationTracer<'e, 'a> {
        self.tracer_with_addresses(destination, SeenAddresses::default())
    }

    /// As [`Engine::tracer`], for a name that had these addresses. The trace uses them where the snapshot does not contain the DNS
    /// answer.
    #[must_use]
    pub fn tracer_with_addresses<'e>(
        &'e self,
        destination: &Destination,
        seen: SeenAddresses<'e>,
    ) -> DestinationTracer<'e, 'a> {
        DestinationTracer {
            engine: self,
            destination: Arc::new(destination.clone()),
            seen,
            views: Memo::default(),
        }
    }

    /// Whether a NAT gateway forwards TCP packets from a subnet to a port of some addresses.
    ///
    /// The answer has exactly the hops of [`Layer::Nat`] that a trace through this gateway has: the
    /// gateway's state, kind and VPC, its subnet's network ACL, the return path, and its own route table.
    /// Other layers of such a trace can still block: the routes of the source's subnet, the internet
    /// gateway, VPC Block Public Access.
    #[must_use]
    pub fn nat_status(
        &self,
        id: &NatGatewayId,
        source: &Subnet,
        port: u16,
        addresses: &Addresses,
    ) -> NatStatus {
        nat::status(&self.index, id, source, port, addresses)
    }

    /// The AZ of the standby instance of a database, and the rule that blocks the connection there, if it is certainly blocked.
    #[must_use]
    pub fn blocked_after_failover(
        &self,
        source: &Source,
        destination: &Destination,
    ) -> Option<(AvailabilityZone, String)> {
        failover::blocked(&self.index, source, destination)
    }

    /// The part of a trace that depends only on the VPC, the addresses and the port.
    fn shared(&self, vpc: &'a Vpc, addresses: &Addresses, port: u16) -> Rc<SharedTrace<'a>> {
        let key = (&vpc.id, addresses.clone(), port);
        self.shared.get(key, || SharedTrace::new(vpc, addresses.clone(), port))
    }
}

/// One destination, to be traced from any number of sources.
pub struct DestinationTracer<'e, 'a> {
    engine: &'e Engine<'a>,
    destination: Arc<Destination>,
    seen: SeenAddresses<'e>,
    views: Memo<(&'a VpcId, bool), View<'a>>,
}

/// The destination as seen from one VPC, with or without IPv6.
struct View<'a> {
    resolution: Resolution,
    shared: Rc<SharedTrace<'a>>,
}

impl View<'_> {
    /// Whether the addresses are those of the destination, one by one.
    fn is_exact(&self, is_by_address: bool) -> bool {
        self.resolution.by_interface || self.resolution.exact && is_by_address
    }
}

impl<'a> DestinationTracer<'_, 'a> {
    /// Traces a TCP connection from a subnet of the VPC.
    #[must_use]
    pub fn trace(&self, source: &Source) -> Trace {
        let network = &self.engine.index.snapshot.network;
        let subnet = network.subnets.get(&source.subnet);
        let vpc = subnet.and_then(|subnet| network.vpcs.get(&subnet.vpc));
        let mut walk = Walk::new(Addresses::none(), source.egress.clone());
        let (Some(subnet), Some(vpc)) = (subnet, vpc) else {
            let rule = format!("{} or its VPC was not read", source.subnet);
            let call = if subnet.is_none() { Call::DescribeSubnets } else { Call::DescribeVpcs };
            let deciding = Deciding::absent(self.engine.index.snapshot, call);
            walk.all = Addresses::of(AddressFamily::Ipv4);
            walk.add(Judgement::unknown(Layer::Route, &source.subnet, walk.all.clone(), rule, deciding));
            return walk.finish(Some(source.subnet.clone()), Arc::clone(&self.destination));
        };
        if self.is_amazon_resolver(vpc) {
            return self.trace_to_resolver(walk, source, vpc);
        }
        let dual_stack = source.dual_stack && !subnet.ipv6_cidrs.is_empty();
        let view = self.views.get((&vpc.id, dual_stack), || self.view(vpc, dual_stack));
        walk.all = view.resolution.addresses.clone();
        walk.inexact = !view.resolution.exact;
        walk.extend(view.resolution.judgement.iter().cloned());
        if !matches!(self.destination.kind, DestinationKind::Address(_)) {
            let (index, groups) = (&self.engine.index, &source.security_groups);
            walk.extend(security_group::queries(index, groups, vpc, &walk.all));
            let trace = |server: &Destination| self.engine.tracer(server).trace(source);
            walk.extend(dns_servers::unreachable(index, &trace, source, (subnet, vpc), &walk.all));
        }
        match self.by_groups(vpc) {
            Some(resource) => {
                let (index, groups) = (&self.engine.index, &source.security_groups);
                let receiver = &resource.security_groups;
                let port = self.destination.port;
                walk.extend(security_group::outbound_to_groups(index, groups, receiver, port, &walk.all));
            }
            None => {
                walk.extend(
                    view.shared.outbound(&self.engine.index, &source.security_groups).iter().cloned(),
                );
            }
        }
        let own_border = view.shared.own_border(&self.engine.index, subnet);
        walk.extend(transit::own_acl(&self.engine.index, subnet, own_border));
        self.routes(&mut walk, &view, source, subnet);
        let snapshot = self.engine.index.snapshot;
        walk.extend(unread_name::elsewhere(snapshot, vpc, &self.destination, &walk.all));
        walk.extend(named::accepts(snapshot, &self.destination, &walk.all));
        walk.finish(Some(source.subnet.clone()), Arc::clone(&self.destination))
    }

    /// The resource that has the name, if only its subnets and security groups are known.
    fn by_groups(&self, vpc: &Vpc) -> Option<&'a NamedResource> {
        let is_name = !matches!(self.destination.kind, DestinationKind::Address(_));
        let is_open = is_name && self.seen.in_log.is_empty() && self.seen.here.is_empty();
        let resource = unread_name::by_groups(self.engine.index.snapshot, vpc, &self.destination.host);
        resource.filter(|_| is_open && matches!(vpc.dns.resolver, DhcpResolver::Amazon))
    }

    /// Whether the addresses of the destination are known one by one.
    fn is_by_address(&self) -> bool {
        matches!(self.destination.kind, DestinationKind::Address(_)) || !self.seen.in_log.is_empty()
    }

    /// The judgement of an address that may be that of a network interface that was not read.
    fn unread_receiver(&self, via: ResourceId, reached: &Addresses) -> Option<Judgement> {
        let is_address = matches!(self.destination.kind, DestinationKind::Address(_));
        is_address.then(|| own_address::unread(&self.engine.index, via, reached)).flatten()
    }

    /// Whether the destination is the Amazon DNS server: port 53 of the VPC's base address plus two.
    fn is_amazon_resolver(&self, vpc: &Vpc) -> bool {
        let second = vpc.cidrs.first().map(|net| u32::from(net.network()).saturating_add(2));
        self.destination.port == 53
            && matches!(self.destination.kind, DestinationKind::Address(IpAddr::V4(address)) if second == Some(address.into()))
    }

    /// Security groups and network ACLs do not filter traffic to the Amazon DNS server
    /// (<https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>).
    fn trace_to_resolver(&self, mut walk: Walk, source: &Source, vpc: &Vpc) -> Trace {
        walk.all = Addresses::of(AddressFamily::Ipv4);
        let all = walk.all.clone();
        walk.arrive(Via { kind: ViaKind::Local, id: None }, &all);
        walk.add(match vpc.dns.support {
            Some(true) => {
                let rule =
                    "the Amazon DNS server: security groups and network ACLs do not filter traffic to it"
                        .to_owned();
                Judgement::pass(Layer::Dns, &vpc.id, all, rule)
            }
            Some(false) => {
                let rule =
                    "enableDnsSupport is off: the Amazon DNS server does not respond in this VPC".to_owned();
                Judgement::block(Layer::Dns, Code::DnsSupportDisabled, &vpc.id, all, rule)
            }
            None => {
                let rule = "enableDnsSupport of the VPC was not read".to_owned();
                let deciding = Deciding::Answer(Call::DescribeVpcAttribute);
                Judgement::unknown(Layer::Dns, &vpc.id, all, rule, deciding)
            }
        });
        walk.finish(Some(source.subnet.clone()), Arc::clone(&self.destination))
    }

    fn view(&self, vpc: &'a Vpc, dual_stack: bool) -> View<'a> {
        let resolution =
            dns::resolve(self.engine.index.snapshot, vpc, &self.destination, self.seen, dual_stack);
        let shared = self.engine.shared(vpc, &resolution.addresses, self.destination.port);
        View { resolution, shared }
    }

    fn routes(&self, walk: &mut Walk, view: &View<'a>, source: &Source, subnet: &'a Subnet) {
        let Some((table, by_default)) = self.engine.index.table_of(subnet) else {
            let rule = format!("the route table of {} was not read", subnet.id);
            let deciding = Deciding::absent(self.engine.index.snapshot, Call::DescribeRouteTables);
            walk.add(Judgement::unknown(Layer::Route, &subnet.id, walk.all.clone(), rule, deciding));
            return;
        };
        for (judgement, target) in view.shared.steps(&self.engine.index, table, by_default).iter() {
            walk.add(judgement.clone());
            if let Some(target) = target {
                self.target(walk, view, source, (subnet, table), target, &judgement.addresses);
            }
        }
    }

    fn target(
        &self,
        walk: &mut Walk,
        view: &View<'a>,
        source: &Source,
        (subnet, table): (&Subnet, &RouteTable),
        target: &RouteTarget,
        reached: &Addresses,
    ) {
        let (index, port) = (&self.engine.index, self.destination.port);
        let groups = &source.security_groups;
        let client = |peering| {
            let ephemeral = LINUX_EPHEMERAL;
            Caller { subnet, security_groups: groups, port, peering, ephemeral }
        };
        match target {
            RouteTarget::Local => {
                let caller = client(None);
                let judgements = match self.by_groups(view.shared.vpc) {
                    Some(resource) => endpoint::by_groups(index, &caller, resource, reached),
                    None => endpoint::local(index, view.shared.vpc, &caller, reached),
                };
                walk.arrive(via_of(&judgements), reached);
                walk.extend(judgements);
            }
            RouteTarget::Endpoint(id) => {
                self.gateway(walk, view, id, reached);
                walk.extend(endpoint::public_access(index.snapshot, id, subnet, reached));
            }
            RouteTarget::NatGateway(id) => {
                walk.arrive(Via { kind: ViaKind::Nat, id: Some(id.into()) }, reached);
                let nat = view.shared.nat(index, id, subnet, reached);
                walk.extend(nat.judge_from(index, subnet, port, reached));
                if view.is_exact(self.is_by_address()) {
                    let sender = Sender::nat(index.snapshot.network.nat_gateways.get(id), port);
                    walk.extend(own_address::arrive(index, &sender, reached));
                }
                walk.extend(self.unread_receiver(id.into(), reached));
            }
            RouteTarget::InternetGateway(id) => {
                if source.public_address || !reached.only(AddressFamily::Ipv6).is_empty() {
                    walk.arrive(Via { kind: ViaKind::Internet, id: Some(id.into()) }, reached);
                }
                let interface =
                    internet::Sender { subnet, table: &table.id, has_public_ip: source.public_address };
                walk.extend(internet::direct(index.snapshot, &interface, id, reached));
            }
            RouteTarget::EgressOnlyInternetGateway(id) => {
                walk.arrive(Via { kind: ViaKind::EgressOnly, id: Some(id.into()) }, reached);
                walk.extend(internet::egress_only(index.snapshot, subnet, id, reached));
            }
            RouteTarget::NetworkInterface(id) => {
                walk.extend(appliance::interface(index, subnet, groups, port, id, reached));
            }
            RouteTarget::Peering(id) => {
                let is_name = !matches!(self.destination.kind, DestinationKind::Address(_));
                let caller = client(Some(id));
                let judgements = peering::cross(index, &caller, id, is_name, reached);
                walk.arrive(Via { kind: ViaKind::Peering, id: Some(id.clone()) }, reached);
                walk.extend(judgements);
            }
            RouteTarget::Other(id) if id.as_str().starts_with("tgw-") => {
                let is_exact = view.is_exact(self.is_by_address());
                let caller = client(None);
                let crossed = transit::cross(index, &caller, id, is_exact, reached);
                if let Some((nat, addresses)) = &crossed.nat {
                    walk.arrive(Via { kind: ViaKind::Nat, id: Some(nat.into()) }, addresses);
                }
                walk.extend(crossed.judgements);
                walk.extend(self.unread_receiver(id.clone(), reached));
            }
            RouteTarget::Other(id) => walk.add(appliance::unmodelled_target(id, reached.clone())),
        }
    }

    fn gateway(&self, walk: &mut Walk, view: &View<'a>, id: &EndpointId, reached: &Addresses) {
        walk.arrive(Via { kind: ViaKind::GatewayEndpoint, id: Some(id.into()) }, reached);
        walk.add(endpoint::gateway(self.engine.index.snapshot, id, reached.clone()));
        walk.extend(endpoint::encryption(view.shared.vpc, self.destination.port, reached));
    }
}

/// The path of packets that arrive inside the VPC: an interface endpoint, or local traffic.
fn via_of(judgements: &[Judgement]) -> Via {
    let is_endpoint =
        |hop: &&Hop| hop.layer == Layer::Endpoint && hop.component.as_str().starts_with("vpce-");
    match judgements.iter().map(|judgement| &judgement.hop).find(is_endpoint) {
        Some(hop) => Via { kind: ViaKind::InterfaceEndpoint, id: Some(hop.component.clone()) },
        None => Via { kind: ViaKind::Local, id: None },
    }
}
