//! Advice for failures that the network model does not explain: the engineer sees which other causes are possible on
//! this path, and the command that confirms each.

use std::sync::Arc;

use crate::screens::{Player, scenario};
use crate::support::network::{self, TestNetwork};
use egress_doctor::app::Start;
use egress_doctor::case::Case;
use egress_doctor::discover::redact;
use egress_doctor::evidence::{Query, destination, read_log};
use egress_doctor::model::{Permit, ResolverRule, Snapshot, Workload};
use egress_doctor::report;
use egress_doctor::scenario::Scenario;
use egress_doctor::ui::Theme;

/// The scenario `healthy`, whose NAT gateway has a public address.
fn healthy() -> Snapshot {
    let mut snapshot = Snapshot::from_json(Scenario::named("healthy").unwrap().snapshot).unwrap();
    let mut nat = snapshot.network.nat_gateways.iter().next().unwrap().clone();
    nat.public_addresses = vec!["203.0.113.7".parse().unwrap()];
    snapshot.network.nat_gateways.insert(nat);
    snapshot
}

fn query(log: &str) -> Query {
    Query { infer: false, ..Query::with_log(read_log(log.as_bytes()).unwrap().findings) }
}

fn case(snapshot: Snapshot, log: &str) -> Case {
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    Case::open(Arc::new(snapshot), workload, &query(log))
}

/// The other causes of the only destination.
fn other_causes(snapshot: Snapshot, log: &str) -> Vec<String> {
    let case = case(snapshot, log);
    assert_eq!(case.diagnosis.findings.len(), 1);
    case.diagnosis.findings[0].other_causes.iter().map(|cause| cause.text.clone()).collect()
}

const OKTA: &str = "2026-05-01T10:00:00 ERROR Error: connect ETIMEDOUT bond.okta.com:443\n";

/// A call to Okta times out although the path through the NAT gateway is open: the list of possible causes is in every
/// output.
#[test]
fn timeouts_of_a_reachable_destination_have_a_list_of_other_causes_with_a_check_for_each() {
    let case = case(healthy(), OKTA);
    let finding = &case.diagnosis.findings[0];
    assert_eq!(finding.verdict().word(), "reachable");
    let metric = |metric: &str| {
        format!(
            "aws cloudwatch get-metric-statistics --namespace AWS/NATGateway --metric-name {metric} --dimensions \
             Name=NatGatewayId,Value=nat-0a7c5e3d1b9f86420 --statistics Sum --period 3600 --start-time \
             2026-05-01T00:00:00Z --end-time \"$(date -u +%Y-%m-%dT%H:%M:%SZ)\" --region us-west-2"
        )
    };
    let service = |metric: &str| {
        format!(
            "aws cloudwatch get-metric-statistics --namespace AWS/AppRunner --metric-name {metric} --dimensions \
             Name=ServiceName,Value=bond-ai-dev-backend Name=ServiceID,Value=8fe1e10304f84fd2b0df550fe98a71fa \
             --statistics Maximum --period 3600 --start-time 2026-05-01T00:00:00Z --end-time \
             \"$(date -u +%Y-%m-%dT%H:%M:%SZ)\" --region us-west-2"
        )
    };
    let expected = [
        (
            "An IP access list or a firewall at the destination drops the packets. The destination sees 203.0.113.7 (NAT \
             gateway nat-0a7c5e3d1b9f86420). Compare its list with them.",
            Vec::new(),
        ),
        (
            "nat-0a7c5e3d1b9f86420 has no free port: each of its addresses has 55,000 connections at most to one \
             destination. The metric ErrorPortAllocation is above 0 then.",
            vec![metric("ErrorPortAllocation")],
        ),
        (
            "If the log also shows read timeouts or resets: the client uses a connection again that was idle for 350 s or more, and \
             nat-0a7c5e3d1b9f86420 dropped it. The metric IdleTimeoutCount is above 0 then. New connections do not have this problem: use TCP keepalive, or a \
             shorter idle time in the client.",
            vec![metric("IdleTimeoutCount")],
        ),
        (
            "If the log also shows timeouts of the connection pool: the connection pool of the client has too few connections for the \
             number of concurrent requests, so calls wait for a free one. Compare the metric Concurrency of the service, divided by ActiveInstances, with the size of \
             the pool.",
            vec![service("Concurrency"), service("ActiveInstances")],
        ),
    ];
    let found: Vec<(&str, Vec<String>)> =
        finding.other_causes.iter().map(|cause| (cause.text.as_str(), cause.commands.clone())).collect();
    assert_eq!(found, expected);

    let text = report::diagnosis_text(&case);
    let markdown = report::diagnosis_markdown(&case);
    let json = report::diagnosis_json(&case);
    let json = json["destinations"][0]["explanation"].as_str().unwrap();
    assert!(text.contains("    Other possible causes:\n      1. An IP access list"), "{text}");
    assert!(
        markdown.contains("### Other possible causes: bond.okta.com\n\n1. An IP access list"),
        "{markdown}"
    );
    assert!(json.contains("Check when the line was written"), "{json}");
    assert!(json.contains(" Other possible causes: (1) An IP access list"), "{json}");
    for (cause, commands) in &expected {
        for output in [&text, json] {
            assert!(output.contains(cause), "{cause}\n{output}");
        }
        assert!(markdown.contains(cause), "{cause}\n{markdown}");
        for command in commands {
            assert!(
                text.contains(command) && markdown.contains(command) && json.contains(command),
                "{command}"
            );
        }
    }

    let start =
        Start { snapshot: Some(healthy()), query: query(OKTA), terraform: None, ..scenario("healthy") };
    let mut player = Player::start(start);
    player.press("enter");
    let screen = player.screen(120, 50, &Theme::ansi());
    for words in
        ["An IP access list", "203.0.113.7", "ErrorPortAllocation", "IdleTimeoutCount", "Concurrency"]
    {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
}

/// Without a NAT gateway there is no port allocation and no idle limit; a server that answered has no access list that
/// drops packets.
#[test]
fn the_list_contains_only_causes_that_can_apply() {
    let s3 = "botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: \
              \"https://bond-files.s3.us-west-2.amazonaws.com/a\"\n";
    let causes = other_causes(healthy(), s3);
    assert_eq!(causes.len(), 1, "{causes:#?}");
    assert!(causes[0].contains("the connection pool of the client has too few"), "{causes:#?}");

    let read = "botocore.exceptions.ReadTimeoutError: Read timeout on endpoint URL: \
                \"https://secretsmanager.us-west-2.amazonaws.com/\"\n";
    let causes = other_causes(healthy(), read);
    assert_eq!(causes.len(), 2, "{causes:#?}");
    assert!(
        causes[0].contains("IdleTimeoutCount") && causes[1].starts_with("The connection pool"),
        "{causes:#?}"
    );

    let refused = "Error: connect ECONNREFUSED bond.okta.com:443\n";
    assert_eq!(other_causes(healthy(), refused), Vec::<String>::new());

    let isolated = Snapshot::from_json(Scenario::named("isolated").unwrap().snapshot).unwrap();
    assert_eq!(other_causes(isolated, OKTA), Vec::<String>::new(), "a blocked destination has a cause");
}

/// Where the addresses of the NAT gateway were not read, the command that shows them is printed.
#[test]
fn addresses_that_were_not_read_have_a_command_that_shows_them() {
    let snapshot = Snapshot::from_json(Scenario::named("healthy").unwrap().snapshot).unwrap();
    let case = case(snapshot, OKTA);
    let first = &case.diagnosis.findings[0].other_causes[0];
    assert_eq!(
        first.text,
        "An IP access list or a firewall at the destination drops the packets. The destination sees the public addresses of \
         nat-0a7c5e3d1b9f86420, which were not read. Compare its list with them."
    );
    assert_eq!(
        first.commands,
        ["aws ec2 describe-nat-gateways --nat-gateway-ids nat-0a7c5e3d1b9f86420 --query \
          'NatGateways[].NatGatewayAddresses[].PublicIp' --region us-west-2"]
    );
}

/// A public database in another VPC: its security group must allow the address of the NAT gateway.
#[test]
fn the_security_group_of_a_public_database_is_a_possible_cause() {
    let causes = other_causes(
        healthy(),
        "Error: connect ETIMEDOUT 100.28.151.148:5432\n    at /app/pg-pool/index.js:45:11\n",
    );
    assert_eq!(
        causes[1],
        "The security group of the destination does not allow inbound TCP 5432. The destination sees 203.0.113.7 (NAT \
         gateway nat-0a7c5e3d1b9f86420). An inbound rule must contain it."
    );
}

/// The role allows brokers and domains whose names it does not show: they are no destinations, and a remark asks for
/// them.
#[test]
fn a_permission_without_a_host_name_is_a_remark() {
    let snapshot = Arc::new(healthy());
    let mut workload: Workload = snapshot.workloads.iter().next().unwrap().clone();
    let permit = |action: &str, host: &str| Permit { action: action.to_owned(), host: host.to_owned() };
    workload.environment.permits = Some(vec![
        permit("kafka-cluster:Connect", "*.kafka.us-west-2.amazonaws.com"),
        permit("bedrock:Rerank", "bedrock-agent-runtime.us-west-2.amazonaws.com"),
    ]);
    let hosts = |case: &Case| -> Vec<String> {
        case.diagnosis.findings.iter().map(|finding| finding.need.destination.host.clone()).collect()
    };
    let remark = "The instance role allows kafka-cluster:Connect. It does not show which host with a name that ends in \
                  .kafka.us-west-2.amazonaws.com the application calls: add it with --to HOST:PORT to test it.";
    let case = Case::open(snapshot.clone(), workload.clone(), &Query::with_log(Vec::new()));
    assert!(hosts(&case).contains(&"bedrock-agent-runtime.us-west-2.amazonaws.com".to_owned()));
    assert!(!hosts(&case).iter().any(|host| host.contains("kafka")), "{:?}", hosts(&case));
    assert_eq!(case.diagnosis.remarks, [remark]);

    let broker = destination("b-1.orders.a1b2c3.c4.kafka.us-west-2.amazonaws.com:9098").unwrap();
    let asked = Query { requested: vec![broker], ..Query::with_log(Vec::new()) };
    let case = Case::open(snapshot.clone(), workload.clone(), &asked);
    assert_eq!(case.diagnosis.remarks, Vec::<String>::new());
    let case = Case::open(snapshot, workload, &Query { infer: false, ..asked });
    assert_eq!(case.diagnosis.remarks, Vec::<String>::new());
}

/// Live discovery does not read Resolver rules. The network interface of an outbound endpoint shows that they can exist.
#[test]
fn an_outbound_resolver_endpoint_without_its_rules_is_a_remark() {
    let remarks = |network: TestNetwork, host: &str| {
        let workload = network.0.workloads.iter().next().unwrap().clone();
        let query = Query::for_destinations([destination(host).unwrap()]);
        Case::open(Arc::new(network.0), workload, &query).diagnosis.remarks
    };
    let with = |description: &str| {
        TestNetwork::new().database(Vec::new()).behind_nat().with(|network| {
            network.network_interfaces.iter_mut().next().unwrap().description = description.to_owned();
        })
    };
    let outbound = "Route 53 Resolver: rslvr-out-1:rni-1";
    let remark = "vpc-1 has the outbound Route 53 Resolver endpoint rslvr-out-1. The Resolver rules were not read. If a rule forwards \
                  the name of a destination, other DNS servers resolve it, and its verdict can be wrong. List the rules with aws \
                  route53resolver list-resolver-rules.";
    assert_eq!(remarks(with(outbound), network::OKTA), [remark]);
    let (redacted, _) = redact(&with(outbound).0);
    assert!(
        remarks(TestNetwork(redacted), network::OKTA)[0]
            .contains("endpoint rslvr-out-00000000000000001. The")
    );
    // An address is not resolved; an inbound endpoint forwards nothing; with the rules, they decide.
    assert_eq!(remarks(with(outbound), "8.8.8.8"), [""; 0]);
    assert_eq!(remarks(with("Route 53 Resolver: rslvr-in-1:rni-1"), network::OKTA), [""; 0]);
    let rule = ResolverRule { id: "rslvr-rr-1".into(), domain: "example.com".to_owned(), forwards: true };
    assert_eq!(remarks(with(outbound).vpc(|vpc| vpc.resolver_rules = vec![rule]), network::OKTA), [""; 0]);
}

/// The help states once that App Runner is closed to new customers.
#[test]
fn the_help_states_the_availability_of_app_runner() {
    let start =
        Start { snapshot: Some(healthy()), query: query(OKTA), terraform: None, ..scenario("healthy") };
    let mut player = Player::start(start);
    player.press("?");
    let screen = player.screen(200, 400, &Theme::ansi());
    assert!(screen.contains("App Runner has been closed to new customers since 30 April 2026."), "{screen}");
    assert_eq!(screen.matches("Amazon ECS Express Mode").count(), 1, "{screen}");
}

/// A log line names the global STS host: the sentence names the SDK as the reason.
#[test]
fn the_global_name_of_sts_is_a_setting_of_an_old_sdk() {
    let isolated = Snapshot::from_json(Scenario::named("isolated").unwrap().snapshot).unwrap();
    let case = case(isolated, "Error: connect ETIMEDOUT sts.amazonaws.com:443\n");
    let finding = &case.diagnosis.findings[0];
    let sentence = "AWS SDKs use the regional name by default since July 2022: the SDK is older, or its settings select the \
                    global name (sts_regional_endpoints = legacy, region aws-global, or a fixed URL). Update the SDK, or \
                    set AWS_STS_REGIONAL_ENDPOINTS=regional.";
    assert!(finding.explanation.contains(sentence), "{}", finding.explanation);
}
