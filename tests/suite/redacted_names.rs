//! `snapshot --redact`: no name of a customer remains in any field, and names that belong together stay together.

use crate::support::network::TestNetwork;
use egress_doctor::discover::redact;
use egress_doctor::evidence::destination;
use egress_doctor::model::*;
use egress_doctor::scenario::Scenario;

/// Hosts with names, ids, accounts and addresses of a customer.
const HOSTS: [&str; 28] = [
    "acme.my.salesforce.com",
    "acme-data.s3-website-us-west-2.amazonaws.com",
    "acme-data.s3.dualstack.us-west-2.amazonaws.com:443",
    "acme--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com",
    "acme-point-777766665555.s3-accesspoint.us-west-2.amazonaws.com",
    "777766665555.ddb.us-west-2.amazonaws.com",
    "777766665555.s3-control.us-west-2.amazonaws.com",
    "a1acme2b-ats.iot.us-west-2.amazonaws.com",
    "acme1234.execute-api.us-west-2.amazonaws.com",
    "acme.auth.us-west-2.amazoncognito.com",
    "dacme123.cloudfront.net",
    "acme123.lambda-url.us-west-2.on.aws",
    "acme.777766665555.us-west-2.redshift-serverless.amazonaws.com",
    "b-0acme-1.mq.us-west-2.amazonaws.com",
    "b-1.acme.c1acme.c2.kafka.us-west-2.amazonaws.com",
    "acme.proxy-c1acme2.us-west-2.rds.amazonaws.com",
    "acme.cluster-ro-c1acme2.us-west-2.rds.amazonaws.com",
    "clustercfg.acme-cache.abacme.usw2.cache.amazonaws.com",
    "acme-cache-001.abacme.0001.usw2.cache.amazonaws.com",
    "internal-acme-orders-777766665.us-west-2.elb.amazonaws.com",
    "vpc-acme-search-acmeacme.us-west-2.es.amazonaws.com",
    "vpce-0acce1-acmeacme.s3.us-west-2.vpce.amazonaws.com",
    "fs-0acce1.efs.us-west-2.amazonaws.com",
    "ip-10-213-77-9.us-west-2.compute.internal",
    "10.213.77.10:5432",
    "[fd00:acce::10]:5432",
    "db.corp.acme.example",
    "acmehost",
];

/// Every kind of id, name, address and text in a snapshot, each with a word of the customer.
fn of_a_customer() -> Snapshot {
    let scenario = Scenario::named("database-group").unwrap();
    let mut snapshot = Snapshot::from_json(scenario.snapshot).unwrap();
    let vpc = snapshot.network.vpcs.iter().next().unwrap().id.clone();
    let resource = |id: &str, kind: NamedResourceKind, host: &str, description: &str| NamedResource {
        id: arn(id),
        kind,
        name: "acme-orders".to_owned(),
        hosts: vec![ResourceHost { name: host.to_owned(), port: Some(5432), ..ResourceHost::default() }],
        engine: Some("postgres".to_owned()),
        state: Some("available".to_owned()),
        vpc: Some(vpc.clone()),
        subnets: Vec::new(),
        zone: None,
        standby: None,
        security_groups: Vec::new(),
        public: Some(false),
        requires_tls: None,
        descriptions: vec![description.to_owned()],
        dual_stack: None,
        secret: Some(arn("secretsmanager:us-west-2:777766665555:secret:rds!db-acme-AbCdEf")),
    };
    snapshot.network.named_resources = [
        resource(
            "rds:us-west-2:777766665555:db:acme-orders",
            NamedResourceKind::DbInstance,
            "acme-orders.c1acme2.us-west-2.rds.amazonaws.com",
            "RDSNetworkInterface",
        ),
        resource(
            "elasticloadbalancing:us-west-2:777766665555:loadbalancer/app/acme-orders/50dc6c495c0c9188",
            NamedResourceKind::LoadBalancer,
            "internal-acme-orders-777766665.us-west-2.elb.amazonaws.com",
            "ELB app/acme-orders/50dc6c495c0c9188",
        ),
    ]
    .into_iter()
    .collect();
    add_interfaces(&mut snapshot.network);
    add_connections(&mut snapshot, &vpc);
    add_settings(&mut snapshot);
    add_records(&mut snapshot);
    snapshot
}

fn arn(text: &str) -> ResourceId {
    ResourceId::new(format!("arn:aws:{text}"))
}

fn add_interfaces(network: &mut Network) {
    let interface = network.network_interfaces.iter().next().unwrap().clone();
    for (number, description) in [
        "ELB app/acme-orders/50dc6c495c0c9188",
        "ElastiCache acme-orders-001",
        "ES acme-search",
        "AWS Lambda VPC ENI-acme-orders-0a1b2c3d",
        "Amazon EKS acme-prod",
        "arn:aws:ecs:us-west-2:777766665555:attachment/acme-1",
        "Acme Corp primary interface of jane.doe@acme.example",
    ]
    .into_iter()
    .enumerate()
    {
        let new = NetworkInterface {
            id: NetworkInterfaceId::new(format!("eni-0acme{number}")),
            description: description.to_owned(),
            requester: Some("777766665555".to_owned()),
            instance: Some("i-0acme1".into()),
            ..interface.clone()
        };
        network.network_interfaces.insert(new);
    }
}

fn add_connections(snapshot: &mut Snapshot, vpc: &VpcId) {
    let place = Place { account: "666655554444".to_owned(), region: snapshot.region.clone() };
    snapshot.other_places = vec![place.clone()];
    snapshot.network.peering_connections = [PeeringConnection {
        id: "pcx-0acme1".into(),
        vpcs: [vpc.clone(), "vpc-0acme2".into()],
        places: [None, Some(place.clone())],
        resolves_names: [None, None],
        state: PeeringState::Active,
    }]
    .into_iter()
    .collect();
    snapshot.network.transit_attachments = [TransitAttachment {
        id: "tgw-attach-0acme1".into(),
        gateway: "tgw-0acme1".into(),
        gateway_owner: Some("555544443333".to_owned()),
        vpc: Some(vpc.clone()),
        owner: Some("444433332222".to_owned()),
        state: AttachmentState::Available,
        subnets: vec!["subnet-0acme9".into()],
        association: TransitAssociation::Table("tgw-rtb-0acme1".into()),
    }]
    .into_iter()
    .collect();
    let route = Route {
        destination: RouteDestination::Ipv4("10.213.77.0/24".parse().unwrap()),
        target: RouteTarget::Other("acme-appliance".into()),
        state: RouteState::Active,
        origin: RouteOrigin::Static,
    };
    snapshot.network.transit_route_tables =
        [TransitRouteTable { id: "tgw-rtb-0acme1".into(), routes: vec![route] }].into_iter().collect();
    snapshot.network.endpoint_services.push(EndpointService {
        name: "com.amazonaws.vpce.us-west-2.vpce-svc-0acme1".to_owned(),
        private_names: vec!["api.acme.example".to_owned()],
        ..snapshot.network.endpoint_services[0].clone()
    });
    snapshot.network.endpoints.insert(Endpoint {
        id: "vpce-0acme2".into(),
        vpc: vpc.clone(),
        service: "com.amazonaws.us-west-2.s3".to_owned(),
        state: EndpointState::Available,
        kind: EndpointKind::Gateway { route_tables: vec!["rtb-0acme1".into()] },
        policy: Some(EndpointPolicy::Buckets(vec!["acme-data".to_owned(), "acme.logs".to_owned()])),
        tags: [("Name".to_owned(), "acme-endpoint".to_owned())].into(),
    });
    let own = snapshot.network.vpcs.get_mut(vpc).unwrap();
    own.private_zones = Some(vec!["corp.acme.example".to_owned()]);
    own.resolver_rules = vec![ResolverRule {
        id: "rslvr-rr-0acme1".into(),
        domain: "acme.internal".to_owned(),
        forwards: true,
    }];
    own.dns.resolver = DhcpResolver::Custom(vec!["10.213.77.53".to_owned(), "ns1.acme.example".to_owned()]);
    own.tags = [("Name", "acme-vpc"), ("owner", "jane@acme.example")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
}

fn add_settings(snapshot: &mut Snapshot) {
    let mut workload = snapshot.workloads.iter().next().unwrap().clone();
    workload.url = Some("acmeacme12.us-west-2.awsapprunner.com".to_owned());
    workload.health_path = Some("/acme/health".to_owned());
    workload.tags = [("team".to_owned(), "acme-payments".to_owned())].into();
    workload.environment.role = Some("arn:aws:iam::777766665555:role/team/acme-role".to_owned());
    workload.environment.no_proxy = vec![".acme.example".to_owned(), "10.213.77.0/24".to_owned()];
    workload.environment.image_registry = Some("777766665555.dkr.ecr.us-west-2.amazonaws.com".to_owned());
    workload.environment.permits = Some(vec![Permit {
        action: "s3:GetObject".to_owned(),
        host: "acme-data.s3.us-west-2.amazonaws.com".to_owned(),
    }]);
    workload.environment.variables = HOSTS
        .into_iter()
        .enumerate()
        .map(|(number, host)| EnvironmentVariable {
            name: format!("ACME_{number}"),
            hosts: vec![host.to_owned()],
            resources: vec![arn(&format!(
                "kafka:us-west-2:777766665555:cluster/acme-events/0a1b2c3d-{number}"
            ))],
        })
        .collect();
    snapshot.workloads.insert(workload);
}

fn add_records(snapshot: &mut Snapshot) {
    let component = ResourceId::new("arn:aws:s3:::acme-data/acme/key");
    let by = |text: &str| RecordedChange {
        at: snapshot.taken_at,
        operation: "ReplaceRoute".to_owned(),
        by: Some(text.to_owned()),
    };
    let changes =
        ["role acme-deploy", "user Jane Acme Doe", "AWS service acme of nobody", "acme"].map(by).to_vec();
    snapshot.history = [ComponentHistory { component, read_at: snapshot.taken_at, changes, is_cut: false }]
        .into_iter()
        .collect();
    snapshot.calls = [
        (Call::GetRolePolicy, "acme-role inline-acme"),
        (Call::GetPolicy, "arn:aws:iam::777766665555:policy/team/acme-policy"),
        (Call::FilterLogEvents, "/aws/apprunner/acme/0123456789abcdef0123456789abcdef/application"),
        (Call::DescribeService, "acme-api"),
        (Call::LookupEvents, "acme-table"),
        (Call::GetCallerIdentity, "profile acme-prod, us-west-2"),
        (Call::DescribeVpcs, "vpc-0acme2 in account 666655554444 (us-west-2)"),
    ]
    .map(|(call, scope)| CallRecord {
        call,
        scope: scope.to_owned(),
        sent_at: snapshot.taken_at,
        milliseconds: 1,
        items: 0,
        pages: 0,
        failure: Some(CallFailure {
            kind: GapKind::Failed,
            message: "ValidationError: acme of arn:aws:iam::777766665555:user/acme".to_owned(),
        }),
    })
    .to_vec();
}

/// No word of the customer remains, and each host is the same kind of host.
#[test]
fn nothing_of_a_customer_remains_in_any_kind_of_text() {
    let snapshot = of_a_customer();
    let original = snapshot.to_json().unwrap();
    let (redacted, _) = redact(&snapshot);
    let text = redacted.to_json().unwrap();
    let words = [
        "acme", "Acme", "ACME", "jane", "Jane", "0acce", "acce::", "7777666", "6666555", "5555444",
        "4444333", "10.213.", "10-213-",
    ];
    for word in words {
        assert!(original.contains(word), "{word} is not in the original");
        let at = text.find(word);
        assert_eq!(at.map(|at| &text[at.saturating_sub(80)..at + 40]), None, "{word} remains");
    }
    let kinds = |snapshot: &Snapshot| {
        let variables = snapshot.workloads.iter().flat_map(|workload| &workload.environment.variables);
        let hosts = variables.flat_map(|variable| &variable.hosts);
        hosts
            .map(|host| {
                (destination(host).unwrap().kind.word(), is_never_public(host.split(':').next().unwrap()))
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds(&redacted), kinds(&snapshot));
}

/// A host name means the network interface whose description has the same name. The verdicts need it where no other answer names the
/// resource.
#[test]
fn the_names_in_hosts_and_descriptions_stay_the_same_names() {
    for (host, description) in [
        (
            "internal-acme-orders-1234567890.us-west-2.elb.amazonaws.com",
            "ELB app/Acme-Orders/50dc6c495c0c9188",
        ),
        ("acme-orders-50dc6c495c0c9188.elb.us-west-2.amazonaws.com", "ELB net/acme-orders/50dc6c495c0c9188"),
        ("clustercfg.acme-orders.abc123.usw2.cache.amazonaws.com", "ElastiCache acme-orders-0001-001"),
        ("acme-orders-002.abc123.0001.usw2.cache.amazonaws.com", "ElastiCache acme-orders-002"),
        ("vpc-acme-orders-abcdef.us-west-2.es.amazonaws.com", "ES acme-orders"),
        ("fs-0acce1.efs.us-west-2.amazonaws.com", "EFS mount target for fs-0acce1 (fsmt-0acce1)"),
    ] {
        let allowed = SecurityGroupRule {
            protocol: Protocol::All,
            ports: PortRange::ALL,
            peer: Peer::Group("sg-app".into()),
        };
        let network = TestNetwork::new().database(vec![allowed]).with(|network| {
            network.network_interfaces.iter_mut().next().unwrap().description = description.to_owned();
        });
        let (redacted, mut redaction) = redact(&network.0);
        let verdicts = |network: &TestNetwork, host: &str| {
            let answer = network.ask(host);
            answer.lines().filter_map(|line| line.split_once(" reachable by ")).count()
        };
        assert_eq!(verdicts(&network, host), 3, "{}", network.ask(host));
        let (redacted, new) = (TestNetwork(redacted), redaction.host(host));
        assert_eq!(verdicts(&redacted, &new), 3, "{host} {new} {}", redacted.ask(&new));
    }
}
