//! A second opinion: one packet at a time, written from AWS's documentation without the engine's code, against random
//! networks. The engine judges sets of addresses at once; whatever address is then picked, both must agree.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use egress_doctor::evidence::destination;
use egress_doctor::model::*;
use egress_doctor::reach::{Egresses, Verdict, egresses, trace};
use egress_doctor::scenario::Scenario;
use ipnet::Ipv4Net;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const A: &str = "subnet-01f3a5c7e9b2d4f60";
const PUBLIC: &str = "subnet-0f7e6d5c4b3a29181";
const IGW: &str = "igw-0c2d4e6f8a1b3c5d7";
const GROUP: &str = "sg-0a1b2c3d4e5f60718";
const S3_LIST: &str = "pl-68a54001";
const SECRETS: &str = "secretsmanager.us-west-2.amazonaws.com";

/// The plain reading of the rules.
mod packet {
    use super::*;

    /// Whether a connection from the subnet to the address arrives, request and every possible reply.
    pub fn arrives(
        network: &Network,
        subnet: &Subnet,
        groups: &[SecurityGroupId],
        to: Ipv4Addr,
        port: u16,
    ) -> bool {
        // Security groups are stateful: the request is asked about, the reply is not.
        // https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
        let leaves = groups
            .iter()
            .filter_map(|id| network.security_groups.get(id))
            .flat_map(|group| &group.egress)
            .any(|rule| rule_fits(network, rule, to, port));
        leaves && forwarded(network, subnet, groups, to, port)
    }

    /// With protocol "all" the ports of a rule mean nothing.
    fn port_fits(protocol: Protocol, ports: PortRange, port: u16) -> bool {
        match protocol {
            Protocol::All => true,
            Protocol::Tcp | Protocol::Number(6) => ports.from <= port && port <= ports.to,
            Protocol::Udp | Protocol::Number(_) => false,
        }
    }

    fn rule_fits(network: &Network, rule: &SecurityGroupRule, other: Ipv4Addr, port: u16) -> bool {
        let peer = match &rule.peer {
            Peer::Ipv4(net) => net.contains(&other),
            Peer::PrefixList(id) => entries(network, id).iter().any(|net| net.contains(&other)),
            Peer::Group(_) | Peer::Ipv6(_) => false,
        };
        port_fits(rule.protocol, rule.ports, port) && peer
    }

    fn entries<'a>(network: &'a Network, id: &PrefixListId) -> &'a [Ipv4Net] {
        network.prefix_lists.get(id).and_then(|list| list.cidrs.as_deref()).unwrap_or_default()
    }

    fn forwarded(
        network: &Network,
        subnet: &Subnet,
        groups: &[SecurityGroupId],
        to: Ipv4Addr,
        port: u16,
    ) -> bool {
        let Some(route) = best_route(network, table_of(network, &subnet.id), to) else { return false };
        if route.state == RouteState::Blackhole {
            return false;
        }
        match &route.target {
            RouteTarget::Local => inside(network, subnet, groups, to, port),
            RouteTarget::Endpoint(id) => {
                crosses(network, subnet, to, port, LINUX)
                    && network.endpoints.get(id).unwrap().state == "available"
            }
            RouteTarget::NatGateway(id) => {
                crosses(network, subnet, to, port, LINUX) && translated(network, id, subnet, to, port)
            }
            // A connector's interface has no public address.
            RouteTarget::InternetGateway(_) | RouteTarget::Other(_) => false,
        }
    }

    const LINUX: (u16, u16) = (32768, 60999);
    const NAT: (u16, u16) = (1024, 65535);

    /// Out through the subnet's ACL, and back in to every port of the range.
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html>
    fn crosses(network: &Network, subnet: &Subnet, to: Ipv4Addr, port: u16, replies: (u16, u16)) -> bool {
        let acl = acl_of(network, &subnet.id);
        allowed(&acl.outbound, to, port) && every_port(&acl.inbound, to, replies)
    }

    fn acl_of<'a>(network: &'a Network, subnet: &SubnetId) -> &'a NetworkAcl {
        network.network_acls.iter().find(|acl| acl.subnets.contains(subnet)).unwrap()
    }

    /// Rules by number; the first that fits decides; none denies.
    fn allowed(rules: &[AclRule], other: Ipv4Addr, port: u16) -> bool {
        let mut rules: Vec<&AclRule> = rules.iter().collect();
        rules.sort_by_key(|rule| rule.number);
        let first = rules.into_iter().find(|rule| {
            let ports = port_fits(rule.protocol, rule.ports, port);
            ports && rule.remote.contains(&other)
        });
        first.is_some_and(|rule| rule.action == AclAction::Allow)
    }

    /// The verdict can only change at the edges of rules.
    fn every_port(rules: &[AclRule], other: Ipv4Addr, (from, to): (u16, u16)) -> bool {
        let edges = rules.iter().flat_map(|rule| {
            let (low, high) = (rule.ports.from, rule.ports.to);
            [low.saturating_sub(1), low, high, high.saturating_add(1)]
        });
        edges
            .chain([from, to])
            .filter(|port| (from..=to).contains(port))
            .all(|port| allowed(rules, other, port))
    }

    /// The table with an explicit association, else the main one.
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html>
    fn table_of<'a>(network: &'a Network, subnet: &SubnetId) -> &'a RouteTable {
        let explicit = network.route_tables.iter().find(|table| table.subnets.contains(subnet));
        explicit.or_else(|| network.route_tables.iter().find(|table| table.main)).unwrap()
    }

    /// The longest prefix; a static route before a prefix list of the same length.
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html>
    fn best_route<'a>(network: &'a Network, table: &'a RouteTable, to: Ipv4Addr) -> Option<&'a Route> {
        let mut best: Option<(u8, u8, &Route)> = None;
        for route in &table.routes {
            let (nets, rank): (Vec<Ipv4Net>, u8) = match &route.destination {
                RouteDestination::Ipv4(net) => (vec![*net], 1),
                RouteDestination::PrefixList(id) => (entries(network, id).to_vec(), 0),
                RouteDestination::Ipv6(_) | RouteDestination::Other(_) => (Vec::new(), 0),
            };
            let longest = nets.iter().filter(|net| net.contains(&to)).map(Ipv4Net::prefix_len).max();
            if let Some(length) = longest
                && best.is_none_or(|(most, of, _)| (length, rank) > (most, of))
            {
                best = Some((length, rank, route));
            }
        }
        best.map(|(_, _, route)| route)
    }

    /// To an interface of the VPC: its own group admits, and ACLs only between subnets.
    fn inside(network: &Network, from: &Subnet, groups: &[SecurityGroupId], to: Ipv4Addr, port: u16) -> bool {
        let feet = network.endpoints.iter().find_map(|endpoint| match &endpoint.kind {
            EndpointKind::Interface { interfaces, security_groups, .. } => {
                let foot = interfaces.iter().find(|foot| foot.address == Some(to))?;
                Some((endpoint, foot, security_groups))
            }
            EndpointKind::Gateway { .. } | EndpointKind::Other(_) => None,
        });
        let Some((endpoint, foot, guards)) = feet else { return false };
        let there = network.subnets.get(&foot.subnet).unwrap();
        let us = from.cidr.unwrap();
        // Any address of the subnet may be the connector's: the first and the last stand for all, since rules name whole
        // subnets or more.
        let ours = [us.network(), us.broadcast()];
        let same = there.id == from.id;
        let out = same || crosses(network, from, to, port, LINUX);
        let acl = acl_of(network, &there.id);
        let into = same
            || ours
                .iter()
                .all(|us| allowed(&acl.inbound, *us, port) && every_port(&acl.outbound, *us, LINUX));
        let rules = || {
            guards.iter().filter_map(|id| network.security_groups.get(id)).flat_map(|group| &group.ingress)
        };
        let admits = |us: &Ipv4Addr| {
            rules().any(|rule| match &rule.peer {
                Peer::Group(id) => groups.contains(id) && port_fits(rule.protocol, rule.ports, port),
                _ => rule_fits(network, rule, *us, port),
            })
        };
        out && into && ours.iter().all(admits) && endpoint.state == "available"
    }

    /// Through a NAT gateway and on from its own subnet.
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>
    fn translated(network: &Network, id: &NatGatewayId, from: &Subnet, to: Ipv4Addr, port: u16) -> bool {
        let nat = network.nat_gateways.get(id).unwrap();
        let NatPlacement::Subnet(stands) = &nat.placement else { panic!("only zonal ones are drawn") };
        let subnet = network.subnets.get(stands).unwrap();
        let acl = acl_of(network, stands);
        let us = from.cidr.unwrap();
        let ours = [us.network(), us.broadcast()];
        let inward = stands == &from.id
            || ours
                .iter()
                .all(|us| allowed(&acl.inbound, *us, port) && every_port(&acl.outbound, *us, LINUX));
        let outward = allowed(&acl.outbound, to, port) && every_port(&acl.inbound, to, NAT);
        let onwards = best_route(network, table_of(network, &subnet.id), to);
        let onwards = onwards.filter(|route| route.state == RouteState::Active).is_some_and(|route| {
            match &route.target {
                RouteTarget::InternetGateway(igw) => {
                    let attached =
                        network.internet_gateways.get(igw).is_some_and(|igw| igw.attached_to.is_some());
                    attached && nat.connectivity == NatConnectivity::Public && !to.is_private()
                }
                RouteTarget::Endpoint(id) => network.endpoints.get(id).unwrap().state == "available",
                _ => false,
            }
        });
        nat.state == "available" && inward && outward && onwards
    }
}

/// What a random network is made of.
#[derive(Clone, Debug)]
struct Drawn {
    egress: Vec<SecurityGroupRule>,
    endpoint_ingress: Vec<SecurityGroupRule>,
    private_acl: (Vec<AclRule>, Vec<AclRule>),
    public_acl: (Vec<AclRule>, Vec<AclRule>),
    private_routes: Vec<Route>,
    main_routes: Vec<Route>,
    public_routes: Vec<Route>,
    nat: (String, NatConnectivity, &'static str),
    gateway_tables: Vec<bool>,
    gateway_state: &'static str,
    interface: bool,
    attached: bool,
}

fn net(text: &str) -> Ipv4Net {
    text.parse().unwrap()
}

/// Ranges that meet the destinations in every way: wide, exact, partial, and beside them.
fn ranges() -> impl Strategy<Value = Ipv4Net> {
    select(vec![
        net("0.0.0.0/0"),
        net("0.0.0.0/0"),
        net("0.0.0.0/0"),
        net("10.40.0.0/16"),
        net("10.40.0.0/20"),
        net("52.0.0.0/8"),
        net("52.218.128.0/17"),
        net("52.218.128.0/18"),
        net("3.5.0.0/16"),
        net("3.5.76.0/22"),
        net("18.34.48.0/21"),
        net("8.8.8.0/24"),
        net("8.8.8.8/32"),
    ])
}

fn ports() -> impl Strategy<Value = PortRange> {
    let range = |from, to| PortRange { from, to };
    select(vec![
        PortRange::ALL,
        PortRange::ALL,
        range(443, 443),
        range(443, 443),
        range(1024, 65535),
        range(1024, 65535),
        range(32768, 60999),
        range(32768, 50000),
        range(32768, 60500),
        range(32768, 65535),
        range(2000, 65535),
        range(80, 80),
        range(0, 1023),
    ])
}

fn protocol() -> impl Strategy<Value = Protocol> {
    select(vec![
        Protocol::All,
        Protocol::Tcp,
        Protocol::Tcp,
        Protocol::Tcp,
        Protocol::Number(6),
        Protocol::Udp,
    ])
}

fn group_rules(peers: impl Strategy<Value = Peer> + Clone) -> impl Strategy<Value = Vec<SecurityGroupRule>> {
    let open = SecurityGroupRule {
        protocol: Protocol::All,
        ports: PortRange::ALL,
        peer: Peer::Ipv4(net("0.0.0.0/0")),
    };
    let rule = (protocol(), ports(), peers).prop_map(|(protocol, ports, peer)| SecurityGroupRule {
        protocol,
        ports,
        peer,
    });
    prop_oneof![5 => Just(vec![open]), 2 => vec(rule, 0..5)]
}

fn acl_rules() -> impl Strategy<Value = Vec<AclRule>> {
    let action = select(vec![AclAction::Allow, AclAction::Allow, AclAction::Deny]);
    let rule = (1_u16..500, protocol(), ports(), ranges(), action).prop_map(
        |(number, protocol, ports, remote, action)| AclRule { number, protocol, ports, remote, action },
    );
    let open = AclRule {
        number: 600,
        protocol: Protocol::All,
        ports: PortRange::ALL,
        remote: net("0.0.0.0/0"),
        action: AclAction::Allow,
    };
    (prop_oneof![2 => Just(Vec::new()), 1 => vec(rule, 1..4)], prop::bool::weighted(0.95)).prop_map(
        move |(mut rules, opens)| {
            rules.sort_by_key(|rule| rule.number);
            rules.dedup_by_key(|rule| rule.number);
            if opens {
                rules.push(open.clone());
            }
            rules
        },
    )
}

/// Inbound and outbound rules: any, or tight ones as people write them, with reply ranges that fit or nearly fit.
fn acl() -> impl Strategy<Value = (Vec<AclRule>, Vec<AclRule>)> {
    let range = |from, to| PortRange { from, to };
    let allow = |number, ports| AclRule {
        number,
        protocol: Protocol::Tcp,
        ports,
        remote: net("0.0.0.0/0"),
        action: AclAction::Allow,
    };
    let replies = vec![
        range(1024, 65535),
        range(1025, 65535),
        range(2000, 65535),
        range(1024, 65534),
        range(32768, 60999),
        range(32769, 60999),
        range(32768, 60998),
    ];
    let tight = (select(replies.clone()), select(replies)).prop_map(move |(into, out)| {
        let rules = |replies| vec![allow(100, PortRange::one(443)), allow(110, replies)];
        (rules(into), rules(out))
    });
    prop_oneof![3 => (acl_rules(), acl_rules()), 1 => tight]
}

fn routes(targets: Vec<RouteTarget>) -> impl Strategy<Value = Vec<Route>> {
    let state = prop_oneof![9 => Just(RouteState::Active), 1 => Just(RouteState::Blackhole)];
    let destination = select(vec![
        net("0.0.0.0/0"),
        net("0.0.0.0/0"),
        net("0.0.0.0/0"),
        net("52.0.0.0/8"),
        net("52.218.128.0/17"),
        net("3.5.76.0/24"),
        net("8.0.0.0/8"),
        net("8.8.8.8/32"),
    ]);
    let route = (destination, select(targets), state).prop_map(|(net, target, state)| Route {
        destination: RouteDestination::Ipv4(net),
        target,
        state,
        origin: RouteOrigin::Static,
    });
    vec(route, 1..4).prop_map(|routes| {
        // A table holds a destination once.
        let once: BTreeMap<String, Route> =
            routes.into_iter().map(|route| (route.destination.to_string(), route)).collect();
        once.into_values().collect()
    })
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let nat = || RouteTarget::NatGateway(NatGatewayId::from("nat-1"));
    let igw = || RouteTarget::InternetGateway(InternetGatewayId::from(IGW));
    let outward = prop_oneof![
        4 => ranges().prop_map(Peer::Ipv4),
        1 => Just(Peer::PrefixList(PrefixListId::from(S3_LIST))),
        1 => Just(Peer::Group(SecurityGroupId::from("sg-other"))),
    ];
    let inward = prop_oneof![
        3 => select(vec![net("0.0.0.0/0"), net("10.40.0.0/16"), net("10.40.0.0/20"), net("10.40.16.0/20")]).prop_map(Peer::Ipv4),
        1 => Just(Peer::Group(SecurityGroupId::from(GROUP))),
        1 => Just(Peer::Group(SecurityGroupId::from("sg-other"))),
    ];
    let gateway = (
        select(vec![
            "available".to_owned(),
            "available".to_owned(),
            "available".to_owned(),
            "failed".to_owned(),
        ]),
        select(vec![
            NatConnectivity::Public,
            NatConnectivity::Public,
            NatConnectivity::Public,
            NatConnectivity::Private,
        ]),
        select(vec![PUBLIC, PUBLIC, PUBLIC, A]),
    );
    let first = (group_rules(outward), group_rules(inward), acl(), acl());
    let second = (
        routes(vec![nat(), nat(), nat(), nat(), nat(), igw()]),
        routes(vec![nat(), nat(), nat(), nat(), nat(), igw()]),
        routes(vec![igw(), igw(), igw(), igw(), igw(), nat()]),
    );
    let third = (
        gateway,
        vec(prop::bool::weighted(0.7), 3),
        select(vec!["available", "available", "available", "pending"]),
        any::<bool>(),
        prop::bool::weighted(0.95),
    );
    (first, second, third).prop_map(
        |(
            (egress, endpoint_ingress, private_acl, public_acl),
            (private_routes, main_routes, public_routes),
            (nat, gateway_tables, gateway_state, interface, attached),
        )| Drawn {
            egress,
            endpoint_ingress,
            private_acl,
            public_acl,
            private_routes,
            main_routes,
            public_routes,
            nat,
            gateway_tables,
            gateway_state,
            interface,
            attached,
        },
    )
}

/// The founding story's VPC with everything that decides replaced.
fn world(drawn: &Drawn) -> Snapshot {
    let mut snapshot = Snapshot::from_json(Scenario::named("isolated").unwrap().snapshot).unwrap();
    let network = &mut snapshot.network;
    let vpc = network.vpcs.iter().next().unwrap().id.clone();
    network.security_groups.get_mut(&SecurityGroupId::from(GROUP)).unwrap().egress.clone_from(&drawn.egress);
    for gateway in network.internet_gateways.iter_mut() {
        gateway.attached_to = drawn.attached.then(|| vpc.clone());
    }
    let mut acl = network.network_acls.iter().next().unwrap().clone();
    let public = acl.subnets.pop().unwrap();
    assert_eq!(public.as_str(), PUBLIC);
    (acl.inbound, acl.outbound) = drawn.private_acl.clone();
    let mut other = acl.clone();
    other.id = NetworkAclId::from("acl-public");
    other.subnets = vec![public];
    (other.inbound, other.outbound) = drawn.public_acl.clone();
    network.network_acls.insert(acl);
    network.network_acls.insert(other);
    let (state, connectivity, stands) = drawn.nat.clone();
    network.nat_gateways.insert(NatGateway {
        id: NatGatewayId::from("nat-1"),
        vpc: vpc.clone(),
        state,
        connectivity,
        placement: NatPlacement::Subnet(SubnetId::from(stands)),
        tags: BTreeMap::new(),
    });
    let endpoint = EndpointId::from("vpce-s3");
    for (number, table) in network.route_tables.iter_mut().enumerate() {
        table.routes.truncate(1);
        let more = match (table.main, table.subnets.iter().any(|id| id.as_str() == PUBLIC)) {
            (true, _) => &drawn.main_routes,
            (false, true) => &drawn.public_routes,
            (false, false) => &drawn.private_routes,
        };
        table.routes.extend(more.iter().cloned());
        if drawn.gateway_tables[number] {
            table.routes.push(Route {
                destination: RouteDestination::PrefixList(PrefixListId::from(S3_LIST)),
                target: RouteTarget::Endpoint(endpoint.clone()),
                state: RouteState::Active,
                origin: RouteOrigin::Table,
            });
        }
    }
    network.endpoints.insert(Endpoint {
        id: endpoint,
        vpc: vpc.clone(),
        service: "com.amazonaws.us-west-2.s3".to_owned(),
        state: drawn.gateway_state.to_owned(),
        kind: EndpointKind::Gateway { route_tables: Vec::new() },
        tags: BTreeMap::new(),
    });
    if drawn.interface {
        let guard = SecurityGroupId::from("sg-endpoint");
        network.security_groups.insert(SecurityGroup {
            id: guard.clone(),
            name: "endpoint".to_owned(),
            vpc: vpc.clone(),
            ingress: drawn.endpoint_ingress.clone(),
            egress: Vec::new(),
            tags: BTreeMap::new(),
        });
        let foot = |subnet: &str, address: &str| EndpointInterface {
            subnet: SubnetId::from(subnet),
            address: Some(address.parse().unwrap()),
        };
        network.endpoints.insert(Endpoint {
            id: EndpointId::from("vpce-secrets"),
            vpc,
            service: "com.amazonaws.us-west-2.secretsmanager".to_owned(),
            state: "available".to_owned(),
            kind: EndpointKind::Interface {
                private_dns: true,
                private_dns_only_inbound: false,
                private_names: vec![SECRETS.to_owned()],
                security_groups: vec![guard],
                interfaces: vec![foot(A, "10.40.0.9"), foot("subnet-02a4b6c8d0e1f3a52", "10.40.16.9")],
            },
            tags: BTreeMap::new(),
        });
    }
    snapshot
}

/// Addresses on both sides of every edge that the drawn rules and routes can have.
fn samples(nets: &[Ipv4Net]) -> Vec<Ipv4Addr> {
    let edges = [
        "52.218.128.0/18",
        "52.218.192.0/18",
        "3.5.76.0/24",
        "3.5.77.0/24",
        "18.34.48.0/21",
        "18.34.56.0/21",
    ];
    let all = nets.iter().copied().chain(edges.map(net));
    let inside = |address: &Ipv4Addr| nets.iter().any(|net| net.contains(address));
    all.flat_map(|net| [net.network(), net.broadcast()]).filter(inside).collect()
}

fn check(snapshot: &Snapshot, host: &str, addresses: &[Ipv4Addr], passed: &Cell<usize>, all: &Cell<usize>) {
    let workload = snapshot.workloads.iter().next().unwrap();
    let wanted = destination(host).unwrap();
    let Egresses::Vpc(sources) = egresses(snapshot, workload) else {
        panic!("the service leaves by its connector")
    };
    for source in sources {
        let judged = trace(snapshot, &source, &wanted);
        let subnet = snapshot.network.subnets.get(&source.subnet).unwrap();
        let arrives = |address: &Ipv4Addr| {
            packet::arrives(&snapshot.network, subnet, &source.security_groups, *address, wanted.port)
        };
        for address in addresses {
            let engine = match &judged.verdict {
                Verdict::Reachable(_) => true,
                Verdict::Blocked => false,
                Verdict::Partial { stopped } => !stopped.contains(*address),
                Verdict::Unknown => panic!("everything is known here: {judged:#?}"),
            };
            let packet = arrives(address);
            all.set(all.get() + 1);
            passed.set(passed.get() + usize::from(packet));
            assert_eq!(engine, packet, "{address} from {}: {judged:#?}", source.subnet);
        }
    }
}

#[test]
fn the_engine_and_a_single_packet_agree_on_random_networks() {
    let (passed, all) = (Cell::new(0), Cell::new(0));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 4_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&drawn(), |drawn| {
            let snapshot = world(&drawn);
            let list = snapshot.network.prefix_lists.get(&PrefixListId::from(S3_LIST)).unwrap();
            let s3 = samples(list.cidrs.as_deref().unwrap());
            check(&snapshot, "s3.us-west-2.amazonaws.com", &s3, &passed, &all);
            for address in ["8.8.8.8", "8.8.8.9", "52.218.130.7", "93.184.216.34"] {
                check(&snapshot, &format!("{address}:443"), &[address.parse().unwrap()], &passed, &all);
            }
            if drawn.interface {
                let feet = ["10.40.0.9".parse().unwrap(), "10.40.16.9".parse().unwrap()];
                check(&snapshot, SECRETS, &feet, &passed, &all);
            }
            Ok(())
        })
        .unwrap();
    // A test in which nothing arrives, or everything does, proves little.
    let share = passed.get() * 100 / all.get();
    assert!((20..=80).contains(&share), "{share} % of {} packets arrive", all.get());
}
