//! Which path a fix chooses, what its traffic costs, what prevents it, and the verdicts about proxies, DNS servers and return paths.

use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination, read_log};
use egress_doctor::model::*;
use egress_doctor::remedy::{PreconditionStatus, Proposal, RemedyId};

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

fn has(case: &Case, id: RemedyId) -> bool {
    case.proposals.iter().any(|proposal| proposal.remedies == [id])
}

fn not_met(proposal: &Proposal) -> Vec<&str> {
    let all = proposal.preconditions.iter().filter(|one| one.status == PreconditionStatus::NotMet);
    all.map(|one| one.text.as_str()).collect()
}

/// A second public subnet with a NAT gateway, nat-2, and another network ACL than that of nat-1.
fn with_second_gateway(network: TestNetwork) -> TestNetwork {
    network.with(|network| {
        let first = network.subnets.get(&SubnetId::from("subnet-public")).unwrap().clone();
        let own = SubnetId::from("subnet-public2");
        network.subnets.insert(Subnet {
            id: own.clone(),
            cidr: Some("10.40.201.0/24".parse().unwrap()),
            ..first
        });
        network.route_tables.get_mut(&RouteTableId::from("rtb-public")).unwrap().subnets.push(own.clone());
        let acl = network.network_acls.get(&NetworkAclId::from("acl-1")).unwrap().clone();
        network.network_acls.insert(NetworkAcl {
            id: NetworkAclId::from("acl-2"),
            subnets: vec![own.clone()],
            ..acl
        });
        let nat = network.nat_gateways.get(&NatGatewayId::from("nat-1")).unwrap().clone();
        network.nat_gateways.insert(NatGateway {
            id: NatGatewayId::from("nat-2"),
            placement: NatPlacement::Subnet(own),
            public_addresses: vec!["203.0.113.7".parse().unwrap()],
            ..nat
        });
    })
}

/// The network ACL of the subnet of nat-1 denies the replies.
fn closed_nat_subnet() -> TestNetwork {
    TestNetwork::new().behind_nat().with(|network| {
        let acl = network.network_acls.get_mut(&NetworkAclId::from("acl-1")).unwrap();
        acl.subnets.retain(|id| id.as_str() != "subnet-public");
        let closed = NetworkAcl {
            id: NetworkAclId::from("acl-nat"),
            subnets: vec![SubnetId::from("subnet-public")],
            inbound: Vec::new(),
            ..acl.clone()
        };
        network.network_acls.insert(closed);
    })
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>
#[test]
fn routes_avoid_a_nat_gateway_whose_subnet_has_a_network_acl_that_blocks() {
    let case = asked(&with_second_gateway(closed_nat_subnet()), &[OKTA]);
    let made = fix(&case, RemedyId::NatRoute);
    assert_eq!(
        (made.title.as_str(), made.fixes.as_slice()),
        ("Routes to the NAT gateway nat-2", [OKTA.to_owned()].as_slice())
    );
    assert_eq!(
        made.side_effects[1],
        "The default routes to nat-1 are replaced: open connections through it end, and its public address no longer appears at the \
         destinations: change their access lists."
    );
    // Without another NAT gateway, the network ACL is what to change.
    let case = asked(&closed_nat_subnet(), &[OKTA]);
    assert!(!has(&case, RemedyId::NatRoute));
    assert_eq!(
        not_met(fix(&case, RemedyId::Nat)),
        [
            "rtb-private already has a default route to nat-1, and only network ACL acl-nat of its subnet blocks: add rules to it \
             (nacl), or use a NAT gateway in a subnet with another network ACL"
        ]
    );
}

/// A deleted NAT instance has no open connections.
#[test]
fn a_deleted_target_of_a_route_has_no_open_connections() {
    let network =
        TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-public").deleted_nat_instance();
    let case = asked(&network, &[OKTA]);
    assert_eq!(
        fix(&case, RemedyId::NatRoute).side_effects[1],
        "The default routes to eni-nat, which carries no packets now, are replaced. The destinations must allow the new public \
         address in their access lists."
    );
}

/// One NAT gateway in each AZ, and a regional one, replace routes that carry no packets, as one NAT gateway does.
#[test]
fn every_new_nat_gateway_replaces_routes_that_carry_no_packets() {
    let network = TestNetwork::new().deleted_nat_instance();
    for id in [RemedyId::Nat, RemedyId::NatRegional] {
        let case = asked(&network, &[OKTA]);
        assert_eq!((not_met(fix(&case, id)), fix(&case, id).fixes.len()), (Vec::<&str>::new(), 1), "{id}");
    }
    let case = asked(&network, &[OKTA]);
    let per_zone = fix(&case, RemedyId::NatPerZone);
    assert!(!not_met(per_zone).iter().any(|text| text.contains("default route")), "{:?}", not_met(per_zone));
    // A NAT instance that drops the packets, and a default route to a deleted peering connection.
    let broken = TestNetwork::new().nat_instance();
    let pcx = RouteTarget::Peering(ResourceId::from("pcx-1"));
    let deleted = TestNetwork::new().default_route(&pcx).with(|network| {
        for route in network.route_tables.iter_mut().flat_map(|table| &mut table.routes) {
            if route.target == pcx {
                route.state = RouteState::Blackhole;
            }
        }
    });
    for network in [broken, deleted] {
        let case = asked(&network, &[OKTA]);
        assert_eq!((not_met(fix(&case, RemedyId::Nat)), fix(&case, RemedyId::Nat).fixes.len()), (vec![], 1));
    }
}

/// <https://aws.amazon.com/vpc/pricing/>
#[test]
fn rules_that_open_the_path_through_a_nat_gateway_cost_what_its_traffic_costs() {
    let per_gb = |network: &TestNetwork, host: &str, id: RemedyId| {
        let case = asked(network, &[host]);
        let made = fix(&case, id);
        assert_eq!(
            (made.fixes.len(), made.estimate.fixed_per_month.unwrap().to_string()),
            (1, "0.00".into())
        );
        made.estimate.per_gb().unwrap().to_string()
    };
    let closed = || TestNetwork::new().egress_rules(Vec::new());
    let through_nat = closed().behind_nat();
    assert_eq!(per_gb(&through_nat, OKTA, RemedyId::SecurityGroupEgress), "0.045");
    assert_eq!(per_gb(&closed_nat_subnet(), OKTA, RemedyId::Nacl), "0.045");
    let through_endpoint = closed().gateway_endpoint(&["rtb-private", "rtb-main"]);
    assert_eq!(per_gb(&through_endpoint, S3, RemedyId::SecurityGroupEgress), "0");
    let detached = TestNetwork::new().behind_nat().without_internet_gateway();
    assert_eq!(per_gb(&detached, OKTA, RemedyId::InternetGateway), "0.045");
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-nacls>
#[test]
fn a_full_network_acl_is_named_with_the_step_by_hand() {
    let allow = |number| AclRule {
        number,
        protocol: Protocol::Tcp,
        ports: PortRange::one(8000 + number),
        remote: "10.0.0.0/8".parse().unwrap(),
        action: AclAction::Allow,
    };
    let with_rules = |count: u16| {
        TestNetwork::new()
            .behind_nat()
            .acl(|acl| acl.inbound = (1..=count).map(|at| allow(at * 10)).collect())
    };
    let full = "acl-1 has 20 inbound rules for IPv4 (the rule * counts); the default quota is 20";
    let step = "Replace a rule that is not needed: aws ec2 replace-network-acl-entry --network-acl-id acl-1 --ingress --rule-number \
                NUMBER --protocol tcp --port-range From=FROM,To=TO --cidr-block RANGE --rule-action allow. Or raise the quota to up \
                to 40: aws service-quotas request-service-quota-increase --service-code vpc --quota-code L-2AEEBF1A \
                --desired-value 40.";
    let case = asked(&with_rules(19), &[OKTA]);
    let made = fix(&case, RemedyId::Nacl);
    assert_eq!(not_met(made), [format!("{full}, and the fix needs 2 more. {step}")]);
    let manual = case.manual_step(&case.diagnosis.causes[0]);
    assert!(manual.ends_with(&format!(" {full}. {step}")), "{manual}");
    // Two rules less, or an account whose other network ACLs show that the quota was raised.
    for network in [with_rules(17), with_rules(25)] {
        let case = asked(&network, &[OKTA]);
        assert_eq!(not_met(fix(&case, RemedyId::Nacl)), Vec::<&str>::new());
    }
}

/// <https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>: a connector gets no public address.
#[test]
fn a_connector_is_moved_to_a_public_subnet_only_with_a_warning() {
    // The network ACL of the connector's subnets denies replies; the subnet of the NAT gateway has its own.
    let open_group = SecurityGroupRule {
        protocol: Protocol::All,
        ports: PortRange::ALL,
        peer: Peer::Ipv4("10.40.0.0/16".parse().unwrap()),
    };
    let network = TestNetwork::new().behind_nat().database(vec![open_group]).with(|network| {
        let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
        interface.subnet = SubnetId::from("subnet-public");
        interface.addresses = vec!["10.40.200.20".parse().unwrap()];
        let acl = network.network_acls.get_mut(&NetworkAclId::from("acl-1")).unwrap();
        acl.subnets.retain(|id| id.as_str() == "subnet-public");
        let closed = NetworkAcl {
            id: NetworkAclId::from("acl-app"),
            subnets: ["subnet-a", "subnet-b", "subnet-c"].map(SubnetId::from).to_vec(),
            inbound: Vec::new(),
            ..acl.clone()
        };
        network.network_acls.insert(closed);
    });
    let case = asked(&network, &["10.40.200.20:5432"]);
    let made = fix(&case, RemedyId::MoveConnector);
    assert_eq!(made.title, "Move the connector to subnet-public");
    assert_eq!(
        made.side_effects[2],
        "subnet-public is a public subnet (its default route goes to igw-1). The network interfaces of a connector get no public IP \
         address, so the service has no internet access over IPv4 from there."
    );
    // The cause stays, so its manual step is shown.
    assert!(case.needed_step(&case.diagnosis.causes[0]).is_none(), "nacl fixes it");
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-streams.html>
#[test]
fn an_endpoint_of_dynamodb_streams_is_used_by_its_url() {
    const STREAMS: &str = "streams.dynamodb.us-west-2.amazonaws.com";
    let case = asked(&TestNetwork::new(), &[STREAMS]);
    let made = &case.proposals[0];
    assert_eq!(
        (made.id().as_str(), made.recommended.as_deref().unwrap()),
        (
            "nat",
            "Fixes all blocked destinations and breaks no known destination. Instead of a NAT gateway for DynamoDB Streams, an interface \
             endpoint ($21.90/month) also works, if the client uses its URL: aws ec2 create-vpc-endpoint --vpc-endpoint-type \
             Interface --vpc-id vpc-1 --service-name com.amazonaws.us-west-2.dynamodb-streams --subnet-ids subnet-a subnet-b \
             subnet-c --security-group-ids GROUP, then AWS_ENDPOINT_URL_DYNAMODB_STREAMS=https://NAME in the client, with NAME \
             from DnsEntries of the endpoint."
        )
    );
    // Without such a destination, nothing is said about it.
    assert!(
        !asked(&TestNetwork::new(), &[OKTA]).proposals[0].recommended.as_ref().unwrap().contains("Streams")
    );
    let existing = TestNetwork::new().interface_endpoint("10.40.0.0/16").with(|network| {
        let mut endpoint = network.endpoints.get(&EndpointId::from("vpce-secrets")).unwrap().clone();
        endpoint.id = EndpointId::from("vpce-streams");
        "com.amazonaws.us-west-2.dynamodb-streams".clone_into(&mut endpoint.service);
        if let EndpointKind::Interface { private_dns, private_names, .. } = &mut endpoint.kind {
            *private_dns = false;
            private_names.clear();
        }
        network.endpoints.insert(endpoint);
    });
    let case = asked(&existing, &[STREAMS]);
    assert!(case.proposals.iter().all(|proposal| proposal.recommended.is_none()));
    let explanation = &case.diagnosis.findings[0].explanation;
    assert!(
        explanation.ends_with(
            "vpce-streams is such an endpoint in this VPC: set its URL in the client \
             (AWS_ENDPOINT_URL_DYNAMODB_STREAMS=https://NAME); aws ec2 describe-vpc-endpoints --vpc-endpoint-ids vpce-streams shows \
             NAME (DnsEntries). Then the name needs no NAT gateway."
        ),
        "{explanation}"
    );
    // The URL itself is reachable.
    let own = "vpce-streams-0a1.streams.dynamodb.us-west-2.vpce.amazonaws.com";
    assert_eq!(asked(&existing, &[own]).diagnosis.findings[0].verdict().word(), "reachable");
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
