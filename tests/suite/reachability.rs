//! The result over all subnets: verdicts, every blocker, and missing data. `aws_rules.rs` tests each rule
//! separately.

use crate::support::network::{OKTA, S3, SECRETS, TestNetwork, nat};
use egress_doctor::model::*;

macro_rules! answer {
    ($name:literal, $answer:expr) => {
        insta::assert_snapshot!(concat!("reach-", $name), $answer)
    };
}

#[test]
fn without_a_route_the_route_table_of_each_subnet_blocks() {
    answer!("no-route", TestNetwork::new().ask(S3));
}

#[test]
fn a_nat_gateway_in_a_public_subnet_reaches_all_destinations() {
    let test_network =
        TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-public").default_route(&nat());
    answer!("nat", test_network.ask(OKTA) + &test_network.ask(S3));
}

#[test]
fn a_gateway_endpoint_without_the_main_route_table_does_not_serve_subnets_that_use_it() {
    answer!("main-table-missed", TestNetwork::new().gateway_endpoint(&["rtb-private"]).ask(S3));
}

#[test]
fn every_blocker_is_reported_not_only_the_first() {
    answer!("all-blockers", TestNetwork::new().egress_rules(Vec::new()).dns(false).ask(S3));
}

#[test]
fn missing_data_is_unknown_never_blocked_and_never_reachable() {
    let nat_world = || {
        TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-public").default_route(&nat())
    };
    answer!(
        "denied",
        [
            TestNetwork::new()
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
            TestNetwork::new()
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
fn default_egress_reaches_the_internet_and_not_the_vpc() {
    let mut test_network = TestNetwork::new();
    test_network.0.workloads.iter_mut().for_each(|workload| workload.egress = Egress::Default);
    let database = "bond.abc123.us-west-2.rds.amazonaws.com:5432";
    answer!(
        "default-egress",
        [test_network.ask(OKTA), test_network.ask("10.40.0.9:5432"), test_network.ask(database)].join("\n")
    );
}
