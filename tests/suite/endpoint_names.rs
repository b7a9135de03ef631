//! Endpoints that exist and do not serve the name of their service, endpoint policies, and custom DNS servers: each result names the
//! component to change.

use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::diagnose::{FindingVerdict, public_sources, remarks_on_log};
use egress_doctor::evidence::{Query, destination, read_log};
use egress_doctor::model::*;
use egress_doctor::remedy::Proposal;
use egress_doctor::report;

use crate::support::network::{S3, SECRETS, TestNetwork, tcp};

const STREAMS: &str = "streams.dynamodb.us-west-2.amazonaws.com";

fn open(network: &TestNetwork, query: &Query) -> Case {
    let workload = network.0.workloads.iter().next().unwrap().clone();
    Case::open(Arc::new(network.0.clone()), workload, query)
}

fn asked(network: &TestNetwork, host: &str) -> Case {
    open(network, &Query::for_destinations([destination(host).unwrap()]))
}

fn without_private_dns() -> TestNetwork {
    TestNetwork::new().interface_endpoint("10.40.0.0/16").with(|network| {
        let endpoint = network.endpoints.get_mut(&EndpointId::from("vpce-secrets")).unwrap();
        if let EndpointKind::Interface { private_dns, .. } = &mut endpoint.kind {
            *private_dns = false;
        }
    })
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html>
#[test]
fn an_endpoint_without_private_dns_is_named_in_the_headline_the_cause_and_the_fix() {
    let case = asked(&without_private_dns(), SECRETS);
    assert_eq!(
        case.diagnosis.headline,
        "The destination is blocked from all 3 subnets: 2 route tables have no route to it; private DNS of interface endpoint \
         vpce-secrets is off."
    );
    for cause in &case.diagnosis.causes {
        assert!(
            cause.explanation.contains(
                "route to Secrets Manager. Private DNS of interface endpoint vpce-secrets is off, so the name has public \
                 addresses. The packets are dropped"
            ),
            "{}",
            cause.explanation
        );
        assert_eq!(
            case.manual_step(cause),
            "Turn on private DNS of the existing endpoint: aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-secrets \
             --private-dns-enabled."
        );
    }
    let best = case.proposals.iter().find(|one| one.recommended.is_some()).unwrap();
    assert_eq!(
        (best.id(), best.title.as_str()),
        (
            "interface-endpoints".to_owned(),
            "Turn on private DNS of the interface endpoint vpce-secrets (secretsmanager)"
        )
    );
    let trace = without_private_dns().trace("a", SECRETS);
    assert!(trace.contains("public addresses: private DNS of vpce-secrets is off"), "{trace}");
}

#[test]
fn enable_dns_hostnames_that_is_off_is_named_in_the_headline_and_the_cause() {
    let network =
        TestNetwork::new().interface_endpoint("10.40.0.0/16").vpc(|vpc| vpc.dns.hostnames = Some(false));
    let case = asked(&network, SECRETS);
    assert_eq!(
        case.diagnosis.headline,
        "The destination is blocked from all 3 subnets: 2 route tables have no route to it; private DNS of interface endpoint \
         vpce-secrets has no effect."
    );
    assert_eq!(
        case.manual_step(&case.diagnosis.causes[0]),
        "Turn on enableDnsHostnames, which private DNS of vpce-secrets needs: aws ec2 modify-vpc-attribute --vpc-id vpc-1 \
         --enable-dns-hostnames."
    );
    // Beside a destination without an endpoint, the headline does not explain all causes.
    let both = Query::for_destinations([SECRETS, "bond.okta.com"].map(|host| destination(host).unwrap()));
    let case = open(&network, &both);
    assert!(!case.diagnosis.headline.contains("vpce-secrets"), "{}", case.diagnosis.headline);
    let step = case.manual_step(&case.diagnosis.causes[0]);
    assert!(step.starts_with("Turn on enableDnsHostnames") && step.contains("Add a default route"), "{step}");
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-streams.html>
#[test]
fn dynamodb_streams_needs_a_nat_gateway_or_the_name_of_an_endpoint() {
    let with_gateway = |network: TestNetwork| {
        network.with(|network| {
            let list = PrefixListId::from("pl-dynamodb");
            network.prefix_lists.insert(PrefixList {
                id: list.clone(),
                name: "com.amazonaws.us-west-2.dynamodb".to_owned(),
                cidrs: Some(vec!["52.94.0.0/22".parse().unwrap()]),
            });
            let table = network.route_tables.get_mut(&RouteTableId::from("rtb-private")).unwrap();
            table.routes.push(Route {
                destination: RouteDestination::PrefixList(list),
                target: RouteTarget::Endpoint(EndpointId::from("vpce-dynamodb")),
                state: RouteState::Active,
                origin: RouteOrigin::Static,
            });
        })
    };
    let case = asked(&with_gateway(TestNetwork::new()), STREAMS);
    let finding = &case.diagnosis.findings[0];
    assert_eq!(finding.verdict(), FindingVerdict::Blocked);
    assert!(
        finding.explanation.ends_with(
            "The gateway endpoint for DynamoDB does not serve DynamoDB Streams. Its interface endpoint (dynamodb-streams) has no \
             private DNS: the client must use the URL of the endpoint, https://vpce-ID.streams.dynamodb.REGION.vpce.amazonaws.com. \
             Without one, the name needs a NAT gateway."
        ),
        "{}",
        finding.explanation
    );
    let best = case.proposals.iter().find(|one| one.recommended.is_some()).map(Proposal::id);
    assert_eq!(best.as_deref(), Some("nat"));
    let futile: Vec<&str> = case.ineffective_fixes.iter().map(|one| one.idea.as_str()).collect();
    assert!(futile.contains(&format!("private DNS for {STREAMS}").as_str()), "{futile:?}");
    let reachable = with_gateway(TestNetwork::new().behind_nat());
    assert_eq!(reachable.ask(STREAMS).lines().next(), Some("a reachable by nat nat-1"));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
#[test]
fn a_denial_by_an_endpoint_policy_names_the_endpoint_and_its_policy() {
    const DENIED: &str = "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the PutObject operation: User: \
                          arn:aws:sts::123456789012:assumed-role/app/abc is not authorized to perform: s3:PutObject on resource: \
                          \"arn:aws:s3:::bond-files/y\" because no VPC endpoint policy allows the s3:PutObject action";
    let network = TestNetwork::new()
        .gateway_endpoint(&["rtb-private", "rtb-main"])
        .interface_endpoint("10.40.0.0/16")
        .with(|network| {
            let policies =
                [("vpce-s3", EndpointPolicy::Restricted), ("vpce-secrets", EndpointPolicy::FullAccess)];
            for (id, policy) in policies {
                network.endpoints.get_mut(&EndpointId::from(id)).unwrap().policy = Some(policy);
            }
        });
    let helps = "The policy of endpoint vpce-s3 (com.amazonaws.us-west-2.s3) does not allow the call. Change this policy, not the \
                 network and not the instance role: aws ec2 describe-vpc-endpoints --vpc-endpoint-ids vpce-s3 shows it \
                 (PolicyDocument), aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-s3 --policy-document file://policy.json \
                 changes it.";
    let workload = network.0.workloads.iter().next().unwrap();
    let findings = read_log(DENIED.as_bytes()).unwrap().findings;
    assert_eq!(
        remarks_on_log(&network.0, workload, &findings),
        [format!(
            "The log shows an endpoint policy denial (line 1): the server answered, so the network is not the \
             cause. {helps}"
        )]
    );
    let line = format!("{DENIED} https://{S3}/bond-files/y");
    let case = open(&network, &Query::with_log(read_log(line.as_bytes()).unwrap().findings));
    let finding = case.diagnosis.findings.iter().find(|one| one.need.destination.host == S3).unwrap();
    assert_eq!(
        finding.explanation,
        format!(
            "{S3} is reachable through gateway endpoint vpce-s3, but the log shows an endpoint policy denial. The service \
             responds, so the network works. {helps}"
        )
    );
}

/// The TCP connection works, and no call does.
#[test]
fn an_endpoint_policy_that_denies_all_requests_is_a_warning() {
    let network = TestNetwork::new().interface_endpoint("10.40.0.0/16").with(|network| {
        let endpoint = network.endpoints.get_mut(&EndpointId::from("vpce-secrets")).unwrap();
        endpoint.policy = Some(EndpointPolicy::DeniesAll);
    });
    let case = asked(&network, SECRETS);
    assert_eq!(
        case.diagnosis.findings[0].explanation,
        format!(
            "{SECRETS} is reachable through interface endpoint vpce-secrets. Warning: the policy of vpce-secrets allows no \
             request, so each call is answered with AccessDenied. aws ec2 describe-vpc-endpoints --vpc-endpoint-ids vpce-secrets \
             shows it (PolicyDocument), aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-secrets --policy-document \
             file://policy.json changes it."
        )
    );
    assert!(report::diagnosis_text(&case).contains("Warning: the policy of vpce-secrets allows no request"));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>
#[test]
fn custom_dns_servers_have_a_step_of_their_own() {
    const ORDERS: &str = "orders.abc123.us-west-2.rds.amazonaws.com";
    let network = TestNetwork::new().behind_nat().database(vec![tcp(5432, "10.40.0.0/16")]).vpc(|vpc| {
        vpc.dns.resolver = DhcpResolver::Custom(vec!["10.40.0.53".to_owned(), "10.40.1.53".to_owned()]);
    });
    let case = asked(&network, &format!("{ORDERS}:5432"));
    let step = format!(
        "The DNS servers must forward the names of AWS and of private zones to the Amazon DNS server of the VPC (10.40.0.2), and the \
         connector's security group and the network ACLs must allow tcp and udp 53 to them. dig +short {ORDERS} @10.40.0.53 in the \
         VPC shows the answer: give it with --to ADDRESS:5432. Or use the Amazon DNS server: aws ec2 create-dhcp-options \
         --dhcp-configurations Key=domain-name-servers,Values=AmazonProvidedDNS, then aws ec2 associate-dhcp-options --vpc-id vpc-1."
    );
    let finding = &case.diagnosis.findings[0];
    assert_eq!(finding.verdict(), FindingVerdict::Unknown);
    assert_eq!(finding.next_step.as_deref(), Some(step.as_str()));
    assert_eq!(public_sources(&network.0, &case.diagnosis), []);
}
