//! Random networks with receivers: a database in the VPC, which can have a public address, a NAT instance, and a database in a peer
//! VPC. The other parts are those of `random`.

use std::collections::BTreeMap;

use egress_doctor::model::*;
use proptest::prelude::*;
use proptest::sample::select;

use super::random::{A, GROUP, PUBLIC, RandomNetwork, acl, group_rules, net, random_network, snapshot_of};

pub const B: &str = "subnet-02a4b6c8d0e1f3a52";
/// The public address of the database, if it has one.
pub const DATABASE_PUBLIC: &str = "54.70.1.20";
/// The database in the peer VPC.
pub const PEER_DATABASE: &str = "10.90.1.20";
/// The public address of the NAT gateway.
pub const NAT_ADDRESS: &str = "35.160.1.10";
pub const NAT_INSTANCE: &str = "eni-nat";
const PEERING: &str = "pcx-1";
const PEER_VPC: &str = "vpc-peer";

/// The random parts of a network with receivers.
#[derive(Clone, Debug)]
pub struct World {
    network: RandomNetwork,
    database: Database,
    instance: NatInstance,
    peering: Peering,
    /// Whether the public address of the NAT gateway is in the snapshot.
    knows_nat_address: bool,
    /// An outbound rule of the connector for the port of the databases.
    egress: Option<Peer>,
}

#[derive(Clone, Debug)]
struct Database {
    subnet: &'static str,
    ingress: Vec<SecurityGroupRule>,
    is_public: bool,
    state: InterfaceState,
}

#[derive(Clone, Debug)]
struct NatInstance {
    subnet: &'static str,
    ingress: Vec<SecurityGroupRule>,
    source_dest_check: bool,
    has_public_address: bool,
    /// Whether the default routes of the private and of the main route table go to it.
    routes: [bool; 2],
}

#[derive(Clone, Debug)]
struct Peering {
    state: PeeringState,
    ingress: Vec<SecurityGroupRule>,
    acl: (Vec<AclRule>, Vec<AclRule>),
    /// Whether the private and the main route table have a route to it.
    routes: [bool; 2],
    /// The state of the route back; `None` without a route.
    return_route: Option<RouteState>,
}

fn callers() -> impl Strategy<Value = Peer> + Clone {
    let ranges = select(vec![
        net("0.0.0.0/0"),
        net("10.40.0.0/16"),
        net("10.40.0.0/16"),
        net("10.40.0.0/20"),
        net("10.40.16.0/20"),
        net("35.160.1.10/32"),
        net("35.160.1.0/24"),
        net("52.0.0.0/8"),
    ]);
    prop_oneof![
        3 => ranges.prop_map(Peer::Ipv4),
        2 => Just(Peer::Group(SecurityGroupId::from(GROUP))),
        1 => Just(Peer::Group(SecurityGroupId::from("sg-other"))),
    ]
}

pub fn random_world() -> impl Strategy<Value = World> {
    let likely = prop::bool::weighted(0.75);
    let database = (
        select(vec![A, B, B, PUBLIC, PUBLIC, PUBLIC]),
        group_rules(callers()),
        prop::bool::weighted(0.7),
        select(vec![
            InterfaceState::InUse,
            InterfaceState::InUse,
            InterfaceState::InUse,
            InterfaceState::InUse,
            InterfaceState::InUse,
            InterfaceState::Available,
        ]),
    )
        .prop_map(|(subnet, ingress, is_public, state)| Database { subnet, ingress, is_public, state });
    let instance =
        (
            select(vec![PUBLIC, PUBLIC, PUBLIC, PUBLIC, A]),
            group_rules(callers()),
            prop::bool::weighted(0.25),
            likely,
            [prop::bool::weighted(0.2), prop::bool::weighted(0.2)],
        )
            .prop_map(|(subnet, ingress, source_dest_check, has_public_address, routes)| {
                NatInstance { subnet, ingress, source_dest_check, has_public_address, routes }
            });
    let states = select(vec![
        PeeringState::Active,
        PeeringState::Active,
        PeeringState::Active,
        PeeringState::Active,
        PeeringState::PendingAcceptance,
        PeeringState::Expired,
    ]);
    let return_route = select(vec![
        Some(RouteState::Active),
        Some(RouteState::Active),
        Some(RouteState::Active),
        Some(RouteState::Blackhole),
        None,
    ]);
    let peering = (states, group_rules(callers()), acl(), [likely, likely], return_route).prop_map(
        |(state, ingress, acl, routes, return_route)| Peering { state, ingress, acl, routes, return_route },
    );
    let egress = prop_oneof![
        2 => Just(None),
        1 => select(vec![
            Peer::Group(SecurityGroupId::from("sg-database")),
            Peer::Group(SecurityGroupId::from("sg-peer")),
            Peer::Ipv4(net("10.0.0.0/8")),
            Peer::Ipv4(net("54.70.1.20/32")),
        ])
        .prop_map(Some),
    ];
    (random_network(), database, instance, peering, likely, egress).prop_map(
        |(network, database, instance, peering, knows_nat_address, egress)| World {
            network,
            database,
            instance,
            peering,
            knows_nat_address,
            egress,
        },
    )
}

impl World {
    /// Whether Secrets Manager has an interface endpoint.
    pub fn has_endpoint(&self) -> bool {
        self.network.interface
    }

    /// The private address of the database.
    pub fn database(&self) -> &'static str {
        match self.database.subnet {
            A => "10.40.0.70",
            B => "10.40.16.70",
            _ => "10.40.96.70",
        }
    }

    /// Whether the database has a public address.
    pub fn has_public_database(&self) -> bool {
        self.database.is_public
    }

    /// Whether the public address of the NAT gateway is in the snapshot.
    pub fn knows_nat_address(&self) -> bool {
        self.knows_nat_address
    }
}

/// The network of `random` with the receivers.
pub fn snapshot_of_world(world: &World) -> Snapshot {
    let mut snapshot = snapshot_of(&world.network);
    let network = &mut snapshot.network;
    let vpc = network.vpcs.iter().next().unwrap().id.clone();
    if world.knows_nat_address {
        network
            .nat_gateways
            .iter_mut()
            .for_each(|nat| nat.public_addresses = vec![NAT_ADDRESS.parse().unwrap()]);
    }
    let ranges: BTreeMap<SubnetId, ipnet::Ipv4Net> =
        network.subnets.iter().filter_map(|subnet| Some((subnet.id.clone(), subnet.cidr?))).collect();
    for nat in network.nat_gateways.iter_mut().filter(|_| world.knows_nat_address) {
        let NatPlacement::Subnet(subnet) = &nat.placement else { continue };
        nat.private_addresses = ranges.get(subnet).and_then(|net| net.hosts().nth(4)).into_iter().collect();
    }
    add_interface(network, &vpc, "sg-database", &world.database.ingress, |interface| {
        interface.id = NetworkInterfaceId::from("eni-database");
        interface.subnet = SubnetId::from(world.database.subnet);
        interface.addresses = vec![world.database().parse().unwrap()];
        interface.state = world.database.state.clone();
        "RDSNetworkInterface".clone_into(&mut interface.description);
        if world.database.is_public {
            interface.public_address = true;
            interface.public_addresses = vec![DATABASE_PUBLIC.parse().unwrap()];
        }
    });
    add_nat_instance(network, &vpc, &world.instance);
    add_peer(network, &vpc, &world.peering);
    if let Some(peer) = &world.egress {
        let ports = PortRange::one(5432);
        let rule = SecurityGroupRule { protocol: Protocol::Tcp, ports, peer: peer.clone() };
        network.security_groups.get_mut(&SecurityGroupId::from(GROUP)).unwrap().egress.push(rule);
    }
    snapshot
}

fn add_nat_instance(network: &mut Network, vpc: &VpcId, instance: &NatInstance) {
    add_interface(network, vpc, "sg-nat", &instance.ingress, |interface| {
        interface.id = NetworkInterfaceId::from(NAT_INSTANCE);
        interface.subnet = SubnetId::from(instance.subnet);
        let address = if instance.subnet == PUBLIC { "10.40.96.60" } else { "10.40.0.60" };
        interface.addresses = vec![address.parse().unwrap()];
        interface.source_dest_check = Some(instance.source_dest_check);
        interface.instance = Some(ResourceId::from("i-nat"));
        if instance.has_public_address {
            interface.public_address = true;
            interface.public_addresses = vec!["35.160.1.20".parse().unwrap()];
        }
    });
    let default = RouteDestination::Ipv4(net("0.0.0.0/0"));
    let target = RouteTarget::NetworkInterface(NetworkInterfaceId::from(NAT_INSTANCE));
    for table in own_tables(network, vpc, instance.routes) {
        table.routes.retain(|route| route.destination != default);
        table.routes.push(route(default.clone(), target.clone(), RouteState::Active));
    }
}

fn add_peer(network: &mut Network, own: &VpcId, peering: &Peering) {
    let id = VpcId::from(PEER_VPC);
    let mut vpc = network.vpcs.get(own).unwrap().clone();
    vpc.id = id.clone();
    vpc.cidrs = vec![net("10.90.0.0/16")];
    vpc.ipv6_cidrs = Vec::new();
    network.vpcs.insert(vpc);
    let mut subnet = network.subnets.get(&SubnetId::from(A)).unwrap().clone();
    subnet.id = SubnetId::from("subnet-peer");
    subnet.vpc = id.clone();
    subnet.cidr = Some(net("10.90.1.0/24"));
    subnet.ipv6_cidrs = Vec::new();
    network.subnets.insert(subnet);
    let mut acl = network.network_acls.iter().next().unwrap().clone();
    acl.id = NetworkAclId::from("acl-peer");
    acl.vpc = id.clone();
    acl.default = true;
    acl.subnets = vec![SubnetId::from("subnet-peer")];
    (acl.inbound, acl.outbound) = peering.acl.clone();
    network.network_acls.insert(acl);
    let target = || RouteTarget::Peering(ResourceId::from(PEERING));
    // https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html: until the peering connection is active, a route to it
    // is a blackhole.
    let state_of = |state: &RouteState| match peering.state {
        PeeringState::Active => state.clone(),
        _ => RouteState::Blackhole,
    };
    let mut routes =
        vec![route(RouteDestination::Ipv4(net("10.90.0.0/16")), RouteTarget::Local, RouteState::Active)];
    if let Some(state) = &peering.return_route {
        routes.push(route(RouteDestination::Ipv4(net("10.40.0.0/16")), target(), state_of(state)));
    }
    network.route_tables.insert(RouteTable {
        id: RouteTableId::from("rtb-peer"),
        vpc: id.clone(),
        main: true,
        subnets: Vec::new(),
        routes,
        tags: BTreeMap::new(),
    });
    for table in own_tables(network, own, peering.routes) {
        let range = RouteDestination::Ipv4(net("10.90.0.0/16"));
        table.routes.push(route(range, target(), state_of(&RouteState::Active)));
    }
    add_interface(network, &id, "sg-peer", &peering.ingress, |interface| {
        interface.id = NetworkInterfaceId::from("eni-peer");
        interface.subnet = SubnetId::from("subnet-peer");
        interface.addresses = vec![PEER_DATABASE.parse().unwrap()];
    });
    network.peering_connections.insert(PeeringConnection {
        id: ResourceId::from(PEERING),
        vpcs: [own.clone(), id],
        state: peering.state.clone(),
        places: [None, None],
        resolves_names: [None, None],
    });
}

/// The selected ones of the private and of the main route table.
fn own_tables<'a>(
    network: &'a mut Network,
    vpc: &'a VpcId,
    [private, main]: [bool; 2],
) -> impl Iterator<Item = &'a mut RouteTable> {
    network.route_tables.iter_mut().filter(move |table| {
        let is_public = table.subnets.iter().any(|id| id.as_str() == PUBLIC);
        table.vpc == *vpc && !is_public && if table.main { main } else { private }
    })
}

fn route(destination: RouteDestination, target: RouteTarget, state: RouteState) -> Route {
    Route { destination, target, state, origin: RouteOrigin::Static }
}

/// A network interface with its own security group.
fn add_interface(
    network: &mut Network,
    vpc: &VpcId,
    group: &str,
    ingress: &[SecurityGroupRule],
    change: impl FnOnce(&mut NetworkInterface),
) {
    network.security_groups.insert(SecurityGroup {
        id: SecurityGroupId::from(group),
        name: group.to_owned(),
        vpc: vpc.clone(),
        ingress: ingress.to_vec(),
        egress: Vec::new(),
        tags: BTreeMap::new(),
    });
    let mut interface = NetworkInterface {
        id: NetworkInterfaceId::from("eni"),
        vpc: vpc.clone(),
        subnet: SubnetId::from(A),
        addresses: Vec::new(),
        security_groups: vec![SecurityGroupId::from(group)],
        kind: InterfaceKind::Interface,
        description: String::new(),
        requester: None,
        public_address: false,
        public_addresses: Vec::new(),
        instance: None,
        state: InterfaceState::InUse,
        source_dest_check: Some(true),
    };
    change(&mut interface);
    network.network_interfaces.insert(interface);
}
