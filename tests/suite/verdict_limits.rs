//! Verdicts that depend on more than the path: proxies, DNS servers, return paths, policies of endpoints, names in private zones.

use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination, read_log};
use egress_doctor::model::*;
use egress_doctor::remedy::{Proposal, RemedyId};

use crate::support::network::{OKTA, S3, TestNetwork, tcp};

fn open(network: &TestNetwork, query: &Query) -> Case {
    let workload = network.0.workloads.iter().next().unwrap().clone();
    Case::open(Arc::new(network.0.clone()), workload, query)
}

fn asked(network: &TestNetwork, hosts: &[&str]) -> Case {
    let wanted: Vec<Destination> = hosts.iter().map(|host| destination(host).unwrap()).collect();
    open(network, &Query::for_destinations(wanted))
}

fn logged(network: &TestNetwork, log: &str) -> Case {
    let findings = read_log(log.as_bytes()).unwrap().findings;
    open(network, &Query { infer: false, ..Query::with_log(findings) })
}

fn fix(case: &Case, id: RemedyId) -> &Proposal {
    let found = case.proposals.iter().find(|proposal| proposal.remedies == [id]);
    found.unwrap_or_else(|| {
        panic!("no {id}: {:?}", case.proposals.iter().map(Proposal::id).collect::<Vec<_>>())
    })
}

/// The database of `database`, with a public address, in a subnet that uses rtb-private.
fn public_database(network: TestNetwork) -> TestNetwork {
    network.database(vec![tcp(5432, "0.0.0.0/0")]).with(|network| {
        let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
        interface.public_address = true;
        interface.public_addresses = vec!["54.212.10.20".parse().unwrap()];
    })
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Troubleshooting.html#CHAP_Troubleshooting.Connecting>
#[test]
fn a_public_address_without_a_route_to_an_internet_gateway_is_blocked() {
    const RULE: &str = "rtb-private, the route table of subnet-b, has no route to an internet gateway, so eni-db \
                        (RDSNetworkInterface), which has 54.212.10.20, cannot reply from its public address";
    for network in [TestNetwork::new(), TestNetwork::new().behind_nat()] {
        let mut network = public_database(network);
        network.0.workloads.iter_mut().for_each(|workload| workload.egress = Egress::Default);
        let case = asked(&network, &["54.212.10.20:5432"]);
        let found = &case.diagnosis.causes[0];
        assert_eq!(
            (found.code.word(), found.component.as_str()),
            ("TARGET_SUBNET_NOT_PUBLIC", "rtb-private")
        );
        assert!(found.explanation.starts_with(RULE), "{}", found.explanation);
        let step = case.manual_step(found);
        assert!(
            step.contains("Use a VPC connector") && step.contains("--route-table-id rtb-private"),
            "{step}"
        );
    }
    // With a route to the internet gateway it is reachable.
    let mut open = public_database(TestNetwork::new().public_only());
    open.0.workloads.iter_mut().for_each(|workload| workload.egress = Egress::Default);
    assert_eq!(asked(&open, &["54.212.10.20:5432"]).diagnosis.findings[0].verdict().word(), "reachable");
    // Through the NAT gateway of a connector, the private address is the way.
    let case = asked(&public_database(TestNetwork::new().behind_nat()), &["54.212.10.20:5432"]);
    let step = case.manual_step(&case.diagnosis.causes[0]);
    assert!(
        step.starts_with("Use its private address 10.40.16.7, which is in the same VPC. Or give"),
        "{step}"
    );
}

fn custom_dns(network: TestNetwork, servers: &[&str]) -> TestNetwork {
    network.vpc(|vpc| {
        vpc.dns.resolver = DhcpResolver::Custom(servers.iter().map(|&server| server.to_owned()).collect());
    })
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>
#[test]
fn queries_to_custom_dns_servers_need_an_outbound_rule() {
    let https_only = || TestNetwork::new().behind_nat().egress_rules(vec![tcp(443, "0.0.0.0/0")]);
    let case = asked(&custom_dns(https_only(), &["10.40.16.53", "8.8.8.8"]), &[OKTA]);
    let found = &case.diagnosis.causes[0];
    assert_eq!(
        (found.code.word(), found.explanation.as_str()),
        (
            "DNS_SERVERS_SG_RULES_MISMATCH",
            "The connector's security group sg-app has no outbound rule for udp 53 to the DNS servers of the VPC's DHCP options \
             (10.40.16.53, 8.8.8.8). This blocks Okta from all 3 subnets. The DNS servers do not get the queries: each \
             lookup fails after the timeouts of the resolver, often 5 to 30 seconds."
        )
    );
    assert_eq!(
        case.manual_step(found),
        "Allow the queries: aws ec2 authorize-security-group-egress --group-id sg-app --ip-permissions \
         'IpProtocol=udp,FromPort=53,ToPort=53,IpRanges=[{CidrIp=10.40.16.53/32},{CidrIp=8.8.8.8/32}]' \
         'IpProtocol=tcp,FromPort=53,ToPort=53,IpRanges=[{CidrIp=10.40.16.53/32},{CidrIp=8.8.8.8/32}]'."
    );
    // A rule for one of the servers, an address, and the Amazon DNS server need no such rule.
    let udp = SecurityGroupRule { protocol: Protocol::Udp, ..tcp(53, "8.8.8.8/32") };
    let one = https_only().egress_rules(vec![tcp(443, "0.0.0.0/0"), udp]);
    let verdict =
        |network: &TestNetwork, host: &str| asked(network, &[host]).diagnosis.findings[0].verdict().word();
    assert_eq!(verdict(&custom_dns(one, &["10.40.16.53", "8.8.8.8"]), OKTA), "unknown");
    assert_eq!(verdict(&custom_dns(https_only(), &["8.8.8.8"]), "93.184.216.34:443"), "reachable");
    // Public servers know no private names.
    let case = asked(&custom_dns(TestNetwork::new().behind_nat(), &["8.8.8.8"]), &[OKTA]);
    let step = case.diagnosis.findings[0].next_step.as_ref().unwrap();
    assert!(
        step.starts_with("8.8.8.8 is a DNS server on the internet: it cannot resolve names of private"),
        "{step}"
    );
}

#[test]
fn an_address_of_s3_in_the_log_that_the_prefix_list_lacks_takes_its_own_route() {
    let network = TestNetwork::new().gateway_endpoint(&["rtb-private", "rtb-main"]);
    let log = |address: &str| format!("Connect to {S3}:443 [{S3}/{address}] failed: connect timed out\n");
    let inside = logged(&network, &log("52.218.130.7"));
    assert_eq!(inside.diagnosis.findings[0].verdict().word(), "reachable");
    let outside = logged(&network, &log("54.231.9.9"));
    let finding = &outside.diagnosis.findings[0];
    assert_eq!(finding.verdict().word(), "intermittent");
    assert!(
        finding
            .explanation
            .starts_with("Some addresses of s3.us-west-2.amazonaws.com (54.231.9.9) are blocked from"),
        "{}",
        finding.explanation
    );
    let hops = finding.traces[0].hops.iter().map(|hop| hop.rule.to_string());
    let note = "the log shows 54.231.9.9, which the prefix list of the service does not contain";
    assert!(hops.into_iter().any(|rule| rule.ends_with(note)));
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html#bucket-policies-s3>
#[test]
fn a_policy_of_an_endpoint_that_allows_some_buckets_is_a_warning() {
    let network = |tables: &[&str]| {
        TestNetwork::new().gateway_endpoint(tables).with(|network| {
            let endpoint = network.endpoints.get_mut(&EndpointId::from("vpce-s3")).unwrap();
            endpoint.policy = Some(EndpointPolicy::Buckets(vec!["files".to_owned(), "team-*".to_owned()]));
        })
    };
    let case = asked(&network(&[]), &["reports.s3.us-west-2.amazonaws.com"]);
    let made = fix(&case, RemedyId::GatewayRouteTables);
    assert_eq!(
        made.side_effects[1],
        "The policy of vpce-s3 allows only the buckets files and team-*: calls of all workloads on these route tables to other \
         buckets are answered with AccessDenied."
    );
    let explained = |host: &str| {
        asked(&network(&["rtb-private", "rtb-main"]), &[host]).diagnosis.findings[0].explanation.clone()
    };
    let other = explained("reports.s3.us-west-2.amazonaws.com");
    assert!(
        other.contains(
            "Warning: the policy of vpce-s3 allows only the buckets files and team-*, so each call for reports is answered with \
             AccessDenied."
        ),
        "{other}"
    );
    for allowed in ["files.s3.us-west-2.amazonaws.com", "team-a.s3.us-west-2.amazonaws.com", S3] {
        assert!(!explained(allowed).contains("Warning"), "{allowed}");
    }
}

#[test]
fn a_subnet_with_an_unknown_verdict_is_not_counted_as_working() {
    let tgw = RouteTarget::Other(ResourceId::from("tgw-1"));
    let case = asked(&TestNetwork::new().route("rtb-main", "0.0.0.0/0", tgw), &[OKTA]);
    assert!(
        case.diagnosis.headline.contains("intermittent (fails from 2 of 3 subnets, unknown from 1)"),
        "{}",
        case.diagnosis.headline
    );
    assert!(!case.diagnosis.findings[0].explanation.contains("look random"));
}

fn with_proxy(mut network: TestNetwork, no_proxy: &[&str]) -> TestNetwork {
    for workload in network.0.workloads.iter_mut() {
        let environment = &mut workload.environment;
        environment.no_proxy = no_proxy.iter().map(|&pattern| pattern.to_owned()).collect();
        environment.variables.push(EnvironmentVariable {
            name: "https_proxy".to_owned(),
            hosts: vec!["10.40.16.7:3128".to_owned()],
            resources: Vec::new(),
        });
    }
    network
}

/// <https://docs.python-requests.org/en/latest/user/advanced/#proxies>
#[test]
fn a_destination_that_the_settings_send_through_a_proxy_depends_on_the_proxy() {
    let behind_nat = || TestNetwork::new().behind_nat();
    for network in [TestNetwork::new(), behind_nat()] {
        let case = asked(&with_proxy(network, &[]), &[OKTA]);
        let finding = &case.diagnosis.findings[0];
        assert_eq!(finding.verdict().word(), "unknown");
        assert_eq!(
            finding.explanation,
            "It is unknown whether bond.okta.com is reachable: the settings (https_proxy) send it through the proxy 10.40.16.7:3128, \
             so only the path to the proxy counts. The proxy is a destination of its own: correct its path first. Whether it \
             forwards to bond.okta.com, its own log shows. A client that does not use the proxy connects to bond.okta.com itself: \
             --subnet ID --security-group ID --to bond.okta.com:443 tests that path."
        );
    }
    let verdict = |no_proxy: &[&str], host: &str| {
        asked(&with_proxy(behind_nat(), no_proxy), &[host]).diagnosis.findings[0].verdict().word()
    };
    // The proxy itself, other protocols, and what NO_PROXY excepts are judged on the direct path.
    assert_eq!(verdict(&[], "bond.okta.com:5432"), "reachable");
    for pattern in ["okta.com", ".okta.com", "*.okta.com", "bond.okta.com", "bond.okta.com:443", "*"] {
        assert_eq!(verdict(&["localhost", pattern], OKTA), "reachable", "{pattern}");
    }
    for pattern in ["kta.com", "bond.okta.com:8443", "other.okta.com", "93.184.0.0/16"] {
        assert_eq!(verdict(&[pattern], OKTA), "unknown", "{pattern}");
    }
    assert_eq!(verdict(&["93.184.0.0/16"], "93.184.216.34:443"), "reachable");
    // A failure of the direct connection in the log shows that the client does not use the proxy.
    let log = format!("Connect to {OKTA}:443 [{OKTA}/93.184.216.34] failed: connect timed out\n");
    let case = logged(&with_proxy(TestNetwork::new(), &[]), &log);
    assert_eq!(case.diagnosis.findings[0].verdict().word(), "blocked");
    assert_eq!(
        case.diagnosis.remarks,
        [
            "The settings name the proxy 10.40.16.7, port 3128. bond.okta.com is judged on the direct path, because the log shows a \
             failure without the proxy. A client that uses the proxy needs only the path to 10.40.16.7."
        ]
    );
}

/// Names of S3 Object Lambda have no endpoint, and no document says that the prefix list of S3 contains their addresses.
#[test]
fn a_name_of_object_lambda_is_not_reachable_through_the_gateway_endpoint_of_s3() {
    let network = TestNetwork::new().gateway_endpoint(&["rtb-private", "rtb-main"]);
    let case = asked(&network, &["myolap-123456789012.s3-object-lambda.us-west-2.amazonaws.com"]);
    assert_eq!(case.diagnosis.findings[0].verdict().word(), "unknown");
}

/// Without the private hosted zones, the name of a database can be in one of them.
#[test]
fn a_name_on_a_database_port_is_unknown_without_the_private_hosted_zones() {
    let unread = || TestNetwork::new().behind_nat().vpc(|vpc| vpc.private_zones = None);
    let case = asked(&unread(), &["db.example.com:5432", OKTA]);
    let verdicts: Vec<&str> =
        case.diagnosis.findings.iter().map(|finding| finding.verdict().word()).collect();
    assert_eq!(verdicts, ["unknown", "reachable"]);
    let rules: Vec<String> =
        case.diagnosis.findings[1].traces[0].hops.iter().map(|hop| hop.rule.to_string()).collect();
    assert!(
        rules
            .iter()
            .any(|rule| rule.ends_with("private hosted zones were not read and can change the answer"))
    );
    let read = TestNetwork::new().behind_nat();
    assert_eq!(asked(&read, &["db.example.com:5432"]).diagnosis.findings[0].verdict().word(), "reachable");
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html#request-routing>
#[test]
fn the_name_of_a_load_balancer_has_the_addresses_of_all_its_network_interfaces() {
    let network = TestNetwork::new().database(vec![tcp(443, "10.40.0.0/16")]).with(|network| {
        let mut one = network.network_interfaces.get(&NetworkInterfaceId::from("eni-db")).unwrap().clone();
        "ELB app/orders/50dc6c495c0c9188".clone_into(&mut one.description);
        network.network_interfaces.insert(one.clone());
        one.id = NetworkInterfaceId::from("eni-lb2");
        one.addresses = vec!["10.40.0.20".parse().unwrap()];
        one.security_groups = vec![SecurityGroupId::from("sg-app")];
        network.network_interfaces.insert(one);
    });
    let case = asked(&network, &["internal-orders-1234567890.us-west-2.elb.amazonaws.com"]);
    let finding = &case.diagnosis.findings[0];
    assert_eq!(finding.verdict().word(), "intermittent", "{}", finding.explanation);
    assert_eq!(fix(&case, RemedyId::DestinationIngress).fixes.len(), 1);
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html#vpc-dns-hostnames>
#[test]
fn the_name_of_an_instance_contains_its_address() {
    let network = TestNetwork::new().behind_nat().database(vec![tcp(8080, "10.40.0.0/16")]).with(|network| {
        let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
        interface.public_address = true;
        interface.public_addresses = vec!["52.10.0.1".parse().unwrap()];
    });
    let verdict = |host: &str| asked(&network, &[host]).diagnosis.findings[0].verdict().word();
    for name in ["ip-10-40-16-7.us-west-2.compute.internal", "ec2-52-10-0-1.us-west-2.compute.amazonaws.com"]
    {
        assert_eq!(verdict(&format!("{name}:8080")), "reachable", "{name}");
        assert_eq!(verdict(&format!("{name}:8081")), "blocked", "{name}");
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/dual-stack-endpoints.html>: these names have A and AAAA records.
#[test]
fn a_dual_stack_name_of_aws_is_blocked_over_the_family_without_a_path() {
    let eigw = EgressOnlyInternetGatewayId::from("eigw-1");
    let network = TestNetwork::new().dual_stack().with(|network| {
        let attached_to = Some(VpcId::from("vpc-1"));
        network
            .egress_only_internet_gateways
            .insert(EgressOnlyInternetGateway { id: eigw.clone(), attached_to });
    });
    let target = RouteTarget::of("eigw-1");
    let network = network.route("rtb-private", "::/0", target.clone()).route("rtb-main", "::/0", target);
    let case = asked(&network, &["sqs.us-west-2.api.aws", OKTA]);
    let verdicts: Vec<&str> =
        case.diagnosis.findings.iter().map(|finding| finding.verdict().word()).collect();
    assert_eq!(verdicts, ["intermittent", "unknown"]);
}
