//! Roots as teams write them, a remedy each.

use super::*;

pub fn trees() -> Vec<Tree> {
    use RemedyId::*;
    let mut trees = Vec::new();
    let mut add = |one: Tree| trees.push(one);

    // Outbound rules of the connector's group.
    let https = &["secretsmanager.us-west-2.amazonaws.com"];
    add(tree(
        "egress-inline",
        shut(),
        https,
        &[SecurityGroupEgress],
        &[(
            "security.tf",
            "resource \"aws_security_group\" \"app\" {\n  name   = \"bond-app\"\n  vpc_id = \"vpc-1\"\n\n  egress {\n    from_port   = 5432\n    to_port     = 5432\n    protocol    = \"tcp\"\n    cidr_blocks = [\"10.0.0.0/8\"]\n  }\n\n  tags = {\n    Name = \"bond-app\"\n  }\n}\n",
        )],
    ));
    add(tree(
        "egress-own-rules",
        shut(),
        https,
        &[SecurityGroupEgress],
        &[(
            "security.tf",
            &format!(
                "{GROUP}\nresource \"aws_vpc_security_group_egress_rule\" \"db\" {{\n  security_group_id = aws_security_group.app.id\n  ip_protocol       = \"tcp\"\n  from_port         = 5432\n  to_port           = 5432\n  cidr_ipv4         = \"10.0.0.0/8\"\n}}\n"
            ),
        )],
    ));
    add(tree(
        "egress-old-rules",
        shut(),
        https,
        &[SecurityGroupEgress],
        &[(
            "security.tf",
            &format!(
                "{GROUP}\nresource \"aws_security_group_rule\" \"db\" {{\n  security_group_id = aws_security_group.app.id\n  type              = \"egress\"\n  protocol          = \"tcp\"\n  from_port         = 5432\n  to_port           = 5432\n  cidr_blocks       = [\"10.0.0.0/8\"]\n}}\n"
            ),
        )],
    ));
    add(tree("egress-none-yet", shut(), &[S3], &[SecurityGroupEgress], &[("sg.tf", GROUP)]));
    add(tree(
        "egress-dynamic",
        shut(),
        https,
        &[SecurityGroupEgress],
        &[(
            "sg.tf",
            "resource \"aws_security_group\" \"app\" {\n  name   = \"bond-app\"\n  vpc_id = \"vpc-1\"\n\n  dynamic \"egress\" {\n    for_each = [5432]\n    content {\n      from_port   = egress.value\n      to_port     = egress.value\n      protocol    = \"tcp\"\n      cidr_blocks = [\"10.0.0.0/8\"]\n    }\n  }\n}\n",
        )],
    ));
    add(tree(
        "egress-attribute",
        shut(),
        https,
        &[SecurityGroupEgress],
        &[(
            "sg.tf",
            "resource \"aws_security_group\" \"app\" {\n  name   = \"bond-app\"\n  vpc_id = \"vpc-1\"\n  egress = []\n}\n",
        )],
    ));
    add(tree(
        "egress-group-elsewhere",
        shut(),
        https,
        &[SecurityGroupEgress],
        &[
            ("apprunner.tf", &SERVICE.replace("[aws_security_group.app.id]", "[var.group]")),
            (
                "vars.tf",
                "variable \"group\" {\n  type    = string\n  default = \"sg-app\"\n}\n\ndata \"aws_vpc\" \"main\" {\n  id = \"vpc-1\"\n}\n",
            ),
        ],
    ));
    add(tree(
        "egress-crlf-tabs",
        shut(),
        https,
        &[SecurityGroupEgress],
        &[(
            "security.tf",
            "resource \"aws_security_group\" \"app\" {\r\n\tname   = \"bond-app\"\r\n\tvpc_id = \"vpc-1\"\r\n\r\n\tegress {\r\n\t\tfrom_port   = 5432\r\n\t\tto_port     = 5432\r\n\t\tprotocol    = \"tcp\"\r\n\t\tcidr_blocks = [\"10.0.0.0/8\"]\r\n\t}\r\n}",
        )],
    ));
    add(tree(
        "egress-one-line-group",
        shut(),
        https,
        &[SecurityGroupEgress],
        &[("security.tf", "resource \"aws_security_group\" \"app\" { vpc_id = \"vpc-1\" }\n")],
    ));

    // Inbound rules of an endpoint's group.
    let refuses = || {
        World::new().interface_endpoint("10.99.0.0/16").with(|network| {
            network.security_groups.get_mut(&SecurityGroupId::from("sg-endpoint")).unwrap().name =
                "bond-endpoints".to_owned();
        })
    };
    let endpoint_group = "resource \"aws_security_group\" \"endpoints\" {\n  name   = \"bond-endpoints\"\n  vpc_id = \"vpc-1\"\n\n  # The batch machines\n  ingress {\n    from_port   = 443\n    to_port     = 443\n    protocol    = \"tcp\"\n    cidr_blocks = [\"10.99.0.0/16\"]\n  } # see ticket 7\n}\n";
    add(tree(
        "ingress-inline",
        refuses(),
        &[SECRETS],
        &[EndpointIngress],
        &[("sg.tf", GROUP), ("endpoints.tf", endpoint_group)],
    ));
    add(tree("ingress-elsewhere", refuses(), &[SECRETS], &[EndpointIngress], &[("sg.tf", GROUP)]));
    add(tree(
        "ingress-ambiguous",
        refuses(),
        &[SECRETS],
        &[EndpointIngress],
        &[
            ("sg.tf", GROUP),
            ("endpoints.tf", endpoint_group),
            ("copy.tf", &endpoint_group.replace("\"endpoints\"", "\"copy\"")),
        ],
    ));
    add(tree(
        "ingress-state-says",
        refuses(),
        &[SECRETS],
        &[EndpointIngress],
        &[
            ("sg.tf", GROUP),
            ("endpoints.tf", endpoint_group),
            ("copy.tf", &endpoint_group.replace("\"endpoints\"", "\"copy\"")),
            (
                "terraform.tfstate",
                r#"{"version": 4, "resources": [{"mode": "managed", "type": "aws_security_group", "name": "copy", "instances": [{"attributes": {"id": "sg-endpoint"}}]}, {"mode": "managed", "type": "aws_security_group", "name": "app", "instances": [{"attributes": {"id": "sg-app"}}]}]}"#,
            ),
        ],
    ));
    add(tree(
        "ingress-in-a-module",
        refuses(),
        &[SECRETS],
        &[EndpointIngress],
        &[
            ("sg.tf", GROUP),
            (
                "terraform.tfstate",
                r#"{"version": 4, "resources": [{"module": "module.network", "mode": "managed", "type": "aws_security_group", "name": "this", "instances": [{"attributes": {"id": "sg-endpoint"}}]}]}"#,
            ),
        ],
    ));

    // Network ACLs.
    let denies = || {
        World::new().behind_nat().acl(|acl| {
            acl.inbound.retain(|rule| rule.number == 32767);
            acl.tags = tag("bond-private");
        })
    };
    add(tree("nacl-elsewhere", denies(), &[OKTA], &[Nacl], &[("sg.tf", GROUP)]));
    add(tree(
        "nacl-inline",
        denies(),
        &[OKTA],
        &[Nacl],
        &[
            ("sg.tf", GROUP),
            (
                "nacl.tf",
                "resource \"aws_network_acl\" \"private\" {\n  vpc_id = \"vpc-1\"\n\n  ingress {\n    rule_no    = 200\n    action     = \"deny\"\n    protocol   = \"tcp\"\n    cidr_block = \"0.0.0.0/0\"\n    from_port  = 3389\n    to_port    = 3389\n  }\n\n  tags = { Name = \"bond-private\" }\n}\n",
            ),
        ],
    ));
    add(tree(
        "nacl-own-rules",
        denies(),
        &[OKTA],
        &[Nacl],
        &[
            ("sg.tf", GROUP),
            (
                "nacl.tf",
                "resource \"aws_network_acl\" \"private\" {\n  vpc_id = \"vpc-1\"\n\n  tags = {\n    \"Name\" = \"bond-private\"\n  }\n}\n",
            ),
        ],
    ));

    // The VPC's DNS attributes.
    let mute = || World::new().behind_nat().dns(false);
    let vpc = |line: &str| {
        format!(
            "resource \"aws_vpc\" \"main\" {{\n  cidr_block = \"10.40.0.0/16\"\n{line}\n  tags = {{\n    Name = \"bond\"\n  }}\n}}\n"
        )
    };
    let group_in_vpc = GROUP.replace("\"vpc-1\"", "aws_vpc.main.id");
    add(tree(
        "dns-literal",
        mute(),
        &[OKTA],
        &[VpcDns],
        &[
            ("sg.tf", &group_in_vpc),
            (
                "vpc.tf",
                &vpc("  enable_dns_support = false\n").replace("cidr_block =", "cidr_block         ="),
            ),
        ],
    ));
    add(tree(
        "dns-hostnames-missing",
        World::new().interface_endpoint("10.40.0.0/16").vpc(|vpc| vpc.dns.hostnames = Some(false)),
        &[SECRETS],
        &[VpcDns],
        &[("sg.tf", &group_in_vpc), ("vpc.tf", &vpc(""))],
    ));
    add(tree(
        "dns-tfvars",
        mute(),
        &[OKTA],
        &[VpcDns],
        &[
            ("sg.tf", &group_in_vpc),
            (
                "vpc.tf",
                &vpc("  enable_dns_support = var.dns\n").replace("cidr_block =", "cidr_block         ="),
            ),
            ("vars.tf", "variable \"dns\" {\n  type = bool\n}\n"),
            ("terraform.tfvars", "# switched off in 2023\ndns = false\n"),
        ],
    ));
    add(tree(
        "dns-default",
        mute(),
        &[OKTA],
        &[VpcDns],
        &[
            ("sg.tf", &group_in_vpc),
            (
                "vpc.tf",
                &vpc("  enable_dns_support = var.dns\n").replace("cidr_block =", "cidr_block         ="),
            ),
            ("vars.tf", "variable \"dns\" {\n  type    = bool\n  default = false\n}\n"),
        ],
    ));
    add(tree(
        "dns-expression",
        mute(),
        &[OKTA],
        &[VpcDns],
        &[
            ("sg.tf", &group_in_vpc),
            (
                "vpc.tf",
                &vpc("  enable_dns_support = terraform.workspace == \"prod\"\n")
                    .replace("cidr_block =", "cidr_block         ="),
            ),
        ],
    ));
    add(tree(
        "dns-elsewhere",
        mute(),
        &[OKTA],
        &[VpcDns],
        &[
            ("sg.tf", &GROUP.replace("\"vpc-1\"", "data.aws_vpc.main.id")),
            ("data.tf", "data \"aws_vpc\" \"main\" {\n  id = \"vpc-1\"\n}\n"),
        ],
    ));

    // A gateway endpoint that misses tables.
    let misses = || World::new().gateway_endpoint(&["rtb-public"]);
    let gateway = |tables: &str| {
        format!(
            "resource \"aws_vpc_endpoint\" \"s3\" {{\n  vpc_id       = \"vpc-1\"\n  service_name = \"com.amazonaws.us-west-2.s3\"\n{tables}}}\n"
        )
    };
    let named = |world: World| {
        world.with(|network| {
            for table in network.route_tables.iter_mut() {
                table.tags = tag(&table.id.as_str().replace("rtb", "bond"));
            }
        })
    };
    let table = "resource \"aws_route_table\" \"private\" {\n  vpc_id = \"vpc-1\"\n\n  tags = {\n    Name = \"bond-private\"\n  }\n}\n";
    add(tree(
        "tables-list",
        named(misses()),
        &[S3],
        &[GatewayRouteTables],
        &[
            ("sg.tf", GROUP),
            ("routes.tf", table),
            ("endpoints.tf", &gateway("\n  route_table_ids = [\"rtb-public\"]\n")),
        ],
    ));
    add(tree(
        "tables-expression",
        misses(),
        &[S3],
        &[GatewayRouteTables],
        &[
            ("sg.tf", GROUP),
            ("endpoints.tf", &gateway("\n  route_table_ids = var.tables\n")),
            ("vars.tf", "variable \"tables\" {\n  type    = list(string)\n  default = [\"rtb-public\"]\n}\n"),
        ],
    ));
    add(tree(
        "tables-associations",
        misses(),
        &[S3],
        &[GatewayRouteTables],
        &[
            ("sg.tf", GROUP),
            (
                "endpoints.tf",
                &format!(
                    "{}\nresource \"aws_vpc_endpoint_route_table_association\" \"public\" {{\n  vpc_endpoint_id = aws_vpc_endpoint.s3.id\n  route_table_id  = \"rtb-public\"\n}}\n",
                    gateway("")
                ),
            ),
        ],
    ));
    add(tree("tables-elsewhere", misses(), &[S3], &[GatewayRouteTables], &[("sg.tf", GROUP)]));

    // Private DNS of an endpoint that is there.
    let silent = || {
        World::new().interface_endpoint("10.40.0.0/16").with(|network| {
            let endpoint = network.endpoints.get_mut(&EndpointId::from("vpce-secrets")).unwrap();
            let EndpointKind::Interface { private_dns, .. } = &mut endpoint.kind else { panic!() };
            *private_dns = false;
        })
    };
    add(tree(
        "private-dns",
        silent(),
        &[SECRETS],
        &[InterfaceEndpoints],
        &[
            ("sg.tf", GROUP),
            (
                "endpoints.tf",
                "resource \"aws_vpc_endpoint\" \"secrets\" {\n  vpc_id            = \"vpc-1\"\n  service_name      = \"com.amazonaws.us-west-2.secretsmanager\"\n  vpc_endpoint_type = \"Interface\"\n  subnet_ids        = [\"subnet-a\"]\n}\n",
            ),
        ],
    ));

    // NAT gateways.
    let stuck = || {
        World::new()
            .nat("available", NatConnectivity::Public, "subnet-b")
            .default_route(&support::network::nat())
    };
    let nat = "resource \"aws_nat_gateway\" \"old\" {\n  allocation_id = \"eipalloc-1\"\n  subnet_id     = \"subnet-b\"\n\n  tags = {\n    Name = \"bond-nat\"\n  }\n}\n";
    let tagged = |world: World| {
        world.with(|network| {
            network.nat_gateways.get_mut(&NatGatewayId::from("nat-1")).unwrap().tags = tag("bond-nat");
        })
    };
    add(tree(
        "nat-repair-routes",
        tagged(stuck()),
        &[OKTA],
        &[NatRepair],
        &[
            ("sg.tf", GROUP),
            ("nat.tf", nat),
            (
                "routes.tf",
                "resource \"aws_route\" \"out\" {\n  for_each               = toset([\"rtb-private\", \"rtb-main\"])\n  route_table_id         = each.value\n  destination_cidr_block = \"0.0.0.0/0\"\n  nat_gateway_id         = aws_nat_gateway.old.id\n}\n",
            ),
        ],
    ));
    add(tree(
        "nat-repair-inline",
        tagged(stuck()),
        &[OKTA],
        &[NatRepair],
        &[
            ("sg.tf", GROUP),
            ("nat.tf", nat),
            (
                "routes.tf",
                "resource \"aws_route_table\" \"private\" {\n  vpc_id = \"vpc-1\"\n\n  route {\n    cidr_block     = \"0.0.0.0/0\"\n    nat_gateway_id = aws_nat_gateway.old.id\n  }\n\n  route {\n    cidr_block = \"10.9.0.0/16\"\n    gateway_id = \"igw-1\"\n  }\n}\n",
            ),
        ],
    ));
    add(tree(
        "nat-repair-literal",
        stuck(),
        &[OKTA],
        &[NatRepair],
        &[
            ("sg.tf", GROUP),
            (
                "routes.tf",
                "locals {\n  nat = \"nat-1\"\n}\n\nresource \"aws_route\" \"out\" {\n  route_table_id         = \"rtb-private\"\n  destination_cidr_block = \"0.0.0.0/0\"\n  nat_gateway_id         = local.nat\n}\n",
            ),
        ],
    ));
    add(tree("nat-repair-elsewhere", stuck(), &[OKTA], &[NatRepair], &[("sg.tf", GROUP)]));
    add(tree("nat-new", World::new(), &[OKTA], &[Nat], &[("sg.tf", GROUP)]));
    add(tree(
        "nat-new-table-in-code",
        named(World::new()),
        &[OKTA],
        &[Nat],
        &[("sg.tf", GROUP), ("routes.tf", table)],
    ));
    add(tree(
        "nat-inline-routes",
        World::new(),
        &[OKTA],
        &[Nat],
        &[
            ("sg.tf", GROUP),
            (
                "routes.tf",
                "resource \"aws_route_table\" \"public\" {\n  vpc_id = \"vpc-1\"\n\n  route {\n    cidr_block = \"0.0.0.0/0\"\n    gateway_id = \"igw-1\"\n  }\n}\n",
            ),
        ],
    ));
    add(tree("nat-regional", World::new(), &[OKTA], &[NatRegional], &[("sg.tf", GROUP)]));

    // A connector in other subnets: the public one's table leads to a NAT gateway here.
    let better = || {
        World::new()
            .nat("available", NatConnectivity::Public, "subnet-public")
            .with(|network| {
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
            })
            .route("rtb-out", "0.0.0.0/0", support::network::nat())
    };
    add(tree("connector", better(), &[OKTA], &[MoveConnector], &[("sg.tf", GROUP)]));
    add(tree(
        "connector-template",
        better(),
        &[OKTA],
        &[MoveConnector],
        &[
            ("sg.tf", GROUP),
            ("apprunner.tf", &SERVICE.replace("\"bond-ai-dev-connector\"", "\"${var.name}-connector\"")),
            ("vars.tf", "variable \"name\" {\n  type    = string\n  default = \"bond-ai-dev\"\n}\n"),
        ],
    ));
    add(tree(
        "connector-ignored",
        better(),
        &[OKTA],
        &[MoveConnector],
        &[
            ("sg.tf", GROUP),
            (
                "apprunner.tf",
                &SERVICE.replace(
                    "  service_name =",
                    "  lifecycle {\n    ignore_changes = [network_configuration]\n  }\n\n  service_name =",
                ),
            ),
        ],
    ));

    // New endpoints.
    add(tree(
        "s3-tables-in-code",
        named(World::new()),
        &[S3],
        &[S3Gateway],
        &[("sg.tf", GROUP), ("routes.tf", table)],
    ));
    add(tree(
        "s3-and-interface",
        World::new(),
        &[S3, SECRETS],
        &[S3Gateway, InterfaceEndpoints],
        &[("sg.tf", GROUP)],
    ));
    add(tree(
        "set-across-kinds",
        World::new().egress_rules(vec![rule(5432, Peer::Ipv4("10.0.0.0/8".parse().unwrap()))]),
        &[S3, SECRETS],
        &[S3Gateway, InterfaceEndpoints, SecurityGroupEgress],
        &[("sg.tf", GROUP)],
    ));

    // What a review with fresh eyes broke.
    let inline_group = |head: &str, label: &str| {
        format!(
            "resource \"{head}\" \"{label}\" {{\n  ingress {{\n    from_port   = 443\n    to_port     = 443\n    protocol    = \"tcp\"\n    cidr_blocks = [\"10.99.0.0/16\"]\n  }}\n}}\n"
        )
    };
    add(tree(
        "one-file",
        mute().egress_rules(Vec::new()),
        https,
        &[VpcDns, SecurityGroupEgress],
        &[("main.tf", &format!("{group_in_vpc}\n{}", vpc("").replace("\n\n  tags", "\n  tags")))],
    ));
    add(tree(
        "group-by-prefix",
        refuses(),
        &[SECRETS],
        &[EndpointIngress],
        &[
            ("sg.tf", GROUP),
            (
                "endpoints.tf",
                &endpoint_group.replace("name   = \"bond-endpoints\"", "name_prefix = \"bond-\""),
            ),
        ],
    ));
    add(tree(
        "group-by-count",
        refuses(),
        &[SECRETS],
        &[EndpointIngress],
        &[
            ("sg.tf", GROUP),
            ("endpoints.tf", &endpoint_group.replace("  name   =", "  count  = 1\n  name   =")),
        ],
    ));
    add(tree(
        "group-default",
        refuses().with(|network| {
            network.security_groups.get_mut(&SecurityGroupId::from("sg-endpoint")).unwrap().name =
                "default".to_owned();
        }),
        &[SECRETS],
        &[EndpointIngress],
        &[("sg.tf", GROUP), ("default.tf", &inline_group("aws_default_security_group", "all"))],
    ));
    add(tree(
        "nacl-tag-by-variable",
        denies(),
        &[OKTA],
        &[Nacl],
        &[
            ("sg.tf", GROUP),
            (
                "nacl.tf",
                "variable \"env\" {\n  default = \"private\"\n}\n\nresource \"aws_network_acl\" \"private\" {\n  vpc_id = \"vpc-1\"\n\n  ingress {\n    rule_no    = 200\n    action     = \"deny\"\n    protocol   = \"tcp\"\n    cidr_block = \"0.0.0.0/0\"\n    from_port  = 3389\n    to_port    = 3389\n  }\n\n  tags = merge({ Team = \"x\" }, { Name = \"bond-${var.env}\" })\n}\n",
            ),
        ],
    ));
    add(tree(
        "nacl-dynamic",
        denies(),
        &[OKTA],
        &[Nacl],
        &[
            ("sg.tf", GROUP),
            (
                "nacl.tf",
                "resource \"aws_network_acl\" \"private\" {\n  vpc_id = \"vpc-1\"\n\n  dynamic \"ingress\" {\n    for_each = [80]\n    content {\n      rule_no    = ingress.value\n      action     = \"allow\"\n      protocol   = \"tcp\"\n      cidr_block = \"0.0.0.0/0\"\n      from_port  = ingress.value\n      to_port    = ingress.value\n    }\n  }\n\n  tags = { Name = \"bond-private\" }\n}\n",
            ),
        ],
    ));
    add(tree(
        "tables-not-listed",
        misses(),
        &[S3],
        &[GatewayRouteTables],
        &[("sg.tf", GROUP), ("endpoints.tf", &gateway(""))],
    ));
    add(tree(
        "tables-service-unknown",
        misses(),
        &[S3],
        &[GatewayRouteTables],
        &[
            ("sg.tf", GROUP),
            (
                "endpoints.tf",
                &gateway("  route_table_ids = [\"rtb-public\"]\n").replace(
                    "com.amazonaws.us-west-2.s3",
                    "com.amazonaws.${data.aws_region.current.name}.s3",
                ),
            ),
            ("region.tf", "data \"aws_region\" \"current\" {}\n"),
        ],
    ));
    add(tree(
        "tables-policy-in-state",
        misses(),
        &[S3],
        &[GatewayRouteTables],
        &[
            ("sg.tf", GROUP),
            (
                "endpoints.tf",
                &format!(
                    "{}\nresource \"aws_vpc_endpoint_policy\" \"s3\" {{\n  vpc_endpoint_id = aws_vpc_endpoint.s3.id\n}}\n",
                    gateway("\n  route_table_ids = [\"rtb-public\"]\n")
                ),
            ),
            (
                "terraform.tfstate",
                r#"{"version": 4, "resources": [{"mode": "managed", "type": "aws_vpc_endpoint", "name": "s3", "instances": [{"attributes": {"id": "vpce-s3"}}]}, {"mode": "managed", "type": "aws_vpc_endpoint_policy", "name": "s3", "instances": [{"attributes": {"id": "vpce-s3"}}]}]}"#,
            ),
        ],
    ));
    add(tree(
        "tables-for-expression",
        misses(),
        &[S3],
        &[GatewayRouteTables],
        &[
            ("sg.tf", GROUP),
            ("endpoints.tf", &gateway("\n  route_table_ids = [for id in [\"rtb-public\"] : id]\n")),
        ],
    ));
    add(tree(
        "dns-two-vpcs",
        mute(),
        &[OKTA],
        &[VpcDns],
        &[
            ("sg.tf", &GROUP.replace("\"vpc-1\"", "aws_vpc.tools.id")),
            (
                "vpc.tf",
                &format!(
                    "resource \"aws_vpc\" \"tools\" {{\n  cidr_block = \"10.9.0.0/16\"\n}}\n\n{}",
                    vpc("  enable_dns_support = false\n").replace("cidr_block =", "cidr_block         =")
                ),
            ),
        ],
    ));
    add(tree(
        "dns-shared-variable",
        mute(),
        &[OKTA],
        &[VpcDns],
        &[
            ("sg.tf", &group_in_vpc),
            (
                "vpc.tf",
                &vpc("  enable_dns_support = var.on\n").replace("cidr_block =", "cidr_block         ="),
            ),
            (
                "vars.tf",
                "variable \"on\" {\n  type    = bool\n  default = false\n}\n\noutput \"on\" {\n  value = var.on\n}\n",
            ),
        ],
    ));
    add(tree(
        "dns-ignored",
        mute(),
        &[OKTA],
        &[VpcDns],
        &[
            ("sg.tf", &group_in_vpc),
            (
                "vpc.tf",
                &vpc(
                    "  enable_dns_support = false\n\n  lifecycle {\n    ignore_changes = [enable_dns_support]\n  }\n",
                ),
            ),
        ],
    ));
    add(tree(
        "connector-of-another",
        shut(),
        https,
        &[SecurityGroupEgress],
        &[
            ("sg.tf", GROUP),
            (
                "apprunner.tf",
                &SERVICE
                    .replace("\"bond-ai-dev-connector\"", "\"jobs\"")
                    .replace("aws_apprunner_vpc_connector.app.arn", "var.shared"),
            ),
            ("vars.tf", "variable \"shared\" {\n  type = string\n}\n"),
        ],
    ));
    add(tree(
        "group-overridden",
        shut(),
        https,
        &[SecurityGroupEgress],
        &[
            ("sg.tf", GROUP),
            ("sg_override.tf", &inline_group("aws_security_group", "app").replace("ingress", "egress")),
        ],
    ));
    add(tree(
        "connector-by-condition",
        better(),
        &[OKTA],
        &[MoveConnector],
        &[
            ("sg.tf", GROUP),
            (
                "apprunner.tf",
                &SERVICE.replace(
                    "= aws_apprunner_vpc_connector.app.arn",
                    "= var.on ? aws_apprunner_vpc_connector.app.arn : null",
                ),
            ),
            ("vars.tf", "variable \"on\" {\n  default = true\n}\n"),
        ],
    ));
    add(tree(
        "comment-over-lines",
        shut(),
        &[S3],
        &[SecurityGroupEgress],
        &[("sg.tf", &GROUP.replace("}\n", "} /* kept\n     whole */\n"))],
    ));
    add(tree(
        "four-blanks",
        shut(),
        https,
        &[SecurityGroupEgress],
        &[(
            "sg.tf",
            "resource \"aws_security_group\" \"app\" {\n    name   = \"bond-app\"\n    vpc_id = \"vpc-1\"\n\n    egress {\n        from_port   = 5432\n        to_port     = 5432\n        protocol    = \"tcp\"\n        cidr_blocks = [\"10.0.0.0/8\"]\n    }\n}\n",
        )],
    ));

    // What is there and does nothing.
    let asleep = "# Endpoints, switched off with the old VPC\n# resource \"aws_vpc_endpoint\" \"s3\" {\n#   vpc_id       = \"vpc-1\"\n#   service_name = \"com.amazonaws.us-west-2.s3\"\n#\n#   route_table_ids = [\"rtb-public\"]\n# }\n# see ticket 9\n";
    add(tree(
        "s3-commented-out",
        World::new(),
        &[S3],
        &[S3Gateway],
        &[("sg.tf", &format!("{GROUP}\n{asleep}"))],
    ));
    add(tree(
        "s3-commented-out-of-another-vpc",
        World::new(),
        &[S3],
        &[S3Gateway],
        &[("sg.tf", &format!("{GROUP}\n{}", asleep.replace("vpc-1", "vpc-9")))],
    ));
    let switch =
        |value: &str| format!("variable \"s3_endpoint\" {{\n  type    = bool\n  default = {value}\n}}\n");
    let counted = "resource \"aws_vpc_endpoint\" \"s3\" {\n  count        = var.s3_endpoint ? 1 : 0\n  vpc_id       = \"vpc-1\"\n  service_name = \"com.amazonaws.us-west-2.s3\"\n\n  route_table_ids = [\"rtb-private\", \"rtb-main\"]\n}\n";
    add(tree(
        "s3-switched-off",
        World::new(),
        &[S3],
        &[S3Gateway],
        &[("sg.tf", GROUP), ("endpoints.tf", counted), ("vars.tf", &switch("false"))],
    ));
    add(tree(
        "s3-switched-on",
        World::new(),
        &[S3],
        &[S3Gateway],
        &[("sg.tf", GROUP), ("endpoints.tf", counted), ("vars.tf", &switch("true"))],
    ));
    add(tree(
        "s3-count-zero",
        World::new(),
        &[S3],
        &[S3Gateway],
        &[("sg.tf", GROUP), ("endpoints.tf", &counted.replace("var.s3_endpoint ? 1 : 0", "0"))],
    ));
    add(tree(
        "s3-in-code",
        World::new(),
        &[S3],
        &[S3Gateway],
        &[("sg.tf", GROUP), ("endpoints.tf", &gateway(""))],
    ));

    // Interface endpoints that are there, in one way or another.
    let endpoint = "resource \"aws_vpc_endpoint\" \"secrets\" {\n  vpc_id            = \"vpc-1\"\n  service_name      = \"com.amazonaws.us-west-2.secretsmanager\"\n  vpc_endpoint_type = \"Interface\"\n}\n";
    for (name, endpoint) in [
        ("secrets-in-code", endpoint.to_owned()),
        (
            "secrets-switched-off",
            endpoint.replace("  vpc_id     ", "  count             = var.s3_endpoint ? 1 : 0\n  vpc_id     "),
        ),
        ("secrets-commented-out", endpoint.lines().map(|line| format!("# {line}\n")).collect()),
        (
            "secrets-commented-out-as-wanted",
            endpoint
                .replace("\n}", "\n  subnet_ids        = [\"subnet-a\"]\n\n  security_group_ids  = [aws_security_group.app.id]\n  private_dns_enabled = false\n}")
                .lines()
                .map(|line| format!("# {line}\n"))
                .collect(),
        ),
        (
            "secrets-commented-out-with-what-it-names",
            endpoint.replace("\n}", "\n  policy            = data.aws_iam_policy_document.secrets.json\n}").lines().map(|line| format!("#{line}\n")).collect(),
        ),
        (
            "secrets-switched-off-with-others",
            [endpoint.replace("  vpc_id     ", "  count             = var.s3_endpoint ? 1 : 0\n  vpc_id     "), endpoint.replace("  vpc_id     ", "  count             = var.s3_endpoint ? 1 : 0\n  vpc_id     ").replace("secretsmanager", "sqs").replace("\"secrets\"", "\"queue\"")].join("\n"),
        ),
        (
            "secrets-switched-off-with-its-group",
            [endpoint.replace("  vpc_id     ", "  count             = var.s3_endpoint ? 1 : 0\n  vpc_id     ").replace("\n}", "\n\n  security_group_ids = [aws_security_group.endpoints[0].id]\n}"), GROUP.replace("\"app\"", "\"endpoints\"").replace("bond-app", "bond-endpoints").replace("  name ", "  count  = var.s3_endpoint ? 1 : 0\n  name ")].join("\n"),
        ),
        ("secrets-of-another-vpc", endpoint.replace("vpc-1", "vpc-9")),
    ] {
        let files = [("sg.tf", GROUP), ("endpoints.tf", endpoint.as_str()), ("vars.tf", &switch("false"))];
        add(tree(name, World::new(), &[SECRETS], &[InterfaceEndpoints], &files));
    }

    // JSON syntax is not read: what may be in it is no reason for a guess.
    add(tree(
        "group-in-json",
        refuses(),
        &[SECRETS],
        &[EndpointIngress],
        &[("sg.tf", GROUP), ("endpoints.tf.json", "{}")],
    ));
    add(tree(
        "dns-value-in-json",
        mute(),
        &[OKTA],
        &[VpcDns],
        &[
            ("sg.tf", &group_in_vpc),
            (
                "vpc.tf",
                &vpc("  enable_dns_support = var.dns\n").replace("cidr_block =", "cidr_block         ="),
            ),
            ("vars.tf", "variable \"dns\" {\n  type    = bool\n  default = false\n}\n"),
            ("terraform.tfvars.json", "{\"dns\": false}"),
        ],
    ));
    trees
}
