//! Databases, caches and load balancers by their host name: the verdict is that of their network interfaces.

use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination, read_log};
use egress_doctor::model::*;
use egress_doctor::remedy::Proposal;

use crate::support::network::{TestNetwork, tcp};

const ORDERS: &str = "orders.abc123.us-west-2.rds.amazonaws.com";
const SOURCE: &str = "10.40.0.0/16";

/// The case with this one destination.
fn case(network: &TestNetwork, host: &str) -> Case {
    let workload = network.0.workloads.iter().next().unwrap().clone();
    let wanted = destination(host).unwrap();
    Case::open(Arc::new(network.0.clone()), workload, &Query::for_destinations([wanted]))
}

/// The verdicts from all subnets, each once, with the rules that block or are unknown.
fn verdicts(network: &TestNetwork, host: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in network.ask(host).lines() {
        let line = line.strip_prefix("  ").map_or_else(|| line.get(2..).unwrap().to_owned(), str::to_owned);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// The database `eni-db` of the test network by name.
fn orders(change: impl FnOnce(&mut NamedResource)) -> NamedResource {
    let mut resource = NamedResource {
        id: ResourceId::from("arn:aws:rds:us-west-2:123456789012:db:orders"),
        kind: NamedResourceKind::DbInstance,
        name: "orders".to_owned(),
        hosts: vec![ResourceHost { name: ORDERS.to_owned(), port: Some(5432), ..ResourceHost::default() }],
        engine: Some("postgres".to_owned()),
        state: Some("available".to_owned()),
        vpc: Some(VpcId::from("vpc-1")),
        subnets: vec![SubnetId::from("subnet-a"), SubnetId::from("subnet-b")],
        zone: None,
        standby: None,
        security_groups: vec![SecurityGroupId::from("sg-db")],
        public: Some(false),
        requires_tls: Some(true),
        descriptions: Vec::new(),
        secret: None,
        dual_stack: None,
    };
    change(&mut resource);
    resource
}

fn with_orders(allowed: Vec<SecurityGroupRule>, change: impl FnOnce(&mut NamedResource)) -> TestNetwork {
    let resource = orders(change);
    TestNetwork::new().database(allowed).with(|network| {
        network.named_resources.insert(resource);
    })
}

/// A second network interface like `eni-db`, in subnet a with the security group `sg-app`, 10.40.0.77.
fn second_interface(network: TestNetwork, description: &str) -> TestNetwork {
    network.with(|network| {
        let first = network.network_interfaces.get(&NetworkInterfaceId::from("eni-db")).unwrap().clone();
        network.network_interfaces.insert(NetworkInterface {
            id: NetworkInterfaceId::from("eni-db2"),
            subnet: SubnetId::from("subnet-a"),
            addresses: vec!["10.40.0.77".parse().unwrap()],
            security_groups: vec![SecurityGroupId::from("sg-db2")],
            description: description.to_owned(),
            ..first
        });
        let group = network.security_groups.get(&SecurityGroupId::from("sg-db")).unwrap().clone();
        network.security_groups.insert(SecurityGroup {
            id: SecurityGroupId::from("sg-db2"),
            ingress: Vec::new(),
            ..group
        });
    })
}

#[test]
fn a_database_by_name_and_without_a_port_is_blocked_by_its_own_security_group() {
    let case = case(&with_orders(Vec::new(), |_| {}), ORDERS);
    let [only] = case.diagnosis.causes.as_slice() else { panic!("{:#?}", case.diagnosis.causes) };
    assert_eq!(
        only.explanation,
        "Security group sg-db of network interface eni-db (RDSNetworkInterface) has no inbound rule for tcp 5432 from the \
         connector's subnets (10.40.0.0/20, 10.40.16.0/20, 10.40.32.0/20). This blocks orders.abc123.us-west-2.rds.amazonaws.com:5432 \
         from all 3 subnets. The packets are dropped: the client gets no error until its connect timeout."
    );
    assert_eq!(verdicts(&with_orders(vec![tcp(5432, SOURCE)], |_| {}), ORDERS), ["reachable by local"]);
    let network = with_orders(vec![tcp(5432, SOURCE)], |_| {});
    let trace = network.trace("a", &format!("{ORDERS}:5432"));
    assert!(
        trace.contains(
            "the name of orders (DB instance, postgres), TLS required: network interface eni-db (10.40.16.7)"
        ),
        "{trace}"
    );
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html>
#[test]
fn a_stopped_database_and_a_wrong_port_are_causes() {
    let allowed = || vec![tcp(5432, SOURCE), tcp(3306, SOURCE)];
    let stopped = with_orders(allowed(), |resource| resource.state = Some("stopped".to_owned()));
    assert_eq!(
        verdicts(&stopped, ORDERS),
        [
            "blocked",
            "target TARGET_NOT_AVAILABLE orders (DB instance, postgres) is stopped: it accepts no connections"
        ]
    );
    let shown = case(&stopped, ORDERS);
    assert_eq!(
        shown.manual_step(&shown.diagnosis.causes[0]),
        "Start the database: aws rds start-db-instance --db-instance-identifier orders."
    );
    assert_eq!(
        verdicts(&with_orders(allowed(), |_| {}), &format!("{ORDERS}:3306")),
        [
            "blocked",
            "target TARGET_PORT_MISMATCH orders (DB instance, postgres) listens on tcp 5432, not on tcp 3306"
        ]
    );
    let upgrading = with_orders(allowed(), |resource| resource.state = Some("upgrading".to_owned()));
    assert_eq!(
        verdicts(&upgrading, ORDERS),
        [
            "unknown",
            "target needs no call: orders (DB instance, postgres) is upgrading: unknown whether it accepts connections"
        ]
    );
}

/// All network interfaces that the name can mean are judged. If all of them block, the name is blocked. If all of them allow the
/// connection, it is unknown: the name can belong to a database elsewhere.
#[test]
fn a_name_that_fits_only_the_service_of_network_interfaces_is_blocked_or_unknown() {
    let name = "other.abc123.us-west-2.rds.amazonaws.com:5432";
    let two = |allowed| second_interface(TestNetwork::new().database(allowed), "RDSNetworkInterface");
    let neither = verdicts(&two(Vec::new()), name);
    let which = "dns needs no call: the name belongs to network interfaces eni-db (10.40.16.7) or eni-db2 (10.40.0.77) if its database \
                 is in vpc-1: no other network interface there has the description RDSNetworkInterface";
    assert_eq!(
        neither,
        [
            "blocked",
            which,
            "target TARGET_SG_RULES_MISMATCH eni-db2: sg-db2: no inbound rule allows tcp 5432 from 10.40.0.0/20",
            "target TARGET_SG_RULES_MISMATCH eni-db: sg-db: no inbound rule allows tcp 5432 from 10.40.0.0/20",
            "target TARGET_SG_RULES_MISMATCH eni-db2: sg-db2: no inbound rule allows tcp 5432 from 10.40.16.0/20",
            "target TARGET_SG_RULES_MISMATCH eni-db: sg-db: no inbound rule allows tcp 5432 from 10.40.16.0/20",
            "target TARGET_SG_RULES_MISMATCH eni-db2: sg-db2: no inbound rule allows tcp 5432 from 10.40.32.0/20",
            "target TARGET_SG_RULES_MISMATCH eni-db: sg-db: no inbound rule allows tcp 5432 from 10.40.32.0/20",
        ]
    );
    let blocked = case(&two(Vec::new()), name).nothing_to_do().unwrap();
    assert_eq!(
        blocked.message,
        "The destination is blocked, and it is unknown whether this fix is enough: Allow inbound 5432 on the destination's security \
         group sg-db from sg-app, 5432 on the destination's security group sg-db2 from sg-app."
    );
    let both = two(vec![tcp(5432, SOURCE)]).with(|network| {
        network.security_groups.get_mut(&SecurityGroupId::from("sg-db2")).unwrap().ingress =
            vec![tcp(5432, SOURCE)];
    });
    assert_eq!(verdicts(&both, name), ["unknown", which]);
    let one = case(&two(vec![tcp(5432, SOURCE)]), name);
    assert_eq!(
        one.diagnosis.findings[0].next_step.as_deref().unwrap(),
        "Give its address with --to ADDRESS:5432; dig +short other.abc123.us-west-2.rds.amazonaws.com in the VPC shows it. --to \
         10.40.16.7:5432 checks eni-db, one of 2 network interfaces in vpc-1 with the description RDSNetworkInterface. Or add the \
         file describe-db-instances.json to the folder of --aws-json: aws rds describe-db-instances > \
         describe-db-instances.json. If the name has the address 10.40.16.7, eni-db allows the connection: eni-db: sg-db allows \
         inbound tcp 5432 from 10.40.0.0/20. If the name has the address 10.40.0.77, the connection is blocked: eni-db2: sg-db2: \
         no inbound rule allows tcp 5432 from 10.40.0.0/20."
    );
    assert_eq!(one.diagnosis.findings[0].traces[0].verdict, egress_doctor::reach::Verdict::Unknown);
}

#[test]
fn a_name_without_a_known_interface_is_unknown_if_it_can_be_in_another_network() {
    let name = "other.abc123.us-west-2.rds.amazonaws.com:5432";
    let unknown = ["unknown", "dns needs no call: the host is in a VPC; its address was not read"];
    let first_two = |network: &TestNetwork| verdicts(network, name).into_iter().take(2).collect::<Vec<_>>();
    let peered = TestNetwork::new().database(Vec::new()).route(
        "rtb-private",
        "10.90.0.0/16",
        RouteTarget::Peering(ResourceId::from("pcx-1")),
    );
    assert_eq!(first_two(&peered), unknown);
    // The databases of the account were read, and this is none of them.
    assert_eq!(first_two(&with_orders(Vec::new(), |_| {})), unknown);
}

#[test]
fn a_cache_and_a_load_balancer_are_found_by_the_name_in_the_description() {
    let cache = second_interface(TestNetwork::new().database(Vec::new()), "ElastiCache sessions-001");
    assert_eq!(
        verdicts(&cache, "master.sessions.abc123.usw2.cache.amazonaws.com:6379")[..2],
        [
            "blocked",
            "target TARGET_SG_RULES_MISMATCH eni-db2: sg-db2: no inbound rule allows tcp 6379 from 10.40.0.0/20",
        ]
    );
    let balancer = second_interface(TestNetwork::new().database(Vec::new()), "ELB app/api/50dc6c495c0c9188");
    assert_eq!(
        verdicts(&balancer, "internal-api-123456789.us-west-2.elb.amazonaws.com:443")[..2],
        [
            "blocked",
            "target TARGET_SG_RULES_MISMATCH eni-db2: sg-db2: no inbound rule allows tcp 443 from 10.40.0.0/20",
        ]
    );
}

/// The name of a publicly accessible database has its private address inside its VPC, and its public address in
/// another VPC.
#[test]
fn a_publicly_accessible_database_has_its_private_address_in_its_vpc_only() {
    let in_vpc = |vpc: &'static str| {
        with_orders(vec![tcp(5432, SOURCE)], |resource| {
            resource.public = Some(true);
            resource.vpc = Some(VpcId::from(vpc));
            resource.subnets = Vec::new();
        })
        .behind_nat()
        .with(|network| {
            let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
            interface.public_address = true;
            interface.public_addresses = vec!["198.51.100.20".parse().unwrap()];
            interface.vpc = VpcId::from(vpc);
        })
    };
    assert_eq!(verdicts(&in_vpc("vpc-1"), ORDERS), ["reachable by local"]);
    let other = in_vpc("vpc-2");
    let trace = other.trace("a", &format!("{ORDERS}:5432"));
    assert!(trace.starts_with("blocked"), "{trace}");
    assert!(trace.contains("TARGET_SG_PUBLIC_ADDRESS_MISMATCH at eni-db"), "{trace}");
}

/// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>,
/// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html>
#[test]
fn a_destination_across_a_peering_connection_is_judged_in_the_peer_vpc() {
    let database = "10.90.1.20:5432";
    let allowed = || vec![tcp(5432, SOURCE)];
    assert_eq!(verdicts(&TestNetwork::peered(allowed()), database), ["reachable by peering pcx-1"]);
    let by_group =
        SecurityGroupRule { peer: Peer::Group(SecurityGroupId::from("sg-app")), ..tcp(5432, SOURCE) };
    assert_eq!(verdicts(&TestNetwork::peered(vec![by_group]), database), ["reachable by peering pcx-1"]);
    assert_eq!(
        verdicts(&TestNetwork::peered(Vec::new()), database)[..2],
        [
            "blocked",
            "target TARGET_SG_RULES_MISMATCH eni-db: sg-db: no inbound rule allows tcp 5432 from 10.40.0.0/20"
        ]
    );
    let without_return = TestNetwork::peered(allowed()).with(|network| {
        network.route_tables.get_mut(&RouteTableId::from("rtb-peer")).unwrap().routes.pop();
    });
    assert_eq!(
        verdicts(&without_return, database)[..2],
        [
            "blocked",
            "route EGRESS_NO_RETURN_ROUTE route table rtb-peer of subnet-peer, the subnet of the destination, has no route back \
             to 10.40.0.0/20 through pcx-1"
        ]
    );
    let pending = TestNetwork::peered(allowed()).with(|network| {
        network.peering_connections.get_mut(&ResourceId::from("pcx-1")).unwrap().state =
            PeeringState::PendingAcceptance;
    });
    assert_eq!(
        verdicts(&pending, database),
        ["blocked", "target EGRESS_PEERING_NOT_ACTIVE pcx-1 is pending-acceptance, not active"]
    );
    let denied = TestNetwork::peered(allowed()).with(|network| {
        let acl = network.network_acls.get_mut(&NetworkAclId::from("acl-2")).unwrap();
        acl.inbound.clear();
    });
    assert_eq!(
        verdicts(&denied, database)[..2],
        [
            "blocked",
            "nacl SUBNET_ACL_RESTRICTION acl-2 on subnet-peer: rule * denies the request: inbound tcp 5432 from 10.40.0.0/20"
        ]
    );
    // The answer about peering connections is missing: the routes of the peer VPC name the connection.
    let inferred =
        TestNetwork::peered(allowed()).with(|network| network.peering_connections = Table::default());
    assert_eq!(verdicts(&inferred, database), ["reachable by peering pcx-1"]);
    // A peering connection does not carry traffic to the gateways of the other VPC.
    assert_eq!(
        verdicts(
            &TestNetwork::peered(allowed()).route(
                "rtb-private",
                "198.51.100.0/24",
                RouteTarget::Peering(ResourceId::from("pcx-1"))
            ),
            "198.51.100.7:443"
        )[..2],
        [
            "blocked",
            "target PCX_REQUIRES_ADDRESS_IN_VPC_CIDR pcx-1 is a peering connection: a peer cannot use the other VPC's gateways \
             and endpoints to reach 198.51.100.7"
        ]
    );
}

/// <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ServerlessCache.html>: the endpoint for reading has the name of
/// the endpoint for writing and a port of its own.
#[test]
fn a_name_with_two_ports_listens_on_both() {
    const CACHE: &str = "sessions-x1y2z3.serverless.usw2.cache.amazonaws.com";
    let cache = |allowed| {
        with_orders(allowed, |resource| {
            resource.id =
                ResourceId::from("arn:aws:elasticache:us-west-2:123456789012:serverlesscache:sessions");
            resource.kind = NamedResourceKind::ServerlessCache;
            "sessions".clone_into(&mut resource.name);
            resource.engine = Some("redis".to_owned());
            resource.hosts = [6379, 6380]
                .map(|port| ResourceHost {
                    name: CACHE.to_owned(),
                    port: Some(port),
                    ..ResourceHost::default()
                })
                .to_vec();
        })
        .with(|network| {
            let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
            "ElastiCache serverless sessions".clone_into(&mut interface.description);
        })
    };
    let network = cache(vec![tcp(6379, SOURCE)]);
    assert_eq!(verdicts(&network, &format!("{CACHE}:6379")), ["reachable by local"]);
    let reading = case(&network, &format!("{CACHE}:6380"));
    let codes: Vec<&str> = reading.diagnosis.causes.iter().map(|cause| cause.code.word()).collect();
    assert_eq!(codes, ["TARGET_SG_RULES_MISMATCH"]);
    assert_eq!(reading.proposals.first().map(Proposal::id), Some("destination-ingress".to_owned()));
    let other = cache(vec![tcp(6390, SOURCE)]);
    assert_eq!(
        verdicts(&other, &format!("{CACHE}:6390")),
        [
            "blocked",
            "target TARGET_PORT_MISMATCH sessions (serverless cache, redis) listens on tcp 6379 and 6380, not on tcp 6390"
        ]
    );
    let shown = case(&other, &format!("{CACHE}:6390"));
    assert_eq!(
        shown.manual_step(&shown.diagnosis.causes[0]),
        "Use port 6379 or 6380 in the settings of the service; aws elasticache describe-serverless-caches shows it."
    );
    // A cache that requires TLS closes other connections.
    let log = format!(
        "redis.exceptions.ConnectionError: Error while reading from {CACHE}:6379 : (104, 'Connection reset by peer')"
    );
    let workload = network.0.workloads.iter().next().unwrap().clone();
    let query = Query::with_log(read_log(log.as_bytes()).unwrap().findings);
    let logged = Case::open(Arc::new(network.0.clone()), workload, &query);
    let finding = logged.diagnosis.findings.iter().find(|one| one.need.destination.host == CACHE).unwrap();
    assert_eq!(
        finding.explanation,
        format!(
            "{CACHE} is reachable inside the VPC, but the log shows a connection reset. A connection was made, then closed by the \
             other side or by a component on the path. sessions (serverless cache, redis) requires TLS and closes connections \
             without it: check first that the client uses TLS (rediss:// or its TLS option). Servers also close idle connections."
        )
    );
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html#USER_VPC.Hiding>
#[test]
fn default_egress_reaches_only_a_publicly_accessible_database() {
    let with = |public, change: fn(&mut Network)| {
        let mut network = with_orders(vec![tcp(5432, "0.0.0.0/0")], |resource| {
            resource.public = public;
            resource.subnets = Vec::new();
        })
        .with(change);
        network.0.workloads.iter_mut().for_each(|workload| workload.egress = Egress::Default);
        network
    };
    let private = with(Some(false), |_| {});
    assert_eq!(
        verdicts(&private, ORDERS),
        [
            "blocked",
            "egress EGRESS_NOT_IN_VPC orders.abc123.us-west-2.rds.amazonaws.com has a private address, and DEFAULT egress has no \
             access to the VPC"
        ]
    );
    let shown = case(&private, ORDERS);
    let step = shown.manual_step(&shown.diagnosis.causes[0]);
    assert!(
        step.starts_with("Use a VPC connector with access to the VPC of the destination (vpc-1): "),
        "{step}"
    );
    let unread = |network: &mut Network| {
        let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
        assert!(interface.public_addresses.is_empty());
    };
    assert_eq!(
        verdicts(&with(Some(true), unread), ORDERS),
        [
            "unknown",
            "egress needs no call: orders.abc123.us-west-2.rds.amazonaws.com is publicly accessible, but its public address was \
             not read"
        ]
    );
    let public = |network: &mut Network| {
        let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
        interface.subnet = SubnetId::from("subnet-public");
        interface.public_address = true;
        interface.public_addresses = vec!["198.51.100.20".parse().unwrap()];
    };
    assert_eq!(verdicts(&with(Some(true), public), ORDERS), ["reachable by default-egress"]);
    let closed = with(Some(true), |network| {
        let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
        interface.subnet = SubnetId::from("subnet-public");
        interface.public_address = true;
        interface.public_addresses = vec!["198.51.100.20".parse().unwrap()];
        network.security_groups.get_mut(&SecurityGroupId::from("sg-db")).unwrap().ingress.clear();
    });
    assert_eq!(verdicts(&closed, ORDERS)[0], "blocked");
    // No answer describes these, and none of them can be public.
    let mut network = TestNetwork::new();
    network.0.workloads.iter_mut().for_each(|workload| workload.egress = Egress::Default);
    for host in [
        "app.proxy-abc123.us-west-2.rds.amazonaws.com",
        "orders.cluster-abc123.us-west-2.docdb.amazonaws.com:27017",
        "orders.abc123.0001.usw2.cache.amazonaws.com:6379",
    ] {
        assert_eq!(verdicts(&network, host)[0], "blocked", "{host}");
    }
    assert_eq!(verdicts(&network, ORDERS)[0], "unknown");
}

/// The database of [`TestNetwork::peered`] by name.
fn peered_orders(change: impl FnOnce(&mut Network)) -> TestNetwork {
    let resource = orders(|resource| {
        resource.vpc = Some(VpcId::from("vpc-2"));
        resource.subnets = vec![SubnetId::from("subnet-peer")];
    });
    TestNetwork::peered(vec![tcp(5432, SOURCE)])
        .with(|network| {
            network.named_resources.insert(resource);
        })
        .with(change)
}

/// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html>
#[test]
fn a_fix_for_a_database_in_another_vpc_is_the_same_by_name_and_by_address() {
    let without_return = peered_orders(|network| {
        network.route_tables.get_mut(&RouteTableId::from("rtb-peer")).unwrap().routes.pop();
    });
    for host in [ORDERS, "10.90.1.20:5432"] {
        let case = case(&without_return, host);
        let best = case.proposals.iter().find(|one| one.recommended.is_some()).map(Proposal::id);
        assert_eq!(best.as_deref(), Some("peering-route"), "{host}");
        assert_eq!(
            case.manual_step(&case.diagnosis.causes[0]),
            "Add a route back in the peer VPC: aws ec2 create-route --route-table-id rtb-peer --destination-cidr-block \
             10.40.0.0/16 --vpc-peering-connection-id pcx-1.",
            "{host}"
        );
    }
    let without_peering = peered_orders(|network| {
        network.peering_connections = Table::default();
        for table in network.route_tables.iter_mut() {
            table.routes.retain(|route| !matches!(route.target, RouteTarget::Peering(_)));
        }
    })
    .behind_nat();
    for host in [ORDERS, "10.90.1.20:5432"] {
        let case = case(&without_peering, host);
        assert_eq!(
            case.manual_step(&case.diagnosis.causes[0]),
            "The address 10.90.1.20 is that of network interface eni-db (RDSNetworkInterface) in vpc-2, another VPC than vpc-1 of \
             the connector. Connect the VPCs: aws ec2 create-vpc-peering-connection --vpc-id vpc-1 --peer-vpc-id vpc-2, then \
             accept it, then add a route in 2 route tables (rtb-private, rtb-main): aws ec2 create-route --route-table-id TABLE \
             --destination-cidr-block 10.90.0.0/16 --vpc-peering-connection-id PCX, and the route back: aws ec2 create-route \
             --route-table-id rtb-peer --destination-cidr-block 10.40.0.0/16 --vpc-peering-connection-id PCX. Or use a connector \
             with subnets of vpc-2 (aws apprunner create-vpc-connector, update-service); all destinations of the service then use \
             that VPC. A NAT gateway does not help.",
            "{host}"
        );
    }
    let without_routes = peered_orders(|network| {
        for table in network.route_tables.iter_mut() {
            table.routes.retain(|route| !matches!(route.target, RouteTarget::Peering(_)));
        }
    })
    .behind_nat();
    let shown = case(&without_routes, ORDERS);
    assert!(shown.proposals.iter().any(|one| one.id() == "peering-route" && one.recommended.is_some()));
    let step = shown.manual_step(&shown.diagnosis.causes[0]);
    assert!(
        step.contains("pcx-1 connects the VPCs: add a route in 2 route tables (rtb-private, rtb-main): "),
        "{step}"
    );
    assert!(!step.contains("create-vpc-peering-connection"), "{step}");
    let overlapping = without_peering.with(|network| {
        let vpc = network.vpcs.get_mut(&VpcId::from("vpc-2")).unwrap();
        vpc.cidrs.push("10.40.0.0/24".parse().unwrap());
    });
    let case = case(&overlapping, ORDERS);
    let step = case.manual_step(&case.diagnosis.causes[0]);
    assert!(
        step.ends_with("A peering connection is not possible: the ranges of the VPCs overlap."),
        "{step}"
    );
}

/// The range of the VPC stays right if the database gets another address.
#[test]
fn an_outbound_rule_for_a_database_by_name_is_for_its_vpc() {
    let network = with_orders(vec![tcp(5432, SOURCE)], |_| {}).egress_rules(vec![tcp(443, "0.0.0.0/0")]);
    let title = |host: &str| {
        let case = case(&network, host);
        let best = case.proposals.iter().find(|one| one.id() == "security-group-egress").unwrap();
        assert_eq!(best.fixes.len(), 1, "{host}");
        best.title.clone()
    };
    assert_eq!(
        title(ORDERS),
        "Allow outbound on the connector's security group sg-app: TCP 5432 to 10.40.0.0/16"
    );
    assert_eq!(
        title("10.40.16.7:5432"),
        "Allow outbound on the connector's security group sg-app: TCP 5432 to 10.40.16.7/32"
    );
}
