//! The network of the scenario `isolated` with readable ids. Each test changes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::*;
use egress_doctor::reach::{Engine, Outcome, Source, Trace, Verdict, egresses};
use egress_doctor::scenario::Scenario;
use ipnet::IpNet;

pub const S3: &str = "s3.us-west-2.amazonaws.com";
pub const SECRETS: &str = "secretsmanager.us-west-2.amazonaws.com";
pub const OKTA: &str = "bond.okta.com";

/// The network of the scenario `isolated` with readable ids: subnets a and b use `rtb-private`, c has no
/// association and so uses `rtb-main`; the public subnet has a route to `igw-1`.
pub struct TestNetwork(pub Snapshot);

impl TestNetwork {
    pub fn new() -> Self {
        let names = [
            ("subnet-01f3a5c7e9b2d4f60", "subnet-a"),
            ("subnet-02a4b6c8d0e1f3a52", "subnet-b"),
            ("subnet-03b5c7d9e1f2a4b63", "subnet-c"),
            ("subnet-0f7e6d5c4b3a29181", "subnet-public"),
            ("rtb-0a9b8c7d6e5f40312", "rtb-main"),
            ("rtb-0d4e5f6a7b8c90123", "rtb-private"),
            ("rtb-0e1f2a3b4c5d60789", "rtb-public"),
            ("sg-0a1b2c3d4e5f60718", "sg-app"),
            ("acl-0f2e4d6c8b0a19283", "acl-1"),
            ("igw-0c2d4e6f8a1b3c5d7", "igw-1"),
            ("vpc-0b5d2c1e7f9a83640", "vpc-1"),
            ("pl-68a54001", "pl-s3"),
        ];
        let text = names
            .iter()
            .fold(Scenario::named("isolated").unwrap().snapshot.to_owned(), |text, (old, new)| {
                text.replace(old, new)
            });
        let mut snapshot = Snapshot::from_json(&text).unwrap();
        // As from files of the AWS CLI: a missing answer is then a missing file.
        snapshot.calls = Vec::new();
        Self(snapshot)
    }

    pub fn network(&mut self) -> &mut Network {
        &mut self.0.network
    }

    pub fn route(mut self, table: &str, destination: &str, target: RouteTarget) -> Self {
        let destination = match parse_cidr(destination) {
            Some(IpNet::V4(net)) => RouteDestination::Ipv4(net),
            Some(IpNet::V6(net)) => RouteDestination::Ipv6(net),
            None => RouteDestination::PrefixList(PrefixListId::from(destination)),
        };
        let route = Route { destination, target, state: RouteState::Active, origin: RouteOrigin::Static };
        self.network().route_tables.get_mut(&RouteTableId::from(table)).unwrap().routes.push(route);
        self
    }

    /// A default route to it from every private subnet.
    pub fn default_route(self, target: &RouteTarget) -> Self {
        self.route("rtb-private", "0.0.0.0/0", target.clone()).route("rtb-main", "0.0.0.0/0", target.clone())
    }

    pub fn nat(mut self, state: &str, connectivity: NatConnectivity, subnet: &str) -> Self {
        self.network().nat_gateways.insert(NatGateway {
            id: NatGatewayId::from("nat-1"),
            vpc: VpcId::from("vpc-1"),
            state: state.into(),
            failure: None,
            connectivity,
            has_appliance: false,
            unusable_addresses: None,
            private_addresses: Vec::new(),
            placement: NatPlacement::Subnet(SubnetId::from(subnet)),
            public_addresses: Vec::new(),
            tags: BTreeMap::default(),
        });
        self
    }

    pub fn gateway_endpoint(mut self, tables: &[&str]) -> Self {
        self.network().endpoints.insert(Endpoint {
            id: EndpointId::from("vpce-s3"),
            vpc: VpcId::from("vpc-1"),
            service: "com.amazonaws.us-west-2.s3".to_owned(),
            state: EndpointState::Available,
            kind: EndpointKind::Gateway {
                route_tables: tables.iter().map(|id| RouteTableId::from(*id)).collect(),
            },
            policy: None,
            tags: BTreeMap::default(),
        });
        tables.iter().fold(self, |network, table| {
            network.route(table, "pl-s3", RouteTarget::Endpoint(EndpointId::from("vpce-s3")))
        })
    }

    /// The prefix list `pl-express` of S3 Express One Zone.
    pub fn s3express_list(self) -> Self {
        self.with(|network| {
            network.prefix_lists.insert(PrefixList {
                id: PrefixListId::from("pl-express"),
                name: "com.amazonaws.us-west-2.s3express".to_owned(),
                cidrs: Some(vec!["18.88.8.0/21".parse().unwrap()]),
            });
        })
    }

    /// An interface endpoint of Secrets Manager in subnet a, whose security group allows that range.
    pub fn interface_endpoint(mut self, allowed: &str) -> Self {
        self.network().security_groups.insert(SecurityGroup {
            id: SecurityGroupId::from("sg-endpoint"),
            name: "endpoint".to_owned(),
            vpc: VpcId::from("vpc-1"),
            ingress: vec![SecurityGroupRule {
                protocol: Protocol::Tcp,
                ports: PortRange::one(443),
                peer: Peer::Ipv4(allowed.parse().unwrap()),
            }],
            egress: Vec::new(),
            tags: BTreeMap::default(),
        });
        self.network().endpoints.insert(Endpoint {
            id: EndpointId::from("vpce-secrets"),
            vpc: VpcId::from("vpc-1"),
            service: "com.amazonaws.us-west-2.secretsmanager".to_owned(),
            state: EndpointState::Available,
            kind: EndpointKind::Interface {
                private_dns: true,
                private_dns_only_inbound: Some(false),
                private_names: vec![SECRETS.to_owned()],
                ipv6_records: false,
                security_groups: vec![SecurityGroupId::from("sg-endpoint")],
                interfaces: vec![EndpointInterface {
                    subnet: SubnetId::from("subnet-a"),
                    address: Some("10.40.0.9".parse().unwrap()),
                    ipv6_address: None,
                }],
            },
            policy: None,
            tags: BTreeMap::default(),
        });
        self
    }

    pub fn egress_rules(mut self, rules: Vec<SecurityGroupRule>) -> Self {
        self.network().security_groups.get_mut(&SecurityGroupId::from("sg-app")).unwrap().egress = rules;
        self
    }

    pub fn acl(mut self, change: impl FnOnce(&mut NetworkAcl)) -> Self {
        change(self.network().network_acls.get_mut(&NetworkAclId::from("acl-1")).unwrap());
        self
    }

    pub fn dns(mut self, support: bool) -> Self {
        self.network().vpcs.get_mut(&VpcId::from("vpc-1")).unwrap().dns.support = Some(support);
        self
    }

    /// Adds a gap for a denied call; `forget` removes the data of the call.
    pub fn denied(mut self, call: Call, forget: impl FnOnce(&mut Network)) -> Self {
        forget(self.network());
        self.0.gaps.push(Gap::new(call, GapKind::Denied, "no".to_owned()));
        self
    }

    /// Changes the network.
    pub fn with(mut self, change: impl FnOnce(&mut Network)) -> Self {
        change(self.network());
        self
    }

    /// Changes the VPC.
    pub fn vpc(self, change: impl FnOnce(&mut Vpc)) -> Self {
        self.with(|network| change(network.vpcs.get_mut(&VpcId::from("vpc-1")).unwrap()))
    }

    /// The NAT gateway with a default route to it from every private subnet.
    pub fn behind_nat(self) -> Self {
        self.nat("available", NatConnectivity::Public, "subnet-public").default_route(&nat())
    }

    /// IPv6 in the VPC and in the service.
    pub fn dual_stack(mut self) -> Self {
        self.0.workloads.iter_mut().for_each(|workload| workload.dual_stack = true);
        self.vpc(|vpc| vpc.ipv6_cidrs = vec!["2600:1f13:0:100::/56".parse().unwrap()]).with(|network| {
            for (number, subnet) in network.subnets.iter_mut().enumerate() {
                subnet.ipv6_cidrs = vec![format!("2600:1f13:0:10{number}::/64").parse().unwrap()];
            }
            let group = network.security_groups.get_mut(&SecurityGroupId::from("sg-app")).unwrap();
            group.egress.push(SecurityGroupRule {
                protocol: Protocol::All,
                ports: PortRange::ALL,
                peer: Peer::Ipv6("::/0".parse().unwrap()),
            });
            for acl in network.network_acls.iter_mut() {
                for rules in [&mut acl.inbound, &mut acl.outbound] {
                    rules.push(AclRule {
                        number: 101,
                        protocol: Protocol::All,
                        ports: PortRange::ALL,
                        remote: "::/0".parse().unwrap(),
                        action: AclAction::Allow,
                    });
                }
            }
        })
    }

    /// A network interface in subnet b, 10.40.16.7, with a security group that has these inbound rules.
    pub fn database(self, allowed: Vec<SecurityGroupRule>) -> Self {
        self.with(|network| {
            network.security_groups.insert(SecurityGroup {
                id: SecurityGroupId::from("sg-db"),
                name: "db".to_owned(),
                vpc: VpcId::from("vpc-1"),
                ingress: allowed,
                egress: Vec::new(),
                tags: BTreeMap::default(),
            });
            network.network_interfaces.insert(NetworkInterface {
                id: NetworkInterfaceId::from("eni-db"),
                vpc: VpcId::from("vpc-1"),
                subnet: SubnetId::from("subnet-b"),
                addresses: vec!["10.40.16.7".parse().unwrap()],
                security_groups: vec![SecurityGroupId::from("sg-db")],
                kind: InterfaceKind::Interface,
                description: "RDSNetworkInterface".to_owned(),
                public_address: false,
                public_addresses: Vec::new(),
                instance: None,
                state: InterfaceState::InUse,
                requester: None,
                source_dest_check: Some(true),
            });
        })
    }

    /// A database in vpc-2, 10.90.0.0/16, behind the peering connection pcx-1.
    pub fn peered(allowed: Vec<SecurityGroupRule>) -> Self {
        let target = || RouteTarget::Peering(ResourceId::from("pcx-1"));
        Self::new()
            .database(allowed)
            .route("rtb-private", "10.90.0.0/16", target())
            .route("rtb-main", "10.90.0.0/16", target())
            .with(|network| {
                let (id, own) = (VpcId::from("vpc-2"), VpcId::from("vpc-1"));
                let vpc = network.vpcs.get(&own).unwrap().clone();
                network.vpcs.insert(Vpc {
                    id: id.clone(),
                    cidrs: vec!["10.90.0.0/16".parse().unwrap()],
                    ..vpc
                });
                let subnet = network.subnets.get(&SubnetId::from("subnet-a")).unwrap().clone();
                network.subnets.insert(Subnet {
                    id: SubnetId::from("subnet-peer"),
                    vpc: id.clone(),
                    cidr: Some("10.90.1.0/24".parse().unwrap()),
                    ..subnet
                });
                let route = |destination: &str, target| Route {
                    destination: RouteDestination::Ipv4(destination.parse().unwrap()),
                    target,
                    state: RouteState::Active,
                    origin: RouteOrigin::Static,
                };
                network.route_tables.insert(RouteTable {
                    id: RouteTableId::from("rtb-peer"),
                    vpc: id.clone(),
                    main: true,
                    subnets: Vec::new(),
                    routes: vec![route("10.90.0.0/16", RouteTarget::Local), route("10.40.0.0/16", target())],
                    tags: BTreeMap::new(),
                });
                let acl = network.network_acls.get(&NetworkAclId::from("acl-1")).unwrap().clone();
                network.network_acls.insert(NetworkAcl {
                    id: NetworkAclId::from("acl-2"),
                    vpc: id.clone(),
                    subnets: vec![SubnetId::from("subnet-peer")],
                    ..acl
                });
                let interface =
                    network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
                interface.vpc = id.clone();
                interface.subnet = SubnetId::from("subnet-peer");
                interface.addresses = vec!["10.90.1.20".parse().unwrap()];
                network.peering_connections.insert(PeeringConnection {
                    id: ResourceId::from("pcx-1"),
                    vpcs: [own, id],
                    places: [None, None],
                    resolves_names: [None, None],
                    state: PeeringState::Active,
                });
            })
    }

    /// A NAT instance in the public subnet, with default routes to it from every private subnet. Its security group
    /// allows all traffic of the VPC.
    /// Default routes to the network interface of a NAT instance that was deleted.
    pub fn deleted_nat_instance(self) -> Self {
        let target = RouteTarget::NetworkInterface(NetworkInterfaceId::from("eni-nat"));
        self.default_route(&target).with(|network| {
            for route in network.route_tables.iter_mut().flat_map(|table| &mut table.routes) {
                if route.target == target {
                    route.state = RouteState::Blackhole;
                }
            }
        })
    }

    pub fn nat_instance(self) -> Self {
        let target = RouteTarget::NetworkInterface(NetworkInterfaceId::from("eni-nat"));
        self.default_route(&target).with(|network| {
            network.security_groups.insert(SecurityGroup {
                id: SecurityGroupId::from("sg-nat"),
                name: "nat".to_owned(),
                vpc: VpcId::from("vpc-1"),
                ingress: vec![SecurityGroupRule {
                    protocol: Protocol::All,
                    ports: PortRange::ALL,
                    peer: Peer::Ipv4("10.40.0.0/16".parse().unwrap()),
                }],
                egress: Vec::new(),
                tags: BTreeMap::default(),
            });
            network.network_interfaces.insert(NetworkInterface {
                id: NetworkInterfaceId::from("eni-nat"),
                vpc: VpcId::from("vpc-1"),
                subnet: SubnetId::from("subnet-public"),
                addresses: vec!["10.40.200.9".parse().unwrap()],
                security_groups: vec![SecurityGroupId::from("sg-nat")],
                kind: InterfaceKind::Interface,
                description: String::new(),
                public_address: true,
                public_addresses: vec!["203.0.113.50".parse().unwrap()],
                instance: Some(ResourceId::from("i-nat")),
                state: InterfaceState::InUse,
                requester: None,
                source_dest_check: Some(true),
            });
        })
    }

    /// No internet gateway is attached.
    pub fn without_internet_gateway(self) -> Self {
        self.with(|network| {
            network.internet_gateways.iter_mut().for_each(|gateway| gateway.attached_to = None);
        })
    }

    /// The VPC has no internet gateway, and no route to one.
    pub fn isolated_from_the_internet(self) -> Self {
        self.with(|network| {
            network.internet_gateways = [].into_iter().collect();
            for table in network.route_tables.iter_mut() {
                table.routes.retain(|route| !matches!(route.target, RouteTarget::InternetGateway(_)));
            }
        })
    }

    /// The default routes of the connector's subnets go to the internet gateway.
    pub fn public_only(self) -> Self {
        self.default_route(&RouteTarget::InternetGateway(InternetGatewayId::from("igw-1")))
    }

    /// The complete trace from a subnet, with each hop.
    pub fn trace(&self, subnet: &str, host: &str) -> String {
        let workload = self.0.workloads.iter().next().unwrap();
        let paths = egresses(&self.0, workload);
        let egress_doctor::reach::Egresses::Vpc(sources) = paths else {
            panic!("the service uses a connector")
        };
        let is_here = |source: &&Source| source.subnet.as_str() == format!("subnet-{subnet}");
        let wanted = destination(host).unwrap();
        let engine = Engine::new(&self.0);
        rendered(&engine.tracer(&wanted).trace(sources.iter().find(is_here).unwrap()))
    }

    /// The verdict from each subnet, with all hops that are blocked or unknown.
    pub fn ask(&self, host: &str) -> String {
        let workload = self.0.workloads.iter().next().unwrap().clone();
        let wanted = destination(host).unwrap();
        let case = Case::open(Arc::new(self.0.clone()), workload, &Query::for_destinations([wanted]));
        let mut out = String::new();
        for trace in &case.diagnosis.findings[0].traces {
            let subnet = trace.subnet.as_ref().map_or("-", |id| id.as_str().trim_start_matches("subnet-"));
            let via = match &trace.verdict {
                Verdict::Reachable(via) => {
                    format!(" by {} {}", via.kind.word(), via.id.as_ref().map_or("", ResourceId::as_str))
                }
                _ => String::new(),
            };
            let _ = write!(out, "{subnet} {}{}", trace.verdict.word(), via.trim_end());
            for hop in &trace.hops {
                match hop.outcome {
                    Outcome::Pass => {}
                    Outcome::Block(code) => {
                        let _ = write!(out, "\n  {} {} {}", hop.layer, code, hop.rule);
                    }
                    Outcome::Unknown(deciding) => {
                        let action = deciding.missing_call().and_then(Call::iam_action).unwrap_or("no call");
                        let _ = write!(out, "\n  {} needs {action}: {}", hop.layer, hop.rule);
                    }
                }
            }
            out.push('\n');
        }
        out
    }
}

pub fn nat() -> RouteTarget {
    RouteTarget::NatGateway(NatGatewayId::from("nat-1"))
}

pub fn tcp(port: u16, peer: &str) -> SecurityGroupRule {
    let peer = match parse_cidr(peer) {
        Some(IpNet::V4(net)) => Peer::Ipv4(net),
        Some(IpNet::V6(net)) => Peer::Ipv6(net),
        None => Peer::PrefixList(PrefixListId::from(peer)),
    };
    SecurityGroupRule { protocol: Protocol::Tcp, ports: PortRange::one(port), peer }
}

/// A trace as text: for each hop its layer, outcome, component and rule.
pub fn rendered(trace: &Trace) -> String {
    let via = match &trace.verdict {
        Verdict::Reachable(via) => {
            format!(" by {} {}", via.kind.word(), via.id.as_ref().map_or("", ResourceId::as_str))
        }
        Verdict::Partial { stopped } => format!(", stopped: {stopped}"),
        Verdict::Blocked | Verdict::Unknown => String::new(),
    };
    let mut out = format!("{}{}\n", trace.verdict.word(), via.trim_end());
    for hop in &trace.hops {
        let mark = match hop.outcome {
            Outcome::Pass => "pass".to_owned(),
            Outcome::Block(code) => code.to_string(),
            Outcome::Unknown(deciding) => match deciding.missing_call() {
                Some(call) => format!("unknown, needs {}", call.iam_action().unwrap()),
                None => "unknown".to_owned(),
            },
        };
        let component = hop.component.as_str().rsplit('/').next().unwrap();
        let _ = writeln!(out, "{:<14} {mark} at {component}\n  {}", hop.layer, hop.rule);
    }
    out
}

/// The scenario `isolated` with 12 connector subnets. If `apart` is set, each has a route table of its own, so that no two are alike.
pub fn twelve_subnets(apart: bool) -> Snapshot {
    let mut snapshot = Snapshot::from_json(Scenario::named("isolated").unwrap().snapshot).unwrap();
    let templates: Vec<Subnet> = snapshot.network.subnets.iter().take(3).cloned().collect();
    let table = snapshot.network.route_tables.iter().next().unwrap().clone();
    let mut connector = snapshot.network.connectors.iter().next().unwrap().clone();
    connector.subnets.clear();
    for number in 0..12 {
        let id = SubnetId::new(format!("subnet-{number:02}00000000000000f"));
        connector.subnets.push(id.clone());
        snapshot.network.subnets.insert(Subnet { id: id.clone(), ..templates[number % 3].clone() });
        if apart {
            let own = RouteTableId::new(format!("rtb-{number:02}00000000000000f"));
            let subnets = vec![id];
            snapshot.network.route_tables.insert(RouteTable {
                id: own,
                main: false,
                subnets,
                ..table.clone()
            });
        }
    }
    snapshot.network.connectors.insert(connector);
    snapshot
}
