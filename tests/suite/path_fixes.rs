//! The fixes that create or repair a path, and those at the destination: each is simulated, priced, and fixes what it claims.

use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::*;
use egress_doctor::remedy::{Proposal, RemedyId};
use serde_json::{Value, json};

use crate::support::network::{OKTA, TestNetwork, tcp};

fn case(network: &TestNetwork, hosts: &[&str]) -> Case {
    let workload = network.0.workloads.iter().next().unwrap().clone();
    let wanted: Vec<Destination> = hosts.iter().map(|host| destination(host).unwrap()).collect();
    Case::open(Arc::new(network.0.clone()), workload, &Query::for_destinations(wanted))
}

/// The proposal of one remedy.
fn fix(case: &Case, id: RemedyId) -> Proposal {
    let made = case.proposals.iter().find(|proposal| proposal.remedies == [id]);
    made.unwrap_or_else(|| {
        panic!("no {id}: {:?}", case.proposals.iter().map(Proposal::id).collect::<Vec<_>>())
    })
    .clone()
}

/// What a user sees of a fix: what it fixes, the price, and the changes.
fn summary(proposal: &Proposal) -> Value {
    json!({
        "title": proposal.title,
        "fixes": proposal.fixes,
        "possible": proposal.is_possible(),
        "per_month": proposal.estimate.fixed_per_month.map(|price| price.to_string()),
        "changes": proposal.changes,
    })
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.Scenarios.html>
#[test]
fn a_database_gets_a_rule_for_the_connector_or_for_the_public_address_of_the_nat_gateway() {
    let private = case(&TestNetwork::new().database(Vec::new()), &["10.40.16.7:5432"]);
    let made = fix(&private, RemedyId::DestinationIngress);
    assert_eq!(
        summary(&made),
        json!({
            "title": "Allow inbound 5432 on the destination's security group sg-db from sg-app",
            "fixes": ["10.40.16.7"],
            "possible": true,
            "per_month": "0.00",
            "changes": [{"kind": "allow-endpoint-ingress", "security_group": "sg-db", "port": 5432, "peer": "sg-app"}],
        })
    );
    // The id of an earlier version makes the same change.
    let old = private.compose(&[RemedyId::EndpointIngress]).unwrap();
    assert_eq!((old.changes, old.fixes), (made.changes, made.fixes));
    let public = TestNetwork::new().behind_nat().database(Vec::new()).with(|network| {
        let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
        interface.public_address = true;
        interface.public_addresses = vec!["54.212.10.20".parse().unwrap()];
        interface.subnet = SubnetId::from("subnet-public");
        let nat = network.nat_gateways.get_mut(&NatGatewayId::from("nat-1")).unwrap();
        nat.public_addresses = vec!["203.0.113.9".parse().unwrap()];
    });
    let made = fix(&case(&public, &["54.212.10.20:5432"]), RemedyId::DestinationIngress);
    assert_eq!(made.still_blocked_because, Vec::<String>::new());
    assert_eq!(
        summary(&made),
        json!({
            "title": "Allow inbound 5432 on the destination's security group sg-db from 203.0.113.9/32",
            "fixes": ["54.212.10.20"],
            "possible": true,
            "per_month": "0.00",
            "changes": [
                {"kind": "allow-endpoint-ingress", "security_group": "sg-db", "port": 5432, "peer": "203.0.113.9/32"}
            ],
        })
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-migrate-nat-instance.html>
#[test]
fn default_routes_to_a_broken_nat_instance_go_to_the_unused_nat_gateway() {
    let network =
        TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-public").nat_instance();
    let opened = case(&network, &[OKTA]);
    let made = fix(&opened, RemedyId::NatRoute);
    assert_eq!(
        summary(&made),
        json!({
            "title": "Routes to the NAT gateway nat-1",
            "fixes": [OKTA],
            "possible": true,
            "per_month": "0.00",
            "changes": [{"kind": "route-to-nat", "nat_gateway": "nat-1", "route_tables": ["rtb-private", "rtb-main"]}],
        })
    );
    assert!(
        opened.proposals[0].remedies == [RemedyId::NatRoute] && opened.proposals[0].recommended.is_some()
    );
    // Without default routes, `nat` makes the same change, and it is offered once.
    let unused = TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-public");
    let opened = case(&unused, &[OKTA]);
    let offers = opened
        .proposals
        .iter()
        .filter(|proposal| proposal.remedies == [RemedyId::Nat] || proposal.remedies == [RemedyId::NatRoute]);
    assert_eq!(offers.count(), 1);
    assert_eq!(fix(&opened, RemedyId::NatRoute).fixes, [OKTA]);
    assert_eq!(opened.compose(&[RemedyId::Nat]).unwrap().changes, fix(&opened, RemedyId::NatRoute).changes);
    // A NAT instance that works as far as AWS shows is not replaced.
    let healthy = TestNetwork::new()
        .nat("available", NatConnectivity::Public, "subnet-public")
        .nat_instance()
        .with(|network| {
            let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-nat")).unwrap();
            interface.source_dest_check = Some(false);
        });
    let opened = case(&healthy, &[OKTA]);
    assert!(!opened.proposals.iter().any(|proposal| proposal.remedies.contains(&RemedyId::NatRoute)));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html>
#[test]
fn a_nat_instance_is_repaired_in_one_fix() {
    let network = TestNetwork::new().nat_instance().with(|network| {
        let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-nat")).unwrap();
        interface.public_address = false;
        interface.public_addresses.clear();
        network.security_groups.get_mut(&SecurityGroupId::from("sg-nat")).unwrap().ingress.clear();
    });
    let made = fix(&case(&network, &[OKTA]), RemedyId::NatInstance);
    assert_eq!(
        summary(&made),
        json!({
            "title": "Repair the NAT instance eni-nat",
            // Whether the instance forwards packets is not known, so no destination is certainly reachable.
            "fixes": [],
            "possible": true,
            "per_month": "3.65",
            "changes": [
                {"kind": "disable-source-dest-check", "network_interface": "eni-nat"},
                {"kind": "allow-endpoint-ingress", "security_group": "sg-nat", "port": 443, "peer": "sg-app"},
                {"kind": "associate-elastic-ip", "network_interface": "eni-nat"},
            ],
        })
    );
    assert_eq!(made.after.causes, []);
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/working-with-igw.html>
#[test]
fn a_detached_internet_gateway_is_attached() {
    let network = TestNetwork::new().behind_nat().without_internet_gateway();
    let opened = case(&network, &[OKTA]);
    assert_eq!(
        summary(&opened.proposals[0]),
        json!({
            "title": "Attach the internet gateway igw-1 to vpc-1",
            "fixes": [OKTA],
            "possible": true,
            "per_month": "0.00",
            "changes": [{"kind": "attach-internet-gateway", "vpc": "vpc-1", "internet_gateway": "igw-1"}],
        })
    );
    assert!(opened.proposals[0].recommended.is_some());
}

/// <https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>
#[test]
fn a_vpc_with_public_subnets_only_gets_private_subnets_a_nat_gateway_and_a_connector() {
    let network = TestNetwork::new().public_only();
    let opened = case(&network, &[OKTA, "sqs.us-west-2.amazonaws.com"]);
    let made = fix(&opened, RemedyId::PrivateSubnets);
    assert_eq!(
        summary(&made),
        json!({
            "title": "Private subnets, NAT gateway and connector",
            "fixes": [OKTA, "sqs.us-west-2.amazonaws.com"],
            "possible": true,
            "per_month": "36.50",
            "changes": [{
                "kind": "create-private-subnets",
                "vpc": "vpc-1",
                "workload": network.0.workloads.iter().next().unwrap().id,
                "subnets": [
                    {"zone": "us-west-2a", "cidr": "10.40.48.0/24"},
                    {"zone": "us-west-2b", "cidr": "10.40.49.0/24"},
                ],
                "nat_subnet": "subnet-a",
                "connector_name": "bond-ai-dev-connector-2",
                "security_groups": ["sg-app"],
            }],
        })
    );
    assert_eq!(opened.proposals[0].remedies, [RemedyId::PrivateSubnets]);
    let full = TestNetwork::new().public_only().vpc(|vpc| vpc.cidrs = vec!["10.40.0.0/19".parse().unwrap()]);
    assert!(!fix(&case(&full, &[OKTA]), RemedyId::PrivateSubnets).is_possible());
}

/// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html>
#[test]
fn both_route_tables_get_a_route_to_the_peering_connection() {
    let network = TestNetwork::peered(vec![tcp(5432, "10.40.0.0/16")]).with(|network| {
        for table in network.route_tables.iter_mut() {
            table.routes.retain(|route| !matches!(route.target, RouteTarget::Peering(_)));
        }
    });
    let opened = case(&network, &["10.90.1.20:5432"]);
    assert_eq!(
        summary(&opened.proposals[0]),
        json!({
            "title": "Routes to the VPC peering connection pcx-1 (vpc-2)",
            "fixes": ["10.90.1.20"],
            "possible": true,
            "per_month": "0.00",
            "changes": [
                {
                    "kind": "route-to-peering",
                    "peering_connection": "pcx-1",
                    "destination": "10.90.0.0/16",
                    "route_tables": ["rtb-private", "rtb-main"],
                },
                {
                    "kind": "route-to-peering",
                    "peering_connection": "pcx-1",
                    "destination": "10.40.0.0/16",
                    "route_tables": ["rtb-peer"],
                },
            ],
        })
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html>
#[test]
fn ipv6_reaches_an_ipv6_destination_through_an_egress_only_internet_gateway() {
    let host = "[2606:4700::1111]:443";
    let made = fix(&case(&TestNetwork::new().dual_stack(), &[host]), RemedyId::Ipv6Egress);
    assert_eq!(
        summary(&made),
        json!({
            "title": "Egress-only internet gateway for IPv6",
            "fixes": ["2606:4700::1111"],
            "possible": true,
            "per_month": "0.00",
            "changes": [{
                "kind": "route-ipv6",
                "vpc": "vpc-1",
                "egress_only_internet_gateway": null,
                "route_tables": ["rtb-private", "rtb-main"],
            }],
        })
    );
    let four = case(&TestNetwork::new(), &[OKTA]);
    assert!(!four.proposals.iter().any(|proposal| proposal.remedies.contains(&RemedyId::Ipv6Egress)));
}

/// Rules of a security group are for IPv4 or for IPv6
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>).
#[test]
fn a_dual_stack_service_gets_an_outbound_rule_for_each_family_that_has_a_path() {
    let closed = |network: TestNetwork| network.dual_stack().behind_nat().egress_rules(Vec::new());
    let with_ipv6 = closed(TestNetwork::new()).route("rtb-private", "::/0", RouteTarget::of("igw-1")).route(
        "rtb-main",
        "::/0",
        RouteTarget::of("igw-1"),
    );
    let made = fix(&case(&with_ipv6, &[OKTA]), RemedyId::SecurityGroupEgress);
    let rule =
        |peer: &str| json!({"kind": "allow-egress", "security_group": "sg-app", "port": 443, "peer": peer});
    assert_eq!(
        summary(&made),
        json!({
            "title": "Allow outbound on the connector's security group sg-app: TCP 443 to 0.0.0.0/0, TCP 443 to ::/0",
            "fixes": ["bond.okta.com"],
            "possible": true,
            "per_month": "0.00",
            "changes": [rule("0.0.0.0/0"), rule("::/0")],
        })
    );
    // An IPv6 address needs no rule for IPv4.
    let address = case(&with_ipv6, &["[2606:4700::1111]:443"]);
    let made = fix(&address, RemedyId::SecurityGroupEgress);
    assert_eq!(made.fixes, ["2606:4700::1111"]);
    assert_eq!(serde_json::to_value(&made.changes).unwrap(), json!([rule("2606:4700::1111/128")]));
    // Without a route for IPv6, the rule for IPv4 is all that helps: whether the host has AAAA records decides the rest.
    let made = fix(&case(&closed(TestNetwork::new()), &[OKTA]), RemedyId::SecurityGroupEgress);
    assert_eq!(serde_json::to_value(&made.changes).unwrap(), json!([rule("0.0.0.0/0")]));
    assert_eq!(
        (made.fixes.as_slice(), made.unknown_after.as_slice()),
        (&[][..], &["bond.okta.com".to_owned()][..])
    );
    assert!(made.still_blocked_because[0].contains("AAAA"), "{:?}", made.still_blocked_because);
}

/// A rule of a network ACL is for IPv4 or for IPv6
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>).
#[test]
fn an_ipv6_address_behind_three_blockers_gets_one_combination() {
    let only_ipv4 = vec![AclRule {
        number: 100,
        protocol: Protocol::All,
        ports: PortRange::ALL,
        remote: "0.0.0.0/0".parse().unwrap(),
        action: AclAction::Allow,
    }];
    let network = TestNetwork::new()
        .dual_stack()
        .egress_rules(vec![tcp(443, "0.0.0.0/0")])
        .acl(|acl| (acl.inbound, acl.outbound) = (only_ipv4.clone(), only_ipv4));
    let case = case(&network, &["[2606:4700::1111]:443"]);
    let fixing: Vec<&Proposal> =
        case.proposals.iter().filter(|proposal| !proposal.fixes.is_empty()).collect();
    let combined = fixing.iter().find(|proposal| proposal.remedies == [RemedyId::Nacl, RemedyId::Ipv6Egress]);
    let changes = serde_json::to_value(&combined.unwrap().changes).unwrap().to_string();
    for part in ["\"route-ipv6\"", "\"peer\":\"::/0\"", "::/0"] {
        assert!(changes.contains(part), "{changes}");
    }
    let (outbound, inbound) =
        (changes.matches("\"direction\":\"outbound\""), changes.matches("\"direction\":\"inbound\""));
    assert_eq!((outbound.count(), inbound.count()), (1, 1), "{changes}");
}
