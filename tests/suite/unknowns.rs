//! Missing data makes a verdict unknown, never blocked or reachable, and does not hide a certain block. Each
//! test is an account for which a simpler evaluation of the AWS responses would give a wrong verdict.

use crate::support::network::{OKTA, SECRETS, TestNetwork, nat, tcp};
use egress_doctor::model::*;

/// The verdict from subnet a, with all hops that are blocked or unknown.
fn from_a(test_network: &TestNetwork, host: &str) -> String {
    let all = test_network.ask(host);
    let end = all.find("\nb ").unwrap_or(all.len());
    all[..end].trim_end().to_owned()
}

fn endpoint(test_network: TestNetwork, change: impl FnOnce(&mut Endpoint)) -> TestNetwork {
    test_network.with(|network| change(network.endpoints.get_mut(&EndpointId::from("vpce-secrets")).unwrap()))
}

fn with_endpoint(allowed: &str) -> TestNetwork {
    TestNetwork::new().behind_nat().interface_endpoint(allowed)
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html>: participants cannot view resources
/// of the owner.
#[test]
fn resources_of_the_owner_of_a_shared_vpc_are_unknown() {
    let shared = TestNetwork::new().default_route(&nat()).with(|network| {
        network.subnets.iter_mut().for_each(|subnet| subnet.owner = Some("999988887777".to_owned()));
    });
    assert_eq!(
        from_a(&shared, "8.8.8.8"),
        "a unknown\n  nat needs no call: nat-1 was not read, but its route is active"
    );
    let secrets = from_a(&shared, SECRETS);
    assert!(secrets.starts_with("a unknown"), "{secrets}");
    assert!(
        secrets.contains("vpc-1 is shared by account 999988887777, whose endpoints this account cannot read"),
        "{secrets}"
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html>: a partner's endpoint service
/// can have private DNS names.
#[test]
fn an_endpoint_whose_private_dns_names_were_not_read_may_answer_for_a_third_party() {
    let test_network = endpoint(with_endpoint("192.0.2.0/24"), |endpoint| {
        "com.amazonaws.vpce.us-west-2.vpce-svc-0a1b2c".clone_into(&mut endpoint.service);
        if let EndpointKind::Interface { private_names, .. } = &mut endpoint.kind {
            private_names.clear();
        }
    });
    let answer = from_a(&test_network, "api.vendor.example");
    assert!(
        answer.starts_with(
            "a unknown\n  dns needs ec2:DescribeVpcEndpointServices: unknown whether private DNS of vpce-secrets resolves this name"
        ),
        "{answer}"
    );
}

#[test]
fn without_the_list_of_endpoints_every_name_is_unknown() {
    let test_network = TestNetwork::new().denied(Call::DescribeVpcEndpoints, |_| {});
    let answer = from_a(&test_network, OKTA);
    assert!(answer.starts_with("a unknown\n  dns needs ec2:DescribeVpcEndpoints"), "{answer}");
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html>: states of an endpoint.
#[test]
fn private_dns_of_an_endpoint_that_is_created_or_deleted_is_unknown() {
    for state in ["pending", "deleting", "partial", "a-state-of-tomorrow"] {
        let test_network = endpoint(with_endpoint("192.0.2.0/24"), |endpoint| endpoint.state = state.into());
        let answer = from_a(&test_network, SECRETS);
        assert!(
            answer.starts_with(&format!("a unknown\n  dns needs no call: vpce-secrets is {state}")),
            "{answer}"
        );
    }
    // A failed endpoint has no private DNS: the name resolves to public addresses.
    let test_network =
        endpoint(with_endpoint("192.0.2.0/24"), |endpoint| endpoint.state = EndpointState::Failed);
    assert_eq!(from_a(&test_network, SECRETS), "a reachable by nat nat-1");
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html>: the name
/// resolves to every network interface of the endpoint.
#[test]
fn an_endpoint_network_interface_in_a_subnet_that_was_not_read_can_have_any_address() {
    let test_network = endpoint(with_endpoint("10.40.0.0/16"), |endpoint| {
        if let EndpointKind::Interface { interfaces, .. } = &mut endpoint.kind {
            let subnet = SubnetId::from("subnet-unread");
            interfaces.push(EndpointInterface { subnet, address: None, ipv6_address: None });
        }
    });
    let answer = from_a(&test_network, SECRETS);
    assert!(answer.starts_with("a unknown"), "{answer}");
}

/// The name of an endpoint resolves to this endpoint only.
#[test]
fn the_name_of_an_endpoint_resolves_to_this_endpoint() {
    let own = "vpce-secrets-a1b2c3.secretsmanager.us-west-2.vpce.amazonaws.com";
    assert_eq!(
        from_a(&TestNetwork::new().interface_endpoint("10.40.0.0/16"), own),
        "a reachable by interface-endpoint vpce-secrets"
    );
    let denied = from_a(&TestNetwork::new().interface_endpoint("192.0.2.0/24"), own);
    assert!(denied.starts_with("a blocked\n  endpoint ENDPOINT_SG_RULES_MISMATCH"), "{denied}");
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html>: an instance's public name resolves to
/// its private address in the VPC.
#[test]
fn some_public_names_resolve_to_private_addresses_in_the_vpc() {
    for host in ["ec2-203-0-113-25.us-west-2.compute.amazonaws.com", "ABC123.gr7.us-west-2.eks.amazonaws.com"]
    {
        let answer = from_a(&TestNetwork::new().behind_nat(), host);
        assert!(answer.starts_with("a unknown\n  dns needs no call"), "{host}: {answer}");
    }
    // A database can be public or in another VPC, so a security group rule for this VPC gives no verdict.
    let test_network = TestNetwork::new().behind_nat().with(|network| {
        let group = network.security_groups.get_mut(&SecurityGroupId::from("sg-app")).unwrap();
        group.egress = vec![tcp(5432, "10.50.0.0/16")];
    });
    let answer = from_a(&test_network, "db.abc123.us-west-2.rds.amazonaws.com:5432");
    assert!(answer.starts_with("a unknown"), "{answer}");
}

/// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html>: rules can reference
/// security groups of the peer VPC.
#[test]
fn members_of_a_security_group_in_another_vpc_are_unknown() {
    let peering = TestNetwork::new().route("rtb-private", "10.50.0.0/16", RouteTarget::of("pcx-1"));
    let test_network = peering.with(|network| {
        let group = network.security_groups.get_mut(&SecurityGroupId::from("sg-app")).unwrap();
        let peer = Peer::Group(SecurityGroupId::from("sg-of-a-peer"));
        group.egress = vec![SecurityGroupRule { protocol: Protocol::Tcp, ports: PortRange::ALL, peer }];
    });
    let private = from_a(&test_network, "10.50.1.5:5432");
    assert!(
        private.starts_with("a unknown\n  security-group needs no call: sg-app allows outbound tcp 5432"),
        "{private}"
    );
    // A reference to a security group never matches a public address.
    let public = from_a(&test_network, "8.8.8.8");
    assert!(public.starts_with("a blocked\n  security-group ENI_SG_RULES_MISMATCH"), "{public}");
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html>: nothing listens on an unattached
/// network interface.
#[test]
fn nothing_listens_on_an_unattached_network_interface() {
    let test_network = TestNetwork::new().database(vec![tcp(5432, "10.40.0.0/16")]).with(|network| {
        network
            .network_interfaces
            .iter_mut()
            .for_each(|interface| interface.state = InterfaceState::Available);
    });
    assert_eq!(
        from_a(&test_network, "10.40.16.7:5432"),
        "a blocked\n  target TARGET_UNATTACHED eni-db is not attached to an instance or service: nothing listens there"
    );
}

/// A state that AWS may add later does not show whether something listens.
#[test]
fn an_unsupported_state_of_a_network_interface_is_unknown() {
    let from_a = |state: &str| {
        let network = TestNetwork::new().database(vec![tcp(5432, "10.40.0.0/16")]).with(|network| {
            network.network_interfaces.iter_mut().for_each(|interface| interface.state = state.into());
        });
        from_a(&network, "10.40.16.7:5432")
    };
    for state in ["in-use", "associated", "attaching", "detaching", ""] {
        assert_eq!(from_a(state), "a reachable by local", "{state}");
    }
    assert_eq!(
        from_a("frozen"),
        "a unknown\n  target needs no call: eni-db has the state frozen, which this version of egress-doctor does not support"
    );
}

/// A route without a destination of a known form may match every address.
#[test]
fn a_route_without_a_known_destination_is_unknown() {
    let network = TestNetwork::new().behind_nat().with(|network| {
        let table = network.route_tables.get_mut(&RouteTableId::from("rtb-private")).unwrap();
        let mut route = table.routes[0].clone();
        route.destination = RouteDestination::Unspecified;
        table.routes.push(route);
    });
    assert_eq!(
        from_a(&network, OKTA),
        "a unknown\n  route needs no call: rtb-private has a route whose destination AWS did not return in a known form"
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html>: a route that is more
/// specific than `local` can divert replies.
#[test]
fn replies_inside_the_vpc_need_a_return_path() {
    let test_network = |state: RouteState| {
        let test_network = TestNetwork::new().database(vec![tcp(5432, "10.40.0.0/16")]);
        let test_network =
            test_network.route("rtb-private", "10.40.48.0/20", RouteTarget::of("eni-firewall"));
        test_network.with(|network| {
            let table = network.route_tables.get_mut(&RouteTableId::from("rtb-private")).unwrap();
            table.routes.last_mut().unwrap().state = state;
            let c = network.subnets.get_mut(&SubnetId::from("subnet-c")).unwrap();
            c.cidr = Some("10.40.48.0/20".parse().unwrap());
        })
    };
    let from_c = |test_network: &TestNetwork| {
        let all = test_network.ask("10.40.16.7:5432");
        all[all.find("\nc ").unwrap()..].trim().to_owned()
    };
    assert_eq!(
        from_c(&test_network(RouteState::Blackhole)),
        "c blocked\n  route BAD_STATE_ROUTE return path: rtb-private, the route table of subnet-b: 10.40.48.0/20 is a blackhole"
    );
    let diverted = from_c(&test_network(RouteState::Active));
    assert!(
        diverted.starts_with(
            "c unknown\n  route needs no call: return path: rtb-private, the route table of subnet-b, routes replies"
        ),
        "{diverted}"
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html>: manually chosen AZs.
#[test]
fn a_regional_nat_gateway_whose_azs_were_not_read_is_unknown() {
    let test_network = TestNetwork::new().behind_nat().with(|network| {
        let nat = network.nat_gateways.get_mut(&NatGatewayId::from("nat-1")).unwrap();
        let route_table = Some(RouteTableId::from("rtb-public"));
        nat.placement = NatPlacement::Regional { route_table, zones: Vec::new(), expands: false };
    });
    assert_eq!(
        from_a(&test_network, OKTA),
        "a unknown\n  nat needs no call: the AZs of nat-1, a regional NAT gateway, were not read"
    );
}

#[test]
fn an_internet_gateway_carries_no_private_ipv6() {
    let test_network = TestNetwork::new()
        .dual_stack()
        .route("rtb-private", "::/0", RouteTarget::of("eigw-1"))
        .with(|network| {
            network.egress_only_internet_gateways.insert(EgressOnlyInternetGateway {
                id: EgressOnlyInternetGatewayId::from("eigw-1"),
                attached_to: Some(VpcId::from("vpc-1")),
            });
        });
    assert!(from_a(&test_network, "[2600::1]:443").starts_with("a reachable by egress-only"));
    assert_eq!(
        from_a(&test_network, "[fd00::5]:443"),
        "a blocked\n  internet EGRESS_NO_ROUTE_TO_PRIVATE_ADDRESS eigw-1 routes to the internet, which has no route to private addresses (fd00::5)"
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>: security groups and network
/// ACLs do not filter traffic to it.
#[test]
fn traffic_to_the_amazon_dns_server_is_not_filtered() {
    let closed = TestNetwork::new().with(|network| {
        network.security_groups.get_mut(&SecurityGroupId::from("sg-app")).unwrap().egress.clear();
    });
    assert_eq!(from_a(&closed, "10.40.0.2:53"), "a reachable by local");
    assert!(from_a(&closed, "10.40.0.2:443").starts_with("a blocked"));
}

/// A prefix list of S3 contains only public addresses, even if its CIDRs were not read.
#[test]
fn an_aws_prefix_list_that_was_not_read_makes_only_public_addresses_unknown() {
    let test_network = TestNetwork::new()
        .gateway_endpoint(&["rtb-private"])
        .database(vec![tcp(5432, "10.40.0.0/16")])
        .with(|network| {
            network.prefix_lists.iter_mut().for_each(|list| list.cidrs = None);
        });
    assert_eq!(from_a(&test_network, "10.40.16.7:5432"), "a reachable by local");
    let public = from_a(&test_network, "8.8.8.8");
    assert!(public.starts_with("a unknown\n  route needs ec2:GetManagedPrefixListEntries"), "{public}");
}

/// A destination that is certainly blocked from one subnet gives exit code 1, even if the verdicts from
/// other subnets are unknown.
#[test]
fn an_unknown_subnet_does_not_hide_a_certain_block() {
    use egress_doctor::case::Case;
    use egress_doctor::evidence::{Query, destination};

    let test_network = TestNetwork::new().route("rtb-main", "0.0.0.0/0", RouteTarget::of("tgw-1"));
    let workload = test_network.0.workloads.iter().next().unwrap().clone();
    let case = Case::open(
        std::sync::Arc::new(test_network.0),
        workload,
        &Query::for_destinations([destination(OKTA).unwrap()]),
    );
    let finding = &case.diagnosis.findings[0];
    assert_eq!(finding.verdict().word(), "intermittent");
    assert_eq!(
        finding.explanation,
        "bond.okta.com is blocked from subnet-a, subnet-b; unknown from subnet-c. Route table rtb-private has no route to it. The unknown part: tgw-1 is outside this VPC (a transit gateway: its \
         route tables, its attachment in this AZ and the return path were not checked). Check whether the route table of the \
         transit gateway has a route to the destination and one back: aws ec2 describe-transit-gateway-attachments --filters \
         Name=transit-gateway-id,Values=tgw-1 names the route table, aws ec2 search-transit-gateway-routes shows its routes. \
         It also needs an attachment to this VPC in the AZ of each subnet."
    );
    let causes: Vec<&str> = case.diagnosis.causes.iter().map(|cause| cause.code.word()).collect();
    assert_eq!(causes, ["NO_ROUTE_TO_DESTINATION"]);
}
