//! Resources of other accounts and Regions: what a verdict needs when they were not read, and where a fix must be made.

use std::sync::Arc;

use crate::support::network::{SECRETS, TestNetwork};
use egress_doctor::case::Case;
use egress_doctor::diagnose::FindingVerdict;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::*;
use egress_doctor::scenario::Scenario;

const OWN: &str = "123456789012";
const OTHER: &str = "210987654321";
const DATABASE: &str = "10.90.1.20:5432";

fn place(account: &str, region: &str) -> Place {
    Place { account: account.to_owned(), region: Region::from(region) }
}

fn case(network: &TestNetwork, host: &str) -> Case {
    let workload = network.0.workloads.iter().next().unwrap().clone();
    let wanted = destination(host).unwrap();
    Case::open(Arc::new(network.0.clone()), workload, &Query::for_destinations([wanted]))
}

/// The database behind a peering connection, in a VPC of this account and Region.
fn peered(place: Place) -> TestNetwork {
    let mut network = TestNetwork::peered(Vec::new()).with(|network| {
        let peering = network.peering_connections.get_mut(&ResourceId::from("pcx-1")).unwrap();
        peering.places = [None, Some(place.clone())];
        network.security_groups.get_mut(&SecurityGroupId::from("sg-db")).unwrap().vpc = VpcId::from("vpc-2");
        network.subnets.get_mut(&SubnetId::from("subnet-peer")).unwrap().owner = Some(place.account);
    });
    network.0.account = Some(OWN.to_owned());
    network
}

/// The same, without the facts of the peer VPC.
fn unread(place: Place) -> TestNetwork {
    let other = VpcId::from("vpc-2");
    peered(place).with(|network| {
        network.vpcs = network.vpcs.iter().filter(|vpc| vpc.id != other).cloned().collect();
        network.subnets = network.subnets.iter().filter(|item| item.vpc != other).cloned().collect();
        network.route_tables =
            network.route_tables.iter().filter(|item| item.vpc != other).cloned().collect();
        network.network_interfaces =
            network.network_interfaces.iter().filter(|item| item.vpc != other).cloned().collect();
    })
}

#[test]
fn an_unread_peer_vpc_names_its_account_and_region_and_what_reads_it() {
    let steps = [
        (
            place(OTHER, "us-west-2"),
            format!(
                "Read account {OTHER} too: give --profile a second time, with a profile of account {OTHER}."
            ),
        ),
        (
            place(OWN, "eu-west-1"),
            "Read eu-west-1 too: give --region us-west-2 --region eu-west-1.".to_owned(),
        ),
        (
            place(OTHER, "eu-west-1"),
            format!(
                "Read account {OTHER} in eu-west-1 too: give --profile a second time, with a profile of account {OTHER}, and \
                 give --region us-west-2 --region eu-west-1."
            ),
        ),
    ];
    for (place, step) in steps {
        let case = case(&unread(place.clone()), DATABASE);
        let finding = &case.diagnosis.findings[0];
        assert_eq!(finding.verdict(), FindingVerdict::Unknown);
        assert_eq!(
            finding.explanation,
            format!(
                "It is unknown whether 10.90.1.20 is reachable: pcx-1 is a peering connection to vpc-2 of {place}, which was not \
                 read. {step}"
            )
        );
        assert_eq!(finding.next_step.as_deref(), Some(step.as_str()));
    }
}

#[test]
fn a_missing_permission_in_another_account_is_named_with_the_account() {
    let there = place(OTHER, "us-west-2");
    let mut network = unread(there.clone());
    network.0.other_places = vec![there.clone()];
    network.0.gaps = vec![Gap {
        place: Some(there.clone()),
        ..Gap::new(Call::DescribeSecurityGroups, GapKind::Denied, "no".to_owned())
    }];
    let unknown = case(&network, DATABASE);
    let step = format!("Allow ec2:DescribeSecurityGroups in {there}, then read the accounts again.");
    assert_eq!(unknown.diagnosis.findings[0].next_step.as_deref(), Some(step.as_str()));
    assert_eq!(
        network.0.gaps[0].to_string(),
        format!("ec2:DescribeSecurityGroups denied in account {OTHER} (us-west-2): no")
    );
    // Each gap names its account if several were read.
    network.0.gaps.push(Gap::new(Call::FilterLogEvents, GapKind::Denied, "no".to_owned()));
    let shown: Vec<String> = network.0.shown_gaps().map(|gap| gap.to_string()).collect();
    assert_eq!(shown[1], format!("logs:FilterLogEvents denied in account {OWN} (us-west-2): no"));
    // The gap says nothing about the security groups of the own account.
    assert_eq!(case(&network, SECRETS).diagnosis.findings[0].verdict(), FindingVerdict::Blocked);

    let unknown = case(
        &unread(there).denied(Call::DescribeVpcPeeringConnections, |network| {
            network.peering_connections = Table::default();
        }),
        DATABASE,
    );
    assert_eq!(
        unknown.diagnosis.findings[0].next_step.as_deref(),
        Some("Allow ec2:DescribeVpcPeeringConnections, then read the account again.")
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html>: a rule cannot name a security group of a peer
/// VPC in another Region.
#[test]
fn a_fix_in_another_account_or_region_says_so_and_names_what_works_there() {
    let fix = |place: Place| {
        let mut network = peered(place.clone());
        network.0.other_places = vec![place];
        let case = case(&network, DATABASE);
        assert_eq!(case.diagnosis.findings[0].verdict(), FindingVerdict::Blocked);
        let fix = case.proposals.iter().find(|proposal| proposal.id() == "destination-ingress").unwrap();
        (fix.title.clone(), fix.side_effects.clone())
    };
    let sentence = format!("Account {OTHER} owns security group sg-db: change it there.");
    let (title, side_effects) = fix(place(OTHER, "us-west-2"));
    assert_eq!(title, "Allow inbound 5432 on the destination's security group sg-db from sg-app");
    assert!(side_effects.contains(&sentence), "{side_effects:?}");
    let (title, side_effects) = fix(place(OTHER, "eu-west-1"));
    assert!(title.contains("from 10.40.0.0/20") && !title.contains("sg-app"), "{title}");
    assert!(side_effects.contains(&sentence), "{side_effects:?}");
    let (_, side_effects) = fix(place(OWN, "us-west-2"));
    assert!(!side_effects.iter().any(|effect| effect.contains("change it there")), "{side_effects:?}");
}

/// The owner of a shared VPC sees its NAT gateways, route tables and endpoints; the participant does not
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html>).
#[test]
fn a_shared_vpc_names_its_owner_until_that_account_is_read() {
    let shared = || {
        let mut network = TestNetwork::new().with(|network| {
            network.subnets.iter_mut().for_each(|subnet| subnet.owner = Some(OTHER.to_owned()));
        });
        network.0.account = Some(OWN.to_owned());
        network
    };
    let from_aws = |mut network: TestNetwork| {
        network.0.calls = Snapshot::from_json(Scenario::named("isolated").unwrap().snapshot).unwrap().calls;
        network
    };
    let step = format!(
        "Account {OTHER} owns vpc-1 and shares its subnets: give --profile a second time, with a profile of that account."
    );
    let finding = |network: &TestNetwork| {
        let finding = case(network, SECRETS).diagnosis.findings[0].clone();
        (finding.verdict(), finding.next_step)
    };
    let without_tables = shared().with(|network| network.route_tables = Table::default());
    assert_eq!(finding(&from_aws(without_tables)), (FindingVerdict::Unknown, Some(step.clone())));
    // The endpoints of the owner are not known: one of them can resolve the name.
    assert_eq!(finding(&from_aws(shared())), (FindingVerdict::Unknown, Some(step)));
    // With saved files, a second profile is of no use.
    let saved = format!(
        "Account {OTHER} owns vpc-1 and shares its subnets, and saved files show one account only: read AWS itself with --profile \
         given twice, or ask account {OTHER} for the output of aws ec2 describe-vpc-endpoints."
    );
    assert_eq!(finding(&shared()), (FindingVerdict::Unknown, Some(saved)));

    let mut both = shared();
    both.0.other_places = vec![place(OTHER, "us-west-2")];
    assert_eq!(finding(&both).0, FindingVerdict::Blocked);
    both.0.gaps = vec![Gap {
        place: Some(place(OTHER, "us-west-2")),
        ..Gap::new(Call::DescribeVpcEndpoints, GapKind::Denied, "no".to_owned())
    }];
    let allow = format!(
        "Allow ec2:DescribeVpcEndpoints in account {OTHER} (us-west-2), then read the accounts again."
    );
    assert_eq!(finding(&both), (FindingVerdict::Unknown, Some(allow)));
}
