//! What is not known is never told as a fact, and what is certain is never hidden by it. Each test is an account in which
//! a shorter reading of AWS's answers would have been wrong.

use crate::support::network::{OKTA, SECRETS, TestNetwork, nat, tcp};
use egress_doctor::model::*;

/// From subnet a: the verdict, and every hop that does not let packets pass.
fn told(world: &TestNetwork, host: &str) -> String {
    let all = world.ask(host);
    let end = all.find("\nb ").unwrap_or(all.len());
    all[..end].trim_end().to_owned()
}

fn endpoint(world: TestNetwork, change: impl FnOnce(&mut Endpoint)) -> TestNetwork {
    world.with(|network| change(network.endpoints.get_mut(&EndpointId::from("vpce-secrets")).unwrap()))
}

fn with_endpoint(admits: &str) -> TestNetwork {
    TestNetwork::new().behind_nat().interface_endpoint(admits)
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html>: participants cannot view resources of the owner.
#[test]
fn what_the_owner_of_a_shared_vpc_has_cannot_be_seen() {
    let shared = TestNetwork::new().default_route(&nat()).with(|network| {
        network.subnets.iter_mut().for_each(|subnet| subnet.owner = Some("999988887777".to_owned()));
    });
    assert_eq!(
        told(&shared, "8.8.8.8"),
        "a unknown\n  nat needs nothing to be had: nat-1 was not read, though its route is active"
    );
    let secrets = told(&shared, SECRETS);
    assert!(secrets.starts_with("a unknown"), "{secrets}");
    assert!(
        secrets.contains("vpc-1 is shared by account 999988887777, whose endpoints cannot be seen"),
        "{secrets}"
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html>: a partner's service may bring a name of its own.
#[test]
fn an_endpoint_whose_names_were_not_read_may_answer_a_third_party() {
    let world = endpoint(with_endpoint("192.0.2.0/24"), |endpoint| {
        "com.amazonaws.vpce.us-west-2.vpce-svc-0a1b2c".clone_into(&mut endpoint.service);
        if let EndpointKind::Interface { private_names, .. } = &mut endpoint.kind {
            private_names.clear();
        }
    });
    let told = told(&world, "api.vendor.example");
    assert!(
        told.starts_with("a unknown\n  dns needs ec2:DescribeVpcEndpointServices: vpce-secrets may answer"),
        "{told}"
    );
}

#[test]
fn without_the_list_of_endpoints_no_name_is_known_to_be_public() {
    let world = TestNetwork::new().denied(Call::DescribeVpcEndpoints, |_| {});
    let told = told(&world, OKTA);
    assert!(told.starts_with("a unknown\n  dns needs ec2:DescribeVpcEndpoints"), "{told}");
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html>: states of an endpoint.
#[test]
fn an_endpoint_that_is_coming_or_going_may_answer_or_not() {
    for state in ["pending", "deleting", "partial", "a-state-of-tomorrow"] {
        let world = endpoint(with_endpoint("192.0.2.0/24"), |endpoint| state.clone_into(&mut endpoint.state));
        let told = told(&world, SECRETS);
        assert!(
            told.starts_with(&format!("a unknown\n  dns needs nothing to be had: vpce-secrets is {state}")),
            "{told}"
        );
    }
    // A dead one answers nothing: the name stays public.
    let world = endpoint(with_endpoint("192.0.2.0/24"), |endpoint| "failed".clone_into(&mut endpoint.state));
    assert_eq!(told(&world, SECRETS), "a reachable by nat nat-1");
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html>: the name stands for every
/// interface of the endpoint.
#[test]
fn an_interface_of_an_endpoint_in_a_subnet_that_was_not_read_may_be_anywhere() {
    let world = endpoint(with_endpoint("10.40.0.0/16"), |endpoint| {
        if let EndpointKind::Interface { interfaces, .. } = &mut endpoint.kind {
            let subnet = SubnetId::from("subnet-unread");
            interfaces.push(EndpointInterface { subnet, address: None, ipv6_address: None });
        }
    });
    let told = told(&world, SECRETS);
    assert!(told.starts_with("a unknown"), "{told}");
}

/// An endpoint's own name leads to it and to nothing else.
#[test]
fn an_endpoints_own_name_is_that_endpoint() {
    let own = "vpce-secrets-a1b2c3.secretsmanager.us-west-2.vpce.amazonaws.com";
    assert_eq!(
        told(&TestNetwork::new().interface_endpoint("10.40.0.0/16"), own),
        "a reachable by interface-endpoint vpce-secrets"
    );
    let refused = told(&TestNetwork::new().interface_endpoint("192.0.2.0/24"), own);
    assert!(refused.starts_with("a blocked\n  endpoint ENDPOINT_SG_RULES_MISMATCH"), "{refused}");
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html>: an instance's public name has its private address inside.
#[test]
fn some_public_names_have_private_addresses_inside() {
    for host in ["ec2-203-0-113-25.us-west-2.compute.amazonaws.com", "ABC123.gr7.us-west-2.eks.amazonaws.com"]
    {
        let told = told(&TestNetwork::new().behind_nat(), host);
        assert!(told.starts_with("a unknown\n  dns needs nothing to be had"), "{host}: {told}");
    }
    // A database's name may be of another VPC, or public: no group's rule for this VPC alone decides.
    let world = TestNetwork::new().behind_nat().with(|network| {
        let group = network.security_groups.get_mut(&SecurityGroupId::from("sg-app")).unwrap();
        group.egress = vec![tcp(5432, "10.50.0.0/16")];
    });
    let told = told(&world, "db.abc123.us-west-2.rds.amazonaws.com:5432");
    assert!(told.starts_with("a unknown"), "{told}");
}

/// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html>: rules may name groups of a peer's VPC.
#[test]
fn members_of_a_group_of_another_vpc_cannot_be_seen() {
    let peering = TestNetwork::new().route("rtb-private", "10.50.0.0/16", RouteTarget::of("pcx-1"));
    let world = peering.with(|network| {
        let group = network.security_groups.get_mut(&SecurityGroupId::from("sg-app")).unwrap();
        let peer = Peer::Group(SecurityGroupId::from("sg-of-a-peer"));
        group.egress = vec![SecurityGroupRule { protocol: Protocol::Tcp, ports: PortRange::ALL, peer }];
    });
    let private = told(&world, "10.50.1.5:5432");
    assert!(
        private.starts_with("a unknown\n  security-group needs nothing to be had: sg-app lets tcp 5432 out"),
        "{private}"
    );
    // Such a rule never means a public address.
    let public = told(&world, "8.8.8.8");
    assert!(public.starts_with("a blocked\n  security-group ENI_SG_RULES_MISMATCH"), "{public}");
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html>: an interface that hangs on nothing answers nobody.
#[test]
fn an_interface_that_hangs_on_nothing_answers_nobody() {
    let world = TestNetwork::new().database(vec![tcp(5432, "10.40.0.0/16")]).with(|network| {
        network.network_interfaces.iter_mut().for_each(|interface| interface.unattached = true);
    });
    assert_eq!(
        told(&world, "10.40.16.7:5432"),
        "a blocked\n  target TARGET_UNATTACHED eni-db hangs on nothing: nobody answers there"
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html>: a longer route than `local` may lead replies away.
#[test]
fn replies_inside_the_vpc_need_a_way_back() {
    let world = |state: RouteState| {
        let world = TestNetwork::new().database(vec![tcp(5432, "10.40.0.0/16")]);
        let world = world.route("rtb-private", "10.40.48.0/20", RouteTarget::of("eni-firewall"));
        world.with(|network| {
            let table = network.route_tables.get_mut(&RouteTableId::from("rtb-private")).unwrap();
            table.routes.last_mut().unwrap().state = state;
            let c = network.subnets.get_mut(&SubnetId::from("subnet-c")).unwrap();
            c.cidr = Some("10.40.48.0/20".parse().unwrap());
        })
    };
    let from_c = |world: &TestNetwork| {
        let all = world.ask("10.40.16.7:5432");
        all[all.find("\nc ").unwrap()..].trim().to_owned()
    };
    assert_eq!(
        from_c(&world(RouteState::Blackhole)),
        "c blocked\n  route BAD_STATE_ROUTE rtb-private, the table of subnet-b, loses the replies: 10.40.48.0/20 is a blackhole"
    );
    let aside = from_c(&world(RouteState::Active));
    assert!(
        aside.starts_with(
            "c unknown\n  route needs nothing to be had: rtb-private, the table of subnet-b, leads replies"
        ),
        "{aside}"
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html>: zones set by hand.
#[test]
fn a_regional_nat_gateway_whose_zones_were_not_read_may_not_serve_this_one() {
    let world = TestNetwork::new().behind_nat().with(|network| {
        let nat = network.nat_gateways.get_mut(&NatGatewayId::from("nat-1")).unwrap();
        let route_table = Some(RouteTableId::from("rtb-public"));
        nat.placement = NatPlacement::Regional { route_table, zones: Vec::new(), expands: false };
    });
    assert_eq!(
        told(&world, OKTA),
        "a unknown\n  nat needs nothing to be had: the zones of nat-1, a regional NAT gateway, were not read"
    );
}

#[test]
fn an_internet_gateway_carries_no_private_ipv6() {
    let world = TestNetwork::new().dual_stack().route("rtb-private", "::/0", RouteTarget::of("eigw-1")).with(
        |network| {
            network.egress_only_internet_gateways.insert(EgressOnlyInternetGateway {
                id: EgressOnlyInternetGatewayId::from("eigw-1"),
                attached_to: Some(VpcId::from("vpc-1")),
            });
        },
    );
    assert!(told(&world, "[2600::1]:443").starts_with("a reachable by egress-only"));
    assert_eq!(
        told(&world, "[fd00::5]:443"),
        "a blocked\n  internet NO_ROUTE_TO_DESTINATION eigw-1 leads to the internet, which carries no private addresses (fd00::5)"
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>: no group and no ACL filters it.
#[test]
fn amazons_resolver_is_not_filtered() {
    let closed = TestNetwork::new().with(|network| {
        network.security_groups.get_mut(&SecurityGroupId::from("sg-app")).unwrap().egress.clear();
    });
    assert_eq!(told(&closed, "10.40.0.2:53"), "a reachable by local");
    assert!(told(&closed, "10.40.0.2:443").starts_with("a blocked"));
}

/// A list of S3's whose ranges were not read says nothing about private addresses.
#[test]
fn an_unread_list_of_aws_hides_public_addresses_only() {
    let world = TestNetwork::new()
        .gateway_endpoint(&["rtb-private"])
        .database(vec![tcp(5432, "10.40.0.0/16")])
        .with(|network| {
            network.prefix_lists.iter_mut().for_each(|list| list.cidrs = None);
        });
    assert_eq!(told(&world, "10.40.16.7:5432"), "a reachable by local");
    let hidden = told(&world, "8.8.8.8");
    assert!(hidden.starts_with("a unknown\n  route needs ec2:GetManagedPrefixListEntries"), "{hidden}");
}

/// Exit code 1 for what is blocked for certain somewhere, whatever is unknown elsewhere.
#[test]
fn a_certain_block_is_not_hidden_by_what_is_unknown_elsewhere() {
    use egress_doctor::case::Case;
    use egress_doctor::evidence::{Query, destination};

    let world = TestNetwork::new().route("rtb-main", "0.0.0.0/0", RouteTarget::of("tgw-1"));
    let workload = world.0.workloads.iter().next().unwrap().clone();
    let case = Case::open(
        std::sync::Arc::new(world.0),
        workload,
        &Query::for_destinations([destination(OKTA).unwrap()]),
    );
    let finding = &case.diagnosis.findings[0];
    assert_eq!(finding.verdict().word(), "intermittent");
    assert_eq!(
        finding.explanation,
        "bond.okta.com is blocked from subnet-a, subnet-b; unknown from subnet-c. App Runner distributes instances over all \
         connector subnets, so the failures look random."
    );
    let causes: Vec<&str> = case.diagnosis.causes.iter().map(|cause| cause.code.word()).collect();
    assert_eq!(causes, ["NO_ROUTE_TO_DESTINATION"]);
}
