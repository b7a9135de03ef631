//! Walks the layers and adds up what they say.

use super::dns;
use super::egress::Source;
use super::endpoint::{self, Caller};
use super::internet;
use super::judgement::{Judgement, missing};
use super::nacl::{self, Crossing, Direction, LINUX_EPHEMERAL};
use super::nat;
use super::route::{Choice, route_table_of, select};
use super::security_group;
use super::trace::{Code, Hop, Layer, Outcome, Trace, Verdict, Via, ViaKind};
use crate::model::{
    Addresses, Call, Destination, DestinationKind, PUBLIC_V4, PortRange, ResourceId, RouteState, RouteTable,
    RouteTarget, Snapshot, Subnet, Vpc,
};

/// Traces a TCP connection from a subnet of the VPC.
#[must_use]
pub fn trace(snapshot: &Snapshot, source: &Source, destination: &Destination) -> Trace {
    let subnet = snapshot.network.subnets.get(&source.subnet);
    let vpc = subnet.and_then(|subnet| snapshot.network.vpcs.get(&subnet.vpc));
    let mut walk = Walk { hops: vec![source.egress.clone()], ..Walk::default() };
    let (Some(subnet), Some(vpc)) = (subnet, vpc) else {
        let rule = format!("{} or its VPC was not read", source.subnet);
        let call =
            missing(snapshot, if subnet.is_none() { Call::DescribeSubnets } else { Call::DescribeVpcs });
        walk.all = Addresses::all();
        walk.add(Judgement::unknown(Layer::Route, &source.subnet, Addresses::all(), rule, call));
        return walk.finish(Some(source), destination);
    };
    let resolution = dns::resolve(snapshot, vpc, destination);
    walk.all = resolution.addresses;
    walk.inexact = !resolution.exact;
    walk.extend(resolution.judgement);
    let port = destination.port;
    walk.extend(security_group::outbound(snapshot, &source.security_groups, port, &walk.all));
    walk.extend(own_border(snapshot, subnet, port, &walk.all));
    walk.routes(snapshot, source, subnet, vpc, port);
    walk.finish(Some(source), destination)
}

/// Traces a connection that never enters a VPC: DEFAULT egress, or egress that is not known.
pub(crate) fn trace_outside(snapshot: &Snapshot, egress: &Hop, destination: &Destination) -> Trace {
    let mut walk = Walk { all: Addresses::all(), hops: vec![egress.clone()], ..Walk::default() };
    let private = match &destination.kind {
        DestinationKind::AwsVpc(_) => true,
        DestinationKind::Address(address) => !PUBLIC_V4.contains(*address),
        DestinationKind::AwsApi(_) | DestinationKind::AwsPublic(_) | DestinationKind::ThirdParty { .. } => {
            false
        }
    };
    let component = egress.component.as_str();
    match (egress.outcome, private) {
        (Outcome::Pass, true) => {
            let rule = format!("{} is inside a VPC, and DEFAULT egress enters none", destination.host);
            let all = walk.all.clone();
            walk.add(Judgement::block(Layer::Egress, Code::EgressNotInVpc, component, all, rule));
        }
        (Outcome::Pass, false) => {
            let rule = format!("public name, public address in {}", snapshot.region);
            walk.via = Some(Via { kind: ViaKind::DefaultEgress, id: None });
            let all = walk.all.clone();
            walk.add(Judgement::pass(Layer::Target, component, all, rule));
        }
        (Outcome::Block(_) | Outcome::Unknown { .. }, _) => {}
    }
    walk.finish(None, destination)
}

/// What App Runner itself fetches never takes the connector.
#[must_use]
pub fn trace_control_plane(component: ResourceId, destination: &Destination) -> Trace {
    let rule = "App Runner fetches it itself, outside the VPC, when it deploys".to_owned();
    let hop = Hop { layer: Layer::Egress, component, outcome: Outcome::Pass, rule };
    let via = Some(Via { kind: ViaKind::AppRunner, id: None });
    Walk { all: Addresses::all(), hops: vec![hop], via, ..Walk::default() }.finish(None, destination)
}

/// The source subnet's own ACL: out to the destination and back, unless the packet stays in the subnet.
fn own_border(snapshot: &Snapshot, subnet: &Subnet, port: u16, addresses: &Addresses) -> Vec<Judgement> {
    let inside = subnet.cidr.map(Addresses::from).unwrap_or_default();
    let crossing = addresses.minus(&inside);
    if crossing.is_empty() {
        let rule = "not asked: the packets stay in the subnet".to_owned();
        return vec![Judgement::pass(Layer::Nacl, &subnet.id, addresses.clone(), rule)];
    }
    let crossings = [
        Crossing { direction: Direction::Outbound, ports: PortRange::one(port), what: "the request" },
        Crossing { direction: Direction::Inbound, ports: LINUX_EPHEMERAL, what: "the reply" },
    ];
    nacl::judge(snapshot, Layer::Nacl, subnet, &crossing, &crossings)
}

#[derive(Default)]
struct Walk {
    all: Addresses,
    /// The destination uses an unknown part of `all`.
    inexact: bool,
    stopped: Addresses,
    doubtful: Addresses,
    hops: Vec<Hop>,
    via: Option<Via>,
}

impl Walk {
    fn add(&mut self, judgement: Judgement) {
        match judgement.hop.outcome {
            Outcome::Pass => {}
            Outcome::Block(_) => self.stopped = self.stopped.or(&judgement.addresses),
            Outcome::Unknown { .. } => self.doubtful = self.doubtful.or(&judgement.addresses),
        }
        // Two addresses of one endpoint are often judged by the very same rule: that is told once.
        if !self.hops.contains(&judgement.hop) {
            self.hops.push(judgement.hop);
        }
    }

    fn extend(&mut self, judgements: impl IntoIterator<Item = Judgement>) {
        for judgement in judgements {
            self.add(judgement);
        }
    }

    fn routes(&mut self, snapshot: &Snapshot, source: &Source, subnet: &Subnet, vpc: &Vpc, port: u16) {
        let Some((table, by_default)) = route_table_of(snapshot, subnet) else {
            let rule = format!("the route table of {} was not read", subnet.id);
            let call = missing(snapshot, Call::DescribeRouteTables);
            let all = self.all.clone();
            self.add(Judgement::unknown(Layer::Route, &subnet.id, all, rule, call));
            return;
        };
        for (part, choice) in select(snapshot, table, &self.all) {
            match choice {
                Choice::Unknown(why, call) => {
                    self.add(Judgement::unknown(Layer::Route, &table.id, part, why, call));
                }
                Choice::None => {
                    let rule =
                        format!("{}: no route matches {part}{}", table.id, leads(table, by_default, vpc));
                    self.add(Judgement::block(
                        Layer::Route,
                        Code::NoRouteToDestination,
                        &table.id,
                        part,
                        rule,
                    ));
                }
                Choice::Route(route, net) if route.state == RouteState::Blackhole => {
                    let rule =
                        format!("{}: {net} -> {} is a blackhole: its target is gone", table.id, route.target);
                    self.add(Judgement::block(Layer::Route, Code::BadStateRoute, &table.id, part, rule));
                }
                Choice::Route(route, _) => {
                    let rule = format!(
                        "{}: {} -> {}{}",
                        table.id,
                        route.destination,
                        route.target,
                        main_note(by_default)
                    );
                    self.add(Judgement::pass(Layer::Route, &table.id, part.clone(), rule));
                    self.target(snapshot, source, subnet, port, &route.target, part);
                }
            }
        }
    }

    fn target(
        &mut self,
        snapshot: &Snapshot,
        source: &Source,
        subnet: &Subnet,
        port: u16,
        target: &RouteTarget,
        reached: Addresses,
    ) {
        match target {
            RouteTarget::Local => {
                let caller = Caller { subnet, security_groups: &source.security_groups, port };
                let judged = endpoint::local(snapshot, &caller, &reached);
                let endpoint = judged
                    .iter()
                    .map(|judgement| &judgement.hop)
                    .find(|hop| hop.layer == Layer::Endpoint && hop.component.as_str().starts_with("vpce-"));
                let via = endpoint.map_or(Via { kind: ViaKind::Local, id: None }, |hop| Via {
                    kind: ViaKind::InterfaceEndpoint,
                    id: Some(hop.component.clone()),
                });
                self.arrive(via);
                self.extend(judged);
            }
            RouteTarget::Endpoint(id) => {
                self.arrive(Via { kind: ViaKind::GatewayEndpoint, id: Some(id.into()) });
                self.add(endpoint::gateway(snapshot, id, reached));
            }
            RouteTarget::NatGateway(id) => {
                self.arrive(Via { kind: ViaKind::Nat, id: Some(id.into()) });
                self.extend(nat::judge(snapshot, id, subnet, port, &reached));
            }
            RouteTarget::InternetGateway(id) => self.add(internet::without_public_address(id, reached)),
            RouteTarget::Other(id) => {
                let rule = format!("{id} leads out of this VPC: what is beyond it was not read");
                self.add(Judgement::unknown(Layer::Target, id.as_str(), reached, rule, None));
            }
        }
    }

    /// The first way that packets take stands for all.
    fn arrive(&mut self, via: Via) {
        self.via.get_or_insert(via);
    }

    fn finish(mut self, source: Option<&Source>, destination: &Destination) -> Trace {
        match self.hops.first().map(|hop| hop.outcome) {
            Some(Outcome::Block(_)) => self.stopped = self.all.clone(),
            Some(Outcome::Unknown { .. }) => self.doubtful = self.all.clone(),
            Some(Outcome::Pass) | None => {}
        }
        let stopped = self.stopped.and(&self.all);
        let verdict = if stopped == self.all && !self.all.is_empty() {
            Verdict::Blocked
        } else if stopped.is_empty() {
            match (self.doubtful.is_empty() && !self.all.is_empty(), self.via.take()) {
                (true, Some(via)) => Verdict::Reachable(via),
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
