//! Kinds of bug reports: what a user does when the answer is not a change of the network, and the commands of the steps by
//! hand.

use std::sync::Arc;

use crate::support::network::{OKTA, TestNetwork, nat, tcp};
use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination, read_log};
use egress_doctor::model::*;
use egress_doctor::remedy::RemedyId;
use egress_doctor::report;

fn open(network: &TestNetwork, query: &Query) -> Case {
    let workload = network.0.workloads.iter().next().unwrap().clone();
    Case::open(Arc::new(network.0.clone()), workload, query)
}

fn asked(network: &TestNetwork, host: &str) -> Case {
    open(network, &Query::for_destinations([destination(host).unwrap()]))
}

fn logged(network: &TestNetwork, log: &str) -> Case {
    open(network, &Query::with_log(read_log(log.as_bytes()).unwrap().findings))
}

/// A rule for the connector's security group.
fn from_connector() -> SecurityGroupRule {
    SecurityGroupRule { peer: Peer::Group(SecurityGroupId::from("sg-app")), ..tcp(5432, "10.40.0.0/16") }
}

/// The step by hand of the cause that blocks in a component.
fn step(network: &TestNetwork, host: &str, component: &str) -> String {
    let case = asked(network, host);
    let causes = &case.diagnosis.causes;
    let found = causes.iter().find(|cause| cause.component.as_str() == component);
    case.manual_step(found.unwrap_or_else(|| panic!("{component}: {causes:#?}")))
}

fn next_steps(case: &Case) -> String {
    case.nothing_to_do().map(|nothing| nothing.next_steps.join("\n")).unwrap_or_default()
}

/// The timeout has no host, and the user names the only destination.
#[test]
fn a_timeout_without_a_host_is_one_of_the_only_requested_destination() {
    let network = TestNetwork::new().behind_nat();
    let log = "org.postgresql.util.PSQLException: The connection attempt failed.\nCaused by: java.net.SocketTimeoutException: Connect \
               timed out\n";
    let with = |requested: &[&str], log: &str| {
        let requested = requested.iter().map(|host| destination(host).unwrap()).collect();
        let log = read_log(log.as_bytes()).unwrap().findings;
        open(&network, &Query { requested, infer: false, ..Query::with_log(log) })
    };
    let case = with(&["pg.cloud.example:21699"], log);
    let causes = &case.diagnosis.findings[0].other_causes;
    assert!(
        causes.iter().any(|cause| cause.text.starts_with("An IP access list or a firewall")),
        "{causes:?}"
    );
    assert_eq!(case.diagnosis.remarks, [""; 0]);
    // With two destinations it can be either.
    let case = with(&["pg.cloud.example:21699", OKTA], log);
    assert!(case.diagnosis.findings.iter().all(|finding| finding.other_causes.is_empty()));
    assert!(case.diagnosis.remarks[0].starts_with("The log shows a connect timeout without a host name"));
    let other = "Error: connect ETIMEDOUT db.example.org:5432\n\n\n\n\n\n\nError: Connection timeout\n    at SMTPConnection.x (/app/a.js:1:1)\n";
    let case = with(&["pg.cloud.example:21699"], other);
    let asked = case.diagnosis.findings.iter().find(|one| one.need.destination.port == 21699).unwrap();
    assert_eq!(asked.failure_in_log(), None);
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-resource-limits.html#port-25-throttle>
#[test]
fn the_restriction_of_aws_on_port_25_is_told() {
    let restriction = "AWS blocks outbound TCP port 25 to the internet by default and drops the packets, whatever the rules of the \
                       VPC allow. Use port 587 or 465 of the mail server (Amazon SES also has 2587 and 2465), or request the \
                       removal of the restriction from AWS (\"Request to remove email sending limitations\").";
    let network = TestNetwork::new().behind_nat();
    let told = |case: &Case| case.diagnosis.findings[0].explanation.contains(restriction);
    assert!(told(&asked(&network, "mail.example.org:25")));
    assert!(!told(&asked(&network, "mail.example.org:587")));
    let log = "Error: connect ETIMEDOUT mail.example.org:25";
    let case = open(
        &network,
        &Query { infer: false, ..Query::with_log(read_log(log.as_bytes()).unwrap().findings) },
    );
    assert!(!told(&case));
    assert_eq!(case.diagnosis.findings[0].other_causes[0].text, restriction);
    // A mail server in the VPC.
    let inside = TestNetwork::new().database(vec![tcp(25, "10.40.0.0/16")]);
    assert!(!told(&asked(&inside, "10.40.16.7:25")));
}

// The network allows the connection, and the log shows a failure.

#[test]
fn a_reachable_destination_with_a_failure_in_the_log_is_not_called_healthy() {
    let network = TestNetwork::new().behind_nat();
    let case = logged(&network, "Error: connect ETIMEDOUT bond.okta.com:443");
    assert_eq!(
        case.diagnosis.headline,
        "All 3 destinations are reachable, but the log shows a connect timeout for bond.okta.com."
    );
    assert_eq!(
        next_steps(&case),
        "The log shows a connect timeout for bond.okta.com. Check the other possible causes in its explanation, in their order. The \
         first: An IP access list or a firewall at the destination drops the packets. The destination sees the public addresses \
         of nat-1, which were not read. Compare its list with them."
    );
    let text = report::diagnosis_text(&case);
    assert!(!text.contains("give their log"), "{text}");
    // Without a log, the log is what helps.
    let case = asked(&network, OKTA);
    assert_eq!(case.diagnosis.headline, "The destination is reachable.");
    assert!(next_steps(&case).contains("give their log: --log FILE"));
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html>
#[test]
fn a_403_names_what_denies_calls_at_that_kind_of_destination() {
    let network = TestNetwork::new().behind_nat();
    let denied = |host: &str| {
        let log = format!(
            "requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://{host}/prod/pay"
        );
        logged(&network, &log).diagnosis.findings[0].explanation.clone()
    };
    let of_api = denied("k3m9x2p7qd.execute-api.us-west-2.amazonaws.com");
    assert!(
        of_api.contains("the API key, the authorizer, the resource policy of the API and AWS WAF"),
        "{of_api}"
    );
    let of_partner = denied("api.storefront.example");
    assert!(of_partner.contains("the key, token or account that the service uses there"), "{of_partner}");
    assert!(!of_partner.contains("instance role"), "{of_partner}");
    let of_bucket = denied("files.s3.us-west-2.amazonaws.com");
    assert!(of_bucket.contains("check the policies of the instance role, the endpoint"), "{of_bucket}");
}

#[test]
fn rejected_credentials_name_what_to_check() {
    let case = logged(
        &TestNetwork::new(),
        "ReplyError: WRONGPASS invalid username-password pair or user is disabled.",
    );
    let remarks = case.diagnosis.remarks.join("\n");
    assert!(remarks.contains("the server answered, so the network is not the cause"), "{remarks}");
    assert!(remarks.contains("Check them in the settings of the service"), "{remarks}");
}

#[test]
fn a_pool_without_a_connection_is_not_called_full() {
    let hikari = "java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after \
                  30001ms";
    let first = "The log shows a connection pool failure (line 1).";
    let (full, empty, either) = (
        "All connections of the client's own pool were in use: the pool has too few connections, the application does not return \
         them, or the server answers too slowly.",
        "The client's own pool had no connection at all (total=0), so it is not too small: no connection to the server could be \
         made. The network, the name, the server or the credentials are the cause; an earlier line of the log or a test with --to \
         HOST:PORT shows it.",
        "The call waited for a connection of the client's own pool. Either all connections were in use (too few, not returned, or \
         a slow server), or the pool could make no connection: then the network, the server or the credentials are the cause, and \
         an earlier line of the log or a test with --to HOST:PORT shows it.",
    );
    for (log, meaning) in [
        (
            "Error: timeout exceeded when trying to connect\n    at /app/node_modules/pg-pool/index.js:45:11\n",
            either,
        ),
        (
            "thread 'main' panicked at src/db.rs:18:10: called `Result::unwrap()` on an `Err` value: PoolTimedOut",
            either,
        ),
        (hikari, either),
        (&format!("{hikari} (total=0, active=0, idle=0, waiting=3)"), empty),
        (&format!("{hikari} (total=10, active=10, idle=0, waiting=3)"), full),
        (
            "TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
            full,
        ),
    ] {
        let case = logged(&TestNetwork::new(), log);
        assert_eq!(case.diagnosis.remarks, [format!("{first} {meaning}")], "{log}");
    }
}

#[test]
fn the_region_that_aws_names_is_the_region_to_set() {
    let log = "PermanentRedirect: The bucket you are attempting to access must be addressed using the specified endpoint.\n    \
               at throwDefaultError (/app/index.js:867:20) {\n  Code: 'PermanentRedirect', Endpoint: \
               'reports-eu.s3.eu-west-1.amazonaws.com', Bucket: 'reports-eu'\n}\n";
    let case = logged(&TestNetwork::new(), log);
    assert_eq!(
        case.diagnosis.remarks,
        [
            "The log shows a wrong region (line 1): AWS answered that eu-west-1 is correct. Set the region of the \
          client to eu-west-1. The server answered, so the network is not the cause."
        ]
    );
}

/// The client connects to the proxy only, so the path to the host behind it is not diagnosed.
#[test]
fn a_failure_of_a_proxy_is_about_the_path_to_the_proxy() {
    let line = |cause: &str| {
        format!(
            "requests.exceptions.ProxyError: HTTPSConnectionPool(host='api.models.example', port=443): Max retries exceeded with \
             url: /v1 (Caused by ProxyError('Unable to connect to proxy', {cause}))"
        )
    };
    let timeout = line(
        "ConnectTimeoutError(<urllib3.connection.HTTPSConnection object at 0x7f10>, 'Connection to 10.40.0.10 timed out. \
         (connect timeout=10)')",
    );
    let refused = line("OSError('Tunnel connection failed: 403 Forbidden')");
    let destinations = |log: &str, proxy: Option<&str>| {
        let snapshot = TestNetwork::new().0;
        let mut workload = snapshot.workloads.iter().next().unwrap().clone();
        workload.environment.variables.extend(proxy.map(|host| EnvironmentVariable {
            name: "https_proxy".to_owned(),
            hosts: vec![host.to_owned()],
            resources: Vec::new(),
        }));
        let log = read_log(log.as_bytes()).unwrap().findings;
        let case = Case::open(Arc::new(snapshot), workload, &Query { infer: false, ..Query::with_log(log) });
        let findings = case.diagnosis.findings.iter();
        (findings.map(|one| one.need.destination.to_string()).collect::<Vec<_>>(), case.diagnosis.remarks)
    };
    let assumed = "The log names the proxy 10.40.0.10 without its port (line 1); port 3128 is assumed. Give another \
                   port with --to 10.40.0.10:PORT.";
    let unnamed = "The log shows a proxy failure for api.models.example (line 1): the application connects to \
                   api.models.example through a proxy, which neither the log nor the settings name. The direct path to \
                   api.models.example is not used. Add the proxy with --to HOST:PORT to test the path to it.";
    for (log, proxy, expected, remark) in [
        (&timeout, None, &["10.40.0.10:3128"][..], Some(assumed)),
        (&timeout, Some("10.40.0.10:8888"), &["10.40.0.10:8888"], None),
        (&refused, Some("10.40.0.10:8888"), &["10.40.0.10:8888"], None),
        (&refused, None, &[], Some(unnamed)),
    ] {
        let (found, remarks) = destinations(log, proxy);
        assert_eq!(found, expected, "{log} {proxy:?}");
        assert_eq!(remarks.first().map(String::as_str), remark, "{log} {proxy:?}");
    }
}

#[test]
fn a_database_with_an_open_path_is_checked_before_the_pool() {
    let network = TestNetwork::new().database(vec![tcp(5432, "10.40.0.0/16")]);
    let case = logged(&network, "Error: connect ETIMEDOUT 10.40.16.7:5432");
    let causes: Vec<&str> =
        case.diagnosis.findings[0].other_causes.iter().map(|cause| &*cause.text).collect();
    assert!(
        causes[0].starts_with("The server did not accept the connection at that time: it was stopped"),
        "{causes:#?}"
    );
    let pool = "If the log also shows timeouts of the connection pool: the connection pool of the client has too few connections";
    assert!(causes[1].starts_with(pool), "{causes:#?}");
    assert_eq!(causes.len(), 2, "no NAT gateway on this path: {causes:#?}");
}

/// Two route tables, each with its own NAT gateway.
fn two_nat_gateways() -> TestNetwork {
    TestNetwork::new().behind_nat().with(|network| {
        let first = network.nat_gateways.get(&NatGatewayId::from("nat-1")).unwrap().clone();
        network.nat_gateways.insert(NatGateway { id: NatGatewayId::from("nat-2"), ..first });
        let table = network.route_tables.get_mut(&RouteTableId::from("rtb-main")).unwrap();
        let routes = table.routes.iter_mut().filter(|route| route.target == nat());
        routes.for_each(|route| route.target = RouteTarget::of("nat-2"));
    })
}

/// Each AZ has its own NAT gateway.
#[test]
fn all_nat_gateways_of_a_reachable_destination_are_named() {
    let network = two_nat_gateways();
    assert_eq!(
        asked(&network, OKTA).diagnosis.findings[0].explanation,
        "bond.okta.com is reachable through NAT gateway nat-1 and through NAT gateway nat-2."
    );
}

/// Each AZ has its own NAT gateway, and one network ACL is on both public subnets.
#[test]
fn one_network_acl_of_two_nat_gateways_is_one_fact() {
    let network = two_nat_gateways().with(|network| {
        let acl = network.network_acls.get(&NetworkAclId::from("acl-1")).unwrap().clone();
        let deny = AclRule {
            number: 50,
            protocol: Protocol::Tcp,
            ports: PortRange { from: 1024, to: 32767 },
            remote: "0.0.0.0/0".parse().unwrap(),
            action: AclAction::Deny,
        };
        let (mut public, mut inbound) = (acl.clone(), acl.inbound.clone());
        inbound.insert(0, deny);
        (public.id, public.inbound) = (NetworkAclId::from("acl-public"), inbound);
        public.subnets = vec![SubnetId::from("subnet-public")];
        let own = network.network_acls.get_mut(&NetworkAclId::from("acl-1")).unwrap();
        own.subnets.retain(|id| id.as_str() != "subnet-public");
        network.network_acls.insert(public);
    });
    let diagnosis = asked(&network, OKTA).diagnosis;
    assert_eq!(
        diagnosis.headline,
        "The destination is blocked from all 3 subnets: network ACL acl-public denies inbound replies."
    );
    let fact = "Network ACL acl-public denies inbound replies (tcp 1024-32767) in the subnet of NAT gateway nat-1 and the subnet of \
                NAT gateway nat-2.";
    assert!(diagnosis.causes[0].explanation.starts_with(fact), "{:?}", diagnosis.causes);
}

// Fixes and their side effects.

#[test]
fn an_unknown_destination_gets_no_new_connector() {
    let network = TestNetwork::new()
        .database(vec![tcp(5432, "10.40.0.0/16")])
        .denied(Call::DescribeNetworkAcls, |network| network.network_acls = Table::default());
    let case = asked(&network, "10.40.16.7:5432");
    assert!(case.diagnosis.headline.contains("ec2:DescribeNetworkAcls"), "{}", case.diagnosis.headline);
    assert!(!case.proposals.iter().any(|proposal| proposal.remedies.contains(&RemedyId::MoveConnector)));
    assert!(next_steps(&case).contains("ec2:DescribeNetworkAcls"), "{}", next_steps(&case));
}

/// The security group allows all ports from the connector: which port the database has is not known.
#[test]
fn the_asked_database_breaks_once() {
    let any = SecurityGroupRule { ports: PortRange::ALL, ..from_connector() };
    let network = TestNetwork::new().public_only().database(vec![any]);
    let hosts = [destination(OKTA).unwrap(), destination("10.40.16.7:5432").unwrap()];
    let case = open(&network, &Query::for_destinations(hosts));
    let default = case.proposals.iter().find(|proposal| proposal.remedies == [RemedyId::DefaultEgress]);
    assert_eq!(default.unwrap().breaks, ["10.40.16.7 becomes blocked"]);
}

#[test]
fn a_public_address_in_the_same_vpc_has_a_private_address() {
    let network = TestNetwork::new().behind_nat().database(vec![from_connector()]).with(|network| {
        let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
        interface.public_address = true;
        interface.public_addresses = vec!["100.28.151.148".parse().unwrap()];
        interface.subnet = SubnetId::from("subnet-public");
        let nat = network.nat_gateways.get_mut(&NatGatewayId::from("nat-1")).unwrap();
        nat.public_addresses = vec!["203.0.113.9".parse().unwrap()];
    });
    let text = asked(&network, "100.28.151.148:5432").diagnosis.findings[0].explanation.clone();
    assert!(
        text.contains("which is in the same VPC: its private address 10.40.16.7 needs no NAT gateway"),
        "{text}"
    );
    let step = step(&network, "100.28.151.148:5432", "eni-db");
    assert!(step.contains("Or use its private address 10.40.16.7"), "{step}");
}

// Steps by hand: the ids and options of the commands.

#[test]
fn the_steps_for_an_ipv6_address_are_for_ipv6() {
    let host = "[2606:50c0:8000::153]:8443";
    let only_ipv4 = AclRule {
        number: 100,
        protocol: Protocol::All,
        ports: PortRange::ALL,
        remote: "0.0.0.0/0".parse().unwrap(),
        action: AclAction::Allow,
    };
    let network = TestNetwork::new()
        .dual_stack()
        .behind_nat()
        .egress_rules(vec![tcp(443, "0.0.0.0/0")])
        .acl(|acl| (acl.inbound, acl.outbound) = (vec![only_ipv4.clone()], vec![only_ipv4.clone()]));
    assert_eq!(
        step(&network, host, "sg-app"),
        "Allow outbound traffic over IPv6: aws ec2 authorize-security-group-egress --group-id sg-app --ip-permissions \
         'IpProtocol=tcp,FromPort=8443,ToPort=8443,Ipv6Ranges=[{CidrIpv6=::/0}]'."
    );
    assert!(step(&network, host, "acl-1").contains("--ipv6-cidr-block RANGE"));
    assert_eq!(
        step(&network, host, "rtb-main"),
        "Add a route for IPv6 to an egress-only internet gateway (aws ec2 create-egress-only-internet-gateway --vpc-id vpc-1 \
         creates one, at no hourly charge): aws ec2 create-route --route-table-id rtb-main --destination-ipv6-cidr-block ::/0 \
         --egress-only-internet-gateway-id EIGW. A NAT gateway does not help."
    );
}

#[test]
fn a_missing_private_route_names_the_route_tables() {
    let network = TestNetwork::new().behind_nat();
    let case = asked(&network, "10.90.1.20:6379");
    let step = case.manual_step(&case.diagnosis.causes[0]);
    assert!(step.contains("add a route to it in 2 route tables (rtb-private, rtb-main)"), "{step}");
}

/// A route of both tables whose target does not work.
fn blackhole(target: &str) -> TestNetwork {
    let target = RouteTarget::of(target);
    TestNetwork::new().default_route(&target).with(|network| {
        let routes = network.route_tables.iter_mut().flat_map(|table| &mut table.routes);
        routes.filter(|route| route.target == target).for_each(|route| route.state = RouteState::Blackhole);
    })
}

#[test]
fn a_blackhole_route_is_replaced_by_a_target_of_its_kind() {
    let gateway = step(&blackhole("igw-gone"), OKTA, "igw-gone");
    assert!(gateway.contains("--destination-cidr-block 0.0.0.0/0 --gateway-id igw-1."), "{gateway}");
    assert!(!gateway.contains("--nat-gateway-id"), "{gateway}");

    let failed =
        blackhole("nat-1").nat("failed", NatConnectivity::Public, "subnet-public").without_internet_gateway();
    let cause = asked(&failed, OKTA).diagnosis.causes.remove(0).explanation;
    assert!(cause.contains("is a blackhole: its target is in state failed"), "{cause}");
    let nat = step(&failed, OKTA, "nat-1");
    assert!(nat.contains("aws ec2 attach-internet-gateway"), "{nat}");
    assert!(nat.contains("without one, each new NAT gateway fails"), "{nat}");

    let stopped = blackhole("eni-db").database(Vec::new()).with(|network| {
        let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
        interface.instance = Some(ResourceId::from("i-0137"));
    });
    let cause = asked(&stopped, OKTA).diagnosis.causes.remove(0).explanation;
    assert!(cause.contains("the instance of that network interface is stopped or was deleted"), "{cause}");
    let instance = step(&stopped, OKTA, "eni-db");
    assert!(instance.contains("aws ec2 start-instances --instance-ids i-0137"), "{instance}");
}

/// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-lifecycle>
#[test]
fn a_peering_connection_that_waits_is_accepted() {
    let network = TestNetwork::peered(vec![tcp(5432, "10.40.0.0/16")]).with(|network| {
        let peering = network.peering_connections.iter_mut().next().unwrap();
        peering.state = PeeringState::PendingAcceptance;
        let routes = network.route_tables.iter_mut().flat_map(|table| &mut table.routes);
        routes
            .filter(|route| matches!(route.target, RouteTarget::Peering(_)))
            .for_each(|route| route.state = RouteState::Blackhole);
    });
    let step = step(&network, "10.90.1.20:5432", "pcx-1");
    assert!(
        step.contains("aws ec2 accept-vpc-peering-connection --vpc-peering-connection-id pcx-1"),
        "{step}"
    );
}

/// The two subnets of a connector have two ranges.
#[test]
fn the_ranges_of_a_missing_return_route_are_in_one_clause() {
    let network = TestNetwork::peered(vec![tcp(5432, "10.40.0.0/16")]).with(|network| {
        let peer = network.route_tables.get_mut(&RouteTableId::from("rtb-peer")).unwrap();
        peer.routes.retain(|route| route.target == RouteTarget::Local);
    });
    let cause = asked(&network, "10.90.1.20:5432").diagnosis.causes.remove(0).explanation;
    assert_eq!(cause.matches("has no route back to").count(), 1, "{cause}");
}
