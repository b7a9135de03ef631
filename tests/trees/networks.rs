//! The networks in AWS that the cases name.

use egress_doctor::model::{
    AvailabilityZone, EndpointId, EndpointKind, NatConnectivity, NatGatewayId, Peer, PortRange, Protocol,
    RouteDestination, RouteState, RouteTableId, RouteTarget, SecurityGroupId, SecurityGroupRule, Subnet,
    SubnetId,
};

use crate::support::network::{TestNetwork, nat, tcp};

/// The base network ([`TestNetwork`]) with these changes, made in order. The service's security group,
/// `sg-app`, has the name `bond-app`, as in the code of most cases.
pub fn network(changes: &[String]) -> TestNetwork {
    let base = group_name(TestNetwork::new(), "sg-app", "bond-app");
    changes.iter().fold(base, |network, change| apply(network, change))
}

fn apply(network: TestNetwork, change: &str) -> TestNetwork {
    match change {
        // The service's security group sg-app.
        "no-outbound-rules" => network.egress_rules(Vec::new()),
        "outbound-rule-for-postgres-only" => network.egress_rules(vec![SecurityGroupRule {
            protocol: Protocol::Tcp,
            ports: PortRange::one(5432),
            peer: Peer::Ipv4("10.0.0.0/8".parse().unwrap()),
        }]),
        "service-group-with-another-name" => group_name(network, "sg-app", "bond-ai-dev-app-runner-20261101"),

        "service-group-is-the-default-group" => group_name(network, "sg-app", "default"),
        "service-group-named-bond-dev-app" => group_name(network, "sg-app", "bond-dev-app"),
        "default-group-allows-nothing" => default_group(network),

        // The interface endpoint vpce-secrets of Secrets Manager in subnet-a, with the security group
        // sg-endpoint.
        "interface-endpoint" => network.interface_endpoint("10.40.0.0/16"),
        "interface-endpoint-denies-service" => {
            group_name(network.interface_endpoint("10.99.0.0/16"), "sg-endpoint", "bond-endpoints")
        }
        "endpoint-group-named-bond-ai-endpoints" => group_name(network, "sg-endpoint", "bond-ai-endpoints"),
        "endpoint-uses-default-group" => group_name(network, "sg-endpoint", "default"),
        "private-dns-off" => network.with(|network| {
            let endpoint = network.endpoints.get_mut(&EndpointId::from("vpce-secrets")).unwrap();
            let EndpointKind::Interface { private_dns, .. } = &mut endpoint.kind else { panic!() };
            *private_dns = false;
        }),

        // The gateway endpoint vpce-s3 of S3.
        "gateway-endpoint-on-private-tables" => network.gateway_endpoint(&["rtb-private", "rtb-main"]),
        "gateway-endpoint-on-table-of-subnet-a" => network.gateway_endpoint(&["rtb-private"]),
        "gateway-endpoint-on-public-table" => network.gateway_endpoint(&["rtb-public"]),

        // The VPC vpc-1.
        "dns-support-off" => network.dns(false),
        "dns-hostnames-off" => network.vpc(|vpc| vpc.dns.hostnames = Some(false)),
        "vpc-named-bond-dev" => {
            network.vpc(|vpc| vpc.tags = [("Name".to_owned(), "bond-dev".to_owned())].into())
        }
        "vpc-with-unusual-tags" => network.vpc(|vpc| {
            vpc.tags = [
                ("Name", "bond \"main\""),
                ("Team", "${ai}"),
                ("cost centre", "7"),
                ("aws:cloudformation:stack-name", "x"),
            ]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
        }),

        // The network ACL acl-1 of all subnets.
        "acl-denies-inbound" => acl_denies_inbound(network),
        "acl-admits-the-vpc-only" => acl_admits_the_vpc_only(network),

        "default-acl" => default_acl(network),

        // The NAT gateway nat-1, with default routes to it in rtb-private and rtb-main.
        "nat-gateway" => network.behind_nat(),
        // The NAT gateway nat-1 without a route to it, and a NAT instance, eni-nat.
        "unused-nat-gateway" => network.nat("available", NatConnectivity::Public, "subnet-public"),
        // The NAT gateway nat-1 with the name bond-nat, and a default route to it in rtb-private alone.
        "nat-gateway-for-the-table-of-subnet-a" => network
            .nat("available", NatConnectivity::Public, "subnet-public")
            .with(|network| {
                let gateway = network.nat_gateways.get_mut(&NatGatewayId::from("nat-1")).unwrap();
                gateway.tags = [("Name".to_owned(), "bond-nat".to_owned())].into();
            })
            .route("rtb-private", "0.0.0.0/0", nat()),
        "nat-instance" => network.nat_instance(),
        "deleted-nat-instance" => network.deleted_nat_instance(),
        "internet-gateway-detached" => network.without_internet_gateway(),
        "no-internet-gateway" => network.isolated_from_the_internet(),
        "public-subnets-only" => network.public_only(),
        "dual-stack" => network.dual_stack(),
        "peer-vpc-without-routes" => peer_without_routes(),
        // A database, eni-db, whose security group sg-db allows nothing.
        "database-denies-service" => group_name(network.database(Vec::new()), "sg-db", "bond-db"),
        // The default routes of the private tables lead to nat-1, which AWS no longer has.
        "nat-gateway-deleted" => deleted_nat_gateway(network),
        "nat-gateway-in-private-subnet" => {
            network.nat("available", NatConnectivity::Public, "subnet-b").default_route(&nat())
        }
        "nat-gateway-named" => network.with(|network| {
            let gateway = network.nat_gateways.get_mut(&NatGatewayId::from("nat-1")).unwrap();
            gateway.tags = [("Name".to_owned(), "bond-nat".to_owned())].into();
        }),
        "no-internet-route" => network.with(|network| {
            let table = network.route_tables.get_mut(&RouteTableId::from("rtb-public")).unwrap();
            table.routes.retain(|route| !matches!(route.target, RouteTarget::InternetGateway(_)));
        }),

        // The connector is in subnet-a and subnet-b, whose route table is rtb-private.
        "connector-in-subnets-a-and-b" => connector_in(network, &["subnet-a", "subnet-b"]),
        // The connector is in subnet-a alone, whose route table is rtb-private.
        "connector-in-subnet-a" => connector_in(network, &["subnet-a"]),
        // The route table rtb-b of subnet-b alone.
        "route-table-for-each-subnet" => network.with(|network| {
            let private = network.route_tables.get_mut(&RouteTableId::from("rtb-private")).unwrap();
            private.subnets.retain(|subnet| subnet.as_str() == "subnet-a");
            let mut table = private.clone();
            private.tags = [("Name".to_owned(), "bond-private-a".to_owned())].into();
            table.id = RouteTableId::from("rtb-b");
            table.subnets = vec![SubnetId::from("subnet-b")];
            table.tags = [("Name".to_owned(), "bond-private-b".to_owned())].into();
            network.route_tables.insert(table);
        }),

        // Subnets.
        "public-subnet-named" => network.with(|network| {
            let subnet = network.subnets.get_mut(&SubnetId::from("subnet-public")).unwrap();
            subnet.tags = [("Name".to_owned(), "bond-public".to_owned())].into();
        }),
        "public-subnet-named-by-its-zone" => network.with(|network| {
            let subnet = network.subnets.get_mut(&SubnetId::from("subnet-public")).unwrap();
            subnet.tags = [("Name".to_owned(), "bond-public-us-west-2a".to_owned())].into();
        }),
        // The public subnet is the only subnet of its AZ.
        "public-subnet-in-another-zone" => public_subnet_in_another_zone(network),
        // The public subnet subnet-public-b in the AZ of subnet-b, with the route table of the other public subnet.
        "public-subnet-in-each-zone" => public_subnet_in_each_zone(network),
        "subnet-with-nat-gateway" => subnet_with_nat_gateway(network),
        _ => apply_other(network, change),
    }
}

/// Changes of databases, prefix lists and gateways.
fn apply_other(network: TestNetwork, change: &str) -> TestNetwork {
    match change {
        // subnet-c has a route table of its own, without a default route.
        "third-subnet-without-default-route" => network.with(|network| {
            let private = network.route_tables.get_mut(&RouteTableId::from("rtb-private")).unwrap();
            let mut table = private.clone();
            private.subnets = ["subnet-a", "subnet-b"].map(SubnetId::from).to_vec();
            table.id = RouteTableId::from("rtb-c");
            table.subnets = vec![SubnetId::from("subnet-c")];
            table.routes.retain(|route| !matches!(route.target, RouteTarget::NatGateway(_)));
            network.route_tables.insert(table);
        }),
        "database-allows-present-subnets" => group_name(
            network.database(
                ["10.40.0.0/20", "10.40.16.0/20", "10.40.32.0/20"].map(|range| tcp(5432, range)).to_vec(),
            ),
            "sg-db",
            "bond-db",
        ),
        "s3express-prefix-list" => network.s3express_list(),
        "private-table-with-a-peering-route" => network.with(|network| {
            let private = network.route_tables.get_mut(&RouteTableId::from("rtb-private")).unwrap();
            let mut route = private.routes.first().unwrap().clone();
            route.destination = RouteDestination::Ipv4("10.99.0.0/16".parse().unwrap());
            route.target = RouteTarget::of("pcx-1");
            private.routes.push(route);
        }),
        // subnet-a and subnet-b have the names that the VPC module of the registry gives them.
        "subnets-named-by-the-vpc-module" => network.with(|network| {
            for id in ["subnet-a", "subnet-b"] {
                let subnet = network.subnets.get_mut(&SubnetId::from(id)).unwrap();
                subnet.tags = [("Name".to_owned(), format!("bond-dev-private-{}", subnet.zone))].into();
            }
        }),
        // All subnets are the default subnets of their AZs.
        "default-subnets" => network.with(|network| {
            network.subnets.iter_mut().for_each(|subnet| subnet.default_for_az = Some(true));
        }),
        other => panic!("{other} is no change of the network that tests/trees/networks.rs has"),
    }
}

fn public_subnet_in_another_zone(network: TestNetwork) -> TestNetwork {
    network.with(|network| {
        let subnet = network.subnets.get_mut(&SubnetId::from("subnet-public")).unwrap();
        subnet.zone = AvailabilityZone::from("us-west-2d");
    })
}

fn acl_denies_inbound(network: TestNetwork) -> TestNetwork {
    network.acl(|acl| {
        acl.inbound.retain(|rule| rule.number == 32767);
        acl.tags = [("Name".to_owned(), "bond-private".to_owned())].into();
    })
}

fn acl_admits_the_vpc_only(network: TestNetwork) -> TestNetwork {
    network.acl(|acl| {
        for rule in acl.inbound.iter_mut().filter(|rule| rule.number != 32767) {
            rule.remote = "10.40.0.0/16".parse().unwrap();
        }
        acl.tags = [("Name".to_owned(), "bond-private".to_owned())].into();
    })
}

fn default_acl(network: TestNetwork) -> TestNetwork {
    network.acl(|acl| {
        acl.default = true;
        acl.tags.clear();
    })
}

fn group_name(network: TestNetwork, group: &str, name: &str) -> TestNetwork {
    network.with(|network| {
        name.clone_into(&mut network.security_groups.get_mut(&SecurityGroupId::from(group)).unwrap().name);
    })
}

/// The default security group of the VPC, without inbound rules.
fn default_group(network: TestNetwork) -> TestNetwork {
    network.with(|network| {
        let mut group = network.security_groups.get(&SecurityGroupId::from("sg-app")).unwrap().clone();
        group.id = SecurityGroupId::from("sg-default");
        "default".clone_into(&mut group.name);
        group.ingress = Vec::new();
        network.security_groups.insert(group);
    })
}

fn connector_in(network: TestNetwork, subnets: &[&str]) -> TestNetwork {
    network.with(|network| {
        let arn = network.connectors.iter().next().unwrap().arn.clone();
        let connector = network.connectors.get_mut(&arn).unwrap();
        connector.subnets.retain(|subnet| subnets.contains(&subnet.as_str()));
    })
}

fn deleted_nat_gateway(network: TestNetwork) -> TestNetwork {
    network.with(|network| {
        let mut private = network.route_tables.get(&RouteTableId::from("rtb-private")).unwrap().clone();
        for route in private.routes.iter_mut().filter(|route| route.target == nat()) {
            route.state = RouteState::Blackhole;
        }
        for id in ["rtb-private", "rtb-b"] {
            if let Some(table) = network.route_tables.get_mut(&RouteTableId::from(id)) {
                table.routes.clone_from(&private.routes);
            }
        }
        let others = network.nat_gateways.iter().filter(|gateway| gateway.id.as_str() != "nat-1");
        network.nat_gateways = others.cloned().collect();
    })
}

/// The NAT gateway nat-1, and subnet-d with a route table of its own, rtb-out, that has a default route to
/// it.
fn subnet_with_nat_gateway(network: TestNetwork) -> TestNetwork {
    let network = network.nat("available", NatConnectivity::Public, "subnet-public").with(|network| {
        network.subnets.insert(Subnet {
            id: SubnetId::from("subnet-d"),
            zone: AvailabilityZone::from("us-west-2d"),
            cidr: Some("10.40.200.0/24".parse().unwrap()),
            ..network.subnets.get(&SubnetId::from("subnet-a")).unwrap().clone()
        });
        let mut table = network.route_tables.get(&RouteTableId::from("rtb-private")).unwrap().clone();
        table.id = RouteTableId::from("rtb-out");
        table.subnets = vec![SubnetId::from("subnet-d")];
        network.route_tables.insert(table);
        network.network_acls.iter_mut().for_each(|acl| acl.subnets.push(SubnetId::from("subnet-d")));
    });
    network.route("rtb-out", "0.0.0.0/0", nat())
}

fn public_subnet_in_each_zone(network: TestNetwork) -> TestNetwork {
    network.with(|network| {
        let public = network.subnets.get(&SubnetId::from("subnet-public")).unwrap().clone();
        network.subnets.insert(Subnet {
            id: SubnetId::from("subnet-public-b"),
            zone: AvailabilityZone::from("us-west-2b"),
            cidr: Some("10.40.97.0/24".parse().unwrap()),
            tags: [("Name".to_owned(), "bond-public-b".to_owned())].into(),
            ..public
        });
        let table = network.route_tables.get_mut(&RouteTableId::from("rtb-public")).unwrap();
        table.subnets.push(SubnetId::from("subnet-public-b"));
        network.network_acls.iter_mut().for_each(|acl| acl.subnets.push(SubnetId::from("subnet-public-b")));
    })
}

/// A peer VPC whose database allows the range of the VPC, and no route to it.
fn peer_without_routes() -> TestNetwork {
    TestNetwork(
        group_name(
            TestNetwork::peered(vec![]).with(|network| {
                for table in network.route_tables.iter_mut() {
                    table.routes.retain(|route| !matches!(route.target, RouteTarget::Peering(_)));
                }
                network.security_groups.get_mut(&"sg-db".into()).unwrap().ingress = vec![SecurityGroupRule {
                    protocol: Protocol::Tcp,
                    ports: PortRange::one(5432),
                    peer: Peer::Ipv4("10.40.0.0/16".parse().unwrap()),
                }];
            }),
            "sg-app",
            "bond-app",
        )
        .0,
    )
}
