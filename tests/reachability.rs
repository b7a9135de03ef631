//! The rules that decide whether a packet arrives, each on a small change of the founding story's network.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

mod support;

use egress_doctor::model::*;
use support::network::{OKTA, S3, SECRETS, World, nat, tcp};

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
