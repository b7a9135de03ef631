//! Compares the engine with a reference model on random networks. The model was written from the AWS
//! documentation without the code of the engine, and checks one packet at a time. The engine evaluates sets
//! of addresses; for each sampled address both must give the same result.

use std::cell::Cell;
use std::net::IpAddr;

use crate::support::random::{S3_LIST, SECRETS, net, random_network, snapshot_of};
use egress_doctor::evidence::destination;
use egress_doctor::model::*;
use egress_doctor::reach::{Egresses, Engine, Verdict, egresses};
use ipnet::IpNet;
use proptest::prelude::ProptestConfig;

/// The reference model: the rules of AWS for one packet.
mod packet {
    use super::*;

    /// Whether the request from the subnet reaches the address, and the reply to every possible source port
    /// returns.
    pub fn arrives(
        network: &Network,
        subnet: &Subnet,
        groups: &[SecurityGroupId],
        to: IpAddr,
        port: u16,
    ) -> bool {
        // Security groups are stateful: only the request is checked, not the reply.
        // https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
        let leaves = groups
            .iter()
            .filter_map(|id| network.security_groups.get(id))
            .flat_map(|group| &group.egress)
            .any(|rule| rule_fits(network, rule, to, port));
        leaves && forwarded(network, subnet, groups, to, port)
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
            Peer::Group(_) => false,
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
    ) -> bool {
        let Some(route) = best_route(network, table_of(network, &subnet.id), to) else { return false };
        if route.state == RouteState::Blackhole {
            return false;
        }
        match &route.target {
            RouteTarget::Local => inside(network, subnet, groups, to, port),
            RouteTarget::Endpoint(id) => {
                crosses(network, subnet, to, port, LINUX)
                    && network.endpoints.get(id).unwrap().state == EndpointState::Available
            }
            RouteTarget::NatGateway(id) => {
                crosses(network, subnet, to, port, LINUX) && translated(network, id, subnet, to, port)
            }
            // A network interface of a connector has no public IPv4 address; its IPv6 address is public.
            // https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
            RouteTarget::InternetGateway(igw) => {
                let attached =
                    network.internet_gateways.get(igw).is_some_and(|igw| igw.attached_to.is_some());
                let open = subnet.block_public_access == BlockPublicAccess::Off;
                to.is_ipv6() && attached && open && crosses(network, subnet, to, port, LINUX)
            }
            // https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
            RouteTarget::EgressOnlyInternetGateway(gateway) => {
                let found = network.egress_only_internet_gateways.get(gateway);
                let attached = found.is_some_and(|gateway| gateway.attached_to.is_some());
                let open = subnet.block_public_access != BlockPublicAccess::BlockBidirectional;
                to.is_ipv6() && attached && open && crosses(network, subnet, to, port, LINUX)
            }
            RouteTarget::NetworkInterface(_) | RouteTarget::Peering(_) | RouteTarget::Other(_) => {
                panic!("random networks have no such target")
            }
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
        explicit.or_else(|| network.route_tables.iter().find(|table| table.main)).unwrap()
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

    /// To a network interface of an endpoint: its security groups must allow the request, and network ACLs
    /// apply only between subnets.
    fn inside(network: &Network, from: &Subnet, groups: &[SecurityGroupId], to: IpAddr, port: u16) -> bool {
        let receiver = network.endpoints.iter().find_map(|endpoint| match &endpoint.kind {
            EndpointKind::Interface { interfaces, security_groups, .. } => {
                let interface =
                    interfaces.iter().find(|interface| interface.address.map(IpAddr::V4) == Some(to))?;
                Some((endpoint, interface, security_groups))
            }
            EndpointKind::Gateway { .. } | EndpointKind::Other(_) => None,
        });
        let Some((endpoint, interface, endpoint_groups)) = receiver else { return false };
        let there = network.subnets.get(&interface.subnet).unwrap();
        let us = IpNet::V4(from.cidr.unwrap());
        // The connector can have any address of the subnet. The first and the last address are enough,
        // because every range in a random rule contains the whole subnet or no part of it.
        let ours = [us.network(), us.broadcast()];
        let same = there.id == from.id;
        let out = same || crosses(network, from, to, port, LINUX);
        let acl = acl_of(network, &there.id);
        let into = same
            || ours
                .iter()
                .all(|us| allowed(&acl.inbound, *us, port) && every_port(&acl.outbound, *us, LINUX));
        let rules = || {
            endpoint_groups
                .iter()
                .filter_map(|id| network.security_groups.get(id))
                .flat_map(|group| &group.ingress)
        };
        let allows = |us: &IpAddr| {
            rules().any(|rule| match &rule.peer {
                Peer::Group(id) => groups.contains(id) && port_fits(rule.protocol, rule.ports, port),
                _ => rule_fits(network, rule, *us, port),
            })
        };
        out && into && ours.iter().all(allows) && endpoint.state == EndpointState::Available
    }

    /// Through a NAT gateway, and from its subnet to the destination.
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>
    fn translated(network: &Network, id: &NatGatewayId, from: &Subnet, to: IpAddr, port: u16) -> bool {
        let nat = network.nat_gateways.get(id).unwrap();
        let NatPlacement::Subnet(nat_subnet) = &nat.placement else {
            panic!("random networks have only zonal NAT gateways")
        };
        let subnet = network.subnets.get(nat_subnet).unwrap();
        let acl = acl_of(network, nat_subnet);
        let us = IpNet::V4(from.cidr.unwrap());
        let ours = [us.network(), us.broadcast()];
        let inward = nat_subnet == &from.id
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
                    let open = subnet.block_public_access != BlockPublicAccess::BlockBidirectional;
                    attached && open && nat.connectivity == NatConnectivity::Public && is_public(to)
                }
                RouteTarget::Endpoint(id) => {
                    network.endpoints.get(id).unwrap().state == EndpointState::Available
                }
                _ => false,
            }
        });
        nat.state == NatState::Available && inward && outward && onwards
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

fn check(snapshot: &Snapshot, host: &str, addresses: &[IpAddr], passed: &Cell<usize>, all: &Cell<usize>) {
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
        .run(&random_network(), |random| {
            let snapshot = snapshot_of(&random);
            let list = snapshot.network.prefix_lists.get(&PrefixListId::from(S3_LIST)).unwrap();
            let s3 = samples(list.cidrs.as_deref().unwrap());
            check(&snapshot, "s3.us-west-2.amazonaws.com", &s3, &passed, &all);
            for address in ["8.8.8.8", "8.8.8.9", "52.218.130.7", "93.184.216.34"] {
                check(&snapshot, &format!("{address}:443"), &[address.parse().unwrap()], &passed, &all);
            }
            for address in ["2600:1f14::1", "2600:1f18::1", "2606:4700::1111"] {
                check(&snapshot, &format!("[{address}]:443"), &[address.parse().unwrap()], &passed, &all);
            }
            if random.interface {
                let endpoint_addresses = ["10.40.0.9".parse().unwrap(), "10.40.16.9".parse().unwrap()];
                check(&snapshot, SECRETS, &endpoint_addresses, &passed, &all);
            }
            Ok(())
        })
        .unwrap();
    // If almost all or almost no packets arrive, the comparison finds few errors.
    let share = passed.get() * 100 / all.get();
    assert!((20..=80).contains(&share), "{share} % of {} packets arrive", all.get());
}
