//! Speed of the engine: the scenario `isolated`, and a network at the limits of AWS.
//!
//! `cargo bench --no-default-features`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_imports,
    clippy::too_many_lines,
    reason = "a benchmark stops at the first unexpected result, and builds its network in one function"
)]

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::*;
use egress_doctor::reach::{Egresses, Engine, egresses};
use egress_doctor::scenario::Scenario;
use ipnet::Ipv4Net;

fn main() {
    divan::main();
}

fn isolated_scenario() -> Snapshot {
    Snapshot::from_json(Scenario::named("isolated").unwrap().snapshot).unwrap()
}

/// Traces every destination from every subnet; returns the number of traces.
fn trace_all(snapshot: &Snapshot, destinations: &[Destination]) -> usize {
    let workload = snapshot.workloads.iter().next().unwrap();
    let Egresses::Vpc(sources) = egresses(snapshot, workload) else { panic!("the service uses a connector") };
    let mut count = 0;
    let engine = Engine::new(snapshot);
    for wanted in destinations {
        let tracer = engine.tracer(wanted);
        for source in &sources {
            divan::black_box(tracer.trace(source));
            count += 1;
        }
    }
    count
}

#[divan::bench]
fn isolated_scenario_four_destinations(bencher: divan::Bencher<'_, '_>) {
    let snapshot = isolated_scenario();
    let hosts =
        ["s3", "secretsmanager", "bedrock-runtime"].map(|name| format!("{name}.us-west-2.amazonaws.com"));
    let mut wanted: Vec<Destination> = hosts.iter().map(|host| destination(host).unwrap()).collect();
    wanted.push(destination("bond.okta.com").unwrap());
    bencher.bench(|| assert_eq!(trace_all(&snapshot, &wanted), 12));
}

/// 500 subnets, 200 route tables with this number of routes, 5 groups of 60 rules, ACLs of 40 rules, a
/// prefix list of 100 ranges.
fn large(routes: u32) -> Snapshot {
    let mut snapshot = isolated_scenario();
    let network = &mut snapshot.network;
    let vpc = network.vpcs.iter().next().unwrap().id.clone();
    let net = |address: u32, length| Ipv4Net::new(Ipv4Addr::from(address), length).unwrap().trunc();
    network.subnets = (0..500_u32)
        .map(|n| Subnet {
            id: SubnetId::new(format!("subnet-{n:04}")),
            vpc: vpc.clone(),
            zone: AvailabilityZone::new(format!("us-west-2{}", ['a', 'b', 'c'][n as usize % 3])),
            cidr: Some(net(0x0a28_0000 + n * 128, 25)),
            ipv6_cidrs: Vec::new(),
            block_public_access: BlockPublicAccess::Off,
            free_addresses: None,
            map_public_ip: false,
            default_for_az: None,
            owner: None,
            tags: BTreeMap::new(),
        })
        .collect();
    let nat = RouteTarget::NatGateway(NatGatewayId::from("nat-1"));
    let igw = RouteTarget::InternetGateway(network.internet_gateways.iter().next().unwrap().id.clone());
    let route = |destination, target| Route {
        destination,
        target,
        state: RouteState::Active,
        origin: RouteOrigin::Static,
    };
    network.route_tables = (0..200_u32)
        .map(|n| {
            let mut list = vec![route(RouteDestination::Ipv4(net(0x0a28_0000, 16)), RouteTarget::Local)];
            list.push(route(
                RouteDestination::Ipv4(net(0, 0)),
                if n == 0 { igw.clone() } else { nat.clone() },
            ));
            list.extend((2..routes).map(|r| {
                let target = RouteTarget::of("tgw-1");
                route(RouteDestination::Ipv4(net(0x3400_0000 + r * 65_536, 18)), target)
            }));
            RouteTable {
                id: RouteTableId::new(format!("rtb-{n:03}")),
                vpc: vpc.clone(),
                main: n == 0,
                subnets: (0..500)
                    .filter(|s| s % 199 + 1 == n)
                    .map(|s| SubnetId::new(format!("subnet-{s:04}")))
                    .collect(),
                routes: list,
                tags: BTreeMap::new(),
            }
        })
        .collect();
    network.nat_gateways.insert(NatGateway {
        id: NatGatewayId::from("nat-1"),
        vpc: vpc.clone(),
        state: NatState::Available,
        failure: None,
        connectivity: NatConnectivity::Public,
        has_appliance: false,
        unusable_addresses: None,
        private_addresses: Vec::new(),
        placement: NatPlacement::Subnet(SubnetId::from("subnet-public")),
        public_addresses: Vec::new(),
        tags: BTreeMap::new(),
    });
    network.subnets.insert(Subnet {
        id: SubnetId::from("subnet-public"),
        vpc: vpc.clone(),
        zone: AvailabilityZone::from("us-west-2a"),
        cidr: Some(net(0x0a28_ff00, 24)),
        ipv6_cidrs: Vec::new(),
        block_public_access: BlockPublicAccess::Off,
        free_addresses: None,
        map_public_ip: true,
        default_for_az: None,
        owner: None,
        tags: BTreeMap::new(),
    });
    let groups: Vec<SecurityGroupId> = (0..5).map(|n| SecurityGroupId::new(format!("sg-{n}"))).collect();
    network.security_groups = groups
        .iter()
        .enumerate()
        .map(|(n, id)| SecurityGroup {
            id: id.clone(),
            name: id.to_string(),
            vpc: vpc.clone(),
            ingress: Vec::new(),
            egress: (0..60_u32)
                .map(|r| SecurityGroupRule {
                    protocol: Protocol::Tcp,
                    ports: PortRange { from: 0, to: 1000 },
                    peer: Peer::Ipv4(if n == 4 && r == 59 {
                        net(0, 0)
                    } else {
                        net(0x3400_0000 + r * 65_536, 20)
                    }),
                })
                .collect(),
            tags: BTreeMap::new(),
        })
        .collect();
    let rules = || -> Vec<AclRule> {
        (0..40_u16)
            .map(|r| AclRule {
                number: 100 + r,
                protocol: if r == 39 { Protocol::All } else { Protocol::Tcp },
                ports: if r == 39 { PortRange::ALL } else { PortRange::one(8000 + r) },
                remote: if r == 39 { net(0, 0) } else { net(0xc000_0000 + u32::from(r) * 65_536, 20) }.into(),
                action: if r == 39 { AclAction::Allow } else { AclAction::Deny },
            })
            .collect()
    };
    let mut acl = network.network_acls.iter().next().unwrap().clone();
    (acl.inbound, acl.outbound) = (rules(), rules());
    acl.subnets = network.subnets.iter().map(|subnet| subnet.id.clone()).collect();
    network.network_acls.insert(acl);
    for list in network.prefix_lists.iter_mut().filter(|list| list.name == "com.amazonaws.us-west-2.s3") {
        list.cidrs = Some((0..100_u32).map(|n| net(0x34da_0000 + n * 4096, 20).into()).collect());
    }
    for connector in network.connectors.iter_mut() {
        connector.subnets = (0..500).map(|n| SubnetId::new(format!("subnet-{n:04}"))).collect();
        connector.security_groups.clone_from(&groups);
    }
    snapshot
}

/// 25,000 traces.
#[divan::bench(args = [10, 100, 1000], sample_count = 1, sample_size = 1)]
fn large_network_by_routes(bencher: divan::Bencher<'_, '_>, routes: u32) {
    let snapshot = large(routes);
    let hosts = (0..50).map(|n| match n % 5 {
        0 => format!("bucket-{n}.s3.us-west-2.amazonaws.com"),
        1 => format!("host-{n}.example.com"),
        2 => format!("52.94.{n}.7:443"),
        3 => "secretsmanager.us-west-2.amazonaws.com".to_owned(),
        _ => format!("93.184.{n}.34:443"),
    });
    let wanted: Vec<Destination> = hosts.map(|host| destination(&host).unwrap()).collect();
    bencher.bench_local(|| assert_eq!(trace_all(&snapshot, &wanted), 25_000));
}

/// 500 traces of a new address, after other traces filled the caches.
#[divan::bench(args = [10, 100, 1000])]
fn one_more_destination_by_routes(bencher: divan::Bencher<'_, '_>, routes: u32) {
    let snapshot = large(routes);
    let Egresses::Vpc(sources) = egresses(&snapshot, snapshot.workloads.iter().next().unwrap()) else {
        panic!("the service uses a connector")
    };
    let engine = Engine::new(&snapshot);
    let mut next = 0x5db8_0000_u32;
    bencher.bench_local(|| {
        next += 1;
        let wanted = destination(&format!("{}:443", Ipv4Addr::from(next))).unwrap();
        let tracer = engine.tracer(&wanted);
        for source in &sources {
            divan::black_box(tracer.trace(source));
        }
    });
}

/// All proposals with simulation: 50 destinations, 100 interface endpoints, 500 subnets with another network
/// interface in each; the connector is in three of them.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn proposals(bencher: divan::Bencher<'_, '_>) {
    let mut snapshot = large(100);
    let network = &mut snapshot.network;
    let vpc = network.vpcs.iter().next().unwrap().id.clone();
    for connector in network.connectors.iter_mut() {
        connector.subnets.truncate(3);
        connector.security_groups = vec![SecurityGroupId::from("sg-4")];
    }
    for table in network.route_tables.iter_mut().take(4) {
        table.routes.retain(|route| !matches!(route.target, RouteTarget::NatGateway(_)));
    }
    let subnets: Vec<Subnet> = network.subnets.iter().cloned().collect();
    for (n, subnet) in subnets.iter().enumerate() {
        network.network_interfaces.insert(NetworkInterface {
            id: NetworkInterfaceId::new(format!("eni-{n:04}")),
            vpc: vpc.clone(),
            subnet: subnet.id.clone(),
            addresses: vec![subnet.cidr.unwrap().hosts().nth(9).unwrap().into()],
            security_groups: vec![SecurityGroupId::new(format!("sg-{}", n % 4))],
            kind: InterfaceKind::Interface,
            description: String::new(),
            public_address: false,
            public_addresses: Vec::new(),
            instance: None,
            state: InterfaceState::InUse,
            requester: None,
            source_dest_check: Some(true),
        });
    }
    for n in 0..100 {
        network.endpoints.insert(Endpoint {
            id: EndpointId::new(format!("vpce-{n:03}")),
            vpc: vpc.clone(),
            service: format!("com.amazonaws.us-west-2.service-{n}"),
            state: EndpointState::Available,
            kind: EndpointKind::Interface {
                private_dns: true,
                private_dns_only_inbound: Some(false),
                private_names: vec![format!("service-{n}.us-west-2.amazonaws.com")],
                ipv6_records: false,
                security_groups: vec![SecurityGroupId::from("sg-4")],
                interfaces: subnets[n..n + 3]
                    .iter()
                    .map(|subnet| EndpointInterface {
                        subnet: subnet.id.clone(),
                        address: subnet.cidr.unwrap().hosts().nth(20),
                        ipv6_address: None,
                    })
                    .collect(),
            },
            policy: None,
            tags: BTreeMap::new(),
        });
    }
    let names = ["s3", "dynamodb", "secretsmanager", "sqs", "sns", "kms", "sts", "ssm", "logs", "events"];
    let hosts = (0..50).map(|n| match n % 5 {
        0 => format!("host-{n}.example.com"),
        1 => format!("bucket-{n}.s3.us-west-2.amazonaws.com"),
        _ => format!("{}.us-west-2.amazonaws.com", names[n % names.len()]),
    });
    let wanted: Vec<Destination> = hosts.map(|host| destination(&host).unwrap()).collect();
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    let snapshot = Arc::new(snapshot);
    let query = Query::for_destinations(wanted);
    bencher.bench_local(|| {
        let case = Case::open(Arc::clone(&snapshot), workload.clone(), &query);
        assert!(case.proposals.len() > 4, "{:?}", case.proposals.len());
        case
    });
}
