//! One test for each rule of AWS, named after the rule, with the AWS page that documents it. Each test
//! changes the default test network and compares the complete trace.

use crate::support::network::{OKTA, S3, SECRETS, TestNetwork, nat, tcp};
use egress_doctor::model::*;

/// Compares the traces, each with a title, with the snapshot of the test's name.
macro_rules! assert_traces {
    ($($case:literal: $trace:expr),+ $(,)?) => {
        insta::assert_snapshot!([$(format!("# {}\n{}", $case, $trace)),+].join("\n"))
    };
}

fn igw() -> RouteTarget {
    RouteTarget::InternetGateway(InternetGatewayId::from("igw-1"))
}

fn with_gateway() -> TestNetwork {
    TestNetwork::new().gateway_endpoint(&["rtb-private", "rtb-main"])
}

fn rule(number: u16, action: AclAction, ports: PortRange, remote: &str) -> AclRule {
    AclRule { number, protocol: Protocol::Tcp, ports, remote: parse_cidr(remote).unwrap(), action }
}

fn any(peer: Peer) -> SecurityGroupRule {
    SecurityGroupRule { protocol: Protocol::All, ports: PortRange::ALL, peer }
}

/// Changes the NAT gateway.
fn nat_gateway(test_network: TestNetwork, change: impl FnOnce(&mut NatGateway)) -> TestNetwork {
    test_network.with(|network| change(network.nat_gateways.get_mut(&NatGatewayId::from("nat-1")).unwrap()))
}

/// Changes the last route of the private subnets' route table.
fn last_route(test_network: TestNetwork, change: impl FnOnce(&mut Route)) -> TestNetwork {
    test_network.with(|network| {
        let table = network.route_tables.get_mut(&RouteTableId::from("rtb-private")).unwrap();
        change(table.routes.last_mut().unwrap());
    })
}

fn subnet(test_network: TestNetwork, id: &str, change: impl FnOnce(&mut Subnet)) -> TestNetwork {
    test_network.with(|network| change(network.subnets.get_mut(&SubnetId::from(id)).unwrap()))
}

fn endpoint(test_network: TestNetwork, id: &str, change: impl FnOnce(&mut Endpoint)) -> TestNetwork {
    test_network.with(|network| change(network.endpoints.get_mut(&EndpointId::from(id)).unwrap()))
}

// The service and its connector.

/// <https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>: once a service uses a connector, all
/// its outbound traffic goes through the VPC.
#[test]
fn vpc_egress_sends_all_traffic_through_the_connector() {
    assert_traces!("a VPC without internet access": TestNetwork::new().trace("a", OKTA));
}

/// <https://docs.aws.amazon.com/apprunner/latest/api/API_VpcConnector.html>: INACTIVE means that the
/// connector was deleted.
#[test]
fn an_inactive_connector_carries_no_traffic() {
    let test_network = TestNetwork::new().behind_nat().with(|network| {
        network.connectors.iter_mut().for_each(|connector| connector.status = ConnectorStatus::Inactive);
    });
    assert_traces!("the connector is INACTIVE": test_network.trace("a", OKTA));
}

// DNS.

/// <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>: with `enableDnsSupport` off
/// the Amazon DNS server does not respond.
#[test]
fn without_dns_support_names_do_not_resolve_and_addresses_work() {
    let test_network = TestNetwork::new().behind_nat().dns(false);
    assert_traces!("a name": test_network.trace("a", OKTA), "an address": test_network.trace("a", "8.8.8.8"));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html>: the answers of custom DNS
/// servers are unknown.
#[test]
fn the_answers_of_custom_dns_servers_are_unknown() {
    let test_network = TestNetwork::new().behind_nat().vpc(|vpc| {
        vpc.dns.resolver = DhcpResolver::Custom(vec!["10.40.0.53".to_owned()]);
    });
    assert_traces!("DHCP options with 10.40.0.53": test_network.trace("a", OKTA));
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html>: in the whole
/// VPC private DNS resolves the name to the endpoint's addresses.
#[test]
fn private_dns_of_an_endpoint_applies_to_the_whole_vpc() {
    let test_network = TestNetwork::new().interface_endpoint("10.40.0.0/16");
    assert_traces!(
        "from its own subnet": test_network.trace("a", SECRETS),
        "from another AZ": test_network.trace("c", SECRETS),
        "a name that it does not serve": test_network.trace("a", "bedrock-runtime.us-west-2.amazonaws.com"),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>: private DNS needs
/// both attributes.
#[test]
fn private_dns_needs_dns_hostnames() {
    let test_network = |hostnames| {
        TestNetwork::new().interface_endpoint("10.40.0.0/16").vpc(|vpc| vpc.dns.hostnames = hostnames)
    };
    assert_traces!(
        "enableDnsHostnames is off": test_network(Some(false)).trace("a", SECRETS),
        "enableDnsHostnames was not read":
            test_network(None).denied(Call::DescribeVpcAttribute, |_| {}).trace("a", SECRETS),
    );
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html>: with
/// `PrivateDnsOnlyForInboundResolverEndpoint`, the default, names in the VPC keep their public addresses.
#[test]
fn private_dns_of_an_s3_interface_endpoint_does_not_apply_in_the_vpc_by_default() {
    let test_network = |only_inbound| {
        endpoint(with_gateway().interface_endpoint("10.40.0.0/16"), "vpce-secrets", |endpoint| {
            "com.amazonaws.us-west-2.s3".clone_into(&mut endpoint.service);
            if let EndpointKind::Interface { private_dns_only_inbound, private_names, .. } =
                &mut endpoint.kind
            {
                *private_dns_only_inbound = only_inbound;
                *private_names = vec![S3.to_owned(), format!("*.{S3}")];
            }
        })
    };
    assert_traces!(
        "only for inbound resolver endpoints": test_network(Some(true)).trace("a", S3),
        "also in the VPC": test_network(Some(false)).trace("a", S3),
        "not read": test_network(None).trace("a", S3),
    );
}

/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html>: the
/// zone whose name matches most specifically answers.
#[test]
fn a_private_hosted_zone_answers_for_the_names_under_it() {
    let test_network = |zone: &str| {
        TestNetwork::new()
            .behind_nat()
            .interface_endpoint("10.40.0.0/16")
            .vpc(|vpc| vpc.private_zones = Some(vec![zone.to_owned()]))
    };
    assert_traces!(
        "a zone okta.com": test_network("okta.com.").trace("a", OKTA),
        "a zone other.com": test_network("other.com.").trace("a", OKTA),
        "a zone amazonaws.com, and an endpoint with a more specific name": test_network("amazonaws.com.").trace("a", SECRETS),
        "zones were not read": TestNetwork::new().behind_nat().denied(Call::ListHostedZonesByVPC, |_| {}).trace("a", OKTA),
    );
}

/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-vpc-to-network-domain-name-matches.html>: the most
/// specific domain decides; a rule comes before a private hosted zone of the same domain.
#[test]
fn a_resolver_rule_forwards_the_names_under_its_domain() {
    let rule = |id: &str, domain: &str, forwards| ResolverRule {
        id: ResourceId::from(id),
        domain: domain.to_owned(),
        forwards,
    };
    let with = |rules: Vec<ResolverRule>, zones: &[&str]| {
        let zones = zones.iter().map(|zone| (*zone).to_owned()).collect();
        TestNetwork::new().behind_nat().interface_endpoint("10.40.0.0/16").vpc(|vpc| {
            vpc.resolver_rules = rules;
            vpc.private_zones = Some(zones);
        })
    };
    let forward = |domain: &str| vec![rule("rslvr-rr-1", domain, true)];
    let system = || vec![rule("rslvr-rr-1", "", true), rule("rslvr-rr-2", "okta.com", false)];
    let first = |network: TestNetwork, host: &str| {
        network.ask(host).lines().take(2).map(|line| line.trim().to_owned()).collect::<Vec<_>>()
    };
    let forwarded = |domain: &str| {
        [
            "a unknown".to_owned(),
            format!(
                "dns needs no call: Resolver rule rslvr-rr-1 forwards {domain} to other DNS servers: unknown which addresses they \
                 return"
            ),
        ]
    };
    assert_eq!(first(with(forward("okta.com"), &[]), OKTA), forwarded("okta.com"));
    assert_eq!(first(with(forward(""), &[]), OKTA), forwarded("all names"));
    assert_eq!(first(with(forward("okta.com"), &["okta.com."]), OKTA), forwarded("okta.com"));
    assert_eq!(first(with(forward("com"), &[]), OKTA), forwarded("com"));
    // More specific: a private hosted zone, private DNS of an endpoint, a rule of another type.
    let zone = first(with(forward("com"), &["okta.com."]), OKTA);
    assert!(zone[1].contains("private hosted zone okta.com"), "{zone:?}");
    for network in [with(forward(""), &[]), with(forward("amazonaws.com"), &[])] {
        assert_eq!(first(network, SECRETS)[0], "a reachable by interface-endpoint vpce-secrets");
    }
    for network in [with(system(), &[]), with(forward("example.com"), &[]), with(forward("ta.com"), &[])] {
        assert_eq!(first(network, OKTA)[0], "a reachable by nat nat-1");
    }
}

// Security groups.

/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>: the rules of all security
/// groups apply together.
#[test]
fn the_rules_of_all_security_groups_are_combined() {
    let test_network = with_gateway().egress_rules(vec![tcp(443, "52.218.128.0/17")]).with(|network| {
        let mut second = network.security_groups.get(&SecurityGroupId::from("sg-app")).unwrap().clone();
        second.id = SecurityGroupId::from("sg-second");
        second.egress = vec![tcp(443, "pl-s3")];
        network.security_groups.insert(second);
        network.connectors.iter_mut().for_each(|connector| {
            connector.security_groups.push(SecurityGroupId::from("sg-second"));
        });
    });
    assert_traces!("one group allows a part, the other the whole list": test_network.trace("a", S3));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>: traffic that no rule allows
/// is dropped.
#[test]
fn a_security_group_allows_by_port_and_range() {
    let test_network = |rules| with_gateway().egress_rules(rules).trace("a", S3);
    assert_traces!(
        "no rules": test_network(Vec::new()),
        "another port": test_network(vec![tcp(80, "0.0.0.0/0")]),
        "another protocol": test_network(vec![SecurityGroupRule { protocol: Protocol::Udp, ..tcp(443, "0.0.0.0/0") }]),
        "a part of the addresses": test_network(vec![tcp(443, "52.218.128.0/17")]),
        "S3's prefix list": test_network(vec![tcp(443, "pl-s3")]),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>: a reference to a security
/// group matches the private addresses of its network interfaces.
#[test]
fn a_reference_to_a_security_group_matches_only_private_addresses() {
    let test_network = || {
        with_gateway()
            .database(vec![any(Peer::Group(SecurityGroupId::from("sg-app")))])
            .egress_rules(vec![any(Peer::Group(SecurityGroupId::from("sg-db")))])
    };
    assert_traces!(
        "a network interface in the security group": test_network().trace("a", "10.40.16.7:5432"),
        "S3 in the same test network": test_network().trace("a", S3),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>: IPv4 and IPv6 need separate
/// rules.
#[test]
fn ipv4_rules_of_a_security_group_do_not_match_ipv6() {
    let eigw = || RouteTarget::of("eigw-1");
    let test_network = TestNetwork::new()
        .dual_stack()
        .with(|network| {
            network.egress_only_internet_gateways.insert(EgressOnlyInternetGateway {
                id: EgressOnlyInternetGatewayId::from("eigw-1"),
                attached_to: Some(VpcId::from("vpc-1")),
            });
        })
        .route("rtb-private", "::/0", eigw());
    let ipv4_only = vec![any(Peer::Ipv4("0.0.0.0/0".parse().unwrap()))];
    assert_traces!(
        "rules for both families": test_network.trace("a", "[2606:4700::1111]:443"),
        "a rule for 0.0.0.0/0 only": test_network.egress_rules(ipv4_only).trace("a", "[2606:4700::1111]:443"),
    );
}

// Network ACLs.

/// <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>: the matching rule with the lowest
/// number decides.
#[test]
fn the_lowest_matching_rule_of_a_network_acl_decides() {
    let test_network = |number| {
        with_gateway().acl(|acl| {
            let deny = rule(number, AclAction::Deny, PortRange::one(443), "52.218.128.0/17");
            acl.outbound.push(deny);
        })
    };
    assert_traces!(
        "the deny rule before the allow rule": test_network(50).trace("a", S3),
        "the deny rule after the allow rule": test_network(150).trace("a", S3),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html>: network ACLs are stateless,
/// and the source ports of Linux are 32768-60999, so that replies go to these ports.
#[test]
fn a_network_acl_must_allow_replies_to_linux_ephemeral_ports() {
    let test_network =
        |ports| with_gateway().acl(|acl| acl.inbound = vec![rule(100, AclAction::Allow, ports, "0.0.0.0/0")]);
    assert_traces!(
        "1024-65535": test_network(PortRange { from: 1024, to: 65535 }).trace("a", S3),
        "32768-60999": test_network(PortRange { from: 32768, to: 60999 }).trace("a", S3),
        "one port less": test_network(PortRange { from: 32768, to: 60998 }).trace("a", S3),
        "443": test_network(PortRange::one(443)).trace("a", S3),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html>: a network ACL filters only
/// traffic that crosses the border of the subnet.
#[test]
fn a_network_acl_does_not_filter_traffic_within_a_subnet() {
    let test_network = || {
        TestNetwork::new().database(vec![tcp(5432, "10.40.0.0/16")]).acl(|acl| {
            acl.inbound.clear();
            acl.outbound.clear();
        })
    };
    assert_traces!(
        "from the destination's own subnet": test_network().trace("b", "10.40.16.7:5432"),
        "from another subnet": test_network().trace("a", "10.40.16.7:5432"),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>: a rule for IPv4 does not match IPv6.
#[test]
fn ipv4_rules_of_a_network_acl_do_not_match_ipv6() {
    let test_network = TestNetwork::new().dual_stack().route("rtb-private", "::/0", igw()).acl(|acl| {
        acl.outbound.retain(|rule| rule.remote.addr().is_ipv4());
    });
    assert_traces!("out to 0.0.0.0/0 only": test_network.trace("a", "[2606:4700::1111]:443"));
}

// Routes.

/// <https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html>: the most specific route
/// decides, regardless of its kind.
#[test]
fn the_most_specific_route_decides() {
    let test_network = || TestNetwork::new().behind_nat().gateway_endpoint(&["rtb-private"]);
    assert_traces!(
        "S3's prefix list and 0.0.0.0/0": test_network().trace("a", S3),
        "a more specific range and S3's prefix list": test_network().route("rtb-private", "52.218.128.0/20", nat()).trace("a", S3),
        "an address outside S3's prefix list": test_network().trace("a", OKTA),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html>: for the same prefix,
/// static routes come before prefix lists, and prefix lists before propagated routes.
#[test]
fn static_routes_come_before_prefix_lists_and_these_before_propagated_routes() {
    let test_network = || TestNetwork::new().behind_nat().gateway_endpoint(&["rtb-private"]);
    let list = PrefixListId::from("pl-s3");
    let first =
        test_network().0.network.prefix_lists.get(&list).unwrap().cidrs.clone().unwrap()[0].to_string();
    let propagated =
        |test_network: TestNetwork| last_route(test_network, |route| route.origin = RouteOrigin::Propagated);
    assert_traces!(
        "a static route for a range of the list": test_network().route("rtb-private", &first, nat()).trace("a", S3),
        "a propagated route":
            propagated(test_network().route("rtb-private", &first, RouteTarget::of("vgw-1"))).trace("a", S3),
        "a propagated and a static default route":
            propagated(TestNetwork::new().behind_nat().route("rtb-private", "0.0.0.0/0", RouteTarget::of("vgw-1"))).trace("a", OKTA),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html>: between two prefix lists
/// with the same range AWS chooses at random.
#[test]
fn between_two_prefix_lists_aws_chooses_one() {
    let test_network = TestNetwork::new()
        .behind_nat()
        .gateway_endpoint(&["rtb-private"])
        .with(|network| {
            let mut copy = network.prefix_lists.get(&PrefixListId::from("pl-s3")).unwrap().clone();
            copy.id = PrefixListId::from("pl-own");
            "own".clone_into(&mut copy.name);
            network.prefix_lists.insert(copy);
        })
        .route("rtb-private", "pl-own", nat());
    assert_traces!("a customer-managed prefix list with S3's ranges": test_network.trace("a", S3));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html>: a route whose target was
/// deleted is a blackhole, and drops the packets for which it is the most specific route.
#[test]
fn a_blackhole_route_drops_packets_if_it_is_the_most_specific() {
    let test_network = last_route(
        TestNetwork::new().behind_nat().route("rtb-private", "8.8.8.0/24", RouteTarget::of("pcx-1")),
        |route| route.state = RouteState::Blackhole,
    );
    assert_traces!("an address in its range": test_network.trace("a", "8.8.8.8"), "an address outside its range": test_network.trace("a", "8.8.9.9"));
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html>: `filtered` routes are not in
/// effect.
#[test]
fn a_filtered_route_is_ignored_and_an_unknown_route_state_is_unknown() {
    let test_network = |state: RouteState| {
        last_route(
            TestNetwork::new().behind_nat().route("rtb-private", "8.8.8.0/24", RouteTarget::of("eni-1")),
            |route| {
                route.state = state;
            },
        )
    };
    assert_traces!("filtered": test_network(RouteState::Filtered).trace("a", "8.8.8.8"), "an unknown state": test_network(RouteState::Other("resting".to_owned())).trace("a", "8.8.8.8"));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html>: a subnet without an association
/// uses the main route table.
#[test]
fn a_subnet_without_an_association_uses_the_main_route_table() {
    let test_network = TestNetwork::new().gateway_endpoint(&["rtb-private"]);
    assert_traces!("associated": test_network.trace("a", S3), "not associated": test_network.trace("c", S3));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html>: every route table has a local
/// route for each of the VPC's ranges.
#[test]
fn the_local_route_reaches_network_interfaces_of_the_vpc() {
    let test_network = || TestNetwork::new().database(vec![tcp(5432, "10.40.0.0/16")]);
    assert_traces!(
        "a network interface that allows the source": test_network().trace("a", "10.40.16.7:5432"),
        "on another port": test_network().trace("a", "10.40.16.7:6379"),
        "an address without a known network interface": test_network().trace("a", "10.40.16.8:5432"),
    );
}

// Route targets.

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>: the endpoint must be
/// available.
#[test]
fn a_gateway_endpoint_must_be_available() {
    let state = |state: &str| {
        endpoint(with_gateway(), "vpce-s3", |endpoint| endpoint.state = state.into()).trace("a", S3)
    };
    let unread =
        with_gateway().denied(Call::DescribeVpcEndpoints, |network| network.endpoints = Table::default());
    assert_traces!("available": state("available"), "deleting": state("deleting"), "not read": unread.trace("a", S3));
}

/// <https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>: the network interfaces of a connector
/// have no public IPv4 address, which an internet gateway requires.
#[test]
fn an_internet_gateway_carries_no_ipv4_of_a_connector() {
    assert_traces!("0.0.0.0/0 to the internet gateway": TestNetwork::new().default_route(&igw()).trace("a", OKTA));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html>: IPv6 needs no translation.
#[test]
fn an_internet_gateway_carries_public_ipv6() {
    let test_network = || TestNetwork::new().dual_stack().route("rtb-private", "::/0", igw());
    let unattached = test_network().with(|network| {
        network.internet_gateways.iter_mut().for_each(|gateway| gateway.attached_to = None);
    });
    let local =
        subnet(test_network(), "subnet-a", |subnet| subnet.ipv6_cidrs = vec!["fd00:1::/64".parse().unwrap()]);
    let mut ipv4_only = test_network();
    ipv4_only.0.workloads.iter_mut().for_each(|workload| workload.dual_stack = false);
    assert_traces!(
        "a public range": test_network().trace("a", "[2606:4700::1111]:443"),
        "the gateway is not attached": unattached.trace("a", "[2606:4700::1111]:443"),
        "the subnet's range is private": local.trace("a", "[2606:4700::1111]:443"),
        "the service has IPv4 only": ipv4_only.trace("a", "[2606:4700::1111]:443"),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html>: outbound IPv6 only.
#[test]
fn an_egress_only_internet_gateway_carries_outbound_ipv6() {
    let test_network = |attached: Option<&str>| {
        TestNetwork::new()
            .dual_stack()
            .with(|network| {
                network.egress_only_internet_gateways.insert(EgressOnlyInternetGateway {
                    id: EgressOnlyInternetGatewayId::from("eigw-1"),
                    attached_to: attached.map(VpcId::from),
                });
            })
            .route("rtb-private", "::/0", RouteTarget::of("eigw-1"))
    };
    assert_traces!(
        "attached to this VPC": test_network(Some("vpc-1")).trace("a", "[2606:4700::1111]:443"),
        "attached to another VPC": test_network(Some("vpc-2")).trace("a", "[2606:4700::1111]:443"),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>: a public NAT gateway in a public
/// subnet has internet access.
#[test]
fn a_nat_gateway_in_a_public_subnet_has_internet_access() {
    assert_traces!("a third party": TestNetwork::new().behind_nat().trace("a", OKTA), "S3": TestNetwork::new().behind_nat().trace("a", S3));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>: it must be
/// available, public, and in the source's VPC.
#[test]
fn a_nat_gateway_must_be_available_public_and_in_this_vpc() {
    let test_network = |state, connectivity| {
        TestNetwork::new().nat(state, connectivity, "subnet-public").default_route(&nat()).trace("a", OKTA)
    };
    let elsewhere = nat_gateway(TestNetwork::new().behind_nat(), |nat| nat.vpc = VpcId::from("vpc-2"));
    let gone = TestNetwork::new().default_route(&nat());
    assert_traces!(
        "pending": test_network("pending", NatConnectivity::Public),
        "failed": test_network("failed", NatConnectivity::Public),
        "private": test_network("available", NatConnectivity::Private),
        "in another VPC": elsewhere.trace("a", OKTA),
        "deleted": gone.trace("a", OKTA),
        "not read": gone.denied(Call::DescribeNatGateways, |_| {}).trace("a", OKTA),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>: the gateway's own
/// subnet needs a route to an internet gateway.
#[test]
fn the_subnet_of_a_nat_gateway_needs_a_route_to_an_internet_gateway() {
    let in_private =
        TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-c").default_route(&nat());
    let detached = TestNetwork::new().behind_nat().with(|network| {
        network.internet_gateways.iter_mut().for_each(|gateway| gateway.attached_to = None);
    });
    let by_endpoint = TestNetwork::new().behind_nat().gateway_endpoint(&["rtb-public"]);
    assert_traces!(
        "in a subnet with a default route to itself": in_private.trace("a", OKTA),
        "the internet gateway is detached": detached.trace("a", OKTA),
        "a gateway endpoint in its route table": by_endpoint.trace("a", S3),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html>: the source ports of a NAT
/// gateway are 1024-65535, so its subnet must allow replies to these ports.
#[test]
fn the_subnet_of_a_nat_gateway_must_allow_replies_to_all_its_ports() {
    let test_network = |ports| {
        TestNetwork::new().behind_nat().with(|network| {
            let mut public = network.network_acls.get(&NetworkAclId::from("acl-1")).unwrap().clone();
            network
                .network_acls
                .get_mut(&NetworkAclId::from("acl-1"))
                .unwrap()
                .subnets
                .retain(|id| id.as_str() != "subnet-public");
            public.id = NetworkAclId::from("acl-public");
            public.subnets = vec![SubnetId::from("subnet-public")];
            public.inbound = vec![
                rule(90, AclAction::Allow, PortRange::one(443), "10.40.0.0/16"),
                rule(100, AclAction::Allow, ports, "0.0.0.0/0"),
            ];
            network.network_acls.insert(public);
        })
    };
    assert_traces!(
        "1024-65535": test_network(PortRange { from: 1024, to: 65535 }).trace("a", OKTA),
        "Linux's ephemeral ports, which are not enough": test_network(PortRange { from: 32768, to: 60999 }).trace("a", OKTA),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>: a NAT gateway uses the ports 1024-65535. A rule that denies
/// an administration port denies the replies of the few connections that use this port.
#[test]
fn a_rule_that_denies_replies_to_an_administration_port_does_not_decide() {
    let range = |from, to| PortRange { from, to };
    let with_deny = |ranges: &[PortRange]| {
        TestNetwork::new().behind_nat().acl(|acl| {
            for (number, ports) in (50..).zip(ranges) {
                acl.inbound.insert(0, rule(number, AclAction::Deny, *ports, "0.0.0.0/0"));
            }
        })
    };
    assert_traces!(
        "Remote Desktop and PostgreSQL": with_deny(&[PortRange::one(3389), PortRange::one(5432)]).trace("a", OKTA),
        "a longer range": with_deny(&[range(3000, 3999)]).trace("a", OKTA),
        "two ranges that are together longer": with_deny(&[range(3001, 3040), range(4001, 4040)]).trace("a", OKTA),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html>: a regional NAT gateway has
/// no subnet and its own route table, and serves the AZs that it has.
#[test]
fn a_regional_nat_gateway_has_its_own_route_table_and_azs() {
    let test_network = |table: Option<&str>, zones: &[&str], expands| {
        nat_gateway(TestNetwork::new().behind_nat(), |nat| {
            nat.placement = NatPlacement::Regional {
                route_table: table.map(RouteTableId::from),
                zones: zones.iter().map(|zone| AvailabilityZone::from(*zone)).collect(),
                expands,
            };
        })
        .trace("a", OKTA)
    };
    assert_traces!(
        "its route table has a route to the internet gateway": test_network(Some("rtb-public"), &[], true),
        "manually chosen AZs with that of the source": test_network(Some("rtb-public"), &["us-west-2a"], false),
        "manually chosen AZs without that of the source": test_network(Some("rtb-public"), &["us-west-2b"], false),
        "AWS adds AZs automatically": test_network(Some("rtb-public"), &["us-west-2b"], true),
        "its route table was not read": test_network(None, &[], true),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-inspect-traffic.html>: with a firewall
/// proxy attached, only traffic to the proxy passes.
#[test]
fn a_nat_gateway_with_a_firewall_proxy_is_unknown() {
    assert_traces!("attached": nat_gateway(TestNetwork::new().behind_nat(), |nat| nat.has_appliance = true).trace("a", OKTA));
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGatewayAddress.html>: an address has a status; only an address with
/// the status `succeeded` is certainly in use.
#[test]
fn a_nat_gateway_without_an_address_in_use_is_unknown() {
    let with_status = |nat: &mut NatGateway| nat.unusable_addresses = Some("failed".to_owned());
    assert_traces!("failed": nat_gateway(TestNetwork::new().behind_nat(), with_status).trace("a", OKTA));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html>: a NAT gateway translates
/// IPv6 only for `64:ff9b::/96`.
#[test]
fn ipv6_through_a_nat_gateway_is_unknown() {
    let test_network = TestNetwork::new().dual_stack().behind_nat().route("rtb-private", "::/0", nat());
    assert_traces!("::/0 to the NAT gateway": test_network.trace("a", "[2606:4700::1111]:443"));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html>: the network behind a transit
/// gateway, a virtual private gateway or an unknown target is not in this VPC's configuration.
#[test]
fn targets_outside_the_vpc_are_unknown() {
    let to = |target: &str| TestNetwork::new().default_route(&RouteTarget::of(target)).trace("a", OKTA);
    assert_traces!(
        "a transit gateway": to("tgw-1"),
        "a virtual private gateway": to("vgw-1"),
        "a core network": to("arn:aws:networkmanager::123456789012:core-network/core-network-1"),
        "an unknown kind of target": to("xyz-1"),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>: a peering connection gives no
/// access to the internet or to endpoints.
#[test]
fn a_peering_connection_carries_only_addresses_of_the_peer_vpc() {
    let test_network = || {
        TestNetwork::new().default_route(&RouteTarget::of("pcx-1")).route(
            "rtb-private",
            "10.99.0.0/16",
            RouteTarget::of("pcx-1"),
        )
    };
    assert_traces!("the internet": test_network().trace("a", OKTA), "the peer's range": test_network().trace("a", "10.99.1.1:5432"));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html>: an instance forwards
/// packets only with its source/destination check off.
#[test]
fn a_nat_instance_needs_the_source_destination_check_off() {
    let test_network = |check| {
        TestNetwork::new()
            .database(vec![any(Peer::Ipv4("10.40.0.0/16".parse().unwrap()))])
            .with(|network| {
                let interface =
                    network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
                interface.source_dest_check = check;
            })
            .default_route(&RouteTarget::of("eni-db"))
            .trace("a", OKTA)
    };
    assert_traces!("the check is on": test_network(Some(true)), "it is off": test_network(Some(false)), "it was not read": test_network(None));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/gateway-load-balancer-endpoints.html>: an appliance
/// behind a Gateway Load Balancer endpoint decides whether packets pass.
#[test]
fn a_gateway_load_balancer_endpoint_is_unknown() {
    let test_network = TestNetwork::new()
        .with(|network| {
            network.endpoints.insert(Endpoint {
                id: EndpointId::from("vpce-fw"),
                vpc: VpcId::from("vpc-1"),
                service: "com.amazonaws.vpce.us-west-2.vpce-svc-1".to_owned(),
                state: EndpointState::Available,
                kind: EndpointKind::Other("GatewayLoadBalancer".to_owned()),
                policy: None,
                tags: std::collections::BTreeMap::new(),
            });
        })
        .default_route(&RouteTarget::of("vpce-fw"));
    assert_traces!("0.0.0.0/0 to it": test_network.trace("a", OKTA));
}

// Controls over internet gateways and endpoints.

/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html>: bidirectional mode also
/// blocks NAT gateways, ingress mode does not.
#[test]
fn block_public_access_blocks_internet_traffic_by_its_mode() {
    let test_network = |of: BlockPublicAccess, of_nat: BlockPublicAccess| {
        TestNetwork::new()
            .behind_nat()
            .with(|network| {
                network.subnets.iter_mut().for_each(|subnet| subnet.block_public_access = of.clone());
                let public = network.subnets.get_mut(&SubnetId::from("subnet-public")).unwrap();
                public.block_public_access = of_nat;
            })
            .trace("a", OKTA)
    };
    let both = || BlockPublicAccess::BlockBidirectional;
    assert_traces!(
        "bidirectional": test_network(both(), both()),
        "ingress only": test_network(BlockPublicAccess::BlockIngress, BlockPublicAccess::BlockIngress),
        "the NAT gateway's subnet is excluded": test_network(both(), BlockPublicAccess::Off),
        "an unknown mode": test_network(BlockPublicAccess::Off, BlockPublicAccess::Other("block-all".to_owned())),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html>: in enforce mode
/// endpoints drop unencrypted traffic.
#[test]
fn encryption_controls_drop_unencrypted_traffic_at_endpoints() {
    let test_network = |mode: EncryptionControl, host: &str| {
        with_gateway().vpc(|vpc| vpc.encryption = mode).trace("a", host)
    };
    assert_traces!(
        "enforced, port 443": test_network(EncryptionControl::Enforce, S3),
        "enforced, port 80": test_network(EncryptionControl::Enforce, &format!("{S3}:80")),
        "monitored, port 80": test_network(EncryptionControl::Monitor, &format!("{S3}:80")),
    );
}

// Interface endpoints, and other network interfaces in the VPC.

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>: its security groups
/// must allow the source on the port.
#[test]
fn the_security_group_of_an_interface_endpoint_must_allow_the_source() {
    let test_network = |allowed| TestNetwork::new().interface_endpoint(allowed);
    let by_group = test_network("10.99.0.0/16").with(|network| {
        let group = network.security_groups.get_mut(&SecurityGroupId::from("sg-endpoint")).unwrap();
        group.ingress = vec![any(Peer::Group(SecurityGroupId::from("sg-app")))];
    });
    assert_traces!(
        "the VPC's range": test_network("10.40.0.0/16").trace("a", SECRETS),
        "the range of another subnet": test_network("10.40.16.0/20").trace("a", SECRETS),
        "the connector's security group": by_group.trace("a", SECRETS),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html>: only an available endpoint carries
/// packets and has private DNS.
#[test]
fn an_interface_endpoint_must_be_available() {
    let test_network = |state: &str| {
        endpoint(TestNetwork::new().interface_endpoint("10.40.0.0/16"), "vpce-secrets", |endpoint| {
            endpoint.state = state.into();
        })
    };
    assert_traces!("by name": test_network("pending").trace("a", SECRETS), "by address": test_network("pending").trace("a", "10.40.0.9"));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html>: the network ACL of the
/// endpoint's subnet filters both directions.
#[test]
fn the_network_acl_of_an_endpoints_subnet_filters_both_directions() {
    let test_network = |inbound, outbound| {
        TestNetwork::new()
            .interface_endpoint("10.40.0.0/16")
            .with(|network| {
                let mut own = network.network_acls.get(&NetworkAclId::from("acl-1")).unwrap().clone();
                network
                    .network_acls
                    .get_mut(&NetworkAclId::from("acl-1"))
                    .unwrap()
                    .subnets
                    .retain(|id| id.as_str() != "subnet-a");
                own.id = NetworkAclId::from("acl-endpoint");
                own.subnets = vec![SubnetId::from("subnet-a")];
                own.inbound = vec![rule(100, AclAction::Allow, inbound, "10.40.0.0/16")];
                own.outbound = vec![rule(100, AclAction::Allow, outbound, "10.40.0.0/16")];
                network.network_acls.insert(own);
            })
            .trace("b", SECRETS)
    };
    let replies = PortRange { from: 32768, to: 60999 };
    assert_traces!(
        "443 in, replies out": test_network(PortRange::one(443), replies),
        "no 443 in": test_network(PortRange::one(80), replies),
        "no replies out": test_network(PortRange::one(443), PortRange::one(443)),
    );
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html>: a
/// database's name resolves to a private address, which only DNS shows.
#[test]
fn a_private_database_is_decided_by_its_address_and_unknown_by_its_name() {
    let test_network = TestNetwork::new().database(vec![tcp(5432, "10.40.0.0/16")]);
    assert_traces!(
        "by address": test_network.trace("a", "10.40.16.7:5432"),
        "by name": test_network.trace("a", "bond.abc123.us-west-2.rds.amazonaws.com:5432"),
    );
}

// Missing data.

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>: `UnauthorizedOperation`
/// gives no information about the network.
#[test]
fn a_denied_call_makes_its_layer_unknown_and_names_the_iam_action() {
    let denied = |call, forget: fn(&mut Network)| {
        TestNetwork::new().behind_nat().denied(call, forget).trace("a", OKTA)
    };
    assert_traces!(
        "security groups": denied(Call::DescribeSecurityGroups, |network| network.security_groups = Table::default()),
        "network ACLs": denied(Call::DescribeNetworkAcls, |network| network.network_acls = Table::default()),
        "route tables": denied(Call::DescribeRouteTables, |network| network.route_tables = Table::default()),
        "NAT gateways": denied(Call::DescribeNatGateways, |network| network.nat_gateways = Table::default()),
        "internet gateways": denied(Call::DescribeInternetGateways, |network| network.internet_gateways = Table::default()),
        "subnets": denied(Call::DescribeSubnets, |network| network.subnets = Table::default()),
    );
}
