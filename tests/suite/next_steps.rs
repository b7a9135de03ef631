//! Every unknown result names the one thing that decides it: a permission, a file of `--aws-json`, an option, or
//! an AWS CLI command. No sentence lists address ranges and counts the rest.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::support::network::{OKTA, TestNetwork, tcp};
use crate::support::random::{A, FORGETTABLE, RandomNetwork, forget, net, random_network, snapshot_of};
use crate::support::{doctor, run};
use clap::CommandFactory as _;
use egress_doctor::case::Case;
use egress_doctor::cli::Cli;
use egress_doctor::diagnose::{Diagnosis, FindingVerdict, diagnose, next_step};
use egress_doctor::evidence::{Query, destination, needs};
use egress_doctor::model::*;
use egress_doctor::reach::{Deciding, Forwarder, Outcome, Trace, Verdict};
use egress_doctor::report;
use egress_doctor::scenario::SCENARIOS;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

/// Names and addresses of each kind, some with two ports.
const HOSTS: &[&str] = &[
    "s3.us-west-2.amazonaws.com",
    "secretsmanager.us-west-2.amazonaws.com",
    "bond.okta.com",
    "bond.okta.com:8443",
    "8.8.8.8",
    "10.40.0.9",
    "10.40.16.7:5432",
    "10.60.1.5:5432",
    "db.abc123.us-west-2.rds.amazonaws.com:5432",
    "cache.abc123.0001.usw2.cache.amazonaws.com:6379",
    "db.internal:5432",
    "orders-0f1.7d67968.vpc-lattice-svcs.us-west-2.on.aws",
    "pl-0-us-west-2.ab1cd.mongodb.net",
    "acme-pri.ab1cd.mongodb.net",
    "ab123.timestream-influxdb.us-west-2.on.aws",
    "streams.dynamodb.us-west-2.amazonaws.com",
    "ec2-203-0-113-25.us-west-2.compute.amazonaws.com",
    "ABC123.gr7.us-west-2.eks.amazonaws.com",
    "[2606:4700::1111]:443",
];

/// Operations of the AWS CLI, besides those of [`Call`]. Each was checked against the service models of botocore.
const OPERATIONS: &[&str] = &[
    "apprunner create-vpc-ingress-connection",
    "apprunner list-vpc-ingress-connections",
    "ec2 associate-dhcp-options",
    "ec2 create-dhcp-options",
    "ec2 create-flow-logs",
    "ec2 create-vpc-block-public-access-exclusion",
    "ec2 create-vpc-endpoint",
    "ec2 delete-route",
    "ec2 describe-instances",
    "ec2 describe-transit-gateway-attachments",
    "ec2 describe-vpc-peering-connections",
    "ec2 describe-vpn-connections",
    "ec2 search-transit-gateway-routes",
    "timestream-influxdb list-db-instances",
    "vpc-lattice list-service-network-vpc-associations",
];

/// What a next step names: actions, operations of the AWS CLI, options and files. Fails if one does not exist.
fn named_things(step: &str) -> Result<usize, String> {
    let words: Vec<&str> =
        step.split_whitespace().map(|word| word.trim_matches(|c| "().,;:".contains(c))).collect();
    let diagnose = Cli::command();
    let diagnose = diagnose.find_subcommand("diagnose").unwrap();
    let is_option =
        |word: &str| diagnose.get_arguments().any(|one| one.get_long() == word.strip_prefix("--"));
    let operations: Vec<String> = Call::ALL.iter().filter_map(|call| call.aws_cli()).collect();
    let (mut found, mut in_command) = (0, false);
    for (place, word) in words.iter().enumerate() {
        if *word == "aws" {
            let operation = words[place + 1..].iter().take(2).copied().collect::<Vec<_>>().join(" ");
            if !operations.contains(&operation) && !OPERATIONS.contains(&operation.as_str()) {
                return Err(format!("no AWS CLI command `{operation}`"));
            }
            (found, in_command) = (found + 1, true);
        } else if word.starts_with("--") && !in_command {
            if !is_option(word) {
                return Err(format!("no option `{word}`"));
            }
            found += 1;
        } else if let Some((service, _)) = word.split_once(':')
            && ["ec2", "apprunner", "route53"].contains(&service)
        {
            if !Call::ALL.iter().any(|call| call.iam_action() == Some(word)) {
                return Err(format!("no action `{word}`"));
            }
            found += 1;
        }
        // A command ends with the sentence or the parenthesis.
        let raw = step.split_whitespace().nth(place).unwrap_or_default();
        in_command &= !raw.ends_with(['.', ')', ';']);
    }
    Ok(found)
}

/// Fails if a sentence has two address ranges and counts more of them.
fn no_counted_ranges(text: &str) -> Result<(), String> {
    let is_range = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        parse_cidr(word).is_some_and(|_| word.contains('/'))
    };
    for sentence in text.split(['\n', ';']).flat_map(|line| line.split(". ")) {
        let ranges = sentence.split_whitespace().filter(|word| is_range(word)).count();
        if ranges > 1 && sentence.split_whitespace().any(|word| word.trim_matches(',') == "more") {
            return Err(sentence.to_owned());
        }
    }
    Ok(())
}

/// Checks every unknown hop and every sentence of a diagnosis.
fn check(snapshot: &Snapshot, diagnosis: &Diagnosis) -> Result<(), String> {
    for finding in &diagnosis.findings {
        for trace in &finding.traces {
            if trace.verdict == Verdict::Unknown && trace.unknowns().next().is_none() {
                return Err(format!("an unknown verdict without an unknown check: {trace:#?}"));
            }
            for hop in &trace.hops {
                no_counted_ranges(&hop.rule)?;
                let step = next_step(snapshot, trace, hop);
                match (hop.outcome, step) {
                    (Outcome::Unknown(_), Some(step)) => {
                        if named_things(&step)? == 0 {
                            return Err(format!("{}: the step names nothing: {step}", hop.rule));
                        }
                        no_counted_ranges(&step)?;
                    }
                    (Outcome::Unknown(_), None) => return Err(format!("{}: no step", hop.rule)),
                    (_, step) => assert_eq!(step, None),
                }
            }
        }
        let is_open = |trace: &Trace| matches!(trace.verdict, Verdict::Unknown | Verdict::Partial { .. });
        let has_unknown_part =
            finding.traces.iter().any(|trace| is_open(trace) && trace.unknowns().count() > 0);
        let is_unknown = match finding.verdict() {
            FindingVerdict::Unknown => true,
            FindingVerdict::Intermittent => has_unknown_part,
            FindingVerdict::Blocked | FindingVerdict::Reachable => false,
        };
        if is_unknown != finding.next_step.is_some() {
            return Err(format!("{}: {:?}", finding.explanation, finding.next_step));
        }
        if let Some(step) = &finding.next_step
            && (named_things(step)? == 0 || !finding.explanation.contains(step.as_str()))
        {
            return Err(format!("{}: {step}", finding.explanation));
        }
        no_counted_ranges(&finding.explanation)?;
    }
    no_counted_ranges(&diagnosis.headline)?;
    diagnosis.causes.iter().try_for_each(|cause| no_counted_ranges(&cause.explanation))
}

fn query() -> Query {
    Query::for_destinations(HOSTS.iter().map(|host| destination(host).unwrap()).collect::<Vec<_>>())
}

fn check_snapshot(snapshot: &Snapshot) -> Result<(), String> {
    for workload in snapshot.workloads.iter() {
        check(snapshot, &diagnose(snapshot, workload, &needs(snapshot, workload, &query())))?;
    }
    Ok(())
}

/// What is unusual in a network: values that this version does not support, components outside the model, and
/// data that AWS did not return.
#[derive(Clone, Copy, Debug)]
enum Oddity {
    CustomResolver,
    PrivateZone,
    OtherOwner,
    Encryption(bool),
    Appliance,
    Route(&'static str),
    RouteState,
    EqualRoutes,
    Interface(bool),
    EndpointState,
    EndpointWithoutInterfaces,
    NarrowInboundRule,
    NoGroups,
    ConnectorStatus,
    NoConnector,
    UnknownEgress,
    DefaultEgress,
    RegionalNat,
    NatKind,
    BlockPublicAccess,
    Database,
}

fn oddities() -> impl Strategy<Value = Vec<Oddity>> {
    use Oddity::*;
    let all = vec![
        CustomResolver,
        PrivateZone,
        OtherOwner,
        Encryption(true),
        Encryption(false),
        Appliance,
        Route("tgw-1"),
        Route("pcx-1"),
        Route("vgw-1"),
        Route("eni-odd"),
        Route("eni-unread"),
        Route("i-1"),
        Route("lgw-1"),
        Route("vpce-unread"),
        RouteState,
        EqualRoutes,
        Interface(true),
        Interface(false),
        EndpointState,
        EndpointWithoutInterfaces,
        NarrowInboundRule,
        NoGroups,
        ConnectorStatus,
        NoConnector,
        UnknownEgress,
        DefaultEgress,
        RegionalNat,
        NatKind,
        BlockPublicAccess,
        Database,
    ];
    subsequence(all, 0..4)
}

fn interface(
    id: &str,
    (vpc, subnet): (&str, &str),
    description: &str,
    address: &str,
    state: &str,
) -> NetworkInterface {
    NetworkInterface {
        id: NetworkInterfaceId::from(id),
        vpc: VpcId::from(vpc),
        subnet: SubnetId::from(subnet),
        addresses: vec![address.parse().unwrap()],
        security_groups: Vec::new(),
        kind: InterfaceKind::Interface,
        description: description.to_owned(),
        public_address: false,
        public_addresses: Vec::new(),
        instance: None,
        state: state.into(),
        requester: None,
        source_dest_check: Some(false),
    }
}

#[allow(clippy::too_many_lines, reason = "one oddity after the other")]
fn apply(snapshot: &mut Snapshot, oddity: Oddity) {
    let network = &mut snapshot.network;
    let vpc = network.vpcs.iter().next().map_or_else(String::new, |vpc| vpc.id.to_string());
    let here = (vpc.as_str(), A);
    let add_route = |network: &mut Network, target: RouteTarget, state: RouteState| {
        for table in network.route_tables.iter_mut() {
            table.routes.retain(|route| route.destination != RouteDestination::Ipv4(net("10.60.0.0/16")));
            table.routes.push(egress_doctor::model::Route {
                destination: RouteDestination::Ipv4(net("10.60.0.0/16")),
                target: target.clone(),
                state: state.clone(),
                origin: RouteOrigin::Static,
            });
        }
    };
    match oddity {
        Oddity::CustomResolver => network
            .vpcs
            .iter_mut()
            .for_each(|vpc| vpc.dns.resolver = DhcpResolver::Custom(vec!["10.40.0.53".to_owned()])),
        Oddity::PrivateZone => network
            .vpcs
            .iter_mut()
            .for_each(|vpc| vpc.private_zones = Some(vec!["okta.com.".to_owned(), "internal.".to_owned()])),
        Oddity::OtherOwner => {
            network.subnets.iter_mut().for_each(|subnet| subnet.owner = Some("999988887777".to_owned()));
        }
        Oddity::Encryption(enforce) => network.vpcs.iter_mut().for_each(|vpc| {
            vpc.encryption = if enforce {
                EncryptionControl::Enforce
            } else {
                EncryptionControl::Other("a-mode-of-tomorrow".to_owned())
            };
        }),
        Oddity::Appliance => network.nat_gateways.iter_mut().for_each(|nat| nat.has_appliance = true),
        Oddity::Route(id) => {
            if id == "eni-odd" {
                network.network_interfaces.insert(interface(id, here, "", "10.40.0.77", "in-use"));
            }
            add_route(network, RouteTarget::of(id), RouteState::Active);
        }
        Oddity::RouteState => {
            add_route(network, RouteTarget::of("tgw-1"), RouteState::Other("a-state-of-tomorrow".to_owned()));
        }
        Oddity::EqualRoutes => {
            for table in network.route_tables.iter_mut() {
                for target in ["tgw-1", "pcx-1"] {
                    table.routes.push(egress_doctor::model::Route {
                        destination: RouteDestination::Ipv4(net("10.60.0.0/16")),
                        target: RouteTarget::of(target),
                        state: RouteState::Active,
                        origin: RouteOrigin::Static,
                    });
                }
            }
        }
        Oddity::Interface(known) => {
            let state = if known { "in-use" } else { "a-state-of-tomorrow" };
            network.network_interfaces.insert(interface("eni-7", here, "", "10.40.16.7", state));
        }
        Oddity::EndpointState => {
            network.endpoints.iter_mut().for_each(|endpoint| endpoint.state = "a-state-of-tomorrow".into());
        }
        Oddity::EndpointWithoutInterfaces => network.endpoints.iter_mut().for_each(|endpoint| {
            if let EndpointKind::Interface { interfaces, .. } = &mut endpoint.kind {
                interfaces.clear();
            }
        }),
        Oddity::NarrowInboundRule => {
            if let Some(group) = network.security_groups.get_mut(&SecurityGroupId::from("sg-endpoint")) {
                group.ingress = vec![SecurityGroupRule {
                    protocol: Protocol::All,
                    ports: PortRange::ALL,
                    peer: Peer::Ipv4(net("10.40.0.0/24")),
                }];
            }
        }
        Oddity::NoGroups => {
            network.connectors.iter_mut().for_each(|connector| connector.security_groups.clear());
        }
        Oddity::ConnectorStatus => network
            .connectors
            .iter_mut()
            .for_each(|connector| connector.status = "A_STATUS_OF_TOMORROW".into()),
        Oddity::NoConnector => network.connectors = Table::default(),
        Oddity::UnknownEgress => snapshot.workloads.iter_mut().for_each(|workload| {
            workload.egress = Egress::Unknown("the egress type X is unknown".to_owned());
        }),
        Oddity::DefaultEgress => {
            snapshot.workloads.iter_mut().for_each(|workload| workload.egress = Egress::Default);
        }
        Oddity::RegionalNat => network.nat_gateways.iter_mut().for_each(|nat| {
            nat.placement = NatPlacement::Regional { route_table: None, zones: Vec::new(), expands: false };
        }),
        Oddity::NatKind => network
            .nat_gateways
            .iter_mut()
            .for_each(|nat| nat.connectivity = NatConnectivity::Other("a-type-of-tomorrow".to_owned())),
        Oddity::BlockPublicAccess => network.subnets.iter_mut().enumerate().for_each(|(number, subnet)| {
            subnet.block_public_access = if number % 2 == 0 {
                egress_doctor::model::BlockPublicAccess::BlockBidirectional
            } else {
                egress_doctor::model::BlockPublicAccess::Other("a-mode-of-tomorrow".to_owned())
            };
        }),
        Oddity::Database => {
            let database = interface("eni-db", here, "RDSNetworkInterface", "10.40.0.99", "in-use");
            network.network_interfaces.insert(database);
        }
    }
}

/// Calls whose answers are missing or incomplete, with the reason.
fn gaps() -> impl Strategy<Value = Vec<(Call, Vec<bool>, GapKind)>> {
    let kind = select(vec![
        GapKind::Denied,
        GapKind::Throttled,
        GapKind::Failed,
        GapKind::Partial,
        GapKind::NotCollected,
    ]);
    let gap = (select(FORGETTABLE), prop::collection::vec(prop::bool::weighted(0.3), 1..4), kind);
    prop::collection::vec(gap, 0..4)
}

fn with_gaps(random: &RandomNetwork, odd: &[Oddity], gaps: &[(Call, Vec<bool>, GapKind)]) -> Snapshot {
    let mut snapshot = snapshot_of(random);
    for oddity in odd {
        apply(&mut snapshot, *oddity);
    }
    for (call, kept, kind) in gaps {
        forget(&mut snapshot, *call, kept);
        if let Some(gap) = snapshot.gaps.last_mut() {
            gap.kind = *kind;
        }
    }
    snapshot
}

/// The kind of a deciding fact, without the call.
fn kind(deciding: Deciding) -> String {
    match deciding {
        Deciding::Answer(_) => "Answer".to_owned(),
        Deciding::NotInAnswer(_) => "NotInAnswer".to_owned(),
        Deciding::Value(_) => "Value".to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn every_unknown_check_of_a_random_network_has_a_next_step() {
    let cases = std::env::var("EGRESS_DOCTOR_CASES").map_or(400, |text| text.parse().unwrap());
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let seen: RefCell<BTreeSet<String>> = RefCell::default();
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    runner
        .run(&(random_network(), oddities(), gaps()), |(random, odd, gaps)| {
            let snapshot = with_gaps(&random, &odd, &gaps);
            for workload in snapshot.workloads.iter() {
                let diagnosis = diagnose(&snapshot, workload, &needs(&snapshot, workload, &query()));
                check(&snapshot, &diagnosis).map_err(TestCaseError::fail)?;
                let traces = diagnosis.findings.iter().flat_map(|finding| &finding.traces);
                seen.borrow_mut()
                    .extend(traces.flat_map(Trace::unknowns).map(|(_, deciding)| kind(deciding)));
            }
            Ok(())
        })
        .unwrap();
    // The networks contain every kind of unknown check.
    let forwarders = [
        Forwarder::Interface,
        Forwarder::Instance,
        Forwarder::TransitGateway,
        Forwarder::VirtualPrivateGateway,
        Forwarder::Peering,
        Forwarder::FirewallProxy,
        Forwarder::Other,
    ];
    let facts =
        ["Answer", "NotInAnswer", "Value", "Address", "SourceAddress", "Source", "EqualRoutes", "Encryption"];
    let expected: BTreeSet<String> = forwarders
        .iter()
        .map(|forwarder| kind(Deciding::Forwarding(*forwarder)))
        .chain(facts.iter().map(|fact| (*fact).to_owned()))
        .collect();
    let seen = seen.into_inner();
    let missing: Vec<&String> = expected.difference(&seen).collect();
    assert!(missing.is_empty(), "no network has {missing:?}; seen: {seen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_report_lists_ranges_and_counts_the_rest(random in random_network(), odd in oddities(), gaps in gaps()) {
        let snapshot = Arc::new(with_gaps(&random, &odd, &gaps));
        let workload = snapshot.workloads.iter().next().unwrap().clone();
        let case = Case::open(snapshot, workload, &query());
        no_counted_ranges(&report::diagnosis_text(&case)).map_err(TestCaseError::fail)?;
        no_counted_ranges(&report::diagnosis_markdown(&case)).map_err(TestCaseError::fail)?;
    }
}

#[test]
fn every_unknown_check_of_a_scenario_has_a_next_step_whatever_is_missing() {
    for scenario in SCENARIOS {
        let snapshot = Snapshot::from_json(scenario.snapshot).unwrap();
        check_snapshot(&snapshot).unwrap_or_else(|error| panic!("{}: {error}", scenario.name));
        for call in FORGETTABLE {
            for kept in [&[false][..], &[true, false]] {
                let mut less = snapshot.clone();
                forget(&mut less, *call, kept);
                check_snapshot(&less)
                    .unwrap_or_else(|error| panic!("{} without {call}: {error}", scenario.name));
            }
        }
    }
}

/// The test network, asked for one host: the next step.
fn step(test_network: &TestNetwork, host: &str) -> String {
    let snapshot = &test_network.0;
    let workload = snapshot.workloads.iter().next().unwrap();
    let query = Query::for_destinations([destination(host).unwrap()]);
    let diagnosis = diagnose(snapshot, workload, &needs(snapshot, workload, &query));
    diagnosis.findings[0].next_step.clone().unwrap()
}

#[test]
fn a_denied_call_names_the_permission_and_a_missing_file_names_the_file() {
    let denied = TestNetwork::new().denied(Call::DescribeRouteTables, |network| {
        network.route_tables = Table::default();
    });
    assert_eq!(step(&denied, OKTA), "Allow ec2:DescribeRouteTables, then read the account again.");
    let with_kind = |kind: GapKind| {
        let mut test_network = TestNetwork::new().denied(Call::DescribeRouteTables, |network| {
            network.route_tables = Table::default();
        });
        test_network.0.gaps[0].kind = kind;
        step(&test_network, OKTA)
    };
    assert_eq!(
        with_kind(GapKind::NotCollected),
        "Add the file to the folder of --aws-json: aws ec2 describe-route-tables > describe-route-tables.json."
    );
    assert_eq!(
        with_kind(GapKind::Throttled),
        "Read the account again: the answer of ec2:DescribeRouteTables (aws ec2 describe-route-tables) is missing."
    );
    let two = denied.denied(Call::DescribeNetworkAcls, |network| network.network_acls = Table::default());
    assert_eq!(
        step(&two, OKTA),
        "Allow ec2:DescribeNetworkAcls, then read the account again. Other checks need ec2:DescribeRouteTables."
    );
}

/// The commonest report about App Runner and RDS: the name of a database.
#[test]
fn the_name_of_a_database_leads_to_its_address() {
    let host = "bond.abc123.us-west-2.rds.amazonaws.com:5432";
    let unknown = TestNetwork::new().behind_nat();
    assert_eq!(
        step(&unknown, host),
        "Give its address with --to ADDRESS:5432; dig +short bond.abc123.us-west-2.rds.amazonaws.com in the VPC shows the \
         address."
    );
    let with_interface = unknown.with(|network| {
        let interface =
            interface("eni-32", ("vpc-1", "subnet-a"), "RDSNetworkInterface", "10.40.11.50", "in-use");
        network.network_interfaces.insert(interface);
    });
    assert_eq!(
        step(&with_interface, host),
        "Give its address with --to ADDRESS:5432; dig +short bond.abc123.us-west-2.rds.amazonaws.com in the VPC shows it. --to \
         10.40.11.50:5432 checks eni-32, the only network interface in vpc-1 with the description RDSNetworkInterface. Or add \
         the file describe-db-instances.json to the folder of --aws-json: aws rds describe-db-instances > \
         describe-db-instances.json."
    );
    // The only database of the VPC denies the connection: the name has no other address there.
    let denied = TestNetwork::new().behind_nat().database(vec![tcp(6379, "10.40.0.0/16")]);
    let workload = denied.0.workloads.iter().next().unwrap();
    let query = Query::for_destinations([destination(host).unwrap()]);
    let diagnosis = diagnose(&denied.0, workload, &needs(&denied.0, workload, &query));
    assert_eq!(
        diagnosis.findings[0].explanation,
        "bond.abc123.us-west-2.rds.amazonaws.com is blocked: security group sg-db of network interface eni-db \
         (RDSNetworkInterface) has no inbound rule for tcp 5432 from the connector's subnets (10.40.0.0/20, 10.40.16.0/20, 10.40.32.0/20). The \
         name does not show its network interface: this is the result for the only network interface with the description \
         RDSNetworkInterface, eni-db. To be sure, give its address with --to ADDRESS:5432 (dig +short \
         bond.abc123.us-west-2.rds.amazonaws.com in the VPC shows it; aws rds describe-db-instances names its security groups)."
    );
}

#[test]
fn a_transit_gateway_names_the_command_that_shows_its_routes() {
    let test_network = TestNetwork::new().route("rtb-private", "10.50.0.0/16", RouteTarget::of("tgw-0a1"));
    assert_eq!(
        step(&test_network, "10.50.1.5:5432"),
        "Check whether the route table of the transit gateway has a route to the destination and one back: aws ec2 \
         describe-transit-gateway-attachments --filters Name=transit-gateway-id,Values=tgw-0a1 names the route table, aws ec2 \
         search-transit-gateway-routes shows its routes. It also needs an attachment to this VPC in the AZ of each \
         subnet."
    );
}

/// Two ports of one host are two destinations: each sentence and each list shows which one.
#[test]
fn two_ports_of_one_host_are_shown_with_their_ports() {
    let home = tempfile::tempdir().unwrap();
    let diagnose = |hosts: &[&str], format: &str| {
        let mut command = doctor(home.path());
        command.args(["diagnose", "--scenario", "isolated", "--format", format]);
        run(command.args(hosts.iter().flat_map(|host| ["--to", host]))).1
    };
    let both = ["bond.okta.com", "bond.okta.com:8443", "api.stripe.com"];
    let answer: Value = serde_json::from_str(&diagnose(&both, "json")).unwrap();
    let explanations: Vec<&str> = answer["destinations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["explanation"].as_str().unwrap().split(" is blocked").next().unwrap())
        .collect();
    assert_eq!(explanations, ["bond.okta.com:443", "bond.okta.com:8443", "api.stripe.com"]);
    let cause = &answer["causes"][0];
    assert_eq!(cause["destinations"], serde_json::json!(explanations));
    assert!(cause["explanation"].as_str().unwrap().contains("Okta:443, Okta:8443"), "{cause}");
    let fixes: BTreeMap<&str, &Value> = answer["proposals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|proposal| (proposal["id"].as_str().unwrap(), &proposal["cures"]))
        .collect();
    assert_eq!(*fixes["nat"], serde_json::json!(explanations));
    // With one port of each host, no sentence has a port.
    let one = diagnose(&["bond.okta.com", "api.stripe.com"], "json");
    assert!(!one.contains("bond.okta.com:443") && !one.contains("Okta:443"), "{one}");
}
