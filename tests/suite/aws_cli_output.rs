//! A folder with output of the AWS CLI is read as a snapshot; missing output is a gap.

use std::fs;
use std::path::{Path, PathBuf};

use egress_doctor::discover::load_aws_json;
use egress_doctor::model::{
    BlockPublicAccess, Call, DhcpResolver, Egress, EncryptionControl, GapKind, InterfaceState, NamedResource,
    NatPlacement, ResolverRule, ResourceId, RouteDestination, RouteTarget, Snapshot, VpcId,
};
use egress_doctor::scenario::Scenario;
use serde_json::{Map, Value, json};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/aws-cli");

fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path()) {
        fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    folder
}

fn load(path: &Path) -> Snapshot {
    load_aws_json(path, None).unwrap()
}

fn refusal(folder: &Path) -> String {
    load_aws_json(folder, None).unwrap_err().to_string().replace(folder.to_str().unwrap(), "DIR")
}

/// The snapshot of the scenario `isolated` without what the CLI output does not contain: the tags of a service, and the record of calls.
fn isolated_scenario() -> Snapshot {
    let mut snapshot = Snapshot::from_json(Scenario::named("isolated").unwrap().snapshot).unwrap();
    snapshot.workloads.iter_mut().for_each(|workload| workload.tags.clear());
    snapshot.calls.clear();
    snapshot.network.vpcs.iter_mut().for_each(|vpc| vpc.private_zones = None);
    snapshot
}

#[test]
fn the_cli_output_of_a_scenario_is_read_as_its_snapshot() {
    let mut read = load(Path::new(FOLDER));
    let expected = isolated_scenario();
    read.taken_at = expected.taken_at;
    assert_eq!(read, expected);
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>: base address of the VPC plus two, and a link-local address.
#[test]
fn dns_servers_that_are_the_amazon_dns_server_are_not_custom() {
    let resolver = |server: &str| {
        let folder = copy();
        let values: Vec<Value> = server.split(',').map(|server| json!({ "Value": server })).collect();
        let options = json!({ "DhcpOptions": [{
            "DhcpOptionsId": "dopt-1",
            "DhcpConfigurations": [{ "Key": "domain-name-servers", "Values": values }],
        }] });
        fs::write(folder.path().join("describe-dhcp-options.json"), options.to_string()).unwrap();
        let file = folder.path().join("describe-vpcs.json");
        let mut vpcs: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        vpcs["Vpcs"][0]["DhcpOptionsId"] = json!("dopt-1");
        fs::write(file, vpcs.to_string()).unwrap();
        load(folder.path()).network.vpcs.iter().next().unwrap().dns.resolver.clone()
    };
    for server in ["AmazonProvidedDNS", "10.40.0.2", "169.254.169.253", "10.40.0.2,169.254.169.253"] {
        assert_eq!(resolver(server), DhcpResolver::Amazon, "{server}");
    }
    for server in ["10.40.0.3", "10.40.0.2,8.8.8.8"] {
        let servers = server.split(',').map(str::to_owned).collect();
        assert_eq!(resolver(server), DhcpResolver::Custom(servers));
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html>
#[test]
fn an_endpoint_of_a_resource_has_no_service_name() {
    let folder = copy();
    let endpoint = |kind: &str| {
        json!({ "VpcEndpoints": [{
            "VpcEndpointId": "vpce-1", "VpcId": "vpc-0b5d2c1e7f9a83640", "VpcEndpointType": kind, "State": "available",
        }] })
    };
    let file = folder.path().join("describe-vpc-endpoints.json");
    for kind in ["Resource", "ServiceNetwork", "Tunnel"] {
        fs::write(&file, endpoint(kind).to_string()).unwrap();
        let read = load(folder.path());
        assert_eq!(
            (read.gap(Call::DescribeVpcEndpoints), read.network.endpoints.iter().count()),
            (None, 1),
            "{kind}"
        );
    }
    fs::write(&file, endpoint("Gateway").to_string()).unwrap();
    assert!(load(folder.path()).gap(Call::DescribeVpcEndpoints).is_some());
}

#[test]
fn one_file_with_all_keys_is_read_like_a_folder() {
    let mut all = Map::new();
    let (mut entries, mut attributes) = (Vec::new(), Vec::new());
    for file in fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path()) {
        let stem = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut answer: Map<String, Value> = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        if let Some(id) = stem.strip_prefix("get-managed-prefix-list-entries-") {
            entries.push(json!({ "PrefixListId": id, "Entries": answer["Entries"] }));
        } else if answer.contains_key("EnableDnsSupport") {
            // A bare boolean is accepted too.
            answer.insert("EnableDnsSupport".to_owned(), json!(true));
            attributes.push(Value::Object(answer));
        } else if answer.contains_key("EnableDnsHostnames") {
            attributes.push(Value::Object(answer));
        } else {
            all.extend(answer);
        }
    }
    all.insert("PrefixListEntries".to_owned(), Value::Array(entries));
    all.insert("VpcAttributes".to_owned(), Value::Array(attributes));
    let service = all["Service"].take();
    all.insert("Service".to_owned(), json!([service]));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.json");
    fs::write(&file, serde_json::to_vec(&all).unwrap()).unwrap();
    let mut expected = load(Path::new(FOLDER));
    for path in [folder.path(), file.as_path()] {
        let read = load(path);
        expected.taken_at = read.taken_at;
        assert_eq!(read, expected);
    }
}

#[test]
fn missing_calls_empty_files_and_missing_pages_are_gaps() {
    let folder = copy();
    let file = |name: &str| -> PathBuf { folder.path().join(format!("{name}.json")) };
    fs::remove_file(file("describe-nat-gateways")).unwrap();
    fs::remove_file(file("get-managed-prefix-list-entries-pl-68a54001")).unwrap();
    fs::write(file("describe-network-acls"), "\n").unwrap();
    let mut subnets: Value = serde_json::from_slice(&fs::read(file("describe-subnets")).unwrap()).unwrap();
    subnets["NextToken"] = json!("more");
    fs::write(file("describe-subnets"), subnets.to_string()).unwrap();
    let gaps: Vec<(Call, GapKind, String)> =
        load(folder.path()).gaps.into_iter().map(|gap| (gap.call, gap.kind, gap.message)).collect();
    let expected = [
        (
            Call::DescribeSubnets,
            GapKind::Partial,
            "describe-subnets.json contains a NextToken: more pages exist",
        ),
        (
            Call::DescribeNetworkAcls,
            GapKind::Failed,
            "describe-network-acls.json is empty: the AWS CLI command printed no output",
        ),
        (
            Call::DescribeNatGateways,
            GapKind::NotCollected,
            "no file contains `NatGateways`: save the output of `aws ec2 describe-nat-gateways`",
        ),
        (
            Call::GetManagedPrefixListEntries,
            GapKind::NotCollected,
            "no file contains the entries of pl-68a54001",
        ),
    ];
    assert_eq!(gaps, expected.map(|(call, kind, message)| (call, kind, message.to_owned())));
}

#[test]
fn unknown_fields_and_other_files_are_ignored_and_a_bare_list_is_read() {
    let folder = copy();
    fs::write(folder.path().join("notes.txt"), "{").unwrap();
    fs::write(folder.path().join("package.json"), r#"{"name": "app", "version": 3}"#).unwrap();
    fs::write(folder.path().join("array.json"), "[1, 2]").unwrap();
    fs::rename(folder.path().join("describe-vpcs.json"), folder.path().join("moved.json")).unwrap();
    let answer: Value = serde_json::from_slice(&fs::read(folder.path().join("moved.json")).unwrap()).unwrap();
    let mut vpcs = answer["Vpcs"].clone();
    vpcs[0]["InventedIn2031"] = json!({ "Value": [1] });
    fs::remove_file(folder.path().join("moved.json")).unwrap();
    fs::write(folder.path().join("Vpcs.json"), format!("\u{feff}{vpcs}")).unwrap();
    let (mut read, expected) = (load(folder.path()), isolated_scenario());
    read.taken_at = expected.taken_at;
    assert_eq!(read, expected);
}

#[test]
fn malformed_files_are_refused_with_file_and_position() {
    let refused = |text: &str| {
        let folder = copy();
        fs::write(folder.path().join("zz.json"), text).unwrap();
        refusal(folder.path())
    };
    let message =
        |reason: &str| format!("DIR/zz.json: {reason}: expected the output of `aws … --output json`");
    assert_eq!(refused("{\n \"Vpcs\": ["), message("EOF while parsing a list at line 2 column 10"));
    assert_eq!(
        refused("{\"Vpcs\": 3}"),
        message("invalid type: integer, expected a sequence at line 1 column 10")
    );
    assert_eq!(refused("{\"Vpcs\": [{}]}"), message("missing field `VpcId` at line 1 column 12"));
    assert_eq!(
        refused("{\"Subnets\": [{\"SubnetId\": \"s\", \"VpcId\": \"v\",\n\"CidrBlock\": \"10.0.0.0/99\"}]}"),
        message("invalid IP address syntax at line 2 column 26")
    );
    assert_eq!(refused("\u{0}\u{1}"), message("expected value at line 1 column 1"));
    let twice = r#"{"Vpcs": [{"VpcId": "vpc-0b5d2c1e7f9a83640", "CidrBlock": "10.99.0.0/16"}]}"#;
    assert_eq!(
        refused(twice),
        "two answers describe vpc-0b5d2c1e7f9a83640 differently: use answers of one time and one region only"
    );
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(
        refusal(empty.path()),
        "DIR: no AWS CLI output found: save each answer to a file, for example `aws ec2 describe-vpcs > describe-vpcs.json`"
    );
    assert_eq!(
        refusal(&empty.path().join("missing")),
        "cannot read DIR: No such file or directory (os error 2)"
    );
}

#[test]
fn fields_that_aws_added_since_2024_are_read() {
    let folder = copy();
    let write = |name: &str, answer: Value| {
        fs::write(folder.path().join(format!("{name}.json")), answer.to_string()).unwrap();
    };
    let vpc = "vpc-0b5d2c1e7f9a83640";
    write(
        "describe-subnets",
        json!({ "Subnets": [{
            "SubnetId": "subnet-1", "VpcId": vpc, "AvailabilityZone": "us-west-2a", "CidrBlock": "10.40.0.0/20",
            "Ipv6CidrBlockAssociationSet": [
                { "Ipv6CidrBlock": "2600:1f13::/64", "Ipv6CidrBlockState": { "State": "associated" } },
                { "Ipv6CidrBlock": "2600:1f99::/64", "Ipv6CidrBlockState": { "State": "disassociated" } }
            ],
            "BlockPublicAccessStates": { "InternetGatewayBlockMode": "block-ingress" },
            "DefaultForAz": true
        }] }),
    );
    write(
        "describe-nat-gateways",
        json!({ "NatGateways": [
            { "NatGatewayId": "nat-1", "VpcId": vpc, "State": "available", "AvailabilityMode": "regional",
              "ConnectivityType": "public", "AutoProvisionZones": "disabled", "RouteTableId": "rtb-nat",
              "NatGatewayAddresses": [{ "AvailabilityZone": "us-west-2b" }] },
            { "NatGatewayId": "nat-0", "VpcId": vpc, "State": "deleted", "SubnetId": "subnet-1" },
            { "NatGatewayId": "nat-2", "VpcId": vpc, "State": "available", "SubnetId": "subnet-1", "ConnectivityType": "public",
              "NatGatewayAddresses": [{ "PublicIp": "203.0.113.9", "Status": "failed" }] },
            { "NatGatewayId": "nat-3", "VpcId": vpc, "State": "available", "SubnetId": "subnet-1", "ConnectivityType": "public",
              "NatGatewayAddresses": [
                { "PublicIp": "203.0.113.9", "Status": "disassociating" }, { "PublicIp": "203.0.113.10", "Status": "succeeded" }
              ] }
        ] }),
    );
    write(
        "describe-route-tables",
        json!({ "RouteTables": [{ "RouteTableId": "rtb-1", "VpcId": vpc, "Associations": [], "Routes": [
            { "DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1", "State": "active" },
            { "DestinationCidrBlock": "0.0.0.0/0", "InstanceId": "i-1", "NetworkInterfaceId": "eni-1" },
            { "DestinationCidrBlock": "10.9.0.0/16", "OdbNetworkArn": "arn:aws:odb:…", "State": "filtered" },
            { "DestinationServiceArn": "arn:aws:new:…", "TransitGatewayId": "tgw-1", "State": "active" }
        ] }] }),
    );
    let interface = |id: &str, status: Value| json!({ "NetworkInterfaceId": id, "VpcId": vpc, "SubnetId": "subnet-1", "Status": status });
    write(
        "describe-network-interfaces",
        json!({ "NetworkInterfaces": [
            interface("eni-1", "in-use".into()), interface("eni-2", "available".into()),
            interface("eni-3", "frozen".into()), interface("eni-4", Value::Null)
        ] }),
    );
    let network = load(folder.path()).network;
    let subnet = network.subnets.iter().next().unwrap();
    assert_eq!(subnet.ipv6_cidrs, ["2600:1f13::/64".parse().unwrap()]);
    assert_eq!(subnet.block_public_access, BlockPublicAccess::BlockIngress);
    assert_eq!(subnet.default_for_az, Some(true));
    let nats: Vec<_> =
        network.nat_gateways.iter().map(|nat| (nat.id.as_str(), nat.placement.clone())).collect();
    let regional = NatPlacement::Regional {
        route_table: Some("rtb-nat".into()),
        zones: vec!["us-west-2b".into()],
        expands: false,
    };
    let zonal = NatPlacement::Subnet("subnet-1".into());
    assert_eq!(nats, [("nat-1", regional), ("nat-2", zonal.clone()), ("nat-3", zonal)]);
    // Only an address with the status `succeeded` is in use.
    let addresses = network.nat_gateways.iter().map(|nat| {
        let public: Vec<String> = nat.public_addresses.iter().map(ToString::to_string).collect();
        (public.join(" "), nat.unusable_addresses.as_deref())
    });
    assert_eq!(
        addresses.collect::<Vec<_>>(),
        [(String::new(), None), (String::new(), Some("failed")), ("203.0.113.10".to_owned(), None)]
    );
    let table = network.route_tables.iter().next().unwrap();
    let targets: Vec<RouteTarget> = table.routes.iter().map(|route| route.target.clone()).collect();
    let unknown = RouteTarget::Other("arn:aws:odb:…".into());
    assert_eq!(
        targets,
        [RouteTarget::of("eigw-1"), RouteTarget::of("eni-1"), unknown, RouteTarget::of("tgw-1")]
    );
    assert_eq!(table.routes.last().unwrap().destination, RouteDestination::Unspecified);
    let states: Vec<_> = network
        .network_interfaces
        .iter()
        .map(|interface| (interface.id.as_str(), &interface.state))
        .collect();
    assert_eq!(
        states,
        [
            ("eni-1", &InterfaceState::InUse),
            ("eni-2", &InterfaceState::Available),
            ("eni-3", &InterfaceState::Other("frozen".to_owned())),
            ("eni-4", &InterfaceState::Unspecified),
        ]
    );
}

/// An item without a decisive field is omitted, and the gap contains the item and the field.
#[test]
fn an_item_without_a_decisive_field_is_omitted_and_reported() {
    let cases: [(&str, &str, Value, Call, &str); 8] = [
        (
            "describe-security-groups",
            "/SecurityGroups/0/IpPermissionsEgress/0/IpProtocol",
            Value::Null,
            Call::DescribeSecurityGroups,
            "IpProtocol",
        ),
        (
            "describe-security-groups",
            "/SecurityGroups/0/IpPermissionsEgress",
            Value::Null,
            Call::DescribeSecurityGroups,
            "IpPermissionsEgress",
        ),
        (
            "describe-network-acls",
            "/NetworkAcls/0/Entries/0/Egress",
            Value::Null,
            Call::DescribeNetworkAcls,
            "Egress",
        ),
        (
            "describe-network-acls",
            "/NetworkAcls/0/Entries",
            Value::Null,
            Call::DescribeNetworkAcls,
            "Entries",
        ),
        ("describe-route-tables", "/RouteTables/0/Routes", Value::Null, Call::DescribeRouteTables, "Routes"),
        (
            "describe-route-tables",
            "/RouteTables/0/Associations",
            Value::Null,
            Call::DescribeRouteTables,
            "Associations",
        ),
        (
            "describe-internet-gateways",
            "/InternetGateways/0/Attachments",
            Value::Null,
            Call::DescribeInternetGateways,
            "Attachments",
        ),
        (
            "describe-internet-gateways",
            "/InternetGateways/0/Attachments/0/State",
            Value::Null,
            Call::DescribeInternetGateways,
            "Attachments' State",
        ),
    ];
    for (file, place, value, call, field) in cases {
        let folder = copy();
        let path = folder.path().join(format!("{file}.json"));
        let mut answer: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        *answer.pointer_mut(place).unwrap() = value;
        fs::write(&path, answer.to_string()).unwrap();
        let gaps = load(folder.path()).gaps;
        let gap = gaps.iter().find(|gap| gap.call == call).unwrap_or_else(|| panic!("{place}: {gaps:?}"));
        assert_eq!(gap.kind, GapKind::Partial, "{place}");
        assert!(
            gap.message.ends_with(&format!("has no {field}, so it is ignored")),
            "{place}: {}",
            gap.message
        );
    }
}

#[test]
fn an_incomplete_prefix_list_counts_as_unread() {
    let folder = copy();
    let path = folder.path().join("get-managed-prefix-list-entries-pl-68a54001.json");
    let mut answer: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    answer["NextToken"] = json!("more");
    fs::write(&path, answer.to_string()).unwrap();
    let read = load(folder.path());
    let lists: Vec<_> =
        read.network.prefix_lists.iter().map(|list| (list.id.as_str(), list.cidrs.is_some())).collect();
    assert!(lists.contains(&("pl-68a54001", false)), "{lists:?}");
    assert!(
        read.gaps
            .iter()
            .any(|gap| gap.call == Call::GetManagedPrefixListEntries && gap.kind == GapKind::Partial)
    );
}

#[test]
fn a_service_without_network_settings_has_unknown_egress() {
    for (place, value) in [
        ("NetworkConfiguration", Value::Null),
        ("NetworkConfiguration", json!({ "EgressConfiguration": { "VpcConnectorArn": "arn:x" } })),
    ] {
        let folder = copy();
        let path = folder.path().join("describe-service.json");
        let mut answer: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        answer["Service"][place] = value;
        fs::write(&path, answer.to_string()).unwrap();
        let read = load(folder.path());
        let egress = &read.workloads.iter().next().unwrap().egress;
        assert!(matches!(egress, Egress::Unknown(_)), "{egress:?}");
    }
}

#[test]
fn utf_16_files_of_powershell_are_read() {
    let folder = copy();
    let path = folder.path().join("describe-vpcs.json");
    let text = fs::read_to_string(&path).unwrap();
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    fs::write(&path, utf16).unwrap();
    let (mut read, expected) = (load(folder.path()), load(Path::new(FOLDER)));
    read.taken_at = expected.taken_at;
    assert_eq!(read, expected);
}

/// One line for each resource.
fn named(snapshot: &Snapshot) -> Vec<String> {
    let ids = |ids: Vec<String>| ids.join(",");
    let line = |one: &NamedResource| {
        let hosts = one.hosts.iter().map(|host| format!("{}:{}", host.name, host.port.unwrap_or_default()));
        let tls = if one.requires_tls == Some(true) { " tls" } else { "" };
        format!(
            "{} {}: {} {} {} {} {}{tls}",
            one.described(),
            one.state.as_deref().unwrap_or("-"),
            ids(hosts.collect()),
            one.vpc.as_ref().map_or("-", VpcId::as_str),
            ids(one.subnets.iter().map(ToString::to_string).collect()),
            ids(one.security_groups.iter().map(ToString::to_string).collect()),
            one.descriptions.join(", ")
        )
    };
    snapshot.network.named_resources.iter().map(line).collect()
}

fn load_balancers() -> Value {
    json!({ "LoadBalancers": [{
            "LoadBalancerArn": "arn:aws:elasticloadbalancing:us-west-2:1:loadbalancer/app/api/50dc6c495c0c9188",
            "DNSName": "internal-api-1.us-west-2.elb.amazonaws.com", "LoadBalancerName": "api", "Scheme": "internal",
            "VpcId": "vpc-1", "State": { "Code": "active" }, "Type": "application", "SecurityGroups": ["sg-5"],
            "AvailabilityZones": [{ "ZoneName": "us-west-2a", "SubnetId": "subnet-1" }],
        }] })
}

#[test]
#[allow(clippy::too_many_lines, reason = "one answer of AWS after the other")]
fn databases_caches_proxies_and_load_balancers_are_read_with_their_names_ports_and_networks() {
    let folder = copy();
    let write = |name: &str, value: Value| {
        fs::write(folder.path().join(format!("{name}.json")), value.to_string()).unwrap();
    };
    let endpoint = |name: &str, port: u16| json!({ "Address": name, "Port": port });
    let subnets = json!([{ "SubnetIdentifier": "subnet-1" }, { "SubnetIdentifier": "subnet-2" }]);
    let groups = json!([{ "VpcSecurityGroupId": "sg-1", "Status": "active" }]);
    write(
        "describe-db-instances",
        json!({ "DBInstances": [{
            "DBInstanceIdentifier": "orders-1", "Engine": "aurora-postgresql", "DBInstanceStatus": "available",
            "Endpoint": { "Address": "Orders-1.abc.us-west-2.rds.amazonaws.com", "Port": 5432, "HostedZoneId": "Z" },
            "AvailabilityZone": "us-west-2a", "VpcSecurityGroups": groups, "PubliclyAccessible": false,
            "DBSubnetGroup": { "DBSubnetGroupName": "g", "VpcId": "vpc-1", "Subnets": subnets },
        }] }),
    );
    write(
        "describe-db-clusters",
        json!({ "DBClusters": [{
            "DBClusterIdentifier": "orders", "Engine": "aurora-postgresql", "Status": "stopped", "Port": 5432,
            "Endpoint": "orders.cluster-abc.us-west-2.rds.amazonaws.com",
            "ReaderEndpoint": "orders.cluster-ro-abc.us-west-2.rds.amazonaws.com",
            "CustomEndpoints": ["batch.cluster-custom-abc.us-west-2.rds.amazonaws.com"],
            "VpcSecurityGroups": groups, "DBSubnetGroup": "g",
            "DBClusterMembers": [{ "DBInstanceIdentifier": "orders-1", "IsClusterWriter": true }],
        }] }),
    );
    write(
        "describe-db-proxies",
        json!({ "DBProxies": [{
            "DBProxyName": "pool", "Status": "available", "EngineFamily": "POSTGRESQL", "VpcId": "vpc-1",
            "VpcSecurityGroupIds": ["sg-2"], "VpcSubnetIds": ["subnet-1"], "RequireTLS": true,
            "Endpoint": "pool.proxy-abc.us-west-2.rds.amazonaws.com",
        }] }),
    );
    write(
        "describe-db-proxy-endpoints",
        json!({ "DBProxyEndpoints": [{
            "DBProxyEndpointName": "pool-ro", "DBProxyName": "pool", "Status": "available", "VpcId": "vpc-1",
            "VpcSecurityGroupIds": ["sg-2"], "VpcSubnetIds": ["subnet-1"],
            "Endpoint": "pool-ro.endpoint.proxy-abc.us-west-2.rds.amazonaws.com",
        }] }),
    );
    write(
        "describe-cache-clusters",
        json!({ "CacheClusters": [{
            "CacheClusterId": "sessions-001", "Engine": "redis", "CacheClusterStatus": "available",
            "CacheNodes": [{ "CacheNodeId": "0001", "Endpoint": endpoint("sessions-001.x.0001.usw2.cache.amazonaws.com", 6379) }],
            "CacheSubnetGroupName": "c", "SecurityGroups": [{ "SecurityGroupId": "sg-3", "Status": "active" }],
            "ReplicationGroupId": "sessions", "TransitEncryptionEnabled": true, "TransitEncryptionMode": "preferred",
        }] }),
    );
    write(
        "describe-replication-groups",
        json!({ "ReplicationGroups": [{
            "ReplicationGroupId": "sessions", "Status": "available", "MemberClusters": ["sessions-001"],
            "NodeGroups": [{ "PrimaryEndpoint": endpoint("master.sessions.x.usw2.cache.amazonaws.com", 6379) }],
            "TransitEncryptionEnabled": true, "TransitEncryptionMode": "required",
        }] }),
    );
    write(
        "describe-serverless-caches",
        json!({ "ServerlessCaches": [{
            "ServerlessCacheName": "carts", "Engine": "valkey", "Status": "available",
            "Endpoint": endpoint("carts-x.serverless.usw2.cache.amazonaws.com", 6379),
            "SecurityGroupIds": ["sg-4"], "SubnetIds": ["subnet-1", "subnet-2"],
        }] }),
    );
    write(
        "describe-cache-subnet-groups",
        json!({ "CacheSubnetGroups": [{ "CacheSubnetGroupName": "c", "VpcId": "vpc-1", "Subnets": subnets }] }),
    );
    write("describe-load-balancers", load_balancers());
    write(
        "elb-describe-load-balancers",
        json!({ "LoadBalancerDescriptions": [{
            "LoadBalancerName": "legacy", "DNSName": "internal-legacy-7.us-west-2.elb.amazonaws.com", "VPCId": "vpc-1",
            "Subnets": ["subnet-1"], "SecurityGroups": ["sg-6"], "Scheme": "internal",
            "ListenerDescriptions": [{ "Listener": { "Protocol": "TCP", "LoadBalancerPort": 8080 }, "PolicyNames": [] }],
        }] }),
    );
    assert_eq!(
        named(&load(folder.path())),
        [
            "orders (DB cluster, aurora-postgresql) stopped: orders.cluster-abc.us-west-2.rds.amazonaws.com:5432,\
             orders.cluster-ro-abc.us-west-2.rds.amazonaws.com:5432,batch.cluster-custom-abc.us-west-2.rds.amazonaws.com:5432 \
             vpc-1 subnet-1,subnet-2 sg-1 ",
            "orders-1 (DB instance, aurora-postgresql) available: orders-1.abc.us-west-2.rds.amazonaws.com:5432 vpc-1 \
             subnet-1,subnet-2 sg-1 ",
            "pool (RDS Proxy, POSTGRESQL) available: pool.proxy-abc.us-west-2.rds.amazonaws.com:5432 vpc-1 subnet-1 sg-2  tls",
            "pool-ro (RDS Proxy, POSTGRESQL) available: pool-ro.endpoint.proxy-abc.us-west-2.rds.amazonaws.com:5432 vpc-1 \
             subnet-1 sg-2  tls",
            "api (load balancer, application) active: internal-api-1.us-west-2.elb.amazonaws.com:0 vpc-1 subnet-1 sg-5 ELB \
             app/api/50dc6c495c0c9188",
            "sessions-001 (cache cluster, redis) available: sessions-001.x.0001.usw2.cache.amazonaws.com:6379 vpc-1 \
             subnet-1,subnet-2 sg-3 ElastiCache sessions-001",
            "legacy (load balancer, classic) -: internal-legacy-7.us-west-2.elb.amazonaws.com:8080 vpc-1 subnet-1 sg-6 ELB legacy",
            "sessions (replication group, redis) available: master.sessions.x.usw2.cache.amazonaws.com:6379 vpc-1 \
             subnet-1,subnet-2 sg-3 ElastiCache sessions-001 tls",
            "carts (serverless cache, valkey) available: carts-x.serverless.usw2.cache.amazonaws.com:6379 - \
             subnet-1,subnet-2 sg-4  tls",
        ]
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html>
#[test]
fn the_encryption_control_of_a_vpc_is_read_from_its_own_answer() {
    let folder = copy();
    let vpc = isolated_scenario().network.vpcs.iter().next().unwrap().id.to_string();
    let control = |state: &str| {
        let controls =
            json!({ "VpcEncryptionControls": [{ "VpcId": vpc, "Mode": "enforce", "State": state }] });
        fs::write(folder.path().join("describe-vpc-encryption-controls.json"), controls.to_string()).unwrap();
        load(folder.path()).network.vpcs.iter().next().unwrap().encryption.clone()
    };
    assert_eq!(control("available"), EncryptionControl::Enforce);
    assert_eq!(control("deleted"), EncryptionControl::Off);
}

#[test]
fn an_empty_file_of_databases_is_a_gap() {
    let folder = copy();
    fs::write(folder.path().join("describe-db-instances.json"), "").unwrap();
    let gaps = load(folder.path()).gaps;
    assert!(gaps.iter().any(|gap| gap.call == Call::DescribeDBInstances), "{gaps:?}");
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_ListResolverRuleAssociations.html>
#[test]
fn resolver_rules_are_read_for_the_vpc_of_their_association() {
    let folder = copy();
    let vpc = isolated_scenario().network.vpcs.iter().next().unwrap().id.to_string();
    let rules = json!({ "ResolverRules": [
        { "Id": "rslvr-rr-1", "DomainName": "Example.com.", "RuleType": "FORWARD", "Status": "COMPLETE" },
        { "Id": "rslvr-autodefined-rr-internet-resolver", "DomainName": ".", "RuleType": "RECURSIVE" },
        { "Id": "rslvr-rr-2", "DomainName": "other.com.", "RuleType": "FORWARD" },
    ]});
    let of = |rule: &str, vpc: &str, status: &str| json!({ "ResolverRuleId": rule, "VPCId": vpc, "Status": status });
    let associations = json!({ "ResolverRuleAssociations": [
        of("rslvr-rr-1", &vpc, "COMPLETE"),
        of("rslvr-autodefined-rr-internet-resolver", &vpc, "COMPLETE"),
        of("rslvr-rr-2", "vpc-0other", "COMPLETE"),
        of("rslvr-rr-2", &vpc, "DELETING"),
        of("rslvr-rr-unread", &vpc, "COMPLETE"),
    ]});
    for (name, answer) in [("list-resolver-rules", rules), ("list-resolver-rule-associations", associations)]
    {
        fs::write(folder.path().join(format!("{name}.json")), answer.to_string()).unwrap();
    }
    let read = load(folder.path());
    let rule = |id: &str, domain: &str, forwards| ResolverRule {
        id: ResourceId::from(id),
        domain: domain.to_owned(),
        forwards,
    };
    assert_eq!(
        read.network.vpcs.iter().next().unwrap().resolver_rules,
        [rule("rslvr-rr-1", "example.com", true), rule("rslvr-autodefined-rr-internet-resolver", "", false)]
    );
}
