//! Fixes that create subnets or a connector: the rules that allow only the present subnets, when a new connector is recommended, and the
//! public subnet of a VPC without internet gateway.

use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::*;
use egress_doctor::remedy::{Change, Proposal, RemedyId};

use crate::support::network::{OKTA, TestNetwork, tcp};

const DATABASE: &str = "10.40.16.7:5432";

fn asked(network: &TestNetwork, hosts: &[&str]) -> Case {
    let wanted: Vec<Destination> = hosts.iter().map(|host| destination(host).unwrap()).collect();
    let workload = network.0.workloads.iter().next().unwrap().clone();
    Case::open(Arc::new(network.0.clone()), workload, &Query::for_destinations(wanted))
}

fn recommended(case: &Case) -> Option<(String, &str)> {
    let proposal = case.proposals.iter().find(|proposal| proposal.recommended.is_some())?;
    Some((proposal.id(), proposal.recommended.as_deref()?))
}

/// The database allows the range of the present subnets. New subnets have other ranges, so the rule for them is part of the fix
/// (<https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>).
#[test]
fn private_subnets_are_combined_with_the_rule_of_a_database_that_allows_the_present_subnets() {
    let ranges = ["10.40.0.0/20", "10.40.16.0/20", "10.40.32.0/20"];
    let rules = ranges.map(|range| tcp(5432, range)).to_vec();
    let case = asked(&TestNetwork::new().public_only().database(rules), &[OKTA, DATABASE]);
    let alone = case.proposals.iter().find(|one| one.remedies == [RemedyId::PrivateSubnets]).unwrap();
    assert!(alone.breaks.iter().any(|text| text == "10.40.16.7 becomes blocked"), "{:?}", alone.breaks);
    let (id, why) = recommended(&case).unwrap();
    assert_eq!(id, "destination-ingress+private-subnets");
    assert!(why.starts_with("Fixes all blocked destinations and breaks no known destination."), "{why}");
    let both: Proposal = case.compose(&[RemedyId::DestinationIngress, RemedyId::PrivateSubnets]).unwrap();
    assert_eq!(
        (both.fixes.as_slice(), both.breaks.as_slice()),
        ([OKTA.to_owned()].as_slice(), [].as_slice())
    );
    assert!(matches!(both.changes[0], Change::CreatePrivateSubnets { .. }), "{:?}", both.changes);
    assert_eq!(
        both.changes[1],
        Change::AllowEndpointIngress {
            group: SecurityGroupId::from("sg-db"),
            port: 5432,
            peer: Peer::Group(SecurityGroupId::from("sg-app")),
        }
    );
    assert_eq!(
        both.why_combined,
        [
            "With only the private subnets, 10.40.16.7 becomes blocked.",
            "Only the other changes make the inbound rules of the destination necessary."
        ]
    );
}

/// A connector with public and private subnets moves to the private subnets. If these are in fewer AZs, that is a side effect: no other
/// fix is left.
#[test]
fn moving_the_connector_is_recommended_if_it_alone_fixes_the_rest() {
    let network = |in_one_zone: bool| {
        TestNetwork::new().behind_nat().with(move |network| {
            let connector = network.connectors.iter_mut().next().unwrap();
            connector.subnets = ["subnet-public", "subnet-b"].map(SubnetId::from).to_vec();
            let zone = network.subnets.get(&SubnetId::from("subnet-b")).unwrap().zone.clone();
            let private = ["subnet-a", "subnet-c"].into_iter().filter(|_| in_one_zone);
            for id in private {
                network.subnets.get_mut(&SubnetId::from(id)).unwrap().zone = zone.clone();
            }
        })
    };
    for in_one_zone in [false, true] {
        let case = asked(&network(in_one_zone), &[OKTA]);
        let why = "Fixes all blocked destinations and breaks no known destination. App Runner deploys the service again.";
        assert_eq!(recommended(&case), Some(("move-connector".to_owned(), why)));
        let side_effects = &case.proposals[0].side_effects;
        let is_named = |text: &str| side_effects.iter().any(|effect| effect == text);
        assert!(is_named("App Runner deploys the service again."), "{side_effects:?}");
        assert_eq!(is_named("Single AZ: if that AZ fails, egress fails."), in_one_zone, "{side_effects:?}");
    }
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html>: a public NAT gateway is in a public subnet, and the
/// VPC needs an internet gateway. A VPC without both gets them with the NAT gateway.
#[test]
fn a_vpc_without_internet_gateway_gets_one_with_a_public_subnet_for_the_nat_gateway() {
    let case = asked(&TestNetwork::new().isolated_from_the_internet(), &[OKTA]);
    let (id, why) = recommended(&case).unwrap();
    assert_eq!(
        (id.as_str(), why),
        ("internet-gateway+nat", "Fixes all blocked destinations and breaks no known destination.")
    );
    let made = case.proposals.iter().find(|one| one.recommended.is_some()).unwrap();
    assert_eq!(
        (made.title.as_str(), made.fixes.as_slice()),
        ("Internet gateway and public subnet + NAT gateway", [OKTA.to_owned()].as_slice())
    );
    assert_eq!(made.estimate.fixed_per_month.map(|cost| cost.to_string()).as_deref(), Some("36.50"));
    let changes = serde_json::to_value(&made.changes).unwrap();
    assert_eq!(
        changes[0],
        serde_json::json!({
            "kind": "create-internet-gateway",
            "vpc": "vpc-1",
            "route_tables": [],
            "public_subnet": {"zone": "us-west-2a", "cidr": "10.40.48.0/24"},
        })
    );
    assert_eq!(changes[1]["subnet"], "subnet-public-planned");
    assert_eq!(made.breaks, Vec::<String>::new());
    // The connector's subnets are excluded from VPC Block Public Access, and a new subnet is not.
    let blocked = TestNetwork::new().isolated_from_the_internet().with(|network| {
        let other = network.subnets.get_mut(&SubnetId::from("subnet-public")).unwrap();
        other.block_public_access = BlockPublicAccess::BlockBidirectional;
    });
    let case = asked(&blocked, &[OKTA]);
    let in_new_subnet = |one: &&Proposal| {
        one.changes.iter().any(|change| matches!(change, Change::CreateNat { subnet: Some(_), .. }))
    };
    let fixed: Vec<&[String]> =
        case.proposals.iter().filter(in_new_subnet).map(|one| one.fixes.as_slice()).collect();
    assert!(fixed.iter().all(|hosts| hosts.is_empty()), "{fixed:?}");
    // Without a free range, there is a step by hand.
    let full = TestNetwork::new()
        .isolated_from_the_internet()
        .vpc(|vpc| vpc.cidrs = vec!["10.40.0.0/20".parse().unwrap()]);
    assert_eq!(recommended(&asked(&full, &[OKTA])), None);
}
