//! Which path a fix chooses, what its traffic costs, and what prevents it.

use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::*;
use egress_doctor::remedy::{PreconditionStatus, Proposal, RemedyId};

use crate::support::network::{OKTA, S3, TestNetwork, tcp};

fn asked(network: &TestNetwork, hosts: &[&str]) -> Case {
    let wanted: Vec<Destination> = hosts.iter().map(|host| destination(host).unwrap()).collect();
    let workload = network.0.workloads.iter().next().unwrap().clone();
    Case::open(Arc::new(network.0.clone()), workload, &Query::for_destinations(wanted))
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

/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html>: each AZ uses the NAT gateway of its own AZ.
#[test]
fn each_route_table_gets_the_nat_gateway_of_its_az() {
    // subnet-a and subnet-b use rtb-private; subnet-c, in us-west-2c, uses rtb-main. nat-2 is in us-west-2c.
    let network =
        with_second_gateway(TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-public"))
            .with(|network| {
                let subnet = network.subnets.get_mut(&SubnetId::from("subnet-public2")).unwrap();
                subnet.zone = AvailabilityZone::from("us-west-2c");
            });
    let case = asked(&network, &[OKTA]);
    let made = fix(&case, RemedyId::NatRoute);
    assert_eq!(
        (made.title.as_str(), serde_json::to_value(&made.changes).unwrap()),
        (
            "Routes to the NAT gateways nat-1 and nat-2",
            serde_json::json!([
                {"kind": "route-to-nat", "nat_gateway": "nat-1", "route_tables": ["rtb-private"]},
                {"kind": "route-to-nat", "nat_gateway": "nat-2", "route_tables": ["rtb-main"]},
            ])
        )
    );
    assert_eq!(made.fixes, [OKTA]);
}

/// An internet gateway that exists is attached; the routes to it are active again.
#[test]
fn a_detached_internet_gateway_with_a_blackhole_route_is_attached() {
    let network = TestNetwork::new().behind_nat().without_internet_gateway().with(|network| {
        let table = network.route_tables.get_mut(&RouteTableId::from("rtb-public")).unwrap();
        let to_internet = |route: &&mut Route| matches!(route.target, RouteTarget::InternetGateway(_));
        table.routes.iter_mut().filter(to_internet).for_each(|route| route.state = RouteState::Blackhole);
    });
    let case = asked(&network, &[OKTA]);
    let made = fix(&case, RemedyId::InternetGateway);
    assert_eq!(
        (made.title.as_str(), made.fixes.as_slice()),
        ("Attach the internet gateway igw-1 to vpc-1", [OKTA.to_owned()].as_slice())
    );
    // Without a NAT gateway, the manual step begins with the internet gateway.
    let none = TestNetwork::new().without_internet_gateway();
    let case = asked(&none, &[OKTA]);
    let step = case.manual_step(&case.diagnosis.causes[0]);
    assert!(
        step.starts_with(
            "The VPC has no internet gateway, which a NAT gateway needs: aws ec2 attach-internet-gateway --internet-gateway-id igw-1 \
             --vpc-id vpc-1."
        ),
        "{step}"
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html>
#[test]
fn rules_for_a_destination_in_the_vpc_allow_only_the_range_of_the_vpc() {
    let network = TestNetwork::new().database(vec![tcp(5432, "10.40.0.0/16")]).with(|network| {
        let acl = network.network_acls.get_mut(&NetworkAclId::from("acl-1")).unwrap();
        acl.subnets.retain(|id| id.as_str() != "subnet-b");
        let closed = NetworkAcl {
            id: NetworkAclId::from("acl-db"),
            subnets: vec![SubnetId::from("subnet-b")],
            inbound: Vec::new(),
            outbound: Vec::new(),
            ..acl.clone()
        };
        network.network_acls.insert(closed);
    });
    let case = asked(&network, &["10.40.16.7:5432"]);
    let made = fix(&case, RemedyId::Nacl);
    let rules = serde_json::to_value(&made.changes).unwrap();
    let ranges: Vec<&str> =
        rules.as_array().unwrap().iter().map(|rule| rule["cidr"].as_str().unwrap()).collect();
    assert_eq!((ranges, made.fixes.len()), (vec!["10.40.0.0/16"; 2], 1), "{rules}");
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups>
#[test]
fn a_full_security_group_is_named_with_the_step_by_hand() {
    let full = (0..60).map(|at| tcp(8000 + at, "10.0.0.0/8")).collect();
    let case = asked(&TestNetwork::new().database(full), &["10.40.16.7:5432"]);
    let unmet = not_met(fix(&case, RemedyId::DestinationIngress));
    assert_eq!(unmet.len(), 1);
    assert!(
        unmet[0].starts_with(
            "sg-db has 60 inbound rules, and the default quota is 60. Delete a rule that is not needed:"
        ),
        "{unmet:?}"
    );
    let one_less = (0..59).map(|at| tcp(8000 + at, "10.0.0.0/8")).collect();
    let case = asked(&TestNetwork::new().database(one_less), &["10.40.16.7:5432"]);
    assert_eq!(not_met(fix(&case, RemedyId::DestinationIngress)), Vec::<&str>::new());
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>: one subnet for each AZ, any of the VPC.
#[test]
fn an_endpoint_uses_another_subnet_of_the_az_if_that_of_the_connector_is_full() {
    let network = TestNetwork::new().with(|network| {
        let subnet = network.subnets.get_mut(&SubnetId::from("subnet-a")).unwrap();
        subnet.free_addresses = Some(0);
        let other = Subnet {
            id: SubnetId::from("subnet-a2"),
            cidr: Some("10.40.210.0/24".parse().unwrap()),
            free_addresses: Some(200),
            ..subnet.clone()
        };
        network.network_acls.get_mut(&NetworkAclId::from("acl-1")).unwrap().subnets.push(other.id.clone());
        network.subnets.insert(other);
    });
    let case = asked(&network, &[crate::support::network::SECRETS]);
    let made = fix(&case, RemedyId::InterfaceEndpoints);
    let changes = serde_json::to_value(&made.changes).unwrap();
    assert_eq!(changes[0]["subnets"], serde_json::json!(["subnet-a2", "subnet-b", "subnet-c"]));
    assert_eq!((not_met(made), made.fixes.len()), (vec![], 1));
}

#[test]
fn a_dead_route_before_a_route_to_the_peer_is_deleted() {
    let network = TestNetwork::peered(vec![tcp(5432, "10.40.0.0/16")]);
    let dead = RouteTarget::NetworkInterface(NetworkInterfaceId::from("eni-gone"));
    let network = ["rtb-private", "rtb-main"]
        .into_iter()
        .fold(network, |network, table| network.route(table, "10.90.1.0/24", dead.clone()))
        .with(|network| {
            for route in network.route_tables.iter_mut().flat_map(|table| &mut table.routes) {
                if route.target == dead {
                    route.state = RouteState::Blackhole;
                }
            }
        });
    let case = asked(&network, &["10.90.1.20:5432"]);
    let step = case.manual_step(&case.diagnosis.causes[0]);
    assert!(
        step.starts_with("Delete the route: aws ec2 delete-route --route-table-id rtb-")
            && step.ends_with(
                "--destination-cidr-block 10.90.1.0/24. Then the route 10.90.0.0/16 -> pcx-1 applies."
            ),
        "{step}"
    );
}

/// The outbound rule for an interface endpoint of S3 allows its private addresses.
#[test]
fn private_dns_of_s3_needs_a_rule_for_private_addresses() {
    let network = TestNetwork::new().interface_endpoint("10.40.0.0/16").with(|network| {
        let endpoint = network.endpoints.get_mut(&EndpointId::from("vpce-secrets")).unwrap();
        "com.amazonaws.us-west-2.s3".clone_into(&mut endpoint.service);
        if let EndpointKind::Interface { private_names, .. } = &mut endpoint.kind {
            *private_names = vec![S3.to_owned()];
        }
    });
    let case = asked(&network.egress_rules(vec![tcp(443, "pl-s3")]), &[S3]);
    let made = fix(&case, RemedyId::SecurityGroupEgress);
    let changes = serde_json::to_value(&made.changes).unwrap();
    assert_eq!(
        (changes[0]["peer"].as_str(), made.fixes.as_slice()),
        (Some("10.40.0.0/16"), [S3.to_owned()].as_slice())
    );
}

/// The new route table has the routes of the present ones that a new route can have.
#[test]
fn private_subnets_name_the_routes_and_endpoints_that_the_service_keeps_or_loses() {
    let network = TestNetwork::new().public_only().gateway_endpoint(&["rtb-private"]).route(
        "rtb-main",
        "10.0.0.0/8",
        RouteTarget::Other(ResourceId::from("lgw-1")),
    );
    let case = asked(&network, &[OKTA]);
    let made = fix(&case, RemedyId::PrivateSubnets);
    assert_eq!(
        made.breaks,
        [
            "the new route table has no route 10.0.0.0/8 -> lgw-1: add it before the service uses the new connector"
        ]
    );
    assert!(made.recommended.is_none());
    assert_eq!(
        made.side_effects[4],
        "The new route table uses the gateway endpoints of the present ones too: vpce-s3."
    );
}
