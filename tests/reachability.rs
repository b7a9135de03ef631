//! The rules that decide whether a packet arrives, each on a small change of the founding story's network.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::evidence::destination;
use egress_doctor::model::*;
use egress_doctor::reach::{Outcome, Verdict};
use egress_doctor::scenario::Scenario;
use ipnet::IpNet;

const S3: &str = "s3.us-west-2.amazonaws.com";
const SECRETS: &str = "secretsmanager.us-west-2.amazonaws.com";
const OKTA: &str = "bond.okta.com";

/// The founding story's network, with ids that can be read: subnets a and b are on `rtb-private`, c has no association and
/// so relies on `rtb-main`; the public subnet leads to `igw-1`.
struct World(Snapshot);

impl World {
    fn new() -> Self {
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
        Self(Snapshot::from_json(&text).unwrap())
    }

    fn network(&mut self) -> &mut Network {
        &mut self.0.network
    }

    fn route(mut self, table: &str, destination: &str, target: RouteTarget) -> Self {
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
    fn default_route(self, target: &RouteTarget) -> Self {
        self.route("rtb-private", "0.0.0.0/0", target.clone()).route("rtb-main", "0.0.0.0/0", target.clone())
    }

    fn nat(mut self, state: &str, connectivity: NatConnectivity, subnet: &str) -> Self {
        self.network().nat_gateways.insert(NatGateway {
            id: NatGatewayId::from("nat-1"),
            vpc: VpcId::from("vpc-1"),
            state: state.to_owned(),
            connectivity,
            has_appliance: false,
            placement: NatPlacement::Subnet(SubnetId::from(subnet)),
            tags: BTreeMap::default(),
        });
        self
    }

    fn gateway_endpoint(mut self, tables: &[&str]) -> Self {
        self.network().endpoints.insert(Endpoint {
            id: EndpointId::from("vpce-s3"),
            vpc: VpcId::from("vpc-1"),
            service: "com.amazonaws.us-west-2.s3".to_owned(),
            state: "available".to_owned(),
            kind: EndpointKind::Gateway {
                route_tables: tables.iter().map(|id| RouteTableId::from(*id)).collect(),
            },
            tags: BTreeMap::default(),
        });
        tables.iter().fold(self, |world, table| {
            world.route(table, "pl-s3", RouteTarget::Endpoint(EndpointId::from("vpce-s3")))
        })
    }

    /// An interface endpoint of Secrets Manager in subnet a, whose group admits that range.
    fn interface_endpoint(mut self, admits: &str) -> Self {
        self.network().security_groups.insert(SecurityGroup {
            id: SecurityGroupId::from("sg-endpoint"),
            name: "endpoint".to_owned(),
            vpc: VpcId::from("vpc-1"),
            ingress: vec![SecurityGroupRule {
                protocol: Protocol::Tcp,
                ports: PortRange::one(443),
                peer: Peer::Ipv4(admits.parse().unwrap()),
            }],
            egress: Vec::new(),
            tags: BTreeMap::default(),
        });
        self.network().endpoints.insert(Endpoint {
            id: EndpointId::from("vpce-secrets"),
            vpc: VpcId::from("vpc-1"),
            service: "com.amazonaws.us-west-2.secretsmanager".to_owned(),
            state: "available".to_owned(),
            kind: EndpointKind::Interface {
                private_dns: true,
                private_dns_only_inbound: false,
                private_names: vec![SECRETS.to_owned()],
                ipv6_records: false,
                security_groups: vec![SecurityGroupId::from("sg-endpoint")],
                interfaces: vec![EndpointInterface {
                    subnet: SubnetId::from("subnet-a"),
                    address: Some("10.40.0.9".parse().unwrap()),
                    ipv6_address: None,
                }],
            },
            tags: BTreeMap::default(),
        });
        self
    }

    fn egress_rules(mut self, rules: Vec<SecurityGroupRule>) -> Self {
        self.network().security_groups.get_mut(&SecurityGroupId::from("sg-app")).unwrap().egress = rules;
        self
    }

    fn acl(mut self, change: impl FnOnce(&mut NetworkAcl)) -> Self {
        change(self.network().network_acls.get_mut(&NetworkAclId::from("acl-1")).unwrap());
        self
    }

    fn dns(mut self, support: bool) -> Self {
        self.network().vpcs.get_mut(&VpcId::from("vpc-1")).unwrap().dns.support = Some(support);
        self
    }

    /// The call was denied: its table is empty, and proves nothing.
    fn denied(mut self, call: Call, forget: impl FnOnce(&mut Network)) -> Self {
        forget(self.network());
        self.0.gaps.push(Gap { call, kind: GapKind::Denied, message: "no".to_owned() });
        self
    }

    /// The verdict from each subnet, with everything that stops or hides it.
    fn ask(&self, host: &str) -> String {
        let workload = self.0.workloads.iter().next().unwrap().clone();
        let wanted = destination(host).unwrap();
        let case = Case::open_narrowly(Arc::new(self.0.clone()), workload, &[wanted], &[]);
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
                    Outcome::Unknown { missing } => {
                        let action = missing.and_then(Call::iam_action).unwrap_or("nothing to be had");
                        let _ = write!(out, "\n  {} needs {action}: {}", hop.layer, hop.rule);
                    }
                }
            }
            out.push('\n');
        }
        out
    }
}

fn nat() -> RouteTarget {
    RouteTarget::NatGateway(NatGatewayId::from("nat-1"))
}

fn tcp(port: u16, peer: &str) -> SecurityGroupRule {
    let peer = match parse_cidr(peer) {
        Some(IpNet::V4(net)) => Peer::Ipv4(net),
        Some(IpNet::V6(net)) => Peer::Ipv6(net),
        None => Peer::PrefixList(PrefixListId::from(peer)),
    };
    SecurityGroupRule { protocol: Protocol::Tcp, ports: PortRange::one(port), peer }
}

macro_rules! answer {
    ($name:literal, $answer:expr) => {
        insta::assert_snapshot!(concat!("reach-", $name), $answer)
    };
}

#[test]
fn without_a_route_each_subnet_is_stopped_by_its_own_table() {
    answer!("no-route", World::new().ask(S3));
}

#[test]
fn a_nat_gateway_in_a_public_subnet_reaches_everybody() {
    let world = World::new().nat("available", NatConnectivity::Public, "subnet-public").default_route(&nat());
    answer!("nat", world.ask(OKTA) + &world.ask(S3));
}

#[test]
fn a_nat_gateway_that_is_broken_private_or_itself_cut_off_reaches_nobody() {
    let world = |state, connectivity, subnet| {
        World::new().nat(state, connectivity, subnet).default_route(&nat()).ask(OKTA)
    };
    answer!(
        "nat-broken",
        [
            world("failed", NatConnectivity::Public, "subnet-public"),
            world("available", NatConnectivity::Private, "subnet-public"),
            world("available", NatConnectivity::Public, "subnet-c"),
        ]
        .join("\n")
    );
}

#[test]
fn a_route_to_an_internet_gateway_is_no_way_out_for_a_connector() {
    let target = RouteTarget::InternetGateway(InternetGatewayId::from("igw-1"));
    answer!("igw", World::new().default_route(&target).ask(OKTA));
}

#[test]
fn the_longest_prefix_wins_and_a_prefix_list_beats_the_default_route() {
    let world = World::new()
        .nat("available", NatConnectivity::Public, "subnet-public")
        .default_route(&nat())
        .gateway_endpoint(&["rtb-private", "rtb-main"]);
    answer!("longest-prefix", world.ask(S3) + &world.ask(OKTA));
}

#[test]
fn a_gateway_endpoint_without_the_main_table_leaves_the_subnets_that_rely_on_it() {
    answer!("main-table-missed", World::new().gateway_endpoint(&["rtb-private"]).ask(S3));
}

#[test]
fn a_blackhole_that_wins_stops_although_a_wider_route_works() {
    let mut world =
        World::new().nat("available", NatConnectivity::Public, "subnet-public").default_route(&nat());
    world = world.route("rtb-private", "10.99.0.0/16", RouteTarget::of("pcx-1"));
    let table = world.network().route_tables.get_mut(&RouteTableId::from("rtb-private")).unwrap();
    table.routes.last_mut().unwrap().state = RouteState::Blackhole;
    answer!("blackhole", world.ask("10.99.1.1:5432"));
}

#[test]
fn security_groups_allow_by_port_range_and_prefix_list() {
    let open = || World::new().gateway_endpoint(&["rtb-private", "rtb-main"]);
    answer!(
        "security-group",
        [
            open().egress_rules(Vec::new()).ask(S3),
            open().egress_rules(vec![tcp(80, "0.0.0.0/0")]).ask(S3),
            open().egress_rules(vec![tcp(443, "pl-s3")]).ask(S3),
            open().egress_rules(vec![tcp(443, "52.218.128.0/17")]).ask(S3),
        ]
        .join("\n")
    );
}

#[test]
fn a_network_acl_must_let_the_reply_back_in() {
    let open = || World::new().gateway_endpoint(&["rtb-private", "rtb-main"]);
    let reply = |ports| {
        let narrow = |acl: &mut NetworkAcl| {
            acl.inbound[0].protocol = Protocol::Tcp;
            acl.inbound[0].ports = ports;
        };
        open().acl(narrow).ask(S3)
    };
    answer!(
        "network-acl",
        [
            reply(PortRange { from: 1024, to: 65535 }),
            reply(PortRange { from: 1024, to: 40000 }),
            reply(PortRange::one(443)),
            open()
                .acl(|acl| acl.outbound.insert(
                    0,
                    AclRule {
                        number: 50,
                        protocol: Protocol::Tcp,
                        ports: PortRange::one(443),
                        remote: parse_cidr("52.218.128.0/17").unwrap(),
                        action: AclAction::Deny,
                    }
                ))
                .ask(S3),
        ]
        .join("\n")
    );
}

#[test]
fn an_interface_endpoint_must_admit_the_connector() {
    let world = |admits| World::new().interface_endpoint(admits).ask(SECRETS);
    answer!("interface-endpoint", [world("10.40.0.0/16"), world("10.40.0.0/20")].join("\n"));
}

#[test]
fn every_blocker_is_told_not_only_the_first() {
    answer!("all-blockers", World::new().egress_rules(Vec::new()).dns(false).ask(S3));
}

#[test]
fn what_was_not_read_is_unknown_never_blocked_and_never_fine() {
    let nat_world =
        || World::new().nat("available", NatConnectivity::Public, "subnet-public").default_route(&nat());
    answer!(
        "denied",
        [
            World::new()
                .denied(Call::DescribeRouteTables, |network| network.route_tables = Table::default())
                .ask(S3),
            nat_world()
                .denied(Call::DescribeNatGateways, |network| network.nat_gateways = Table::default())
                .ask(OKTA),
            nat_world()
                .denied(Call::DescribeNetworkAcls, |network| network.network_acls = Table::default())
                .ask(OKTA),
            nat_world()
                .denied(Call::DescribeSecurityGroups, |network| network.security_groups = Table::default())
                .ask(OKTA),
            nat_world().denied(Call::DescribeVpcEndpoints, |_| {}).ask(SECRETS),
            World::new()
                .gateway_endpoint(&["rtb-private", "rtb-main"])
                .denied(Call::GetManagedPrefixListEntries, |network| {
                    network.prefix_lists.iter_mut().for_each(|list| list.cidrs = None);
                })
                .ask(S3),
        ]
        .join("\n")
    );
}

#[test]
fn default_egress_reaches_the_internet_and_no_vpc() {
    let mut world = World::new();
    world.0.workloads.iter_mut().for_each(|workload| workload.egress = Egress::Default);
    let database = "bond.abc123.us-west-2.rds.amazonaws.com:5432";
    answer!("default-egress", [world.ask(OKTA), world.ask("10.40.0.9:5432"), world.ask(database)].join("\n"));
}
