//! The sentences about findings: each names what blocks, as the user finds it in the AWS console.
//!
//! The stories have one network each and assert whole sentences. The property reads every sentence of random
//! networks and of all scenarios, and compares it with the hops of the traces that it describes.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

use super::headlines::is_short;
use crate::support::network::{OKTA, S3, SECRETS, TestNetwork, nat, tcp};
use crate::support::random::{RandomNetwork, random_network, snapshot_of};
use egress_doctor::case::Case;
use egress_doctor::diagnose::{
    Cause, Coverage, Finding, FindingVerdict, PublicSource, diagnose, public_sources,
};
use egress_doctor::evidence::{Query, destination, needs};
use egress_doctor::model::*;
use egress_doctor::reach::{Code, Direction, Hop, Layer, Owner, Subject, Trace, Verdict};
use egress_doctor::report;
use egress_doctor::scenario::SCENARIOS;
use proptest::prelude::*;

fn open(snapshot: &Snapshot, hosts: &[&str]) -> Case {
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    let wanted: Vec<Destination> = hosts.iter().map(|host| destination(host).unwrap()).collect();
    Case::open(Arc::new(snapshot.clone()), workload, &Query::for_destinations(wanted))
}

/// The headline, and each cause with its code.
fn told(test_network: &TestNetwork, hosts: &[&str]) -> String {
    let case = open(&test_network.0, hosts);
    let causes = case
        .diagnosis
        .causes
        .iter()
        .map(|cause| format!("\n{} {}: {}", cause.number, cause.code.word(), cause.explanation));
    format!("{}{}", case.diagnosis.headline, causes.collect::<String>())
}

fn step(test_network: &TestNetwork, hosts: &[&str]) -> String {
    let case = open(&test_network.0, hosts);
    case.manual_step(&case.diagnosis.causes[0])
}

const SILENT: &str = "The packets are dropped: the client gets no error until its connect timeout.";

// Direction and owner.

#[test]
fn a_missing_inbound_rule_of_a_database_is_not_called_outbound() {
    let test_network = TestNetwork::new().database(vec![tcp(3306, "10.40.0.0/16")]);
    assert_eq!(
        told(&test_network, &["10.40.16.7:5432"]),
        format!(
            "The destination is blocked from all 3 subnets: security group sg-db has no inbound rule for tcp 5432 from the \
             connector's subnets.\n\
             1 TARGET_SG_RULES_MISMATCH: Security group sg-db of network interface eni-db (RDSNetworkInterface) has no inbound \
             rule for tcp 5432 from the connector's subnets (10.40.0.0/20, 10.40.16.0/20, 10.40.32.0/20). This blocks 10.40.16.7:5432 from all \
             3 subnets. {SILENT}"
        )
    );
    let case = open(&test_network.0, &["10.40.16.7:5432"]);
    let json = report::diagnosis_json(&case).to_string();
    let all = [report::diagnosis_text(&case), report::diagnosis_markdown(&case), json];
    for text in all {
        assert!(!text.contains("no outbound rule"), "{text}");
        assert!(text.contains("has no inbound rule for tcp 5432"), "{text}");
    }
}

/// One missing rule is one cause, also if several network interfaces have the security group.
#[test]
fn a_security_group_of_two_network_interfaces_is_one_cause() {
    let test_network = TestNetwork::new().database(vec![tcp(5432, "10.40.0.0/20")]).with(|network| {
        let first = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
        first.description = "ELB net/orders/0a1b2c3d4e5f6a7b".to_owned();
        let second = NetworkInterface {
            id: NetworkInterfaceId::from("eni-db2"),
            addresses: vec!["10.40.16.8".parse().unwrap()],
            ..first.clone()
        };
        network.network_interfaces.insert(second);
    });
    let host = "orders-0a1b2c3d4e5f6a7b.elb.us-west-2.amazonaws.com:5432";
    let case = open(&test_network.0, &[host]);
    assert_eq!(case.diagnosis.causes.len(), 1, "{:#?}", case.diagnosis.causes);
    assert_eq!(
        case.diagnosis.headline,
        "The destination is intermittent (fails from 2 of 3 subnets): security group sg-db has no inbound rule for tcp 5432 from the \
         connector's subnets."
    );
    let explanation = &case.diagnosis.findings[0].explanation;
    assert!(!explanation.contains("on the path also"), "{explanation}");
}

/// The hop and the headline agree on the reason why a route is a blackhole.
#[test]
fn a_peering_connection_that_is_not_accepted_was_not_deleted() {
    let mut test_network = TestNetwork::peered(vec![tcp(5432, "10.40.0.0/16")]).with(|network| {
        let peering = network.peering_connections.get_mut(&ResourceId::from("pcx-1")).unwrap();
        peering.state = PeeringState::from("pending-acceptance");
    });
    for table in ["rtb-private", "rtb-main"] {
        let table = test_network.network().route_tables.get_mut(&RouteTableId::from(table)).unwrap();
        let to_peer = table.routes.iter_mut().find(|route| route.target == RouteTarget::of("pcx-1")).unwrap();
        to_peer.state = RouteState::Blackhole;
    }
    assert!(
        test_network.trace("a", "10.90.1.20:5432").contains(
            "rtb-private: 10.90.0.0/16 -> pcx-1 is a blackhole: the target is in state pending-acceptance"
        ),
        "{}",
        test_network.trace("a", "10.90.1.20:5432")
    );
}

/// 203.0.113.0/24 and the other ranges of RFC 5737 are not private.
#[test]
fn an_address_for_documentation_is_not_called_private() {
    let test_network = TestNetwork::new().behind_nat();
    let case = open(&test_network.0, &["203.0.113.25"]);
    assert_eq!(
        case.diagnosis.headline,
        "The destination is blocked from all 3 subnets: its address is in the ranges for examples in documentation, which no host \
         on the internet has."
    );
    assert!(
        case.manual_step(&case.diagnosis.causes[0])
            .starts_with("Find the address that the service really uses")
    );
    let all = report::diagnosis_text(&case);
    assert!(!all.contains("private address"), "{all}");
    let private = open(&test_network.0, &["10.99.0.25"]);
    assert!(
        private.diagnosis.headline.contains("no route covers its private address"),
        "{}",
        private.diagnosis.headline
    );
}

/// The addresses for an allow-list are those of NAT gateways that carry the packets: a fix replaces the others.
#[test]
fn a_nat_gateway_that_stops_the_packets_is_no_address_for_an_allow_list() {
    let lines = |network: &TestNetwork| {
        let case = open(&network.0, &[OKTA]);
        let sources = public_sources(&network.0, &case.diagnosis);
        sources.iter().flat_map(PublicSource::lines).collect::<Vec<_>>()
    };
    assert_eq!(
        lines(&TestNetwork::new().behind_nat()),
        [
            "bond.okta.com sees the public address of NAT gateway nat-1, which was not read: aws ec2 describe-nat-gateways \
          --nat-gateway-ids nat-1 shows it (PublicIp)"
        ]
    );
    let in_private_subnet =
        TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-c").default_route(&nat());
    assert_eq!(lines(&in_private_subnet), Vec::<String>::new());
}

/// A failed NAT gateway is deleted by AWS, and its address is no address for an allow-list.
#[test]
fn a_failed_nat_gateway_is_not_to_be_deleted_by_hand() {
    let with = |change: fn(&mut NatGateway)| {
        let network = TestNetwork::new().behind_nat().with(|network| {
            let nat = network.nat_gateways.get_mut(&NatGatewayId::from("nat-1")).unwrap();
            nat.public_addresses = vec!["54.70.1.9".parse().unwrap()];
            change(nat);
        });
        open(&network.0, &["bond.okta.com"])
    };
    let case = with(|nat| {
        nat.state = NatState::Failed;
        nat.failure = Some("Gateway.NotAttached: Network vpc-1 has no Internet gateway attached".to_owned());
    });
    assert_eq!(
        case.diagnosis.headline,
        "The destination is blocked from all 3 subnets: NAT gateway nat-1 is failed, not available."
    );
    let effects = |case: &Case| {
        let repair = case.proposals.iter().find(|proposal| proposal.id() == "nat-repair").unwrap();
        repair.side_effects.join(" ")
    };
    assert!(
        effects(&case)
            .contains("AWS deletes the failed NAT gateway nat-1 automatically, usually in about an hour.")
    );
    assert!(!effects(&case).contains("still exists and is charged"));
    assert!(!report::diagnosis_text(&case).contains("54.70.1.9"));
    let title = &case.proposals.iter().find(|proposal| proposal.id() == "nat-repair").unwrap().title;
    assert_eq!(title, "Replace the broken NAT gateway nat-1");
    let private = with(|nat| nat.connectivity = NatConnectivity::Private);
    assert!(effects(&private).contains(
        "These route tables no longer use nat-1. It still exists and is charged: other networks may use it."
    ));
    let title = &private.proposals.iter().find(|proposal| proposal.id() == "nat-repair").unwrap().title;
    assert_eq!(title, "Use a public NAT gateway instead of the private nat-1");
    assert!(report::diagnosis_text(&with(|_| ())).contains("54.70.1.9"));
}

/// A rule for one address of a public host says that the name can have others.
#[test]
fn a_rule_for_one_public_address_names_the_alternative() {
    let test_network = TestNetwork::new().behind_nat().egress_rules(vec![tcp(443, "10.40.0.0/16")]);
    let note = |host: &str| {
        let case = open(&test_network.0, &[host]);
        let rule = case.proposals.iter().find(|proposal| proposal.id() == "security-group-egress").unwrap();
        rule.side_effects.iter().find(|effect| effect.contains("is allowed")).cloned()
    };
    assert_eq!(
        note("8.8.4.4").as_deref(),
        Some(
            "Only 8.8.4.4 is allowed. The name of a host on the internet usually has several addresses, which change: with the \
             name instead of the address (--to NAME:443) the rule allows TCP 443 to 0.0.0.0/0; or allow the address range that the \
             operator of the host publishes."
        )
    );
    assert_eq!(note("bond.okta.com"), None);
}

/// A NAT gateway to a bucket in another Region: no gateway endpoint of this Region carries that traffic.
#[test]
fn traffic_to_another_region_is_not_called_free() {
    let effects = |host: &str| {
        let case = open(&TestNetwork::new().0, &[host]);
        let nat = case.proposals.iter().find(|proposal| proposal.id() == "nat").unwrap();
        nat.side_effects.join(" ")
    };
    assert!(
        effects("reports.s3.us-west-2.amazonaws.com")
            .contains("with a gateway endpoint this traffic is free")
    );
    assert!(!effects("reports.s3.eu-west-1.amazonaws.com").contains("this traffic is free"));
}

/// A network interface of the database network as the target of the default routes: a NAT instance.
fn nat_instance(allowed: &str, change: impl FnOnce(&mut NetworkInterface)) -> TestNetwork {
    TestNetwork::new()
        .database(vec![tcp(443, allowed)])
        .with(|network| {
            let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
            interface.source_dest_check = Some(false);
            interface.description = String::new();
            interface.subnet = SubnetId::from("subnet-public");
            interface.public_addresses = vec!["203.0.113.50".parse().unwrap()];
            interface.public_address = true;
            interface.instance = Some(ResourceId::from("i-1"));
            change(interface);
        })
        .default_route(&RouteTarget::of("eni-db"))
}

#[test]
fn a_missing_inbound_rule_of_a_nat_instance_names_the_nat_instance() {
    let test_network = nat_instance("10.99.0.0/16", |_| {});
    assert_eq!(
        told(&test_network, &[OKTA]).lines().next().unwrap(),
        "The destination is blocked from all 3 subnets: security group sg-db has no inbound rule for tcp 443 from the connector's subnets."
    );
    // An available NAT gateway that no route uses is the simplest way out.
    let with_gateway = test_network.nat("available", NatConnectivity::Public, "subnet-public");
    let step = step(&with_gateway, &[OKTA]);
    assert!(step.contains("Or use the NAT gateway nat-1, which is available in this VPC"), "{step}");
}

#[test]
fn a_nat_instance_that_drops_forwarded_packets_has_a_manual_step() {
    let test_network = nat_instance("10.40.0.0/16", |interface| interface.source_dest_check = Some(true));
    assert_eq!(
        told(&test_network, &[OKTA]).lines().next().unwrap(),
        "The destination is blocked from all 3 subnets: the source/destination check of NAT instance eni-db is on, so eni-db \
         drops the packets that it should forward."
    );
    let step = step(&test_network, &[OKTA]);
    assert!(step.contains("--network-interface-id eni-db --no-source-dest-check"), "{step}");
    assert!(step.contains("Or create a NAT gateway in a public subnet"), "{step}");
}

#[test]
fn a_nat_instance_in_a_subnet_that_routes_to_itself_is_blocked() {
    let test_network =
        nat_instance("10.40.0.0/16", |interface| interface.subnet = SubnetId::from("subnet-b"));
    assert_eq!(
        told(&test_network, &[OKTA]).lines().next().unwrap(),
        "The destination is blocked from all 3 subnets: NAT instance eni-db is in a subnet that routes back to the NAT \
         instance itself."
    );
    assert!(step(&test_network, &[OKTA]).starts_with("Move the NAT instance to a public subnet"));
}

#[test]
fn a_nat_instance_without_a_public_address_is_blocked_unless_it_can_have_another_interface() {
    let without = |interface: &mut NetworkInterface| {
        interface.public_address = false;
        interface.public_addresses = Vec::new();
    };
    let single = nat_instance("10.40.0.0/16", without);
    assert_eq!(
        told(&single, &[OKTA]).lines().next().unwrap(),
        "The destination is blocked from all 3 subnets: NAT instance eni-db has no public IPv4 address, so the internet gateway \
         does not forward its packets."
    );
    let second = nat_instance("10.40.0.0/16", without).with(|network| {
        let first = network.network_interfaces.get(&NetworkInterfaceId::from("eni-db")).unwrap().clone();
        let id = NetworkInterfaceId::from("eni-second");
        network.network_interfaces.insert(NetworkInterface { id, addresses: Vec::new(), ..first });
    });
    let unread = nat_instance("10.40.0.0/16", without).denied(Call::DescribeNetworkInterfaces, |_| {});
    for test_network in [second, unread] {
        let case = open(&test_network.0, &[OKTA]);
        assert_eq!(case.diagnosis.headline, "It is unknown whether the destination is reachable.");
        let finding = &case.diagnosis.findings[0];
        let rules: Vec<&str> = finding.traces[0].unknowns().map(|(hop, _)| &*hop.rule).collect();
        assert_eq!(
            rules[0],
            "eni-db has no public IPv4 address, which igw-1 needs; unknown whether the instance sends the packets through \
             another network interface"
        );
    }
}

// Private addresses that no route covers.

#[test]
fn a_missing_route_to_a_private_network_is_not_blamed_on_the_nat_gateway() {
    let behind_nat = (TestNetwork::new().behind_nat(), "NAT gateway nat-1");
    let behind_igw = (TestNetwork::new().default_route(&RouteTarget::of("igw-1")), "internet gateway igw-1");
    for (test_network, target) in [behind_nat, behind_igw] {
        assert_eq!(
            told(&test_network, &["10.90.1.20:6379"]),
            format!(
                "The destination is blocked from all 3 subnets: no route covers its private address.\n\
                 1 EGRESS_NO_ROUTE_TO_PRIVATE_ADDRESS: No route covers the private address of 10.90.1.20:6379, except the route to \
                 {target}, which leads to the internet: the internet carries no packets to private addresses. It needs a route to a VPC peering connection, a transit gateway or a VPN. This blocks 10.90.1.20:6379 from all 3 subnets. {SILENT}"
            )
        );
        let step = step(&test_network, &["10.90.1.20:6379"]);
        for word in ["peering", "transit-gateway", "VPN"] {
            assert!(step.contains(word), "{step}");
        }
        let case = open(&test_network.0, &["10.90.1.20:6379"]);
        let misleading = case.diagnosis.misleading.join(" ");
        assert!(!misleading.contains("public"), "{misleading}");
    }
}

// The public address of a network interface that was read.

/// A database with the public address 100.28.151.148 in another VPC, and the NAT gateway 203.0.113.9.
fn public_database(allowed: &str) -> TestNetwork {
    TestNetwork::new().behind_nat().database(vec![tcp(5432, allowed)]).with(|network| {
        let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
        interface.public_address = true;
        interface.public_addresses = vec!["100.28.151.148".parse().unwrap()];
        interface.subnet = SubnetId::from("subnet-public");
        let nat = network.nat_gateways.get_mut(&NatGatewayId::from("nat-1")).unwrap();
        nat.public_addresses = vec!["203.0.113.9".parse().unwrap()];
    })
}

#[test]
fn the_security_group_of_an_own_public_database_must_allow_the_nat_gateway() {
    let test_network = public_database("198.51.100.7/32");
    assert_eq!(
        told(&test_network, &["100.28.151.148:5432"]),
        format!(
            "The destination is blocked from all 3 subnets: security group sg-db has no inbound rule for tcp 5432 from \
             203.0.113.9.\n\
             1 TARGET_SG_PUBLIC_ADDRESS_MISMATCH: Security group sg-db of network interface eni-db (RDSNetworkInterface) has no \
             inbound rule for tcp 5432 from 203.0.113.9, the public address of NAT gateway nat-1. This blocks \
             100.28.151.148:5432 from all 3 subnets. {SILENT}"
        )
    );
    let step = step(&test_network, &["100.28.151.148:5432"]);
    assert!(step.contains("--group-id sg-db --protocol tcp --port 5432 --cidr 203.0.113.9/32"), "{step}");
    let allowed = open(&public_database("203.0.113.9/32").0, &["100.28.151.148:5432"]);
    assert_eq!(allowed.diagnosis.headline, "The destination is reachable.");
}

/// A snapshot of an older version does not have the NAT gateway's addresses.
#[test]
fn an_own_public_database_is_unknown_if_the_source_address_is_unknown() {
    let forget = |network: &mut Network| {
        network.nat_gateways.iter_mut().for_each(|nat| nat.public_addresses = Vec::new());
    };
    let some = public_database("198.51.100.7/32").with(forget);
    let case = open(&some.0, &["100.28.151.148:5432"]);
    assert_eq!(case.diagnosis.headline, "It is unknown whether the destination is reachable.");
    assert!(case.diagnosis.findings[0].explanation.contains("eni-db"));
    let all = public_database("0.0.0.0/0").with(forget);
    assert_eq!(open(&all.0, &["100.28.151.148:5432"]).diagnosis.headline, "The destination is reachable.");
    let none = public_database("10.0.0.0/8").with(forget);
    assert!(
        told(&none, &["100.28.151.148:5432"])
            .contains("no inbound rule for tcp 5432 from any public address")
    );
    // DEFAULT egress: one of many addresses of App Runner.
    let mut default = public_database("198.51.100.7/32");
    default.0.workloads.iter_mut().for_each(|workload| workload.egress = Egress::Default);
    assert_eq!(
        open(&default.0, &["100.28.151.148:5432"]).diagnosis.headline,
        "It is unknown whether the destination is reachable."
    );
}

/// A snapshot of an older version says that an interface has a public address, but not which.
#[test]
fn a_public_address_can_be_an_own_interface_whose_address_was_not_read() {
    let mut database = public_database("0.0.0.0/0").with(|network| {
        network.network_interfaces.iter_mut().for_each(|interface| {
            interface.public_address |= !interface.public_addresses.is_empty();
            interface.public_addresses = Vec::new();
        });
    });
    let explained = |database: &TestNetwork| {
        let case = open(&database.0, &["100.28.151.148:5432"]);
        assert_eq!(case.diagnosis.headline, "It is unknown whether the destination is reachable.");
        case.diagnosis.findings[0].explanation.clone()
    };
    let reason = "eni-db has a public address that was not read, and can be the destination.";
    let text = explained(&database);
    assert!(text.contains(reason) && text.contains("describe-network-interfaces"), "{text}");
    database.0.workloads.iter_mut().for_each(|workload| workload.egress = Egress::Default);
    let text = explained(&database);
    assert!(text.contains(reason), "{text}");
    // A name is not one address.
    assert_eq!(open(&database.0, &[OKTA]).diagnosis.headline, "The destination is reachable.");
}

// Network ACLs and routes.

#[test]
fn a_network_acl_names_the_direction_the_packets_and_the_subnet() {
    let deny = |outbound: bool, ports: PortRange| {
        TestNetwork::new().behind_nat().acl(|acl| {
            let rule = AclRule {
                number: 50,
                protocol: Protocol::Tcp,
                ports,
                remote: "0.0.0.0/0".parse().unwrap(),
                action: AclAction::Deny,
            };
            let rules = if outbound { &mut acl.outbound } else { &mut acl.inbound };
            rules.insert(0, rule);
        })
    };
    let replies = deny(false, PortRange { from: 50000, to: 60999 });
    assert_eq!(
        told(&replies, &[OKTA]).lines().next().unwrap(),
        "The destination is blocked from all 3 subnets: network ACL acl-1 denies inbound replies."
    );
    // Linux chooses from 28,232 ports, and 11,000 of them are denied.
    let case = open(&replies.0, &[OKTA]);
    assert!(
        case.diagnosis.causes.iter().any(|cause| cause.explanation.contains(
            "Linux chooses the client port from 32768-60999: replies to the other ports pass, so about 62 % of the connections pass this network ACL."
        )),
        "{:?}",
        case.diagnosis.causes
    );
    let causes: Vec<&str> = case.diagnosis.causes.iter().map(|cause| &*cause.explanation).collect();
    assert!(
        causes.iter().any(|text| text.starts_with(
            "Network ACL acl-1 denies inbound replies (tcp 50000-60999) in the connector's subnets."
        )),
        "{causes:?}"
    );
    assert!(
        causes.iter().any(|text| text.starts_with(
            "Network ACL acl-1 denies inbound replies (tcp 50000-60999) in the subnet of NAT gateway nat-1."
        )),
        "{causes:?}"
    );
}

#[test]
fn an_intermittent_destination_says_when_it_fails() {
    let test_network = TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-public").route(
        "rtb-main",
        "0.0.0.0/0",
        nat(),
    );
    let case = open(&test_network.0, &[OKTA]);
    assert_eq!(
        case.diagnosis.headline,
        "The destination is intermittent (fails from 2 of 3 subnets, about 2 of 3 new instances): route table rtb-private has no \
         route to it."
    );
    assert_eq!(
        case.diagnosis.findings[0].explanation,
        "bond.okta.com is blocked from subnet-a, subnet-b; reachable from subnet-c. Route table rtb-private has no route to it. \
         App Runner distributes instances over all connector subnets, so the failures look random."
    );
}

#[test]
fn two_route_tables_with_a_route_to_the_same_deleted_nat_gateway_have_one_cause() {
    let gateway = RouteTarget::of("nat-gone");
    let blackholes = |network: &mut Network, id: &str| {
        let routes = &mut network.route_tables.get_mut(&RouteTableId::from(id)).unwrap().routes;
        routes.iter_mut().filter(|route| route.target != RouteTarget::Local).for_each(|route| {
            route.state = RouteState::Blackhole;
        });
    };
    let both = TestNetwork::new().default_route(&gateway).with(|network| {
        blackholes(network, "rtb-private");
        blackholes(network, "rtb-main");
    });
    let fact = "he route 0.0.0.0/0 -> nat-gone in route tables rtb-main and rtb-private is a blackhole: its target was deleted or is \
                not available";
    assert_eq!(
        told(&both, &[OKTA]),
        format!(
            "The destination is blocked from all 3 subnets: the route 0.0.0.0/0 -> nat-gone is a blackhole.\n\
             1 BAD_STATE_ROUTE: T{fact}. This blocks Okta from all 3 subnets. {SILENT}"
        )
    );
    let open_both = open(&both.0, &[OKTA]);
    let [cause] = open_both.diagnosis.causes.as_slice() else { panic!("{:#?}", open_both.diagnosis.causes) };
    assert_eq!(cause.component.as_str(), "nat-gone");
    assert_eq!(
        egress_doctor::remedy::manual_step(&both.0, both.0.workloads.iter().next().unwrap(), cause),
        "Create a NAT gateway in a public subnet: aws ec2 create-nat-gateway. Replace the route in 2 route tables (rtb-main, \
         rtb-private), for each table: aws ec2 replace-route --route-table-id TABLE --destination-cidr-block 0.0.0.0/0 \
         --nat-gateway-id NAT."
    );
    // Routes to two deleted NAT gateways have two causes, each with its route table.
    let two = TestNetwork::new()
        .route("rtb-private", "0.0.0.0/0", gateway)
        .route("rtb-main", "0.0.0.0/0", RouteTarget::of("nat-gone-2"))
        .with(|network| {
            blackholes(network, "rtb-private");
            blackholes(network, "rtb-main");
        });
    let with_two = open(&two.0, &[OKTA]);
    let causes = with_two.diagnosis.causes.iter();
    let causes: Vec<(&str, &str)> =
        causes.map(|cause| (cause.component.as_str(), cause.blockers[0].as_str())).collect();
    assert_eq!(causes, [("nat-gone", "rtb-private"), ("nat-gone-2", "rtb-main")]);
}

// IPv4 and IPv6.

/// The explanation of the only destination.
fn explained(test_network: &TestNetwork, host: &str) -> String {
    open(&test_network.0, &[host]).diagnosis.findings[0].explanation.clone()
}

fn ipv6_route(target: &str) -> impl Fn(TestNetwork) -> TestNetwork {
    let target = RouteTarget::of(target);
    move |network| {
        network.route("rtb-private", "::/0", target.clone()).route("rtb-main", "::/0", target.clone())
    }
}

#[test]
fn a_dual_stack_source_without_an_ipv6_route_asks_for_the_ipv6_addresses() {
    let test_network = TestNetwork::new().dual_stack().behind_nat();
    assert_eq!(
        explained(&test_network, OKTA),
        "It is unknown whether bond.okta.com is reachable: only the IPv6 addresses of bond.okta.com are blocked, and it is unknown \
         whether it has any (AAAA records). dig +short AAAA bond.okta.com in the VPC shows its IPv6 addresses. Give the address that \
         the client uses with --to ADDRESS:443 (an IPv6 address as [ADDRESS]:443)."
    );
}

#[test]
fn a_dual_stack_source_without_an_ipv4_route_says_which_family_is_blocked() {
    let test_network = ipv6_route("igw-1")(TestNetwork::new().dual_stack());
    let text = explained(&test_network, OKTA);
    let expected = "the IPv4 addresses of bond.okta.com are blocked, and it is unknown whether it has IPv6 addresses (AAAA records).";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn a_destination_that_is_reachable_over_both_families_has_both_paths() {
    let test_network = ipv6_route("igw-1")(TestNetwork::new().dual_stack().behind_nat());
    assert_eq!(
        explained(&test_network, OKTA),
        "bond.okta.com is reachable through NAT gateway nat-1 over IPv4, and through internet gateway igw-1 over IPv6 (if it has \
         AAAA records)."
    );
}

#[test]
fn a_missing_route_of_one_family_is_named() {
    let test_network = ipv6_route("eigw-gone")(TestNetwork::new().dual_stack()).with(|network| {
        let routes = network.route_tables.iter_mut().flat_map(|table| &mut table.routes);
        let deleted = RouteTarget::of("eigw-gone");
        routes.filter(|route| route.target == deleted).for_each(|route| route.state = RouteState::Blackhole);
    });
    let text = told(&test_network, &[OKTA]);
    assert!(text.contains("has no IPv4 route to Okta"), "{text}");
    assert!(!text.contains("has no route"), "{text}");
    let nothing = told(&TestNetwork::new().dual_stack(), &[OKTA]);
    assert!(nothing.contains("have no route to it"), "{nothing}");
}

#[test]
fn all_causes_are_numbered_with_their_destinations_and_subnets() {
    // S3 is blocked only where the endpoint's route is missing; the security group denies Okta everywhere.
    let test_network =
        TestNetwork::new().gateway_endpoint(&["rtb-main"]).egress_rules(vec![tcp(443, "pl-s3")]);
    let case = open(&test_network.0, &[S3, OKTA]);
    let text = report::diagnosis_text(&case);
    let causes = text.split("Causes\n").nth(1).unwrap().split("\n\n").next().unwrap();
    assert_eq!(
        causes,
        format!(
            "  1. Route table rtb-private (subnets in us-west-2a and us-west-2b) has only the local route 10.40.0.0/16. It has no route to S3 or \
             Okta. {SILENT}\n     \
             Blocks s3.us-west-2.amazonaws.com, bond.okta.com from subnet-a, subnet-b\n  \
             2. The connector's security group sg-app has no outbound rule for tcp 443 to Okta. {SILENT}\n     \
             Blocks bond.okta.com from all 3 subnets\n  \
             3. Route table rtb-main (subnet in us-west-2c) has no route to Okta. {SILENT}\n     \
             Blocks bond.okta.com from subnet-c"
        )
    );
    let markdown = report::diagnosis_markdown(&case);
    assert!(markdown.contains("\n2. The connector's security group sg-app"), "{markdown}");
    assert!(markdown.contains("   - Blocks bond.okta.com from subnet-c\n"), "{markdown}");
    let json = report::diagnosis_json(&case);
    assert_eq!(json["causes"][1]["number"], 2);
    assert_eq!(json["causes"][0]["paths"][0]["subnets"], serde_json::json!(["subnet-a", "subnet-b"]));
}

// The property.

/// The hops that block in some traces, each with the subnet of its trace.
fn blocking<'a>(traces: impl IntoIterator<Item = &'a Trace>) -> Vec<(&'a Trace, &'a Hop, Code)> {
    let failing = traces
        .into_iter()
        .filter(|trace| matches!(trace.verdict, Verdict::Blocked | Verdict::Partial { .. }));
    failing.flat_map(|trace| trace.blockers().map(move |(hop, code)| (trace, hop, code))).collect()
}

const ID_PREFIXES: &[&str] =
    &["sg-", "eni-", "rtb-", "nat-", "igw-", "eigw-", "acl-", "vpce-", "vpc-", "subnet-", "pcx-", "i-"];

fn ids(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words
        .filter(|word| {
            ID_PREFIXES.iter().any(|prefix| word.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty()))
        })
        .collect()
}

/// The part of a sentence that a hop must contain, and whether a hop contains it.
type Fact = (&'static str, fn(&Hop, Code) -> bool);

fn is_packets(hop: &Hop, wanted: Direction, reply: bool) -> bool {
    matches!(&hop.subject, Subject::Packets { direction, is_reply, .. } if (*direction, *is_reply) == (wanted, reply))
}

const FACTS: &[Fact] = &[
    ("outbound rule", |hop, _| {
        hop.layer == Layer::SecurityGroup && is_packets(hop, Direction::Outbound, false)
    }),
    ("inbound rule", |hop, _| {
        matches!(hop.layer, Layer::Endpoint | Layer::Target) && is_packets(hop, Direction::Inbound, false)
    }),
    ("outbound requests", |hop, _| is_packets(hop, Direction::Outbound, false)),
    ("inbound requests", |hop, _| is_packets(hop, Direction::Inbound, false)),
    ("outbound replies", |hop, _| is_packets(hop, Direction::Outbound, true)),
    ("inbound replies", |hop, _| is_packets(hop, Direction::Inbound, true)),
    ("network ACL", |_, code| code == Code::SubnetAclRestriction),
    ("oute table", |hop, _| hop.component.as_str().starts_with("rtb-") || hop.rule.contains("rtb-")),
    ("ecurity group", |hop, _| {
        matches!(hop.subject, Subject::Packets { .. })
            && matches!(hop.layer, Layer::SecurityGroup | Layer::Endpoint | Layer::Target)
    }),
    ("NAT gateway", |hop, _| {
        matches!(hop.owner, Owner::Nat(_)) || hop.rule.contains("nat-") || hop.rule.contains("NAT gateway")
    }),
    ("NAT instance", |hop, _| matches!(hop.owner, Owner::Appliance(_))),
    ("nterface endpoint", |hop, _| matches!(hop.owner, Owner::Endpoint(_))),
    ("gateway endpoint", |hop, _| hop.layer == Layer::Endpoint && hop.owner == Owner::Source),
    ("egress-only internet gateway", |hop, _| {
        hop.component.as_str().starts_with("eigw-") || hop.rule.contains("egress-only")
    }),
    ("DNS is off", |hop, _| hop.layer == Layer::Dns),
    ("Amazon DNS server", |hop, _| hop.layer == Layer::Dns),
    ("VPC Block Public Access", |_, code| code == Code::VpcBlockPublicAccessEnabled),
    ("blackhole", |_, code| code == Code::BadStateRoute),
    ("does not forward the", |_, code| code == Code::IgwPublicIpAssociationForEgress),
    ("private address", |_, code| matches!(code, Code::EgressNoRouteToPrivateAddress | Code::EgressNotInVpc)),
    ("DEFAULT egress", |_, code| code == Code::EgressNotInVpc),
    ("is not attached to vpc", |_, code| code == Code::BadStateAttachment),
];

/// Every id, layer, direction and port in a text occurs in a blocking hop. The subnet of a NAT gateway that owns a hop belongs to
/// the hop.
fn check_text(network: &Network, text: &str, hops: &[(&Trace, &Hop, Code)]) {
    let context = || format!("{text}\n{hops:#?}");
    for id in ids(text) {
        let names = |value: &dyn Debug| {
            let text = format!("{value:?}");
            ids(&text).contains(id)
        };
        let is_in = |(trace, hop, _): &(&Trace, &Hop, Code)| {
            trace.subnet.as_ref().is_some_and(|subnet| subnet.as_str() == id)
                || names(&hop.component)
                || names(&hop.rule)
                || names(&hop.owner)
                || matches!(&hop.owner, Owner::Nat(nat) if network.nat_gateways.get(nat).is_some_and(|nat| names(&nat.placement)))
                || names(&hop.subject)
        };
        assert!(hops.iter().any(is_in), "{id}: {}", context());
    }
    for (words, is_fact) in FACTS.iter().filter(|(words, _)| text.contains(words)) {
        assert!(hops.iter().any(|(_, hop, code)| is_fact(hop, *code)), "{words}: {}", context());
    }
    for port in text.split("tcp ").skip(1) {
        let end = port.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(port.len());
        let is_in = |(_, hop, _): &(&Trace, &Hop, Code)| matches!(&hop.subject, Subject::Packets { ports, .. } if ports.to_string() == port[..end]);
        assert!(hops.iter().any(is_in), "tcp {}: {}", &port[..end], context());
    }
}

/// The numbers `K of N` and `all N` before `subnets` in a text.
fn counts(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (place, _) in text.match_indices(" subnets") {
        let words: Vec<&str> = text[..place].split(' ').collect();
        let number = |word: Option<&&str>| word.and_then(|word| word.parse::<usize>().ok());
        let Some(total) = number(words.last()) else { continue };
        match words.get(words.len().saturating_sub(2)) {
            Some(&"all") => found.push((total, total)),
            Some(&"of") => {
                found.push((number(words.get(words.len().saturating_sub(3))).unwrap_or_default(), total));
            }
            _ => {}
        }
    }
    found
}

fn is_failing(finding: &Finding) -> bool {
    matches!(finding.verdict(), FindingVerdict::Blocked | FindingVerdict::Intermittent)
}

/// Whether a component is the one that is wrong: the target of a blackhole route, otherwise the component that blocks.
fn is_about(hop: &Hop, code: Code, component: &ResourceId) -> bool {
    match &hop.subject {
        Subject::Route { target, .. } if code == Code::BadStateRoute => {
            target.to_string() == component.as_str()
        }
        _ => hop.component == *component,
    }
}

/// The subnets from which each destination is blocked by this cause, from the traces alone.
fn blocked_by(cause: &Cause, findings: &[&Finding]) -> Vec<(String, Vec<SubnetId>)> {
    let of = |finding: &&&Finding| {
        let own = blocking(&finding.traces)
            .into_iter()
            .filter(|(_, hop, code)| {
                (hop.layer, *code) == (cause.layer, cause.code) && is_about(hop, *code, &cause.component)
            })
            .filter_map(|(trace, ..)| trace.subnet.clone());
        let subnets: BTreeSet<SubnetId> = own.collect();
        (finding.need.destination.to_string(), subnets.into_iter().collect::<Vec<_>>())
    };
    findings.iter().map(|finding| of(&finding)).filter(|(_, subnets)| !subnets.is_empty()).collect()
}

fn check(snapshot: &Snapshot, hosts: &[&str]) {
    let workload = snapshot.workloads.iter().next().unwrap();
    let wanted: Vec<Destination> = hosts.iter().map(|host| destination(host).unwrap()).collect();
    let query = Query::for_destinations(wanted);
    let diagnosis = &diagnose(snapshot, workload, &needs(snapshot, workload, &query));
    let total = diagnosis.subnets.len();
    let failing: Vec<&Finding> = diagnosis.findings.iter().filter(|finding| is_failing(finding)).collect();
    let all: Vec<_> = failing.iter().flat_map(|finding| blocking(&finding.traces)).collect();
    // The headline.
    assert!(is_short(&diagnosis.headline), "{}", diagnosis.headline);
    check_text(&snapshot.network, &diagnosis.headline, &all);
    let intermittent = failing.iter().filter(|finding| finding.verdict() == FindingVerdict::Intermittent);
    let broken: BTreeSet<usize> = intermittent
        .map(|finding| finding.traces.iter().filter(|trace| trace.verdict == Verdict::Blocked).count())
        .collect();
    for (count, of) in counts(&diagnosis.headline) {
        assert_eq!(of, total, "{}", diagnosis.headline);
        let is_whole = count == total && failing.iter().any(|finding| finding.coverage == Coverage::None);
        assert!(is_whole || broken.contains(&count), "{} {broken:?}", diagnosis.headline);
    }
    if let Some(text) = diagnosis.headline.split("there are ").nth(1) {
        assert!(text.starts_with(&format!("{} causes", diagnosis.causes.len())), "{}", diagnosis.headline);
    }
    // The destinations.
    for finding in &failing {
        let hops = blocking(&finding.traces);
        // The owner of an address is not a blocker.
        let is_owner = |text: &&str| text.contains(" is in vpc-") || text.contains(" is an address of ");
        // Nor is an unknown check.
        let certain = finding.explanation.split(" The unknown part: ").next().unwrap_or_default();
        let sentences = certain.split(". ").filter(|text| !is_owner(text));
        let text = sentences.collect::<Vec<_>>().join(". ");
        let without_host = text.replace(&finding.need.destination.host, "");
        // The list of other subnets has no blocking hop.
        let of_blockers = match finding.verdict() {
            FindingVerdict::Intermittent => without_host.split(". ").skip(1).collect::<Vec<_>>().join(". "),
            _ => without_host,
        };
        check_text(&snapshot.network, &of_blockers, &hops);
    }
    // The causes.
    for (place, cause) in diagnosis.causes.iter().enumerate() {
        assert_eq!(cause.number, place + 1);
        let own: Vec<_> = all
            .iter()
            .copied()
            .filter(|(_, hop, code)| {
                (hop.layer, *code) == (cause.layer, cause.code) && is_about(hop, *code, &cause.component)
            })
            .collect();
        check_text(&snapshot.network, &cause.explanation, &own);
        let expected = blocked_by(cause, &failing);
        let shown: Vec<(String, Vec<SubnetId>)> = cause
            .paths
            .iter()
            .flat_map(|paths| paths.destinations.iter().map(|host| (host.clone(), paths.subnets.clone())))
            .collect();
        if total > 0 {
            let sorted = |mut list: Vec<(String, Vec<SubnetId>)>| {
                list.sort();
                list
            };
            assert_eq!(sorted(shown), sorted(expected.clone()), "{cause:#?}");
        }
        let real: BTreeSet<usize> = expected.iter().map(|(_, subnets)| subnets.len()).collect();
        let said = counts(&cause.explanation);
        for (count, of) in &said {
            assert!(*of == total && real.contains(count), "{} {expected:?}", cause.explanation);
        }
    }
}

/// Destinations of each kind: a gateway service, an endpoint service, a third party, addresses.
const HOSTS: [&str; 6] = [S3, SECRETS, OKTA, "8.8.8.8:443", "10.90.1.20:6379", "10.40.16.77:5432"];

/// The random network with a database, and with a NAT instance instead of the NAT gateway.
fn with_instances(random: &RandomNetwork, nat_instance: bool, check: bool, allowed: bool) -> Snapshot {
    let mut snapshot = snapshot_of(random);
    let network = &mut snapshot.network;
    let vpc = network.vpcs.iter().next().unwrap().id.clone();
    let group = SecurityGroupId::from("sg-db");
    network.security_groups.insert(SecurityGroup {
        id: group.clone(),
        name: "db".to_owned(),
        vpc: vpc.clone(),
        ingress: if allowed { vec![tcp(5432, "10.40.0.0/20"), tcp(443, "10.40.0.0/16")] } else { Vec::new() },
        egress: Vec::new(),
        tags: std::collections::BTreeMap::new(),
    });
    for (id, subnet, address) in [
        ("eni-db", "subnet-02a4b6c8d0e1f3a52", "10.40.16.77"),
        ("eni-nat", "subnet-0f7e6d5c4b3a29181", "10.40.48.77"),
    ] {
        network.network_interfaces.insert(NetworkInterface {
            id: NetworkInterfaceId::from(id),
            vpc: vpc.clone(),
            subnet: SubnetId::from(subnet),
            addresses: vec![address.parse().unwrap()],
            security_groups: vec![group.clone()],
            kind: InterfaceKind::Interface,
            description: String::new(),
            public_address: false,
            public_addresses: Vec::new(),
            instance: Some(ResourceId::from(format!("i-{id}"))),
            state: InterfaceState::InUse,
            requester: None,
            source_dest_check: Some(check),
        });
    }
    if nat_instance {
        let gateway = RouteTarget::of("nat-1");
        let routes = network.route_tables.iter_mut().flat_map(|table| &mut table.routes);
        routes
            .filter(|route| route.target == gateway)
            .for_each(|route| route.target = RouteTarget::of("eni-nat"));
    }
    snapshot
}

/// `EGRESS_DOCTOR_SENTENCES` sets the number of networks.
#[test]
fn each_sentence_of_a_random_network_occurs_in_a_blocking_hop() {
    let requested = std::env::var("EGRESS_DOCTOR_SENTENCES").map(|text| text.parse().unwrap());
    let cases = requested.unwrap_or(300);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(random in random_network(), instance in prop::bool::weighted(0.2), source_check: bool, allowed: bool)| {
                check(&with_instances(&random, instance, source_check, allowed), &HOSTS);
    });
}

#[test]
fn each_sentence_of_a_scenario_occurs_in_a_blocking_hop() {
    for scenario in SCENARIOS {
        let snapshot = Snapshot::from_json(scenario.snapshot).unwrap();
        check(&snapshot, &HOSTS);
        for more in [&HOSTS[..1], &HOSTS[2..3], &HOSTS[4..]] {
            check(&snapshot, more);
        }
    }
}
