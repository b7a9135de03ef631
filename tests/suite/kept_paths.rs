//! Fixes that keep what the present network has: its gateway endpoints, routes to other networks, and NAT gateways.

use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::*;
use egress_doctor::remedy::{Proposal, RemedyId};
use serde_json::json;

use crate::support::network::{OKTA, S3, TestNetwork, nat, tcp};

fn case(network: &TestNetwork, hosts: &[&str]) -> Case {
    let workload = network.0.workloads.iter().next().unwrap().clone();
    let wanted: Vec<Destination> = hosts.iter().map(|host| destination(host).unwrap()).collect();
    Case::open(Arc::new(network.0.clone()), workload, &Query::for_destinations(wanted))
}

fn fix(case: &Case, ids: &[RemedyId]) -> Proposal {
    let made = case.proposals.iter().find(|proposal| proposal.remedies == ids);
    made.unwrap_or_else(|| {
        panic!("no {ids:?}: {:?}", case.proposals.iter().map(Proposal::id).collect::<Vec<_>>())
    })
    .clone()
}

fn per_month(proposal: &Proposal) -> Option<String> {
    proposal.estimate.fixed_per_month.map(|price| price.to_string())
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>: without the route, S3 sees other source addresses.
#[test]
fn private_subnets_keep_gateway_endpoints_and_routes_to_other_networks() {
    let peered = TestNetwork::peered(vec![tcp(5432, "10.40.0.0/16")]);
    let network = peered.public_only().gateway_endpoint(&["rtb-private", "rtb-main"]);
    let opened = case(&network, &[OKTA, S3, "10.90.1.20:5432"]);
    let made = fix(&opened, &[RemedyId::PrivateSubnets]);
    assert_eq!((made.fixes.as_slice(), made.breaks.as_slice()), (&[OKTA.to_owned()][..], &[][..]));
    let change = serde_json::to_value(&made.changes[0]).unwrap();
    assert_eq!(
        (&change["gateway_endpoints"], &change["routes"]),
        (&json!(["vpce-s3"]), &json!([{"destination": "10.90.0.0/16", "target": "pcx-1"}]))
    );
    assert!(
        made.side_effects.contains(
            &"The new route table has the routes to other networks of the present ones: 10.90.0.0/16 -> pcx-1. Route tables there need \
              a route back to the new ranges."
                .to_owned()
        ),
        "{:#?}",
        made.side_effects
    );
    // S3 stays on the gateway endpoint.
    let s3 = made.after.findings.iter().find(|finding| finding.need.destination.host == S3).unwrap();
    assert!(s3.explanation.contains("through gateway endpoint vpce-s3"), "{}", s3.explanation);
    // Two route tables with different targets for one destination: neither route is certain.
    let other = network.route("rtb-main", "10.77.0.0/16", RouteTarget::Other("tgw-1".into())).route(
        "rtb-private",
        "10.77.0.0/16",
        RouteTarget::Other("tgw-2".into()),
    );
    let made = fix(&case(&other, &[OKTA]), &[RemedyId::PrivateSubnets]);
    assert_eq!(
        made.breaks,
        [
            "the new route table has no route 10.77.0.0/16 -> tgw-2: add it before the service uses the new connector",
            "the new route table has no route 10.77.0.0/16 -> tgw-1: add it before the service uses the new connector",
        ]
    );
}

#[test]
fn private_subnets_use_a_nat_gateway_that_exists() {
    let network = TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-public").public_only();
    let made = fix(&case(&network, &[OKTA]), &[RemedyId::PrivateSubnets]);
    assert_eq!(
        (made.title.as_str(), per_month(&made).as_deref(), made.fixes.as_slice()),
        ("Private subnets and connector, with the NAT gateway nat-1", Some("0.00"), &[OKTA.to_owned()][..])
    );
    let change = serde_json::to_value(&made.changes[0]).unwrap();
    assert_eq!((&change["nat_gateway"], &change["nat_subnet"]), (&json!("nat-1"), &json!(null)));
}

/// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>
#[test]
fn a_nat_gateway_replaces_a_default_route_to_a_peering_connection() {
    let network = TestNetwork::new().default_route(&RouteTarget::Peering("pcx-7".into()));
    let made = fix(&case(&network, &[OKTA]), &[RemedyId::Nat]);
    assert_eq!((made.is_possible(), made.fixes.as_slice()), (true, &[OKTA.to_owned()][..]));
    assert!(
        made.side_effects.contains(
            &"Private addresses that only the default route to pcx-7 leads to need a route of their own to pcx-7.".to_owned()
        ),
        "{:#?}",
        made.side_effects
    );
}

#[test]
fn an_az_with_a_nat_gateway_of_its_own_gets_no_second_one() {
    let apart = |table: &str| RouteTableId::from(table);
    let network =
        TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-public").with(|network| {
            let zones: Vec<(SubnetId, AvailabilityZone)> =
                network.subnets.iter().map(|subnet| (subnet.id.clone(), subnet.zone.clone())).collect();
            let public = network.subnets.get(&SubnetId::from("subnet-public")).unwrap().clone();
            // A public subnet in each AZ, and a route table for each connector subnet.
            let table = network.route_tables.get(&apart("rtb-public")).unwrap().clone();
            let mut publics = table.subnets.clone();
            for (number, (_, zone)) in
                zones.iter().enumerate().filter(|(_, (id, _))| id.as_str() != "subnet-public")
            {
                let id = SubnetId::new(format!("subnet-public-{number}"));
                publics.push(id.clone());
                network.subnets.insert(Subnet { id, zone: zone.clone(), ..public.clone() });
            }
            network.route_tables.get_mut(&apart("rtb-public")).unwrap().subnets = publics;
            let private = network.route_tables.get(&apart("rtb-private")).unwrap().clone();
            for id in ["subnet-a", "subnet-b", "subnet-c"] {
                let own = apart(&id.replace("subnet", "rtb"));
                network.route_tables.insert(RouteTable {
                    id: own,
                    subnets: vec![SubnetId::from(id)],
                    ..private.clone()
                });
            }
            network.route_tables.get_mut(&apart("rtb-private")).unwrap().subnets.clear();
        });
    let own = network.0.network.subnets.get(&SubnetId::from("subnet-public")).unwrap().zone.clone();
    let with = network.0.network.subnets.iter().find(|subnet| {
        subnet.zone == own && ["subnet-a", "subnet-b", "subnet-c"].contains(&subnet.id.as_str())
    });
    let with = with.unwrap().id.as_str().replace("subnet", "rtb");
    let made = fix(&case(&network.route(&with, "0.0.0.0/0", nat()), &[OKTA]), &[RemedyId::NatPerZone]);
    assert_eq!(
        (made.is_possible(), per_month(&made).as_deref(), made.changes.len()),
        (true, Some("73.00"), 2),
        "{:#?}",
        made.preconditions
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html>
#[test]
fn a_vpc_without_an_internet_gateway_gets_one_for_its_nat_gateway() {
    let opened = case(&TestNetwork::new().without_internet_gateway(), &[OKTA]);
    let made = fix(&opened, &[RemedyId::InternetGateway, RemedyId::Nat]);
    assert_eq!((made.is_possible(), made.fixes.as_slice()), (true, &[OKTA.to_owned()][..]));
    let kinds: Vec<_> =
        made.changes.iter().map(|change| serde_json::to_value(change).unwrap()["kind"].clone()).collect();
    assert_eq!(kinds, ["attach-internet-gateway", "create-nat"]);
    assert_eq!(per_month(&made).as_deref(), Some("36.50"));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>
#[test]
fn a_rule_that_denies_one_range_of_a_prefix_list_is_overridden_for_that_range() {
    let range = "52.218.128.0/17";
    let network = TestNetwork::new().behind_nat().acl(|acl| {
        acl.inbound.push(AclRule {
            number: 90,
            protocol: Protocol::All,
            ports: PortRange::ALL,
            remote: range.parse().unwrap(),
            action: AclAction::Deny,
        });
        acl.inbound.sort_by_key(|rule| rule.number);
    });
    let made = fix(&case(&network, &[S3]), &[RemedyId::Nacl]);
    assert_eq!(made.fixes, [S3]);
    let change = serde_json::to_value(&made.changes[0]).unwrap();
    assert_eq!((&change["cidr"], &change["rule_number"]), (&json!(range), &json!(89)));
    // A third party may have other addresses: the rule stays in force.
    assert!(case(&network, &[OKTA]).proposals.iter().all(|proposal| proposal.remedies != [RemedyId::Nacl]));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-peering-security-groups.html>: the rules of a peer in another Region are there.
#[test]
fn the_test_of_a_rule_in_another_region_names_that_region() {
    let place = |region: &str| Some(Place { account: "123456789012".to_owned(), region: region.into() });
    let network = TestNetwork::peered(Vec::new()).with(|network| {
        let places = [place("us-west-2"), place("us-east-1")];
        network.peering_connections.iter_mut().for_each(|peering| peering.places = places.clone());
        network.security_groups.get_mut(&SecurityGroupId::from("sg-db")).unwrap().vpc = VpcId::from("vpc-2");
    });
    let opened = case(&network, &["10.90.1.20:5432"]);
    let made = fix(&opened, &[RemedyId::DestinationIngress]);
    let commands: Vec<String> =
        opened.follow_up(&made, None).test.into_iter().filter_map(|action| action.command).collect();
    assert!(
        commands.contains(
            &"aws ec2 describe-security-group-rules --filters Name=group-id,Values=sg-db --region us-east-1"
                .to_owned()
        ),
        "{commands:#?}"
    );
}
