//! Names that have private addresses although no answer shows the addresses: no verdict about them comes from the addresses of the
//! internet, and each result names what decides it.

use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::diagnose::{FindingVerdict, public_sources};
use egress_doctor::evidence::{Query, destination, read_log};
use egress_doctor::model::*;
use egress_doctor::reach::Code;
use egress_doctor::remedy::Proposal;

use crate::support::network::{TestNetwork, tcp};

const LATTICE: &str = "orders-0f1.7d67968.vpc-lattice-svcs.us-west-2.on.aws";
const ATLAS: &str = "pl-0-us-west-2.ab1cd.mongodb.net";
const PRIVATE_SERVICE: &str = "k3webp2.us-west-2.awsapprunner.com";

fn open(network: &TestNetwork, query: &Query) -> Case {
    let workload = network.0.workloads.iter().next().unwrap().clone();
    Case::open(Arc::new(network.0.clone()), workload, query)
}

fn asked(network: &TestNetwork, host: &str) -> Case {
    open(network, &Query::for_destinations([destination(host).unwrap()]))
}

/// The verdict of a destination and its explanation.
fn answer(case: &Case) -> (FindingVerdict, &str) {
    let finding = case.diagnosis.findings.first().unwrap();
    (finding.verdict(), finding.explanation.as_str())
}

/// The interface endpoint of the test network as one for a service of a partner, without private DNS.
fn partner_endpoint(allowed: &str) -> TestNetwork {
    TestNetwork::new().behind_nat().interface_endpoint(allowed).with(|network| {
        let endpoint = network.endpoints.get_mut(&EndpointId::from("vpce-secrets")).unwrap();
        "com.amazonaws.vpce.us-west-2.vpce-svc-0a1b2c".clone_into(&mut endpoint.service);
        if let EndpointKind::Interface { private_dns, private_names, .. } = &mut endpoint.kind {
            *private_dns = false;
            private_names.clear();
        }
    })
}

/// A second service that is not publicly accessible.
fn private_service(network: TestNetwork) -> TestNetwork {
    let mut network = network;
    let workload = network.0.workloads.iter().next().unwrap().clone();
    network.0.workloads.insert(Workload {
        id: WorkloadId::from("arn:aws:apprunner:us-west-2:123456789012:service/web/0a1"),
        name: "web".to_owned(),
        ingress: Ingress::Private,
        url: Some(PRIVATE_SERVICE.to_owned()),
        egress: Egress::Default,
        ..workload
    });
    network
}

/// <https://docs.aws.amazon.com/vpc-lattice/latest/ug/security-groups.html>,
/// <https://www.mongodb.com/docs/atlas/reference/faq/connection-changes>,
/// <https://docs.snowflake.com/en/user-guide/admin-security-privatelink>,
/// <https://docs.confluent.io/cloud/current/networking/aws-platt.html>,
/// <https://docs.aws.amazon.com/apprunner/latest/dg/network-pl.html>
#[test]
fn a_private_name_is_unknown_behind_a_nat_gateway_and_names_what_decides_it() {
    let network = private_service(TestNetwork::new().behind_nat());
    let address = |host: &str, port: u16| {
        format!("ive its address with --to ADDRESS:{port}; dig +short {host} in the VPC shows the address.")
    };
    for (host, rule, step) in [
        (
            LATTICE,
            "a name of VPC Lattice, with link-local addresses (169.254.171.0/24), to which no NAT gateway forwards: it needs an \
             association of vpc-1 with a service network, which was not read",
            "See the service networks of the VPC with aws vpc-lattice list-service-network-vpc-associations --vpc-identifier vpc-1: \
             one of them must have the service. The security group of the association must allow inbound tcp 443 from the \
             connector, and the connector's security group outbound tcp 443 to the prefix list \
             com.amazonaws.us-west-2.vpc-lattice."
                .to_owned(),
        ),
        (
            "pl-0-us-west-2.ab1cd.mongodb.net:1024",
            "the name of a private endpoint of MongoDB Atlas (AWS PrivateLink); vpc-1 has no interface endpoint for a service of a \
             partner, and the address of the name was not read",
            format!(
                "Create the private endpoint (aws ec2 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id vpc-1 \
                 --service-name SERVICE, with the service that MongoDB Atlas shows), or use the public name of the host. If the \
                 private endpoint is in another VPC: g{}",
                address(ATLAS, 1024)
            ),
        ),
        (
            "acme-pri.ab1cd.mongodb.net:27017",
            "the name of a host in the peered VPC of MongoDB Atlas; the address of the name was not read",
            format!(
                "The VPC needs a peering connection with the VPC of MongoDB Atlas: aws ec2 describe-vpc-peering-connections shows \
                 it. G{}",
                address("acme-pri.ab1cd.mongodb.net", 27017)
            ),
        ),
        (
            "ab123.timestream-influxdb.us-west-2.on.aws:8086",
            "a database of Timestream for InfluxDB is in a VPC; its address was not read",
            format!(
                "aws timestream-influxdb list-db-instances and get-db-instance --identifier ID show its subnets, its security \
                 groups and whether it is publicly accessible. G{}",
                address("ab123.timestream-influxdb.us-west-2.on.aws", 8086)
            ),
        ),
        (
            PRIVATE_SERVICE,
            "the App Runner service web is not publicly accessible (IsPubliclyAccessible false), and vpc-1 has no interface \
             endpoint for apprunner.requests",
            "Create an interface endpoint for private services: aws ec2 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id \
             vpc-1 --service-name com.amazonaws.us-west-2.apprunner.requests --subnet-ids SUBNETS. See the VPC ingress connections \
             of the service: aws apprunner list-vpc-ingress-connections --filter \
             ServiceArn=arn:aws:apprunner:us-west-2:123456789012:service/web/0a1. Each has its own domain name, which the caller \
             must use. Without one: aws apprunner create-vpc-ingress-connection --service-arn \
             arn:aws:apprunner:us-west-2:123456789012:service/web/0a1 --vpc-ingress-connection-name NAME \
             --ingress-vpc-configuration VpcId=vpc-1,VpcEndpointId=ENDPOINT."
                .to_owned(),
        ),
    ] {
        let case = asked(&network, host);
        let name = destination(host).unwrap().host;
        assert_eq!(
            answer(&case),
            (
                FindingVerdict::Unknown,
                format!("It is unknown whether {name} is reachable: {rule}. {step}").as_str()
            ),
            "{host}"
        );
        assert_eq!(public_sources(&network.0, &case.diagnosis), [], "{host}");
    }
}

/// Public names of the same partners stay public.
#[test]
fn names_of_partners_and_their_private_endpoints_are_told_apart() {
    for (host, service) in [
        ("cluster0-pl-0.ab1cd.mongodb.net", Some("mongodb-atlas")),
        ("cluster0-pl-0-auylw.mongodb.net", Some("mongodb-atlas")),
        (ATLAS, Some("mongodb-atlas")),
        ("cluster0-shard-00-00-pri.auylw.mongodb.net", Some("mongodb-atlas-peering")),
        ("cluster0-shard-00-00.auylw.mongodb.net", None),
        ("apple-0.auylw.mongodb.net", None),
        ("acme-prod.privatelink.snowflakecomputing.com", Some("snowflake")),
        ("acme-prod.snowflakecomputing.com", None),
        ("lkc-abc-ap123.us-east-2.aws.accesspoint.glb.confluent.cloud", Some("confluent-cloud")),
        ("lkc-7y8z9-4ny6k.us-west-2.aws.glb.confluent.cloud", Some("confluent-cloud")),
        ("lkc-7y8z9.us-east-1.aws.private.confluent.cloud", Some("confluent-cloud")),
        ("pkc-abc12.us-east-1.aws.confluent.cloud", None),
        ("ab12cd34.us-west-2.vpce.aws.clickhouse.cloud", Some("clickhouse-cloud")),
        ("my.es.vpce.us-east-1.aws.elastic-cloud.com", Some("elastic-cloud")),
        ("adb-1.privatelink.cloud.databricks.com", Some("databricks")),
        ("internal-acme-1abc.aws-us-east-1.cockroachlabs.cloud", Some("cockroachdb-cloud")),
        ("redis-12000.internal.c1.us-east-1-1.ec2.redns.redis-cloud.com", Some("redis-cloud")),
        ("acme.us-east-1.privatelink.snowflake.app", Some("snowflake")),
        ("ab12cd34.us-west-2.aws.clickhouse.cloud", None),
        (LATTICE, Some("vpc-lattice")),
        ("snra-0a1.rcfg-0b2.4232ccc.vpc-lattice-rsc.us-west-2.on.aws", Some("vpc-lattice")),
        ("ab123.timestream-influxdb.us-west-2.on.aws", Some("timestream-influxdb")),
    ] {
        let found = destination(host).unwrap();
        let in_vpc = match &found.kind {
            DestinationKind::AwsVpc(aws) => aws.service.as_deref(),
            DestinationKind::ThirdParty { name } => {
                assert!(name.is_some(), "{host}");
                None
            }
            other => panic!("{host}: {other:?}"),
        };
        assert_eq!(in_vpc, service, "{host}");
    }
}

/// The endpoint of a partner can have the name. The verdict is blocked only if none of the VPC's endpoints allows the connection and
/// the name cannot be in another network.
#[test]
fn a_private_endpoint_of_a_partner_is_judged_by_the_endpoints_of_the_vpc() {
    let host = format!("{ATLAS}:1024");
    let allowed = partner_endpoint("10.40.0.0/16").with(|network| {
        let group = network.security_groups.get_mut(&SecurityGroupId::from("sg-endpoint")).unwrap();
        group.ingress = vec![tcp(1024, "10.40.0.0/16")];
    });
    let rule = "the name of a private endpoint of MongoDB Atlas (AWS PrivateLink), which vpce-secrets can be; the address of the \
                name was not read";
    assert_eq!(
        answer(&asked(&allowed, &host)),
        (
            FindingVerdict::Unknown,
            format!(
                "It is unknown whether {ATLAS} is reachable: {rule}. Give its address with --to ADDRESS:1024; dig +short {ATLAS} in \
                 the VPC shows the address. --to 10.40.0.9:1024 checks vpce-secrets."
            )
            .as_str()
        )
    );
    let blocked = partner_endpoint("10.40.0.0/16");
    let case = asked(&blocked, &host);
    let (verdict, explanation) = answer(&case);
    assert_eq!(verdict, FindingVerdict::Blocked, "{explanation}");
    let codes: Vec<Code> = case.diagnosis.causes.iter().map(|cause| cause.code).collect();
    assert_eq!(codes, [Code::EndpointSgRulesMismatch]);
    let fixes: Vec<String> =
        case.proposals.iter().filter(|one| !one.fixes.is_empty()).map(Proposal::id).collect();
    assert_eq!(fixes, Vec::<String>::new());
    let peered =
        blocked.route("rtb-private", "10.90.0.0/16", RouteTarget::Peering(ResourceId::from("pcx-1")));
    assert_eq!(answer(&asked(&peered, &host)).0, FindingVerdict::Unknown);
}

#[test]
fn the_address_in_the_log_decides_about_a_private_name() {
    let log = format!(
        "MongoServerSelectionError: connection timed out connecting to {ATLAS}:1024 (10.40.0.9:1024)"
    );
    let log = format!("{log}\njava.net.SocketTimeoutException: Failed to connect to {ATLAS}/10.40.0.9:1024");
    let query = Query::with_log(read_log(log.as_bytes()).unwrap().findings);
    let case = open(&partner_endpoint("10.40.0.0/16"), &query);
    let finding = case.diagnosis.findings.iter().find(|one| one.need.destination.host == ATLAS).unwrap();
    assert_eq!(finding.need.addresses, ["10.40.0.9".parse::<std::net::IpAddr>().unwrap()]);
    assert_eq!(finding.verdict(), FindingVerdict::Blocked);
}

#[test]
fn an_endpoint_for_private_services_is_judged_for_a_private_service() {
    let network =
        private_service(TestNetwork::new().behind_nat().interface_endpoint("192.0.2.0/24")).with(|network| {
            let endpoint = network.endpoints.get_mut(&EndpointId::from("vpce-secrets")).unwrap();
            "com.amazonaws.us-west-2.apprunner.requests".clone_into(&mut endpoint.service);
            if let EndpointKind::Interface { private_names, .. } = &mut endpoint.kind {
                private_names.clear();
            }
        });
    let case = asked(&network, PRIVATE_SERVICE);
    let codes: Vec<Code> = case.diagnosis.causes.iter().map(|cause| cause.code).collect();
    assert_eq!((answer(&case).0, codes), (FindingVerdict::Blocked, vec![Code::EndpointSgRulesMismatch]));
    // The public service keeps its public name.
    let public = network.0.workloads.iter().find_map(|one| one.url.clone().filter(|_| one.name != "web"));
    assert!(public.is_some_and(|url| url != PRIVATE_SERVICE));
}

/// The addresses of these names are private also outside the VPC.
#[test]
fn default_egress_does_not_reach_a_private_name() {
    let mut network = private_service(TestNetwork::new());
    network.0.workloads.iter_mut().for_each(|workload| workload.egress = Egress::Default);
    for host in [LATTICE, "pl-0-us-west-2.ab1cd.mongodb.net:1024", PRIVATE_SERVICE] {
        let case = asked(&network, host);
        let codes: Vec<Code> = case.diagnosis.causes.iter().map(|cause| cause.code).collect();
        assert_eq!((answer(&case).0, codes), (FindingVerdict::Blocked, vec![Code::EgressNotInVpc]), "{host}");
    }
    let database = asked(&network, "ab123.timestream-influxdb.us-west-2.on.aws:8086");
    assert_eq!(answer(&database).0, FindingVerdict::Unknown);
}
