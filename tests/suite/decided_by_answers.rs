//! Names whose answer the data decides: members of clusters, brokers, caches without network interfaces, other VPCs, and DNS servers.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::discover::load_aws_json;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::*;
use serde_json::{Value, json};

use crate::support::network::{OKTA, S3, SECRETS, TestNetwork, nat, tcp};

const SOURCE: &str = "10.40.0.0/16";
const ORDERS: &str = "orders.abc123.us-west-2.rds.amazonaws.com";

fn case(network: &TestNetwork, host: &str) -> Case {
    let workload = network.0.workloads.iter().next().unwrap().clone();
    let wanted = destination(host).unwrap();
    Case::open(Arc::new(network.0.clone()), workload, &Query::for_destinations([wanted]))
}

/// The verdict, and the codes of the causes.
fn verdict(network: &TestNetwork, host: &str) -> (&'static str, Vec<&'static str>) {
    let case = case(network, host);
    let codes = case.diagnosis.causes.iter().map(|cause| cause.code.word()).collect();
    (case.diagnosis.findings[0].verdict().word(), codes)
}

fn step(network: &TestNetwork, host: &str) -> String {
    let case = case(network, host);
    case.manual_step(&case.diagnosis.causes[0])
}

/// A resource in vpc-1 with the security group `sg-db`.
fn resource(kind: NamedResourceKind, hosts: Vec<ResourceHost>) -> NamedResource {
    NamedResource {
        id: ResourceId::from("arn:aws:rds:us-west-2:123456789012:x:orders"),
        kind,
        name: "orders".to_owned(),
        hosts,
        engine: None,
        state: Some("available".to_owned()),
        vpc: Some(VpcId::from("vpc-1")),
        subnets: vec![SubnetId::from("subnet-a"), SubnetId::from("subnet-b")],
        zone: None,
        standby: None,
        security_groups: vec![SecurityGroupId::from("sg-db")],
        public: Some(false),
        requires_tls: None,
        descriptions: Vec::new(),
        secret: None,
        dual_stack: None,
    }
}

fn host(name: &str) -> ResourceHost {
    ResourceHost { name: name.to_owned(), ..ResourceHost::default() }
}

/// The database network with a second network interface `eni-db2` in subnet a, whose security group allows nothing.
fn two_interfaces(descriptions: [&str; 2]) -> TestNetwork {
    TestNetwork::new().database(vec![tcp(5432, SOURCE)]).with(|network| {
        let first = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
        descriptions[0].clone_into(&mut first.description);
        let first = first.clone();
        network.network_interfaces.insert(NetworkInterface {
            id: NetworkInterfaceId::from("eni-db2"),
            subnet: SubnetId::from("subnet-a"),
            addresses: vec!["10.40.0.77".parse().unwrap()],
            description: descriptions[1].to_owned(),
            ..first
        });
        let acl = network.network_acls.get(&NetworkAclId::from("acl-1")).unwrap().clone();
        network.network_acls.insert(NetworkAcl {
            id: NetworkAclId::from("acl-2"),
            subnets: vec![SubnetId::from("subnet-a")],
            inbound: Vec::new(),
            default: false,
            ..acl
        });
        let old = network.network_acls.get_mut(&NetworkAclId::from("acl-1")).unwrap();
        old.subnets.retain(|subnet| subnet.as_str() != "subnet-a");
        let connectors = network.connectors.iter_mut();
        connectors.for_each(|connector| connector.subnets.retain(|subnet| subnet.as_str() == "subnet-c"));
    })
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Endpoints.Reader.html>
#[test]
fn the_endpoint_of_a_cluster_means_its_writer_and_the_reader_endpoint_the_others() {
    let (writer, reader) = (
        "orders.cluster-abc.us-west-2.rds.amazonaws.com",
        "orders.cluster-ro-abc.us-west-2.rds.amazonaws.com",
    );
    let named = |name: &str, zone: &str| ResourceHost { zones: vec![zone.into()], ..host(name) };
    let network = two_interfaces(["RDSNetworkInterface"; 2]).with(|network| {
        let hosts = vec![named(writer, "us-west-2b"), named(reader, "us-west-2a")];
        network.named_resources.insert(resource(NamedResourceKind::DbCluster, hosts));
    });
    assert_eq!(verdict(&network, &format!("{writer}:5432")), ("reachable", vec![]));
    assert_eq!(verdict(&network, &format!("{reader}:5432")), ("blocked", vec!["SUBNET_ACL_RESTRICTION"]));
    let trace = network.trace("c", &format!("{writer}:5432"));
    assert!(
        trace.contains("the name of orders (DB cluster), at present: network interface eni-db (10.40.16.7)"),
        "{trace}"
    );
    // A custom endpoint can mean each instance.
    let custom = two_interfaces(["RDSNetworkInterface"; 2]).with(|network| {
        network.named_resources.insert(resource(NamedResourceKind::DbCluster, vec![host(writer)]));
    });
    assert_eq!(verdict(&custom, &format!("{writer}:5432")), ("unknown", vec![]));
}

/// <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Endpoints.html>
#[test]
fn the_primary_endpoint_means_the_primary_node_and_the_reader_endpoint_the_replicas() {
    let (primary, replica) =
        ("master.orders.x.usw2.cache.amazonaws.com", "replica.orders.x.usw2.cache.amazonaws.com");
    let named = |name: &str, node: &str| ResourceHost { descriptions: vec![node.to_owned()], ..host(name) };
    let network = two_interfaces(["ElastiCache orders-001", "ElastiCache orders-002"]).with(|network| {
        let hosts = vec![named(primary, "ElastiCache orders-001"), named(replica, "ElastiCache orders-002")];
        network.named_resources.insert(NamedResource {
            descriptions: vec!["ElastiCache orders-001".to_owned(), "ElastiCache orders-002".to_owned()],
            ..resource(NamedResourceKind::ReplicationGroup, hosts)
        });
    });
    assert_eq!(verdict(&network, &format!("{primary}:5432")), ("reachable", vec![]));
    assert_eq!(verdict(&network, &format!("{replica}:5432")), ("blocked", vec!["SUBNET_ACL_RESTRICTION"]));
}

#[test]
fn the_roles_of_members_and_the_families_of_names_are_read_from_the_output_of_the_cli() {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/aws-cli");
    for file in fs::read_dir(fixtures).unwrap().map(|entry| entry.unwrap().path()) {
        fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    let write = |name: &str, value: Value| {
        fs::write(folder.path().join(format!("{name}.json")), value.to_string()).unwrap();
    };
    let instance = |name: &str, zone: &str| json!({ "DBInstanceIdentifier": name, "AvailabilityZone": zone, "NetworkType": "DUAL" });
    write(
        "describe-db-instances",
        json!({ "DBInstances": [instance("o-1", "us-west-2a"), instance("o-2", "us-west-2b")] }),
    );
    write(
        "describe-db-clusters",
        json!({ "DBClusters": [{
            "DBClusterIdentifier": "o", "Endpoint": "w.example", "ReaderEndpoint": "r.example", "NetworkType": "IPV4",
            "DBClusterMembers": [
                { "DBInstanceIdentifier": "o-1", "IsClusterWriter": false },
                { "DBInstanceIdentifier": "o-2", "IsClusterWriter": true },
            ],
        }] }),
    );
    write(
        "describe-replication-groups",
        json!({ "ReplicationGroups": [{ "ReplicationGroupId": "c", "NodeGroups": [{
            "PrimaryEndpoint": { "Address": "p.example", "Port": 6379 },
            "ReaderEndpoint": { "Address": "q.example", "Port": 6379 },
            "NodeGroupMembers": [
                { "CacheClusterId": "c-001", "CurrentRole": "primary" },
                { "CacheClusterId": "c-002", "CurrentRole": "replica" },
            ],
        }] }] }),
    );
    let side = |vpc: &str, resolves: bool| json!({ "VpcId": vpc, "PeeringOptions": { "AllowDnsResolutionFromRemoteVpc": resolves } });
    write(
        "describe-vpc-peering-connections",
        json!({ "VpcPeeringConnections": [{
            "VpcPeeringConnectionId": "pcx-1", "Status": { "Code": "active" },
            "RequesterVpcInfo": side("vpc-a", false), "AccepterVpcInfo": side("vpc-b", true),
        }] }),
    );
    let network = load_aws_json(folder.path(), None).unwrap().network;
    let resources = || network.named_resources.iter();
    let hosts: BTreeMap<&str, String> = resources()
        .flat_map(|one| &one.hosts)
        .map(|one| (one.name.as_str(), format!("{:?} {:?}", one.zones, one.descriptions)))
        .collect();
    assert_eq!(
        hosts.into_iter().map(|(name, of)| format!("{name} {of}")).collect::<Vec<_>>(),
        [
            r#"p.example [] ["ElastiCache c-001"]"#,
            r#"q.example [] ["ElastiCache c-002"]"#,
            r#"r.example [AvailabilityZone("us-west-2a")] []"#,
            r#"w.example [AvailabilityZone("us-west-2b")] []"#,
        ]
    );
    let families: Vec<_> = resources().map(|one| (one.name.as_str(), one.dual_stack)).collect();
    assert_eq!(families, [("o", Some(false)), ("o-1", Some(true)), ("o-2", Some(true)), ("c", None)]);
    let peering = network.peering_connections.iter().next().unwrap();
    let resolves = ["vpc-a", "vpc-b", "vpc-c"].map(|vpc| peering.resolves_names_of(&VpcId::from(vpc)));
    assert_eq!(resolves, [Some(false), Some(true), None]);
}

/// The descriptions that AWS gives to the network interfaces of Amazon MSK and Amazon MQ.
#[test]
fn brokers_are_recognized_by_the_descriptions_of_their_network_interfaces() {
    let described = |text: &str| {
        TestNetwork::new().database(vec![tcp(9092, SOURCE)]).with(|network| {
            let own = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
            text.clone_into(&mut own.description);
        })
    };
    let msk = described(
        "DO NOT DELETE - Amazon MSK network interface for cluster arn:aws:kafka:us-west-2:123456789012:cluster/Orders/abc-2",
    );
    let broker = |name: &str, port: u16| format!("b-1.{name}.a1b2c3.c2.kafka.us-west-2.amazonaws.com:{port}");
    assert_eq!(verdict(&msk, &broker("orders", 9092)), ("reachable", vec![]));
    assert_eq!(verdict(&msk, &broker("orders", 9098)), ("blocked", vec!["TARGET_SG_RULES_MISMATCH"]));
    assert_eq!(verdict(&msk, &broker("carts", 9098)), ("unknown", vec![]));
    let mq = described("Amazon MQ network interface for broker b-1234a5b6-78cd");
    let broker = |id: &str, port: u16| format!("{id}.mq.us-west-2.amazonaws.com:{port}");
    assert_eq!(verdict(&mq, &broker("b-1234a5b6-78cd-1", 9092)), ("reachable", vec![]));
    assert_eq!(verdict(&mq, &broker("b-1234a5b6-78cd", 5671)), ("blocked", vec!["TARGET_SG_RULES_MISMATCH"]));
    assert_eq!(verdict(&mq, &broker("b-9999a5b6-78cd", 5671)), ("unknown", vec![]));
}

/// <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ServerlessCache.html>
#[test]
fn the_security_groups_of_a_cache_without_known_network_interfaces_decide() {
    const CACHE: &str = "orders-x.serverless.usw2.cache.amazonaws.com";
    let cache = || {
        TestNetwork::new().database(vec![tcp(6379, SOURCE)]).with(|network| {
            let own = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
            own.security_groups.clear();
            network.named_resources.insert(resource(NamedResourceKind::ServerlessCache, vec![host(CACHE)]));
        })
    };
    assert_eq!(verdict(&cache(), &format!("{CACHE}:6379")), ("reachable", vec![]));
    let closed = case(&cache(), &format!("{CACHE}:6380"));
    let cause = &closed.diagnosis.causes[0];
    assert_eq!(
        cause.explanation,
        "Security group sg-db of orders (serverless cache) has no inbound rule for tcp 6380 from the connector's subnets \
         (10.40.0.0/20, 10.40.16.0/20, 10.40.32.0/20). This blocks orders-x.serverless.usw2.cache.amazonaws.com:6380 from all 3 \
         subnets. The packets are dropped: the client gets no error until its connect timeout."
    );
    let first = &closed.proposals[0];
    assert_eq!((first.id().as_str(), first.fixes.len()), ("destination-ingress", 1));
    assert_eq!(
        closed.manual_step(cause),
        "Allow the connection: aws ec2 authorize-security-group-ingress --group-id sg-db --protocol tcp --port 6380 --source-group \
         sg-app."
    );
    // An outbound rule for the security group of the cache allows its addresses, which are not known.
    let group =
        || SecurityGroupRule { peer: Peer::Group(SecurityGroupId::from("sg-db")), ..tcp(6379, SOURCE) };
    assert_eq!(
        verdict(&cache().egress_rules(vec![group()]), &format!("{CACHE}:6379")),
        ("reachable", vec![])
    );
    let other = cache().egress_rules(vec![tcp(443, SOURCE)]);
    assert_eq!(verdict(&other, &format!("{CACHE}:6379")), ("blocked", vec!["ENI_SG_RULES_MISMATCH"]));
    // Without its security groups nothing decides.
    let unread = cache().with(|network| {
        network.named_resources.iter_mut().for_each(|one| one.security_groups.clear());
    });
    assert_eq!(verdict(&unread, &format!("{CACHE}:6379")).0, "unknown");
}

/// A publicly accessible database in the peer VPC.
fn public_in_peer(resolves: [Option<bool>; 2]) -> TestNetwork {
    TestNetwork::peered(vec![tcp(5432, SOURCE)]).behind_nat().with(|network| {
        network.peering_connections.iter_mut().for_each(|peering| peering.resolves_names = resolves);
        let own = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
        own.public_address = true;
        own.public_addresses = vec!["54.212.10.20".parse().unwrap()];
        network
            .nat_gateways
            .iter_mut()
            .for_each(|nat| nat.public_addresses = vec!["44.1.2.3".parse().unwrap()]);
        let route = Route {
            destination: RouteDestination::Ipv4("0.0.0.0/0".parse().unwrap()),
            target: RouteTarget::InternetGateway(InternetGatewayId::from("igw-2")),
            state: RouteState::Active,
            origin: RouteOrigin::Static,
        };
        network.route_tables.get_mut(&RouteTableId::from("rtb-peer")).unwrap().routes.push(route);
        network.named_resources.insert(NamedResource {
            vpc: Some(VpcId::from("vpc-2")),
            subnets: vec![SubnetId::from("subnet-peer")],
            public: Some(true),
            ..resource(NamedResourceKind::DbInstance, vec![host(ORDERS)])
        });
    })
}

/// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html>
#[test]
fn the_dns_option_of_a_peering_connection_decides_which_address_a_public_name_has() {
    let target = format!("{ORDERS}:5432");
    assert_eq!(verdict(&public_in_peer([None, Some(true)]), &target), ("reachable", vec![]));
    let closed = public_in_peer([Some(true), Some(false)]);
    assert_eq!(verdict(&closed, &target), ("blocked", vec!["TARGET_SG_PUBLIC_ADDRESS_MISMATCH"]));
    let step = step(&closed, &target);
    assert!(
        step.contains(
            "Or let its name resolve to the private address over pcx-1 (no charge): aws ec2 modify-vpc-peering-connection-options \
             --vpc-peering-connection-id pcx-1 --accepter-peering-connection-options AllowDnsResolutionFromRemoteVpc=true."
        ),
        "{step}"
    );
    assert_eq!(verdict(&public_in_peer([None, None]), &target).0, "unknown");
    // Without DNS host names the option has no effect.
    let off = public_in_peer([None, Some(true)]).vpc(|vpc| vpc.dns.hostnames = Some(false));
    assert_eq!(verdict(&off, &target).0, "blocked");
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html#USER_VPC.IP_addressing>
#[test]
fn a_dual_stack_database_has_addresses_of_both_families() {
    let database = |dual_stack| {
        let network = ["rtb-private", "rtb-main"]
            .into_iter()
            .fold(TestNetwork::new().dual_stack(), |network, table| {
                network.route(table, "2600:1f13:0:100::/56", RouteTarget::Local)
            });
        network.database(vec![tcp(5432, "::/0")]).with(|network| {
            let own = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
            let range = network.subnets.get(&SubnetId::from("subnet-b")).unwrap().ipv6_cidrs[0];
            own.addresses.push(range.hosts().nth(7).unwrap().into());
            let named = resource(NamedResourceKind::DbInstance, vec![host(ORDERS)]);
            network.named_resources.insert(NamedResource { dual_stack, ..named });
        })
    };
    let target = format!("{ORDERS}:5432");
    assert_eq!(verdict(&database(Some(true)), &target), ("intermittent", vec!["TARGET_SG_RULES_MISMATCH"]));
    assert_eq!(verdict(&database(Some(false)), &target), ("blocked", vec!["TARGET_SG_RULES_MISMATCH"]));
    assert_eq!(verdict(&database(None), &target).0, "unknown");
}

/// A database in vpc-9, which was not read.
fn in_other_vpc(public: bool) -> TestNetwork {
    TestNetwork::new().behind_nat().with(|network| {
        network.named_resources.insert(NamedResource {
            vpc: Some(VpcId::from("vpc-9")),
            subnets: vec![SubnetId::from("subnet-9")],
            public: Some(public),
            ..resource(NamedResourceKind::DbInstance, vec![host(ORDERS)])
        });
    })
}

#[test]
fn a_database_in_another_vpc_without_a_connection_is_blocked() {
    let target = format!("{ORDERS}:5432");
    let network = in_other_vpc(false);
    let opened = case(&network, &target);
    let cause = &opened.diagnosis.causes[0];
    assert_eq!(
        (cause.code.word(), cause.explanation.as_str()),
        (
            "EGRESS_TARGET_IN_OTHER_VPC",
            "The host is in vpc-9, and vpc-1 has no VPC peering connection, transit gateway or other route to another network. This \
             blocks orders.abc123.us-west-2.rds.amazonaws.com:5432 from all 3 subnets. The client gets no error until its connect \
             timeout."
        )
    );
    assert_eq!(
        opened.manual_step(cause),
        "Connect the VPCs: aws ec2 create-vpc-peering-connection --vpc-id vpc-1 --peer-vpc-id vpc-9, then aws ec2 \
         accept-vpc-peering-connection --vpc-peering-connection-id PCX. Add a route in 2 route tables (rtb-private, rtb-main), for the \
         range of vpc-9: aws ec2 create-route --route-table-id TABLE --destination-cidr-block RANGE --vpc-peering-connection-id PCX, and \
         a route back in the route table of the destination's subnet. Its security group must allow the connector. Or use a connector \
         with subnets of vpc-9 (aws apprunner create-vpc-connector, update-service); all destinations of the service then use that VPC."
    );
    // A public address is reachable over the internet, and through a route to another network.
    assert_eq!(verdict(&in_other_vpc(true), &target).0, "unknown");
    let connected = in_other_vpc(false).route("rtb-main", "10.90.0.0/16", RouteTarget::Other("tgw-1".into()));
    assert_eq!(verdict(&connected, &target).0, "unknown");
}

/// <https://docs.aws.amazon.com/vpc/latest/peering/invalid-peering-configurations.html>
#[test]
fn packets_to_a_vpc_with_the_same_range_stay_in_the_own_vpc() {
    let network = TestNetwork::peered(vec![tcp(5432, SOURCE)]).with(|network| {
        let peer = network.vpcs.get_mut(&VpcId::from("vpc-2")).unwrap();
        peer.cidrs = vec![SOURCE.parse().unwrap()];
        let own = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
        own.addresses = vec!["10.40.16.99".parse().unwrap()];
        network.named_resources.insert(NamedResource {
            vpc: Some(VpcId::from("vpc-2")),
            subnets: vec![SubnetId::from("subnet-peer")],
            ..resource(NamedResourceKind::DbInstance, vec![host(ORDERS)])
        });
    });
    let target = format!("{ORDERS}:5432");
    assert_eq!(verdict(&network, &target), ("blocked", vec!["EGRESS_TARGET_IN_OTHER_VPC"]));
    let step = step(&network, &target);
    assert!(
        step.starts_with("Use a connector with subnets of vpc-2")
            && step.contains("A peering connection is not possible: the ranges of the VPCs overlap."),
        "{step}"
    );
}

fn custom_dns(network: TestNetwork, server: &str) -> TestNetwork {
    network.vpc(|vpc| vpc.dns.resolver = DhcpResolver::Custom(vec![server.to_owned()]))
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>
#[test]
fn the_security_group_of_a_dns_server_and_the_route_to_it_decide_about_names() {
    let udp = || SecurityGroupRule { protocol: Protocol::Udp, ..tcp(53, SOURCE) };
    let inside = |rule| custom_dns(TestNetwork::new().behind_nat().database(vec![rule]), "10.40.16.7");
    assert_eq!(verdict(&inside(udp()), OKTA).0, "unknown");
    let closed = inside(tcp(53, SOURCE));
    let opened = case(&closed, OKTA);
    let cause = &opened.diagnosis.causes[0];
    assert_eq!(
        (cause.code.word(), cause.explanation.as_str()),
        (
            "EGRESS_DNS_SERVERS_UNREACHABLE",
            "sg-db of eni-db, the DNS server 10.40.16.7 of the VPC's DHCP options, has no inbound rule for udp 53 from the connector. \
             This blocks Okta from all 3 subnets. The DNS servers do not get the queries: each lookup fails after the timeouts of the \
             resolver, often 5 to 30 seconds."
        )
    );
    assert_eq!(
        opened.manual_step(cause),
        "Allow the queries on the DNS server: aws ec2 authorize-security-group-ingress --group-id sg-db --ip-permissions \
         'IpProtocol=udp,FromPort=53,ToPort=53,UserIdGroupPairs=[{GroupId=sg-app}]' \
         'IpProtocol=tcp,FromPort=53,ToPort=53,UserIdGroupPairs=[{GroupId=sg-app}]'. Or use the Amazon DNS server: aws ec2 \
         create-dhcp-options --dhcp-configurations Key=domain-name-servers,Values=AmazonProvidedDNS, then aws ec2 \
         associate-dhcp-options --vpc-id vpc-1 --dhcp-options-id OPTIONS."
    );
    // A private address has no path through a NAT gateway; a public one has.
    let far = custom_dns(TestNetwork::new().behind_nat(), "192.168.1.53");
    assert_eq!(verdict(&far, OKTA), ("blocked", vec!["EGRESS_DNS_SERVERS_UNREACHABLE"]));
    assert_eq!(verdict(&custom_dns(TestNetwork::new().behind_nat(), "8.8.8.8"), OKTA).0, "unknown");
    let routed = TestNetwork::new().behind_nat();
    let routed = ["rtb-private", "rtb-main"].into_iter().fold(routed, |network, table| {
        network.route(table, "192.168.0.0/16", RouteTarget::Other("vgw-1".into()))
    });
    assert_eq!(verdict(&custom_dns(routed, "192.168.1.53"), OKTA).0, "unknown");
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-networking.html>
#[test]
fn the_gateway_endpoint_of_s3_carries_no_other_kind_of_bucket() {
    let network = TestNetwork::new().gateway_endpoint(&["rtb-private", "rtb-main"]);
    assert_eq!(verdict(&network, S3).0, "reachable");
    for name in [
        "orders--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com",
        "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com",
    ] {
        let (verdict, codes) = verdict(&network, name);
        assert_eq!((verdict, codes[0]), ("blocked", "NO_ROUTE_TO_DESTINATION"), "{name}");
    }
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html>
#[test]
fn an_endpoint_that_is_not_available_is_named_with_its_state() {
    let network = |state: EndpointState| {
        let network = TestNetwork::new().interface_endpoint(SOURCE);
        network.with(|network| network.endpoints.iter_mut().for_each(|one| one.state = state.clone()))
    };
    let failed = network(EndpointState::Failed);
    let opened = case(&failed, SECRETS);
    let cause = opened.diagnosis.causes.iter().find(|cause| cause.code.word() == "NO_ROUTE_TO_DESTINATION");
    let text = &cause.unwrap().explanation;
    assert!(
        text.contains(
            "Interface endpoint vpce-secrets (failed) is not available, so the name has public addresses."
        ),
        "{text}"
    );
    let step = opened.manual_step(cause.unwrap());
    assert!(
        step.starts_with(
            "The endpoint is failed: delete it (aws ec2 delete-vpc-endpoints --vpc-endpoint-ids vpce-secrets) and create it again: aws \
             ec2 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id vpc-1 --service-name com.amazonaws.us-west-2.secretsmanager"
        ),
        "{step}"
    );
    let waiting = step_of_pending(&network(EndpointState::PendingAcceptance));
    assert!(
        waiting.starts_with(
            "The owner of the service must accept the endpoint: aws ec2 accept-vpc-endpoint-connections"
        ),
        "{waiting}"
    );
}

fn step_of_pending(network: &TestNetwork) -> String {
    step(network, SECRETS)
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html>
#[test]
fn block_public_access_applies_through_a_firewall_too() {
    let firewall = |mode: BlockPublicAccess| {
        let target = RouteTarget::Endpoint(EndpointId::from("vpce-fw"));
        TestNetwork::new().default_route(&target).with(|network| {
            network.endpoints.insert(Endpoint {
                id: EndpointId::from("vpce-fw"),
                vpc: VpcId::from("vpc-1"),
                service: "com.amazonaws.vpce.us-west-2.vpce-svc-1".to_owned(),
                state: EndpointState::Available,
                kind: EndpointKind::Other("GatewayLoadBalancer".to_owned()),
                policy: None,
                tags: BTreeMap::from([
                    ("AWSNetworkFirewallManaged".to_owned(), "true".to_owned()),
                    ("Firewall".to_owned(), "arn:aws:network-firewall:us-west-2:1:firewall/edge".to_owned()),
                ]),
            });
            network.subnets.iter_mut().for_each(|subnet| subnet.block_public_access = mode.clone());
        })
    };
    let open = case(&firewall(BlockPublicAccess::Off), OKTA);
    let finding = &open.diagnosis.findings[0];
    assert_eq!(finding.verdict().word(), "unknown");
    assert!(
        finding.explanation.contains(
            "vpce-fw is an endpoint of AWS Network Firewall (arn:aws:network-firewall:us-west-2:1:firewall/edge); unknown whether its \
             rules allow the packets"
        ),
        "{}",
        finding.explanation
    );
    let closed = case(&firewall(BlockPublicAccess::BlockBidirectional), OKTA);
    let causes: Vec<&str> = closed.diagnosis.causes.iter().map(|cause| cause.explanation.as_str()).collect();
    assert_eq!(causes.len(), 3);
    assert_eq!(
        causes[0],
        "VPC Block Public Access blocks all internet traffic of subnet-a. This blocks Okta from 1 of 3 subnets. The packets are \
         dropped: the client gets no error until its connect timeout."
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html>
#[test]
fn without_a_blackhole_for_a_part_the_wider_route_applies() {
    let dead = |destination: &str| {
        let network = TestNetwork::new().behind_nat();
        let target = RouteTarget::Peering("pcx-9".into());
        ["rtb-private", "rtb-main"]
            .into_iter()
            .fold(network, |network, table| network.route(table, destination, target.clone()))
            .with(|network| {
                let routes = network.route_tables.iter_mut().flat_map(|table| &mut table.routes);
                routes
                    .filter(|route| route.target == target)
                    .for_each(|route| route.state = RouteState::Blackhole);
            })
    };
    assert_eq!(
        step(&dead("54.187.0.0/16"), "54.187.1.1:443"),
        "Delete the route: aws ec2 delete-route --route-table-id rtb-main --destination-cidr-block 54.187.0.0/16. Then the route \
         0.0.0.0/0 -> nat-1 applies."
    );
    // A NAT gateway leads to no private address.
    let private = step(&dead("10.77.0.0/16"), "10.77.1.1:443");
    assert!(private.starts_with("Create the peering connection again"), "{private}");
    assert_eq!(nat().to_string(), "nat-1");
}

/// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html>
#[test]
fn a_security_group_of_another_region_allows_nothing() {
    let group = SecurityGroupRule { peer: Peer::Group(SecurityGroupId::from("sg-app")), ..tcp(5432, SOURCE) };
    let in_regions = |regions: [&str; 2]| {
        let place = |region: &str| Some(Place { account: "123456789012".to_owned(), region: region.into() });
        TestNetwork::peered(vec![group.clone()]).with(|network| {
            let places = regions.map(place);
            network.peering_connections.iter_mut().for_each(|peering| peering.places = places.clone());
        })
    };
    let target = "10.90.1.20:5432";
    assert_eq!(verdict(&in_regions(["us-west-2", "us-west-2"]), target), ("reachable", vec![]));
    assert_eq!(
        verdict(&in_regions(["us-west-2", "us-east-1"]), target),
        ("blocked", vec!["TARGET_SG_RULES_MISMATCH"])
    );
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html>: after a failover the name has the address
/// of the standby instance.
#[test]
fn a_closed_subnet_of_the_standby_instance_is_a_warning() {
    const NAME: &str = "orders.abcdefghijkl.us-west-2.rds.amazonaws.com";
    let network = |standby: Option<&'static str>, denied: &'static str| {
        two_interfaces(["RDSNetworkInterface", "other"]).with(|network| {
            network
                .network_acls
                .get_mut(&NetworkAclId::from("acl-1"))
                .unwrap()
                .subnets
                .retain(|id| id.as_str() != denied);
            let acl = network.network_acls.get(&NetworkAclId::from("acl-1")).unwrap().clone();
            let subnets = vec![SubnetId::from(denied)];
            let id = NetworkAclId::from("acl-3");
            network.network_acls.iter_mut().for_each(|acl| acl.subnets.retain(|id| id.as_str() != denied));
            network.network_acls.insert(NetworkAcl { id, subnets, inbound: Vec::new(), ..acl });
            let mut orders = resource(
                NamedResourceKind::DbInstance,
                vec![ResourceHost { port: Some(5432), ..host(NAME) }],
            );
            orders.zone = Some(AvailabilityZone::from("us-west-2b"));
            orders.standby = standby.map(AvailabilityZone::from);
            orders.subnets = vec![SubnetId::from("subnet-public"), SubnetId::from("subnet-b")];
            network.named_resources.insert(orders);
        })
    };
    let text = |network: &TestNetwork| {
        let finding = case(network, &format!("{NAME}:5432")).diagnosis.findings.remove(0);
        assert_eq!(finding.verdict().word(), "reachable", "{}", finding.explanation);
        finding.explanation
    };
    let warned = text(&network(Some("us-west-2a"), "subnet-public"));
    assert!(
        warned.ends_with(&format!(
            "Warning: after a failover of the database to us-west-2a, {NAME} is blocked from subnet-c: acl-3 on subnet-public: rule * denies \
             the request: inbound tcp 5432 from 10.40.32.0/20."
        )),
        "{warned}"
    );
    assert!(!text(&network(None, "subnet-public")).contains("failover"));
}
