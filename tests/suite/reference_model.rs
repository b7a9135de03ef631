//! Compares the engine with a reference model on random networks. The model was written from the AWS
//! documentation without the code of the engine, and checks one packet at a time. The engine evaluates sets
//! of addresses; for each sampled address both must give the same result.
//!
//! `EGRESS_DOCTOR_WORLDS` sets the number of networks.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::support::random::{S3_LIST, SECRETS, net};
use crate::support::world::{DATABASE_PUBLIC, PEER_DATABASE, random_world, snapshot_of_world};
use egress_doctor::evidence::destination;
use egress_doctor::model::*;
use egress_doctor::reach::{Egresses, Engine, Verdict, egresses};
use ipnet::IpNet;
use packet::Arrival;
use proptest::prelude::ProptestConfig;

/// The reference model: the rules of AWS for one packet.
mod packet {
    use super::*;

    /// Whether the request arrives and the reply returns. In the order of the least: `a.min(b)` is the result of both.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Arrival {
        No,
        /// The software of an instance, or an address that was not read, decides.
        Depends,
        Yes,
    }

    impl From<bool> for Arrival {
        fn from(arrives: bool) -> Self {
            if arrives { Self::Yes } else { Self::No }
        }
    }

    /// Whether the request from the subnet reaches the address, and the reply to every possible source port
    /// returns.
    pub fn arrives(
        network: &Network,
        subnet: &Subnet,
        groups: &[SecurityGroupId],
        to: IpAddr,
        port: u16,
    ) -> Arrival {
        // Security groups are stateful: only the request is checked, not the reply.
        // https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
        let leaves = groups
            .iter()
            .filter_map(|id| network.security_groups.get(id))
            .flat_map(|group| &group.egress)
            .any(|rule| rule_fits(network, rule, to, port));
        if leaves { forwarded(network, subnet, groups, to, port) } else { Arrival::No }
    }

    /// If the protocol is "all", the ports of the rule have no effect.
    fn port_fits(protocol: Protocol, ports: PortRange, port: u16) -> bool {
        match protocol {
            Protocol::All => true,
            Protocol::Tcp | Protocol::Number(6) => ports.from <= port && port <= ports.to,
            Protocol::Udp | Protocol::Number(_) => false,
        }
    }

    fn rule_fits(network: &Network, rule: &SecurityGroupRule, other: IpAddr, port: u16) -> bool {
        let peer = match &rule.peer {
            Peer::Ipv4(net) => IpNet::V4(*net).contains(&other),
            Peer::Ipv6(net) => IpNet::V6(*net).contains(&other),
            Peer::PrefixList(id) => entries(network, id).iter().any(|net| net.contains(&other)),
            // A security group stands for the private addresses of its network interfaces.
            // https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
            Peer::Group(id) => network
                .network_interfaces
                .iter()
                .any(|one| one.security_groups.contains(id) && one.addresses.contains(&other)),
        };
        port_fits(rule.protocol, rule.ports, port) && peer
    }

    fn entries<'a>(network: &'a Network, id: &PrefixListId) -> &'a [IpNet] {
        network.prefix_lists.get(id).and_then(|list| list.cidrs.as_deref()).unwrap_or_default()
    }

    fn forwarded(
        network: &Network,
        subnet: &Subnet,
        groups: &[SecurityGroupId],
        to: IpAddr,
        port: u16,
    ) -> Arrival {
        let Some(route) = best_route(network, table_of(network, &subnet.id), to) else { return Arrival::No };
        if route.state == RouteState::Blackhole {
            return Arrival::No;
        }
        match &route.target {
            RouteTarget::Local => inside(network, subnet, groups, to, port).into(),
            RouteTarget::Endpoint(id) => {
                let is_available = network.endpoints.get(id).unwrap().state == EndpointState::Available;
                (crosses(network, subnet, to, port, LINUX) && is_available).into()
            }
            RouteTarget::NatGateway(id) => {
                let leaves = Arrival::from(crosses(network, subnet, to, port, LINUX));
                let translated = translated(network, id, subnet, to, port);
                leaves.min(translated).min(from_the_internet(network, id, to, port))
            }
            // A network interface of a connector has no public IPv4 address; its IPv6 address is public.
            // https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
            RouteTarget::InternetGateway(igw) => {
                let attached =
                    network.internet_gateways.get(igw).is_some_and(|igw| igw.attached_to.is_some());
                let open = subnet.block_public_access == BlockPublicAccess::Off;
                (to.is_ipv6() && attached && open && crosses(network, subnet, to, port, LINUX)).into()
            }
            // https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
            RouteTarget::EgressOnlyInternetGateway(gateway) => {
                let found = network.egress_only_internet_gateways.get(gateway);
                let attached = found.is_some_and(|gateway| gateway.attached_to.is_some());
                let open = subnet.block_public_access != BlockPublicAccess::BlockBidirectional;
                (to.is_ipv6() && attached && open && crosses(network, subnet, to, port, LINUX)).into()
            }
            RouteTarget::NetworkInterface(id) => through_instance(network, id, subnet, groups, to, port),
            RouteTarget::Peering(id) => across(network, id, subnet, groups, (to, port), LINUX).into(),
            RouteTarget::Other(_) => panic!("random networks have no such target"),
        }
    }

    const LINUX: (u16, u16) = (32768, 60999);
    const NAT: (u16, u16) = (1024, 65535);

    /// The network ACL of the subnet allows the request outbound, and the reply inbound to every port of the
    /// range. <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html>
    fn crosses(network: &Network, subnet: &Subnet, to: IpAddr, port: u16, replies: (u16, u16)) -> bool {
        let acl = acl_of(network, &subnet.id);
        allowed(&acl.outbound, to, port) && every_port(&acl.inbound, to, replies)
    }

    fn acl_of<'a>(network: &'a Network, subnet: &SubnetId) -> &'a NetworkAcl {
        network.network_acls.iter().find(|acl| acl.subnets.contains(subnet)).unwrap()
    }

    /// The matching rule with the lowest number decides. Without a matching rule the packet is denied.
    fn allowed(rules: &[AclRule], other: IpAddr, port: u16) -> bool {
        let mut rules: Vec<&AclRule> = rules.iter().collect();
        rules.sort_by_key(|rule| rule.number);
        let first = rules.into_iter().find(|rule| {
            let ports = port_fits(rule.protocol, rule.ports, port);
            ports && rule.remote.contains(&other)
        });
        first.is_some_and(|rule| rule.action == AclAction::Allow)
    }

    /// Checks only the first and last ports of rules and the ports next to them: the result changes nowhere
    /// else.
    fn every_port(rules: &[AclRule], other: IpAddr, (from, to): (u16, u16)) -> bool {
        let edges = rules.iter().flat_map(|rule| {
            let (low, high) = (rule.ports.from, rule.ports.to);
            [low.saturating_sub(1), low, high, high.saturating_add(1)]
        });
        edges
            .chain([from, to])
            .filter(|port| (from..=to).contains(port))
            .all(|port| allowed(rules, other, port))
    }

    /// The associated route table; without an association, the main route table.
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html>
    fn table_of<'a>(network: &'a Network, subnet: &SubnetId) -> &'a RouteTable {
        let explicit = network.route_tables.iter().find(|table| table.subnets.contains(subnet));
        let vpc = &network.subnets.get(subnet).unwrap().vpc;
        let is_main = |table: &&RouteTable| table.main && table.vpc == *vpc;
        explicit.or_else(|| network.route_tables.iter().find(is_main)).unwrap()
    }

    /// The route with the longest prefix. For the same length, a static route comes before a prefix list.
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html>
    fn best_route<'a>(network: &'a Network, table: &'a RouteTable, to: IpAddr) -> Option<&'a Route> {
        let mut best: Option<(u8, u8, &Route)> = None;
        for route in &table.routes {
            let (nets, rank): (Vec<IpNet>, u8) = match &route.destination {
                RouteDestination::Ipv4(net) => (vec![IpNet::V4(*net)], 1),
                RouteDestination::Ipv6(net) => (vec![IpNet::V6(*net)], 1),
                RouteDestination::PrefixList(id) => (entries(network, id).to_vec(), 0),
                RouteDestination::Unspecified => (Vec::new(), 0),
            };
            let longest = nets.iter().filter(|net| net.contains(&to)).map(IpNet::prefix_len).max();
            if let Some(length) = longest
                && best.is_none_or(|(most, of, _)| (length, rank) > (most, of))
            {
                best = Some((length, rank, route));
            }
        }
        best.map(|(_, _, route)| route)
    }

    /// The receiver of an address in a VPC: its subnet, its security groups, and whether it accepts connections.
    fn receiver<'a>(
        network: &'a Network,
        vpc: &VpcId,
        address: IpAddr,
    ) -> Option<(&'a SubnetId, &'a [SecurityGroupId], bool)> {
        let of_endpoint = network.endpoints.iter().find_map(|endpoint| match &endpoint.kind {
            EndpointKind::Interface { interfaces, security_groups, .. } if endpoint.vpc == *vpc => {
                let own = |one: &&EndpointInterface| one.address.map(IpAddr::V4) == Some(address);
                let interface = interfaces.iter().find(own)?;
                let is_available = endpoint.state == EndpointState::Available;
                Some((&interface.subnet, security_groups.as_slice(), is_available))
            }
            _ => None,
        });
        of_endpoint.or_else(|| {
            let mut interfaces = network.network_interfaces.iter();
            let found = interfaces.find(|one| one.vpc == *vpc && one.addresses.contains(&address))?;
            // A detached network interface has the status `available`.
            // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html
            let is_attached = found.state == InterfaceState::InUse;
            Some((&found.subnet, found.security_groups.as_slice(), is_attached))
        })
    }

    /// The first and the last address of the subnet. The connector can have any address of it. These two are enough,
    /// because every range in a random rule contains the whole subnet or no part of it.
    fn own_addresses(subnet: &Subnet) -> [IpAddr; 2] {
        let us = IpNet::V4(subnet.cidr.unwrap());
        [us.network(), us.broadcast()]
    }

    /// Inbound rules allow the request from each address of the subnet. A rule with a security group allows the network
    /// interfaces in that group, also from a peer VPC.
    /// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html>
    fn admits(
        network: &Network,
        receiving: &[SecurityGroupId],
        from: &Subnet,
        groups: &[SecurityGroupId],
        port: u16,
    ) -> bool {
        let rules = || {
            receiving.iter().filter_map(|id| network.security_groups.get(id)).flat_map(|group| &group.ingress)
        };
        own_addresses(from).iter().all(|us| {
            rules().any(|rule| match &rule.peer {
                Peer::Group(id) => groups.contains(id) && port_fits(rule.protocol, rule.ports, port),
                _ => rule_fits(network, rule, *us, port),
            })
        })
    }

    /// The network ACL of the receiving subnet allows the request inbound and the replies outbound.
    fn enters(network: &Network, there: &SubnetId, from: &Subnet, port: u16, replies: (u16, u16)) -> bool {
        let acl = acl_of(network, there);
        own_addresses(from)
            .iter()
            .all(|us| allowed(&acl.inbound, *us, port) && every_port(&acl.outbound, *us, replies))
    }

    /// To a network interface in the VPC: its security groups must allow the request, and network ACLs apply only
    /// between subnets.
    fn inside(network: &Network, from: &Subnet, groups: &[SecurityGroupId], to: IpAddr, port: u16) -> bool {
        let Some((there, receiving, accepts)) = receiver(network, &from.vpc, to) else { return false };
        let borders = *there == from.id
            || crosses(network, from, to, port, LINUX) && enters(network, there, from, port, LINUX);
        borders && accepts && admits(network, receiving, from, groups, port)
    }

    /// Across a peering connection: it must be active, it carries only addresses of the peer VPC, and the route table
    /// of the receiver's subnet needs a route back.
    /// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html>
    fn across(
        network: &Network,
        id: &ResourceId,
        from: &Subnet,
        groups: &[SecurityGroupId],
        (to, port): (IpAddr, u16),
        replies: (u16, u16),
    ) -> bool {
        let peering = network.peering_connections.get(id).unwrap();
        let peer = peering.vpcs.iter().find(|vpc| **vpc != from.vpc).unwrap();
        let cidrs = &network.vpcs.get(peer).unwrap().cidrs;
        if peering.state != PeeringState::Active || !cidrs.iter().any(|net| IpNet::V4(*net).contains(&to)) {
            return false;
        }
        let Some((there, receiving, accepts)) = receiver(network, peer, to) else { return false };
        let returns = own_addresses(from).iter().all(|us| {
            let back = best_route(network, table_of(network, there), *us);
            back.is_some_and(|route| {
                route.state == RouteState::Active && route.target == RouteTarget::Peering(id.clone())
            })
        });
        returns
            && accepts
            && crosses(network, from, to, port, replies)
            && enters(network, there, from, port, replies)
            && admits(network, receiving, from, groups, port)
    }

    /// Through a NAT instance: its source/destination check must be off, its security groups must allow the packets, and
    /// it must be in a public subnet with a public address. Whether its software forwards packets is not known.
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html>
    fn through_instance(
        network: &Network,
        id: &NetworkInterfaceId,
        from: &Subnet,
        groups: &[SecurityGroupId],
        to: IpAddr,
        port: u16,
    ) -> Arrival {
        let instance = network.network_interfaces.get(id).unwrap();
        let there = &instance.subnet;
        let borders = *there == from.id
            || crosses(network, from, to, port, LINUX) && enters(network, there, from, port, LINUX);
        let admits = admits(network, &instance.security_groups, from, groups, port);
        let onwards = match best_route(network, table_of(network, there), to) {
            Some(route) if route.state == RouteState::Active => match &route.target {
                RouteTarget::NetworkInterface(next) => next != id,
                RouteTarget::InternetGateway(_) => !is_public(to) || !instance.public_addresses.is_empty(),
                _ => true,
            },
            // What its software does with packets without a route is not known either.
            Some(_) | None => true,
        };
        if borders && admits && onwards && instance.source_dest_check == Some(false) {
            Arrival::Depends
        } else {
            Arrival::No
        }
    }

    /// To the public address of a network interface: the packets come from the public address of the NAT gateway. If that
    /// is not known, from any public address.
    /// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.Scenarios.html>
    fn from_the_internet(network: &Network, nat: &NatGatewayId, to: IpAddr, port: u16) -> Arrival {
        let is_owner = |one: &&NetworkInterface| {
            let mut own = one.public_addresses.iter().map(|address| IpAddr::V4(*address));
            own.any(|own| own == to)
        };
        let Some(interface) = network.network_interfaces.iter().find(is_owner) else { return Arrival::Yes };
        let nat = network.nat_gateways.get(nat).unwrap();
        if let [address] = nat.public_addresses.as_slice() {
            return receives(network, interface, IpAddr::V4(*address), port);
        }
        let samples = [
            "35.160.1.10",
            "35.160.1.11",
            "8.8.8.8",
            "8.8.8.9",
            "52.1.1.1",
            "52.218.130.7",
            "52.218.193.1",
            "3.5.1.1",
            "3.5.76.1",
            "18.34.48.1",
            "93.184.216.34",
        ];
        let results = samples.map(|text| receives(network, interface, text.parse().unwrap(), port));
        let least = results.into_iter().min().unwrap();
        let most = results.into_iter().max().unwrap();
        if least == most { least } else { Arrival::Depends }
    }

    /// From a public address to a network interface with a public address.
    fn receives(network: &Network, interface: &NetworkInterface, from: IpAddr, port: u16) -> Arrival {
        let subnet = network.subnets.get(&interface.subnet).unwrap();
        let acl = acl_of(network, &subnet.id);
        let borders = allowed(&acl.inbound, from, port) && every_port(&acl.outbound, from, NAT);
        // https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html
        let open = subnet.block_public_access == BlockPublicAccess::Off;
        let mut rules = interface
            .security_groups
            .iter()
            .filter_map(|id| network.security_groups.get(id))
            .flat_map(|group| &group.ingress);
        // A security group in a rule matches private addresses only.
        let admits =
            rules.any(|rule| !matches!(rule.peer, Peer::Group(_)) && rule_fits(network, rule, from, port));
        if !(borders && open && admits && interface.state == InterfaceState::InUse) {
            return Arrival::No;
        }
        // The replies must leave through an internet gateway. A NAT gateway has no entry for a connection from the internet, and a
        // gateway endpoint has only its service behind it. What an instance or a peer does with them is not known.
        let back = best_route(network, table_of(network, &subnet.id), from);
        match back.filter(|route| route.state == RouteState::Active).map(|route| &route.target) {
            Some(RouteTarget::InternetGateway(_)) => Arrival::Yes,
            None | Some(RouteTarget::NatGateway(_) | RouteTarget::Endpoint(_)) => Arrival::No,
            Some(_) => Arrival::Depends,
        }
    }

    /// Through a NAT gateway, and from its subnet to the destination.
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>
    fn translated(network: &Network, id: &NatGatewayId, from: &Subnet, to: IpAddr, port: u16) -> Arrival {
        let nat = network.nat_gateways.get(id).unwrap();
        let NatPlacement::Subnet(nat_subnet) = &nat.placement else {
            panic!("random networks have only zonal NAT gateways")
        };
        let subnet = network.subnets.get(nat_subnet).unwrap();
        let acl = acl_of(network, nat_subnet);
        let inward = nat_subnet == &from.id || enters(network, nat_subnet, from, port, LINUX);
        let outward = allowed(&acl.outbound, to, port) && every_port(&acl.inbound, to, NAT);
        let onwards = best_route(network, table_of(network, &subnet.id), to);
        let onwards = match onwards.filter(|route| route.state == RouteState::Active) {
            None => Arrival::No,
            Some(route) => match &route.target {
                RouteTarget::InternetGateway(igw) => {
                    let attached =
                        network.internet_gateways.get(igw).is_some_and(|igw| igw.attached_to.is_some());
                    let open = subnet.block_public_access != BlockPublicAccess::BlockBidirectional;
                    (attached && open && nat.connectivity == NatConnectivity::Public && is_public(to)).into()
                }
                RouteTarget::Endpoint(id) => {
                    (network.endpoints.get(id).unwrap().state == EndpointState::Available).into()
                }
                // What a NAT instance does with the packets of a NAT gateway is not known.
                RouteTarget::NetworkInterface(_) => Arrival::Depends,
                // They have the private address of the NAT gateway. AWS documents a private NAT gateway only in front of transit
                // gateways and virtual private gateways.
                // https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-scenarios.html
                RouteTarget::Peering(id) => {
                    let own = nat.private_addresses.first().map(|address| (*address).into());
                    let sender = Subnet { cidr: own.or(subnet.cidr), ..subnet.clone() };
                    let arrives = across(network, id, &sender, &[], (to, port), NAT);
                    if arrives { Arrival::Depends } else { Arrival::No }
                }
                _ => Arrival::No,
            },
        };
        Arrival::from(nat.state == NatState::Available && inward && outward).min(onwards)
    }
}

/// Whether an address is public. Valid only for the addresses that this test samples.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !address.is_private(),
        IpAddr::V6(_) => true,
    }
}

/// First and last addresses of the ranges, and addresses on both sides of every edge of the random rules and
/// routes.
fn samples(nets: &[IpNet]) -> Vec<IpAddr> {
    let edges = [
        "52.218.128.0/18",
        "52.218.192.0/18",
        "3.5.76.0/24",
        "3.5.77.0/24",
        "18.34.48.0/21",
        "18.34.56.0/21",
    ];
    let all = nets.iter().copied().chain(edges.map(|text| IpNet::V4(net(text))));
    let inside = |address: &IpAddr| nets.iter().any(|net| net.contains(address));
    all.flat_map(|net| [net.network(), net.broadcast()]).filter(inside).collect()
}

/// How often a destination had each result.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    arrived: usize,
    depended: usize,
    lost: usize,
}

impl Tally {
    fn all(&self) -> usize {
        self.arrived + self.depended + self.lost
    }
}

/// Compares both for each address of a host. `may_be_weaker`: whether the engine may leave a result open that the model decides.
fn check(snapshot: &Snapshot, host: &str, addresses: &[IpAddr], may_be_weaker: bool, tally: &mut Tally) {
    let workload = snapshot.workloads.iter().next().unwrap();
    let wanted = destination(host).unwrap();
    let Egresses::Vpc(sources) = egresses(snapshot, workload) else { panic!("the service uses a connector") };
    let engine = Engine::new(snapshot);
    let tracer = engine.tracer(&wanted);
    for source in sources {
        let judged = tracer.trace(&source);
        let subnet = snapshot.network.subnets.get(&source.subnet).unwrap();
        let arrives = |address: &IpAddr| {
            packet::arrives(&snapshot.network, subnet, &source.security_groups, *address, wanted.port)
        };
        let packets: Vec<Arrival> = addresses.iter().map(arrives).collect();
        for (address, packet) in addresses.iter().zip(&packets) {
            match packet {
                Arrival::Yes => tally.arrived += 1,
                Arrival::Depends => tally.depended += 1,
                Arrival::No => tally.lost += 1,
            }
            let agree = match &judged.verdict {
                Verdict::Reachable(_) => *packet == Arrival::Yes,
                Verdict::Blocked => *packet == Arrival::No,
                // The other addresses of a partial verdict are reachable or unknown.
                Verdict::Partial { stopped } => stopped.contains(*address) == (*packet == Arrival::No),
                Verdict::Unknown => *packet == Arrival::Depends || may_be_weaker || addresses.len() > 1,
            };
            assert!(agree, "{packet:?}: {address} from {}: {judged:#?}", source.subnet);
        }
        if judged.verdict == Verdict::Unknown && !may_be_weaker {
            assert!(packets.contains(&Arrival::Depends), "{host} from {}: {judged:#?}", source.subnet);
            assert!(!packets.contains(&Arrival::No), "{host} from {}: {judged:#?}", source.subnet);
        }
    }
}

/// The number of random networks: `EGRESS_DOCTOR_WORLDS`, or a number that suits CI.
fn worlds() -> u32 {
    std::env::var("EGRESS_DOCTOR_WORLDS").map_or(1_000, |text| text.parse().unwrap())
}

#[test]
fn the_engine_and_a_single_packet_agree_on_random_networks() {
    let tallies: RefCell<BTreeMap<&str, Tally>> = RefCell::default();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: worlds(),
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&random_world(), |world| {
            let snapshot = snapshot_of_world(&world);
            let mut tallies = tallies.borrow_mut();
            let list = snapshot.network.prefix_lists.get(&PrefixListId::from(S3_LIST)).unwrap();
            let s3 = samples(list.cidrs.as_deref().unwrap());
            let tally = tallies.entry("S3").or_default();
            check(&snapshot, "s3.us-west-2.amazonaws.com", &s3, false, tally);
            let mut single = |name: &'static str, host: &str, address: &str, may_be_weaker: bool| {
                let tally = tallies.entry(name).or_default();
                check(&snapshot, host, &[address.parse().unwrap()], may_be_weaker, tally);
            };
            for address in ["8.8.8.8", "8.8.8.9", "52.218.130.7", "93.184.216.34"] {
                single("internet", &format!("{address}:443"), address, false);
            }
            for address in ["2600:1f14::1", "2600:1f18::1", "2606:4700::1111"] {
                single("IPv6", &format!("[{address}]:443"), address, false);
            }
            single("database", &format!("{}:5432", world.database()), world.database(), false);
            single("peer database", &format!("{PEER_DATABASE}:5432"), PEER_DATABASE, false);
            if world.has_public_database() {
                // Of an unknown source address, the engine decides what one rule decides.
                let may_be_weaker = !world.knows_nat_address();
                let host = format!("{DATABASE_PUBLIC}:5432");
                single("public database", &host, DATABASE_PUBLIC, may_be_weaker);
            }
            if world.has_endpoint() {
                let endpoint_addresses = ["10.40.0.9".parse().unwrap(), "10.40.16.9".parse().unwrap()];
                let tally = tallies.entry("endpoint").or_default();
                check(&snapshot, SECRETS, &endpoint_addresses, false, tally);
            }
            Ok(())
        })
        .unwrap();
    // If almost all or almost no packets arrive, the comparison finds few errors.
    let tallies = tallies.into_inner();
    for (name, tally) in &tallies {
        let share = (tally.arrived + tally.depended) * 100 / tally.all();
        assert!((3..=95).contains(&share), "{name}: {tally:?} of {tallies:?}");
    }
    let depends = ["S3", "internet", "public database"];
    assert!(depends.iter().all(|name| tallies[name].depended > 50), "{tallies:?}");
}
