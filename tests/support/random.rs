//! Random networks: the VPC of the scenario `isolated` with random rules, routes and states. The values are
//! selected so that about half of all packets arrive, and so that some ranges start or end at a sampled
//! address or port.

use std::collections::BTreeMap;

use egress_doctor::model::*;
use egress_doctor::scenario::Scenario;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

pub const A: &str = "subnet-01f3a5c7e9b2d4f60";
pub const GROUP: &str = "sg-0a1b2c3d4e5f60718";
pub const S3_LIST: &str = "pl-68a54001";
pub const SECRETS: &str = "secretsmanager.us-west-2.amazonaws.com";
pub const PUBLIC: &str = "subnet-0f7e6d5c4b3a29181";
pub const IGW: &str = "igw-0c2d4e6f8a1b3c5d7";

/// The random parts of a network.
#[derive(Clone, Debug)]
pub struct RandomNetwork {
    egress: Vec<SecurityGroupRule>,
    endpoint_ingress: Vec<SecurityGroupRule>,
    private_acl: (Vec<AclRule>, Vec<AclRule>),
    public_acl: (Vec<AclRule>, Vec<AclRule>),
    private_routes: Vec<Route>,
    main_routes: Vec<Route>,
    public_routes: Vec<Route>,
    nat: (NatState, NatConnectivity, &'static str),
    gateway_tables: Vec<bool>,
    gateway_state: EndpointState,
    pub interface: bool,
    attached: bool,
    /// Block Public Access of all subnets.
    block: BlockPublicAccess,
    ipv6_routes: [Vec<Route>; 2],
    egress_only_attached: bool,
}

pub fn net(text: &str) -> Ipv4Net {
    text.parse().unwrap()
}

/// Ranges that contain the addresses of a destination, are equal to them, contain a part of them, or are
/// next to them.
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

pub fn net6(text: &str) -> Ipv6Net {
    text.parse().unwrap()
}

/// The same ranges for IPv6.
fn ranges6() -> impl Strategy<Value = Ipv6Net> {
    select(vec![
        net6("::/0"),
        net6("::/0"),
        net6("2600:1f14::/35"),
        net6("2600::/12"),
        net6("2606:4700::1111/128"),
    ])
}

fn either() -> impl Strategy<Value = IpNet> {
    prop_oneof![3 => ranges().prop_map(IpNet::V4), 1 => ranges6().prop_map(IpNet::V6)]
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

pub fn group_rules(
    peers: impl Strategy<Value = Peer> + Clone,
) -> impl Strategy<Value = Vec<SecurityGroupRule>> {
    let open = |peer| SecurityGroupRule { protocol: Protocol::All, ports: PortRange::ALL, peer };
    let open = vec![open(Peer::Ipv4(net("0.0.0.0/0"))), open(Peer::Ipv6(net6("::/0")))];
    let rule = (protocol(), ports(), peers).prop_map(|(protocol, ports, peer)| SecurityGroupRule {
        protocol,
        ports,
        peer,
    });
    prop_oneof![5 => Just(open), 2 => vec(rule, 0..5)]
}

fn acl_rules() -> impl Strategy<Value = Vec<AclRule>> {
    let action = select(vec![AclAction::Allow, AclAction::Allow, AclAction::Deny]);
    let rule = (1_u16..500, protocol(), ports(), either(), action).prop_map(
        |(number, protocol, ports, remote, action)| AclRule { number, protocol, ports, remote, action },
    );
    let open = |number, remote| AclRule {
        number,
        protocol: Protocol::All,
        ports: PortRange::ALL,
        remote,
        action: AclAction::Allow,
    };
    let open = [open(600, net("0.0.0.0/0").into()), open(601, net6("::/0").into())];
    (prop_oneof![2 => Just(Vec::new()), 1 => vec(rule, 1..4)], prop::bool::weighted(0.95)).prop_map(
        move |(mut rules, opens)| {
            rules.sort_by_key(|rule| rule.number);
            rules.dedup_by_key(|rule| rule.number);
            if opens {
                rules.extend(open.clone());
            }
            rules
        },
    )
}

/// Inbound and outbound rules: random rules, or typical narrow rules whose port range for replies is
/// sufficient or slightly too small.
pub fn acl() -> impl Strategy<Value = (Vec<AclRule>, Vec<AclRule>)> {
    let range = |from, to| PortRange { from, to };
    let allow = |number, ports, remote| AclRule {
        number,
        protocol: Protocol::Tcp,
        ports,
        remote,
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
        let rules = |replies| {
            let both = |number, ports| {
                [allow(number, ports, net("0.0.0.0/0").into()), allow(number + 1, ports, net6("::/0").into())]
            };
            [both(100, PortRange::one(443)), both(110, replies)].concat()
        };
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
        // A route table has at most one route for each destination.
        let once: BTreeMap<String, Route> =
            routes.into_iter().map(|route| (route.destination.to_string(), route)).collect();
        once.into_values().collect()
    })
}

/// The IPv6 routes of a table.
fn routes6() -> impl Strategy<Value = Vec<Route>> {
    let state = prop_oneof![9 => Just(RouteState::Active), 1 => Just(RouteState::Blackhole)];
    let destination = select(vec![net6("::/0"), net6("::/0"), net6("2600::/12"), net6("2600:1f14::/35")]);
    let target = select(vec![RouteTarget::of("eigw-1"), RouteTarget::of("eigw-1"), RouteTarget::of(IGW)]);
    let route = (destination, target, state).prop_map(|(net, target, state)| Route {
        destination: RouteDestination::Ipv6(net),
        target,
        state,
        origin: RouteOrigin::Static,
    });
    vec(route, 0..3).prop_map(|routes| {
        let once: BTreeMap<String, Route> =
            routes.into_iter().map(|route| (route.destination.to_string(), route)).collect();
        once.into_values().collect()
    })
}

pub fn random_network() -> impl Strategy<Value = RandomNetwork> {
    let nat = || RouteTarget::NatGateway(NatGatewayId::from("nat-1"));
    let igw = || RouteTarget::InternetGateway(InternetGatewayId::from(IGW));
    let outward = prop_oneof![
        4 => ranges().prop_map(Peer::Ipv4),
        2 => ranges6().prop_map(Peer::Ipv6),
        1 => Just(Peer::PrefixList(PrefixListId::from(S3_LIST))),
        1 => Just(Peer::Group(SecurityGroupId::from("sg-other"))),
    ];
    let inward = prop_oneof![
        3 => select(vec![net("0.0.0.0/0"), net("10.40.0.0/16"), net("10.40.0.0/20"), net("10.40.16.0/20")]).prop_map(Peer::Ipv4),
        1 => Just(Peer::Group(SecurityGroupId::from(GROUP))),
        1 => Just(Peer::Group(SecurityGroupId::from("sg-other"))),
    ];
    let gateway = (
        select(vec![NatState::Available, NatState::Available, NatState::Available, NatState::Failed]),
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
        select(vec![
            EndpointState::Available,
            EndpointState::Available,
            EndpointState::Available,
            EndpointState::Pending,
        ]),
        any::<bool>(),
        prop::bool::weighted(0.95),
    );
    let block = select(vec![
        BlockPublicAccess::Off,
        BlockPublicAccess::Off,
        BlockPublicAccess::Off,
        BlockPublicAccess::Off,
        BlockPublicAccess::BlockIngress,
        BlockPublicAccess::BlockBidirectional,
    ]);
    let fourth = (block, [routes6(), routes6()], prop::bool::weighted(0.9));
    (first, second, third, fourth).prop_map(
        |(
            (egress, endpoint_ingress, private_acl, public_acl),
            (private_routes, main_routes, public_routes),
            (nat, gateway_tables, gateway_state, interface, attached),
            (block, ipv6_routes, egress_only_attached),
        )| RandomNetwork {
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
            block,
            ipv6_routes,
            egress_only_attached,
        },
    )
}

/// The VPC of the scenario `isolated` with the random rules, routes and states.
#[allow(clippy::too_many_lines, reason = "one object of the network after the other")]
pub fn snapshot_of(random: &RandomNetwork) -> Snapshot {
    let mut snapshot = Snapshot::from_json(Scenario::named("isolated").unwrap().snapshot).unwrap();
    let network = &mut snapshot.network;
    let vpc = network.vpcs.iter().next().unwrap().id.clone();
    // A security group without members.
    let mut other = network.security_groups.get(&SecurityGroupId::from(GROUP)).unwrap().clone();
    other.id = SecurityGroupId::from("sg-other");
    network.security_groups.insert(other);
    network.security_groups.get_mut(&SecurityGroupId::from(GROUP)).unwrap().egress.clone_from(&random.egress);
    for gateway in network.internet_gateways.iter_mut() {
        gateway.attached_to = random.attached.then(|| vpc.clone());
    }
    network.egress_only_internet_gateways.insert(EgressOnlyInternetGateway {
        id: EgressOnlyInternetGatewayId::from("eigw-1"),
        attached_to: random.egress_only_attached.then(|| vpc.clone()),
    });
    network.vpcs.iter_mut().for_each(|vpc| vpc.ipv6_cidrs = vec![net6("2600:1f13:0:100::/56")]);
    for (number, subnet) in network.subnets.iter_mut().enumerate() {
        subnet.ipv6_cidrs = vec![net6(&format!("2600:1f13:0:10{number}::/64"))];
        subnet.block_public_access = random.block.clone();
    }
    snapshot.workloads.iter_mut().for_each(|workload| workload.dual_stack = true);
    let mut acl = network.network_acls.iter().next().unwrap().clone();
    let public = acl.subnets.pop().unwrap();
    assert_eq!(public.as_str(), PUBLIC);
    (acl.inbound, acl.outbound) = random.private_acl.clone();
    let mut other = acl.clone();
    other.id = NetworkAclId::from("acl-public");
    other.subnets = vec![public];
    (other.inbound, other.outbound) = random.public_acl.clone();
    network.network_acls.insert(acl);
    network.network_acls.insert(other);
    let (state, connectivity, nat_subnet) = random.nat.clone();
    network.nat_gateways.insert(NatGateway {
        id: NatGatewayId::from("nat-1"),
        vpc: vpc.clone(),
        state,
        failure: None,
        connectivity,
        has_appliance: false,
        unusable_addresses: None,
        private_addresses: Vec::new(),
        placement: NatPlacement::Subnet(SubnetId::from(nat_subnet)),
        public_addresses: Vec::new(),
        tags: BTreeMap::new(),
    });
    let endpoint = EndpointId::from("vpce-s3");
    for (number, table) in network.route_tables.iter_mut().enumerate() {
        table.routes.truncate(1);
        let more = match (table.main, table.subnets.iter().any(|id| id.as_str() == PUBLIC)) {
            (true, _) => &random.main_routes,
            (false, true) => &random.public_routes,
            (false, false) => &random.private_routes,
        };
        table.routes.extend(more.iter().cloned());
        table.routes.extend(random.ipv6_routes[usize::from(table.main)].iter().cloned());
        if random.gateway_tables[number] {
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
        state: random.gateway_state.clone(),
        kind: EndpointKind::Gateway { route_tables: Vec::new() },
        policy: None,
        tags: BTreeMap::new(),
    });
    if random.interface {
        let group = SecurityGroupId::from("sg-endpoint");
        network.security_groups.insert(SecurityGroup {
            id: group.clone(),
            name: "endpoint".to_owned(),
            vpc: vpc.clone(),
            ingress: random.endpoint_ingress.clone(),
            egress: Vec::new(),
            tags: BTreeMap::new(),
        });
        let interface = |subnet: &str, address: &str| EndpointInterface {
            subnet: SubnetId::from(subnet),
            address: Some(address.parse().unwrap()),
            ipv6_address: None,
        };
        network.endpoints.insert(Endpoint {
            id: EndpointId::from("vpce-secrets"),
            vpc,
            service: "com.amazonaws.us-west-2.secretsmanager".to_owned(),
            state: EndpointState::Available,
            kind: EndpointKind::Interface {
                private_dns: true,
                private_dns_only_inbound: Some(false),
                private_names: vec![SECRETS.to_owned()],
                ipv6_records: false,
                security_groups: vec![group],
                interfaces: vec![
                    interface(A, "10.40.0.9"),
                    interface("subnet-02a4b6c8d0e1f3a52", "10.40.16.9"),
                ],
            },
            policy: None,
            tags: BTreeMap::new(),
        });
    }
    snapshot
}

/// Removes all or some results of a call from the snapshot, and adds a gap for the call.
pub fn forget(snapshot: &mut Snapshot, call: Call, kept: &[bool]) {
    fn thin<T: Keyed + Clone>(table: &mut Table<T>, kept: &[bool]) {
        *table = table
            .iter()
            .cloned()
            .zip(kept.iter().cycle())
            .filter(|(_, keep)| **keep)
            .map(|(item, _)| item)
            .collect();
    }
    let network = &mut snapshot.network;
    match call {
        Call::DescribeVpcs => thin(&mut network.vpcs, kept),
        Call::DescribeSubnets => thin(&mut network.subnets, kept),
        Call::DescribeRouteTables => thin(&mut network.route_tables, kept),
        Call::DescribeSecurityGroups => thin(&mut network.security_groups, kept),
        Call::DescribeNetworkAcls => thin(&mut network.network_acls, kept),
        Call::DescribeVpcEndpoints => thin(&mut network.endpoints, kept),
        Call::DescribeNatGateways => thin(&mut network.nat_gateways, kept),
        Call::DescribeInternetGateways => thin(&mut network.internet_gateways, kept),
        Call::DescribeNetworkInterfaces => thin(&mut network.network_interfaces, kept),
        Call::DescribeVpcPeeringConnections => thin(&mut network.peering_connections, kept),
        Call::DescribeManagedPrefixLists => thin(&mut network.prefix_lists, kept),
        Call::GetManagedPrefixListEntries => {
            network.prefix_lists.iter_mut().for_each(|list| list.cidrs = None);
        }
        Call::DescribeVpcAttribute => network.vpcs.iter_mut().for_each(|vpc| vpc.dns.support = None),
        Call::DescribeDhcpOptions => {
            network.vpcs.iter_mut().for_each(|vpc| vpc.dns.resolver = DhcpResolver::Unknown);
        }
        _ => {}
    }
    let kind = if kept.contains(&true) { GapKind::Partial } else { GapKind::Denied };
    snapshot.gaps.push(Gap::new(call, kind, "forgotten".to_owned()));
}

/// The calls whose results [`forget`] removes.
pub const FORGETTABLE: &[Call] = &[
    Call::DescribeVpcs,
    Call::DescribeSubnets,
    Call::DescribeRouteTables,
    Call::DescribeSecurityGroups,
    Call::DescribeNetworkAcls,
    Call::DescribeVpcEndpoints,
    Call::DescribeNatGateways,
    Call::DescribeInternetGateways,
    Call::DescribeNetworkInterfaces,
    Call::DescribeVpcPeeringConnections,
    Call::DescribeManagedPrefixLists,
    Call::GetManagedPrefixListEntries,
    Call::DescribeVpcAttribute,
    Call::DescribeDhcpOptions,
];
