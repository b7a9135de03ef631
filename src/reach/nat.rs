//! NAT gateways: state, kind, and the way onwards from the gateway's own subnet.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>

use super::endpoint;
use super::internet;
use super::judgement::{Judgement, missing};
use super::nacl::{self, Crossing, Direction, LINUX_EPHEMERAL, NAT_EPHEMERAL};
use super::route::{Choice, route_table_of, select};
use super::trace::{Code, Layer};
use crate::model::{
    Addresses, Call, NatConnectivity, NatGateway, NatGatewayId, NatPlacement, PortRange, RouteState,
    RouteTable, RouteTarget, Snapshot, Subnet,
};

pub(super) fn judge(
    snapshot: &Snapshot,
    id: &NatGatewayId,
    source: &Subnet,
    port: u16,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let all = || addresses.clone();
    let Some(nat) = snapshot.network.nat_gateways.get(id) else {
        return vec![match missing(snapshot, Call::DescribeNatGateways) {
            Some(call) => Judgement::unknown(Layer::Nat, id, all(), format!("{id} was not read"), Some(call)),
            None => Judgement::block(
                Layer::Nat,
                Code::BadState,
                id,
                all(),
                format!("{id} does not exist any more"),
            ),
        }];
    };
    let mut judgements = Vec::new();
    if !nat.state.eq_ignore_ascii_case("available") {
        let rule = format!("{id} is {}, not available", nat.state);
        judgements.push(Judgement::block(Layer::Nat, Code::BadState, id, all(), rule));
    }
    let kind = match &nat.connectivity {
        NatConnectivity::Public => "public",
        NatConnectivity::Private => "private",
        NatConnectivity::Other(kind) => {
            let rule = format!("{id} is of a kind not known here, {kind}");
            judgements.push(Judgement::unknown(Layer::Nat, id, all(), rule, None));
            kind
        }
    };
    if judgements.is_empty() {
        let rule = format!("{id}: {kind} NAT gateway, available");
        judgements.push(Judgement::pass(Layer::Nat, id, all(), rule));
    }
    judgements.extend(onwards(snapshot, nat, source, port, addresses));
    judgements
}

/// From the gateway to the destination.
fn onwards(
    snapshot: &Snapshot,
    nat: &NatGateway,
    source: &Subnet,
    port: u16,
    addresses: &Addresses,
) -> Vec<Judgement> {
    match &nat.placement {
        NatPlacement::Regional { route_table } => {
            let table = route_table.as_ref().and_then(|id| snapshot.network.route_tables.get(id));
            let Some(table) = table else {
                let rule = format!("the route table of {}, a regional NAT gateway, was not read", nat.id);
                return vec![Judgement::unknown(Layer::Nat, &nat.id, addresses.clone(), rule, None)];
            };
            routes(snapshot, nat, table, addresses)
        }
        NatPlacement::Subnet(id) => {
            let Some(subnet) = snapshot.network.subnets.get(id) else {
                let rule = format!("{id}, the subnet of {}, was not read", nat.id);
                let call = missing(snapshot, Call::DescribeSubnets);
                return vec![Judgement::unknown(Layer::Nat, &nat.id, addresses.clone(), rule, call)];
            };
            let mut judgements = borders(snapshot, subnet, source, port, addresses);
            if let Some((table, _)) = route_table_of(snapshot, subnet) {
                judgements.extend(routes(snapshot, nat, table, addresses));
            } else {
                let rule = format!("the route table of {id}, where {} stands, was not read", nat.id);
                let call = missing(snapshot, Call::DescribeRouteTables);
                judgements.push(Judgement::unknown(Layer::Nat, &nat.id, addresses.clone(), rule, call));
            }
            judgements
        }
    }
}

/// The ACL of the gateway's subnet, on both of its sides.
fn borders(
    snapshot: &Snapshot,
    nat: &Subnet,
    source: &Subnet,
    port: u16,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let outside = [
        Crossing { direction: Direction::Outbound, ports: PortRange::one(port), what: "the request" },
        Crossing { direction: Direction::Inbound, ports: NAT_EPHEMERAL, what: "the reply" },
    ];
    let mut judgements = nacl::judge(snapshot, Layer::Nat, nat, addresses, &outside);
    if let (false, Some(range)) = (nat.id == source.id, source.cidr) {
        let inside = [
            Crossing { direction: Direction::Inbound, ports: PortRange::one(port), what: "the request" },
            Crossing { direction: Direction::Outbound, ports: LINUX_EPHEMERAL, what: "the reply" },
        ];
        let judged = nacl::judge(snapshot, Layer::Nat, nat, &Addresses::from(range), &inside);
        judgements.extend(
            judged.into_iter().map(|judgement| Judgement { addresses: addresses.clone(), ..judgement }),
        );
    }
    judgements
}

/// The routes of the gateway's table: they must lead to an internet gateway, or to a gateway endpoint.
fn routes(
    snapshot: &Snapshot,
    nat: &NatGateway,
    table: &RouteTable,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let judged = select(snapshot, table, addresses).into_iter().flat_map(|(part, choice)| {
        vec![match choice {
            Choice::Route(route, net) => match (&route.state, &route.target) {
                (RouteState::Blackhole, _) => {
                    let rule = format!("{}, the table of {}: {net} is a blackhole", table.id, nat.id);
                    Judgement::block(Layer::Nat, Code::BadStateRoute, &table.id, part, rule)
                }
                (_, RouteTarget::InternetGateway(_)) if nat.connectivity == NatConnectivity::Private => {
                    let rule = format!(
                        "{} is a private NAT gateway, without a public address: it leads to no internet",
                        nat.id
                    );
                    Judgement::block(Layer::Nat, Code::NatPrivate, &nat.id, part, rule)
                }
                (_, RouteTarget::InternetGateway(id)) => {
                    return internet::from_nat(snapshot, &nat.vpc, id, &part);
                }
                (_, RouteTarget::Endpoint(id)) => endpoint::gateway(snapshot, id, part),
                (_, RouteTarget::NatGateway(id)) => {
                    let rule = format!(
                        "{}, the table of {}: {net} leads to {id}, a NAT gateway again",
                        table.id, nat.id
                    );
                    Judgement::block(Layer::Nat, Code::NatNoRouteOnwards, &table.id, part, rule)
                }
                (_, RouteTarget::Local | RouteTarget::Other(_)) => {
                    let rule =
                        format!("{}, the table of {}: {net} leads to {}", table.id, nat.id, route.target);
                    Judgement::unknown(Layer::Nat, &table.id, part, rule, None)
                }
            },
            Choice::None => {
                let rule = format!("{}, the table of {}: no route matches {part}", table.id, nat.id);
                Judgement::block(Layer::Nat, Code::NatNoRouteOnwards, &table.id, part, rule)
            }
            Choice::Unknown(why, call) => Judgement::unknown(Layer::Nat, &table.id, part, why, call),
        }]
    });
    judged.collect()
}
