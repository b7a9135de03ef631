//! Global S3 names: `reports.s3.amazonaws.com`, which boto3 uses by default in us-east-1. The region of the bucket decides
//! whether the gateway endpoint serves them.

use std::sync::Arc;

use crate::support::network::{TestNetwork, tcp};
use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination, read_log};
use egress_doctor::model::*;
use egress_doctor::remedy::{PreconditionStatus, Proposal};

const BUCKET: &str = "reports.s3.amazonaws.com";

/// The network in us-east-1.
fn network() -> TestNetwork {
    let text = TestNetwork::new().0.to_json().unwrap().replace("us-west-2", "us-east-1");
    TestNetwork(Snapshot::from_json(&text).unwrap())
}

/// The gateway endpoint of S3 in us-east-1, with routes from these tables.
fn with_endpoint(network: TestNetwork, tables: &[&str]) -> TestNetwork {
    network.gateway_endpoint(tables).with(|network| {
        let endpoint = network.endpoints.get_mut(&EndpointId::from("vpce-s3")).unwrap();
        "com.amazonaws.us-east-1.s3".clone_into(&mut endpoint.service);
    })
}

fn open(network: &TestNetwork, query: &Query) -> Case {
    let workload = network.0.workloads.iter().next().unwrap().clone();
    Case::open(Arc::new(network.0.clone()), workload, query)
}

fn asked(network: &TestNetwork, host: &str) -> Case {
    open(network, &Query::for_destinations([destination(host).unwrap()]))
}

/// A timeout to the bucket, whose name has this address in the log.
fn logged(network: &TestNetwork, address: &str) -> Case {
    let log = format!("Connect to {BUCKET}:443 [{BUCKET}/{address}] failed: connect timed out\n");
    let findings = read_log(log.as_bytes()).unwrap().findings;
    assert_eq!(findings[0].addresses, [address.parse::<std::net::IpAddr>().unwrap()]);
    open(network, &Query { infer: false, ..Query::with_log(findings) })
}

/// The codes of the causes.
fn causes(case: &Case) -> Vec<String> {
    case.diagnosis.causes.iter().map(|cause| format!("{} {}", cause.code, cause.component)).collect()
}

fn recommended(case: &Case) -> (String, String) {
    let found = case.proposals.iter().find_map(|one| Some((one.id(), one.recommended.clone()?)));
    found.unwrap_or_else(|| panic!("{:?}", case.proposals.iter().map(Proposal::id).collect::<Vec<_>>()))
}

const IN_REGION: &str = "It fixes reports.s3.amazonaws.com at no cost if the bucket is in us-east-1: aws s3api get-bucket-location \
                         --bucket reports shows its Region (null is us-east-1). A bucket in another Region needs another fix.";

#[test]
fn addresses_of_s3_in_the_log_show_that_the_gateway_endpoint_serves_the_bucket() {
    let missing = with_endpoint(network(), &[]);
    let case = logged(&missing, "52.218.128.4");
    assert_eq!(case.diagnosis.findings[0].verdict().word(), "blocked");
    assert_eq!(
        recommended(&case),
        (
            "gateway-route-tables".to_owned(),
            "Fixes all blocked destinations at no cost and breaks no known destination.".to_owned()
        )
    );
    assert!(case.ineffective_fixes.iter().all(|fix| !fix.reason.contains("AWS has no VPC endpoint")));
    let text = &case.diagnosis.findings[0].explanation;
    let proof = "The addresses in the log are addresses of S3 in us-east-1: the gateway endpoint of us-east-1 serves them.";
    assert!(text.ends_with(proof), "{text}");
    let routed = with_endpoint(network(), &["rtb-private", "rtb-main"]);
    assert_eq!(logged(&routed, "52.218.128.4").diagnosis.findings[0].verdict().word(), "reachable");
    // An address outside the list is that of a bucket in another Region.
    let elsewhere = logged(&routed, "3.5.64.9");
    assert_eq!(elsewhere.diagnosis.findings[0].verdict().word(), "unknown");
}

#[test]
fn without_an_address_the_region_of_the_bucket_decides() {
    let routed = with_endpoint(network(), &["rtb-private", "rtb-main"]);
    let case = asked(&routed, BUCKET);
    let finding = &case.diagnosis.findings[0];
    assert_eq!(finding.verdict().word(), "unknown");
    let step = "aws s3api get-bucket-location --bucket reports shows its Region (null is us-east-1). If it is us-east-1, test --to \
                reports.s3.us-east-1.amazonaws.com.";
    assert_eq!(finding.next_step.as_deref(), Some(step));
    assert_eq!(
        finding.explanation,
        format!(
            "It is unknown whether {BUCKET} is reachable: it is unknown in which Region bucket reports is: the gateway endpoint \
             serves it only in its own Region, and the path to other addresses of S3 is blocked. {step} This is the global S3 \
             name, which boto3 uses by default in us-east-1. The gateway endpoint of us-east-1 serves it if the bucket is in \
             us-east-1. For the regional name in boto3, set the environment variable \
             AWS_S3_US_EAST_1_REGIONAL_ENDPOINT=regional; the region alone does not change the name."
        )
    );
    // The name without a bucket belongs to us-east-1.
    assert_eq!(asked(&routed, "s3.amazonaws.com").diagnosis.findings[0].verdict().word(), "reachable");
    // A NAT gateway carries the addresses of all Regions.
    let with_nat = with_endpoint(network(), &["rtb-private", "rtb-main"]).behind_nat();
    assert_eq!(asked(&with_nat, BUCKET).diagnosis.findings[0].verdict().word(), "reachable");
}

#[test]
fn the_free_fix_is_offered_with_its_condition() {
    let missing = with_endpoint(network(), &[]);
    let case = asked(&missing, BUCKET);
    assert_eq!(causes(&case), ["NO_ROUTE_TO_DESTINATION rtb-private", "NO_ROUTE_TO_DESTINATION rtb-main"]);
    assert_eq!(recommended(&case), ("gateway-route-tables".to_owned(), IN_REGION.to_owned()));
    let without = asked(&network(), BUCKET);
    assert_eq!(recommended(&without), ("s3-gateway".to_owned(), IN_REGION.to_owned()));
    // A fix that needs no condition is still offered.
    let nat = case.proposals.iter().find(|proposal| proposal.id() == "nat").unwrap();
    assert_eq!(nat.fixes, [BUCKET]);
    assert!(nat.preconditions.iter().all(|one| one.status != PreconditionStatus::NotMet));
}

/// The security group blocks all addresses of S3; the route tables block only those of other Regions.
#[test]
fn a_missing_outbound_rule_is_the_only_cause_beside_a_gateway_endpoint() {
    let routed =
        with_endpoint(network(), &["rtb-private", "rtb-main"]).egress_rules(vec![tcp(443, "10.40.0.0/16")]);
    let case = asked(&routed, BUCKET);
    assert_eq!(causes(&case), ["ENI_SG_RULES_MISMATCH sg-app"]);
    assert_eq!(
        case.diagnosis.headline,
        "The destination is blocked from all 3 subnets: the connector's security group sg-app has no outbound rule for tcp 443 \
         to it."
    );
    let first = &case.proposals[0];
    assert_eq!(first.title, "Allow outbound on the connector's security group sg-app: TCP 443 to pl-s3");
    assert_eq!(recommended(&case), ("security-group-egress".to_owned(), IN_REGION.to_owned()));
    // With a path to all addresses, the rule allows all addresses.
    let with_nat = case.proposals.iter().find(|one| one.id() == "security-group-egress+nat").unwrap();
    assert!(with_nat.title.ends_with("TCP 443 to 0.0.0.0/0"), "{}", with_nat.title);
}

/// In another Region nothing shows that the bucket is in the Region of the network.
#[test]
fn a_global_name_in_another_region_gets_no_endpoint() {
    let case = asked(&TestNetwork::new(), BUCKET);
    assert!(case.proposals.iter().all(|proposal| proposal.id() != "s3-gateway"));
    let ideas: Vec<&str> = case.ineffective_fixes.iter().map(|fix| fix.reason.as_str()).collect();
    let global = "reports.s3.amazonaws.com is the global name of S3. A gateway endpoint serves it only if the bucket is in us-west-2, \
                  and an interface endpoint does not serve it.";
    assert!(ideas.contains(&global), "{ideas:?}");
}
