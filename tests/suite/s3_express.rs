//! Directory buckets of S3 Express One Zone: their gateway endpoint, its price, its rule and its limits.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-networking.html>: directory buckets have a gateway endpoint of
//! their own, com.amazonaws.REGION.s3express, for the Regional and the Zonal names, at no charge.

use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::*;
use egress_doctor::remedy::{PreconditionStatus, Proposal, RemedyId};
use rust_decimal::Decimal;

use crate::support::network::{S3, TestNetwork, tcp};

const BUCKET: &str = "orders--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com";
const CONTROL: &str = "s3express-control.us-west-2.amazonaws.com";
const DUAL_STACK: &str = "s3express-control-dualstack.us-west-2.amazonaws.com";

fn asked(network: &TestNetwork, hosts: &[&str]) -> Case {
    let wanted: Vec<Destination> = hosts.iter().map(|host| destination(host).unwrap()).collect();
    let workload = network.0.workloads.iter().next().unwrap().clone();
    Case::open(Arc::new(network.0.clone()), workload, &Query::for_destinations(wanted))
}

fn fix(case: &Case, id: RemedyId) -> &Proposal {
    case.proposals.iter().find(|proposal| proposal.remedies == [id]).unwrap()
}

#[test]
fn a_directory_bucket_gets_a_gateway_endpoint_of_its_own() {
    let network = TestNetwork::new().s3express_list();
    let case = asked(&network, &[BUCKET, CONTROL, DUAL_STACK, S3]);
    let express = fix(&case, RemedyId::S3expressGateway);
    assert_eq!(express.title, "S3 Express One Zone gateway endpoint");
    assert_eq!(express.fixes, [BUCKET, CONTROL, DUAL_STACK]);
    assert_eq!(express.still_blocked, [S3]);
    assert_eq!(express.breaks, Vec::<String>::new());
    assert_eq!(
        (express.estimate.fixed_per_month, express.estimate.per_gb()),
        (Some(Decimal::ZERO), Some(Decimal::ZERO))
    );
    assert_eq!(
        express.rollback,
        "delete the S3 Express One Zone gateway endpoint; open S3 Express One Zone connections drop again"
    );
    assert_eq!(
        express.side_effects,
        [
            "All workloads on rtb-private, rtb-main lose open S3 Express One Zone connections once. S3 Express One Zone then sees private \
             IPs: policies with aws:SourceIp stop matching."
        ]
    );
    assert_eq!(fix(&case, RemedyId::S3Gateway).fixes, [S3]);
    let both = case.compose(&[RemedyId::S3Gateway, RemedyId::S3expressGateway]).unwrap();
    assert_eq!(both.still_blocked, Vec::<String>::new());
    let recommended = case.proposals.iter().find(|proposal| proposal.recommended.is_some()).unwrap();
    assert_eq!(recommended.id(), "s3-gateway+s3express-gateway");
}

/// A Region without the storage class has no prefix list for it.
#[test]
fn the_endpoint_is_not_possible_in_a_region_without_its_prefix_list() {
    let case = asked(&TestNetwork::new(), &[BUCKET]);
    let unmet: Vec<&str> = fix(&case, RemedyId::S3expressGateway)
        .preconditions
        .iter()
        .filter(|one| one.status == PreconditionStatus::NotMet)
        .map(|one| one.text.as_str())
        .collect();
    assert_eq!(unmet, ["this Region has no prefix list com.amazonaws.us-west-2.s3express"]);
}

#[test]
fn an_endpoint_that_exists_gets_the_missing_route_tables() {
    let network = TestNetwork::new().s3express_list().with(|network| {
        network.endpoints.insert(Endpoint {
            id: EndpointId::from("vpce-express"),
            vpc: VpcId::from("vpc-1"),
            service: "com.amazonaws.us-west-2.s3express".to_owned(),
            state: EndpointState::Available,
            kind: EndpointKind::Gateway { route_tables: vec![RouteTableId::from("rtb-public")] },
            policy: None,
            tags: std::collections::BTreeMap::default(),
        });
    });
    let case = asked(&network, &[BUCKET]);
    let tables = fix(&case, RemedyId::GatewayRouteTables);
    assert_eq!(tables.title, "Add missing route tables to the S3 Express One Zone endpoint");
    assert_eq!(
        (tables.fixes.as_slice(), tables.recommended.is_some()),
        ([BUCKET.to_owned()].as_slice(), true)
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html#aws-managed-prefix-list-weights>: a rule
/// with the prefix list of S3 Express One Zone counts as six rules.
#[test]
fn a_rule_with_the_prefix_list_counts_by_its_weight() {
    let with_rules = |count: u16| {
        let rules = (0..count).map(|at| tcp(8000 + at, "10.0.0.0/8")).collect();
        let case = asked(&TestNetwork::new().s3express_list().egress_rules(rules), &[BUCKET]);
        let both = case.compose(&[RemedyId::S3expressGateway, RemedyId::SecurityGroupEgress]).unwrap();
        (both.title.clone(), both.is_possible(), both.fixes.len())
    };
    let title = "S3 Express One Zone gateway endpoint + Allow outbound on the connector's security group sg-app: TCP 443 to pl-express";
    assert_eq!(with_rules(54), (title.to_owned(), true, 1));
    assert_eq!(with_rules(55), (title.to_owned(), false, 0));
}
