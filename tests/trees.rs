//! Trees as teams write them: for each, what a remedy's edit looks like, or why there is none. Where Terraform and its provider
//! are, the edited tree must validate, and be formatted where it was.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::wildcard_imports,
    clippy::too_many_lines,
    clippy::assigning_clones,
    reason = "tests stop at the first surprise"
)]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::evidence::{Inquiry, destination};
use egress_doctor::model::*;
use egress_doctor::remedy::RemedyId;
use egress_doctor::terraform::{MadeBy, Surroundings, Workspace, diff, plan_edit};
use support::network::{OKTA, S3, SECRETS, World};

const PROVIDER: &str = r#"terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "us-west-2"
}
"#;

const SERVICE: &str = r#"resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = ["subnet-a", "subnet-b", "subnet-c"]
  security_groups    = [aws_security_group.app.id]
}

resource "aws_apprunner_service" "app" {
  service_name = "bond-ai-dev-backend"

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.app.arn
    }
  }
}
"#;

const GROUP: &str = r#"resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"
}
"#;

/// What an edit of a tree comes to.
struct Tree {
    name: &'static str,
    world: World,
    hosts: &'static [&'static str],
    remedies: &'static [RemedyId],
    files: Vec<(&'static str, String)>,
    /// Where Terraform is run, below the folder of the tree.
    root: &'static str,
    /// What was said where the code does not tell.
    said: &'static [&'static str],
}

impl Tree {
    fn said(self, said: &'static [&'static str]) -> Self {
        Self { said, ..self }
    }
}

/// A tree with the provider, the service and these files beside it.
fn tree(
    name: &'static str,
    world: World,
    hosts: &'static [&'static str],
    remedies: &'static [RemedyId],
    files: &[(&'static str, &str)],
) -> Tree {
    let mut all: Vec<(&'static str, String)> =
        files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    for (path, text) in [("provider.tf", PROVIDER), ("apprunner.tf", SERVICE)] {
        if !all.iter().any(|(known, _)| *known == path) {
            all.push((path, text.to_owned()));
        }
    }
    // The connector's group is called as these trees call it.
    let world = world.with(|network| {
        network.security_groups.get_mut(&SecurityGroupId::from("sg-app")).unwrap().name =
            "bond-app".to_owned();
    });
    Tree { name, world, hosts, remedies, files: all, root: "", said: &[] }
}

/// A tree of modules, with nothing but these files; its root is `root`.
fn modules(
    name: &'static str,
    hosts: &'static [&'static str],
    remedies: &'static [RemedyId],
    root: &'static str,
    files: &[(&'static str, &str)],
) -> Tree {
    let files = files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    Tree { name, world: World::new(), hosts, remedies, files, root, said: &[] }
}

fn rule(port: u16, peer: Peer) -> SecurityGroupRule {
    SecurityGroupRule { protocol: Protocol::Tcp, ports: PortRange::one(port), peer }
}

fn tag(name: &str) -> std::collections::BTreeMap<String, String> {
    [("Name".to_owned(), name.to_owned())].into()
}

/// Nothing may leave; a NAT gateway would lead everywhere.
fn shut() -> World {
    World::new().behind_nat().egress_rules(Vec::new())
}

fn trees() -> Vec<Tree> {
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

const CALL: &str = r#"module "app" {
  source     = "./modules/app"
  name       = "bond-ai-dev"
  vpc_id     = "vpc-1"
  subnet_ids = ["subnet-a", "subnet-b", "subnet-c"]
}
"#;

const MODULE: &str = r#"variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = var.vpc_id
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = join("-", [var.name, "connector"])
  subnets            = var.subnet_ids
  security_groups    = [aws_security_group.app.id]
}

resource "aws_apprunner_service" "app" {
  service_name = "${lower(var.name)}-backend"

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.app.arn
    }
  }
}
"#;

const NETWORK: &str = r#"resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_route_table" "private" {
  count  = 2
  vpc_id = aws_vpc.this.id
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = aws_vpc.this.id

  egress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}

output "vpc_id" {
  value = aws_vpc.this.id
}

output "private_route_table_ids" {
  value = aws_route_table.private[*].id
}

output "app_security_group_id" {
  value = aws_security_group.app.id
}
"#;

/// What `terraform init` leaves of a registry module.
const INSTALLED: &str = r#"{"Modules": [{"Key": "", "Source": "", "Dir": "."}, {"Key": "app_runner", "Source": "registry.terraform.io/terraform-aws-modules/app-runner/aws", "Version": "1.2.2", "Dir": ".terraform/modules/app_runner"}]}"#;

fn module_trees() -> Vec<Tree> {
    use RemedyId::*;
    let mut trees = Vec::new();
    let mut add = |one: Tree| trees.push(one);

    // The service in a module that is called once: what is new stands beside it.
    add(modules(
        "module-service",
        &[S3],
        &[S3Gateway],
        "",
        &[("provider.tf", PROVIDER), ("main.tf", CALL), ("modules/app/main.tf", MODULE)],
    ));
    add(modules(
        "module-default-egress",
        &[OKTA],
        &[DefaultEgress],
        "",
        &[("provider.tf", PROVIDER), ("main.tf", CALL), ("modules/app/main.tf", MODULE)],
    ));
    // The root beside its modules, as environments have it: the patch starts at the folder that holds both.
    add(modules(
        "module-beside",
        &[S3],
        &[S3Gateway],
        "envs/dev",
        &[
            ("envs/dev/provider.tf", PROVIDER),
            ("envs/dev/main.tf", &CALL.replace("./modules", "../../modules")),
            ("modules/app/main.tf", MODULE),
        ],
    ));
    // Another environment calls it too: nothing is put into the module.
    add(modules(
        "module-of-other-roots",
        &[S3],
        &[S3Gateway],
        "envs/dev",
        &[
            ("envs/dev/provider.tf", PROVIDER),
            ("envs/dev/main.tf", &CALL.replace("./modules", "../../modules")),
            ("envs/prod/main.tf", &CALL.replace("./modules", "../../modules")),
            ("modules/app/main.tf", MODULE),
        ],
    ));
    // A module called twice: what is new stands at the root, since in the module it would be made twice.
    let twice = format!("{CALL}\n{}", CALL.replace("\"app\"", "\"other\"").replace("bond-ai-dev", "other"));
    let shared = [("provider.tf", PROVIDER), ("main.tf", &twice), ("modules/app/main.tf", MODULE)];
    add(modules("module-called-twice", &[S3], &[S3Gateway], "", &shared));
    add(modules("module-called-twice-default-egress", &[OKTA], &[DefaultEgress], "", &shared));

    // The network in a module, known by the state: named by its outputs, edited where it is.
    let app = SERVICE.replace("aws_security_group.app.id", "module.network.app_security_group_id");
    let resource = |kind: &str, name: &str, instances: &[(&str, &str)]| {
        let instances: Vec<String> = instances
            .iter()
            .map(|(key, id)| {
                let key = if key.is_empty() { String::new() } else { format!("\"index_key\": {key}, ") };
                format!("{{{key}\"attributes\": {{\"id\": \"{id}\"}}}}")
            })
            .collect();
        let instances = instances.join(", ");
        format!(
            "{{\"module\": \"module.network\", \"mode\": \"managed\", \"type\": \"{kind}\", \"name\": \"{name}\", \"instances\": [{instances}]}}"
        )
    };
    let state = format!(
        "{{\"version\": 4, \"resources\": [{}, {}, {}]}}",
        resource("aws_vpc", "this", &[("", "vpc-1")]),
        resource("aws_route_table", "private", &[("0", "rtb-main"), ("1", "rtb-private")]),
        resource("aws_security_group", "app", &[("", "sg-app")]),
    );
    let network = [
        ("provider.tf", PROVIDER),
        ("apprunner.tf", &app),
        ("main.tf", "module \"network\" {\n  source = \"./modules/network\"\n}\n"),
        ("modules/network/main.tf", NETWORK),
        ("terraform.tfstate", &state),
    ];
    add(modules("module-network", &[S3, SECRETS], &[S3Gateway, InterfaceEndpoints], "", &network));
    let mut shut = modules(
        "module-network-group",
        &["secretsmanager.us-west-2.amazonaws.com"],
        &[SecurityGroupEgress],
        "",
        &network,
    );
    shut.world = self::shut();
    add(shut);

    // Modules of the registry: edited where they are called.
    let registry = "module \"app_runner\" {\n  source  = \"terraform-aws-modules/app-runner/aws\"\n  version = \"1.2.2\"\n\n  service_name = \"bond-ai-dev-backend\"\n\n  create_vpc_connector          = true\n  vpc_connector_name            = \"bond-ai-dev-connector\"\n  vpc_connector_subnets         = local.subnets\n  vpc_connector_security_groups = [\"sg-app\"]\n\n  network_configuration = {\n    egress_configuration = {\n      egress_type       = \"VPC\" # the database is there\n      vpc_connector_arn = null\n    }\n  }\n}\n";
    let its_code = MODULE
        .replace("${lower(var.name)}-backend", "${var.service_name}")
        .replace("join(\"-\", [var.name, \"connector\"])", "var.vpc_connector_name")
        .replace("variable \"name\"", "variable \"service_name\"");
    let locals = "locals {\n  subnets = [\"subnet-a\", \"subnet-b\", \"subnet-c\"]\n}\n";
    let installed = [
        ("provider.tf", PROVIDER),
        ("locals.tf", locals),
        ("main.tf", registry),
        (".terraform/modules/modules.json", INSTALLED),
        (".terraform/modules/app_runner/main.tf", &its_code),
    ];
    add(modules("registry-app-runner", &[OKTA], &[DefaultEgress], "", &installed));
    add(modules("registry-app-runner-gateway", &[S3], &[S3Gateway], "", &installed));
    add(modules("registry-not-installed", &[S3], &[S3Gateway], "", &installed[..3]));

    // The public module of a VPC: its NAT gateways are turned on.
    let vpc = |extra: &str| {
        format!(
            "module \"vpc\" {{\n  source  = \"terraform-aws-modules/vpc/aws\"\n  version = \"~> 5.0\"\n\n  name            = \"bond\"\n  cidr            = \"10.0.0.0/16\"\n  azs             = [\"us-west-2a\", \"us-west-2b\"]\n  private_subnets = [\"10.0.1.0/24\", \"10.0.2.0/24\"]\n{extra}}}\n\nresource \"aws_security_group\" \"app\" {{\n  name   = \"bond-app\"\n  vpc_id = module.vpc.vpc_id\n}}\n"
        )
    };
    let app = SERVICE.replace("[\"subnet-a\", \"subnet-b\", \"subnet-c\"]", "module.vpc.private_subnets");
    let public = "  public_subnets  = [\"10.0.8.0/24\"]\n";
    for (name, extra) in [
        ("registry-vpc-nat", public.to_owned()),
        ("registry-vpc-nat-off", format!("{public}\n  enable_nat_gateway = false\n")),
        ("registry-vpc-nat-on", format!("{public}\n  enable_nat_gateway = true\n")),
        ("registry-vpc-nat-switch", format!("{public}\n  enable_nat_gateway = var.nat\n")),
        ("registry-vpc-nat-nowhere", String::new()),
    ] {
        let vpc = vpc(&extra);
        let switch = "variable \"nat\" {\n  type    = bool\n  default = false\n}\n";
        let files = [
            ("provider.tf", PROVIDER),
            ("apprunner.tf", &app),
            ("vpc.tf", &vpc),
            ("variables.tf", switch),
            (".terraform/modules/modules.json", "{}"),
        ];
        add(modules(name, &[OKTA], &[Nat], "", &files));
    }
    trees
}

/// Code that looks like what is meant and is not: of another VPC, another region, another environment.
fn lookalikes() -> Vec<Tree> {
    use RemedyId::*;
    let mut trees = Vec::new();
    let mut add = |one: Tree| trees.push(one);
    let other = "data \"aws_vpc\" \"other\" {\n  id = \"vpc-9\"\n}\n";
    let endpoint = |extra: &str| {
        format!(
            "resource \"aws_vpc_endpoint\" \"other\" {{\n{extra}  vpc_id            = data.aws_vpc.other.id\n  service_name      = \"com.amazonaws.us-west-2.s3\"\n  vpc_endpoint_type = \"Gateway\"\n  route_table_ids   = [\"rtb-9\"]\n}}\n"
        )
    };

    // Of another VPC.
    add(tree(
        "other-vpc-endpoint",
        World::new(),
        &[S3],
        &[S3Gateway],
        &[("sg.tf", GROUP), ("other.tf", other), ("endpoints.tf", &endpoint(""))],
    ));
    add(tree(
        "other-vpc-endpoint-off",
        World::new(),
        &[S3],
        &[S3Gateway],
        &[
            ("sg.tf", GROUP),
            ("other.tf", other),
            ("endpoints.tf", &endpoint("  count             = var.on ? 1 : 0\n")),
            ("vars.tf", "variable \"on\" {\n  default = false\n}\n"),
        ],
    ));
    let misses = World::new().gateway_endpoint(&["rtb-public"]);
    add(tree(
        "other-vpc-endpoint-tables",
        misses,
        &[S3],
        &[GatewayRouteTables],
        &[("sg.tf", GROUP), ("other.tf", other), ("endpoints.tf", &endpoint(""))],
    ));
    add(tree(
        "other-vpc-group",
        shut(),
        &["secretsmanager.us-west-2.amazonaws.com"],
        &[SecurityGroupEgress],
        &[
            ("other.tf", other),
            (
                "sg.tf",
                &format!(
                    "{}\n  egress {{\n    from_port   = 5432\n    to_port     = 5432\n    protocol    = \"tcp\"\n    cidr_blocks = [\"10.0.0.0/8\"]\n  }}\n}}\n",
                    GROUP
                        .replace("\"vpc-1\"", "data.aws_vpc.other.id")
                        .trim_end()
                        .trim_end_matches('}')
                        .trim_end()
                ),
            ),
            ("apprunner.tf", &SERVICE.replace("[aws_security_group.app.id]", "var.groups")),
            ("vars.tf", "variable \"groups\" {\n  type = list(string)\n}\n"),
        ],
    ));
    add(tree(
        "only-vpc-is-another",
        World::new(),
        &[S3],
        &[S3Gateway],
        &[
            ("other.tf", other),
            (
                "sg.tf",
                "resource \"aws_security_group\" \"bastion\" {\n  name   = \"bastion\"\n  vpc_id = data.aws_vpc.other.id\n}\n",
            ),
            ("apprunner.tf", &SERVICE.replace("aws_security_group.app.id", "\"sg-app\"")),
        ],
    ));
    // Two VPCs by data sources: the filters, asked of what was discovered, leave one.
    let filtered = |name: &str, value: &str| {
        format!(
            "data \"aws_vpc\" \"{name}\" {{\n  filter {{\n    name   = \"tag:Name\"\n    values = [\"{value}\"]\n  }}\n}}\n"
        )
    };
    let named = World::new().vpc(|vpc| vpc.tags = tag("bond-dev"));
    add(tree(
        "vpc-by-filters",
        named,
        &[S3],
        &[S3Gateway],
        &[
            ("vpcs.tf", &format!("{}\n{}", filtered("other", "bond-prod"), filtered("existing", "bond-dev"))),
            (
                "sg.tf",
                &format!(
                    "{}\nresource \"aws_security_group\" \"other\" {{\n  name   = \"other\"\n  vpc_id = data.aws_vpc.other.id\n}}\n",
                    GROUP.replace("\"vpc-1\"", "data.aws_vpc.existing.id")
                ),
            ),
            ("apprunner.tf", &SERVICE.replace("aws_security_group.app.id", "\"sg-app\"")),
        ],
    ));
    add(tree(
        "vpc-of-the-same-range",
        World::new().behind_nat().dns(false),
        &[OKTA],
        &[VpcDns],
        &[
            ("sg.tf", GROUP),
            (
                "vpc.tf",
                "resource \"aws_vpc\" \"staging\" {\n  cidr_block         = \"10.40.0.0/16\"\n  enable_dns_support = false\n  tags               = { Name = \"staging\" }\n}\n",
            ),
        ],
    ));

    // Another connector before the service's own.
    let dynamic = SERVICE
        .replace("  network_configuration {\n", "  dynamic \"network_configuration\" {\n    for_each = [1]\n    content {\n")
        .replace("    egress_configuration {\n      egress_type       = \"VPC\"\n      vpc_connector_arn = aws_apprunner_vpc_connector.app.arn\n    }\n  }\n", "      egress_configuration {\n        egress_type       = \"VPC\"\n        vpc_connector_arn = aws_apprunner_vpc_connector.app.arn\n      }\n    }\n  }\n");
    add(tree(
        "another-connector",
        World::new(),
        &[S3],
        &[S3Gateway],
        &[
            ("sg.tf", GROUP),
            (
                "a.tf",
                "resource \"aws_apprunner_vpc_connector\" \"other\" {\n  vpc_connector_name = \"other\"\n  subnets            = [\"subnet-9\"]\n  security_groups    = [\"sg-9\"]\n}\n",
            ),
            ("apprunner.tf", &dynamic),
        ],
    ));

    // One of several.
    let several = SERVICE.replace(
        "  service_name = \"bond-ai-dev-backend\"\n",
        "  for_each     = toset([\"bond-ai-dev-backend\", \"bond-ai-dev-admin\"])\n  service_name = each.key\n",
    );
    add(tree(
        "service-of-several",
        World::new(),
        &[OKTA],
        &[DefaultEgress],
        &[("sg.tf", GROUP), ("apprunner.tf", &several)],
    ));
    let connectors = SERVICE
        .replace("  vpc_connector_name = \"bond-ai-dev-connector\"\n  subnets            = [\"subnet-a\", \"subnet-b\", \"subnet-c\"]\n", "  for_each           = { dev = [\"subnet-a\", \"subnet-b\", \"subnet-c\"] }\n  vpc_connector_name = \"bond-ai-dev-connector\"\n  subnets            = each.value\n")
        .replace("vpc_connector.app.arn", "vpc_connector.app[\"dev\"].arn");
    add(tree(
        "connector-of-several",
        World::new(),
        &[S3],
        &[S3Gateway],
        &[("sg.tf", GROUP), ("apprunner.tf", &connectors)],
    ));
    add(tree(
        "names-of-several",
        World::new(),
        &[S3],
        &[S3Gateway],
        &[
            ("sg.tf", GROUP),
            (
                "logs.tf",
                "variable \"project\" {\n  default = \"bond\"\n}\n\nresource \"aws_cloudwatch_log_group\" \"app\" {\n  for_each = toset([\"a\", \"b\"])\n  name     = each.key\n\n  tags = {\n    Name = \"${var.project}-${each.key}-logs\"\n  }\n}\n",
            ),
        ],
    ));
    add(tree(
        "endpoint-among-several",
        World::new(),
        &[S3],
        &[S3Gateway],
        &[
            ("sg.tf", GROUP),
            (
                "endpoints.tf",
                "resource \"aws_vpc_endpoint\" \"all\" {\n  for_each     = toset([\"s3\", \"dynamodb\"])\n  vpc_id       = \"vpc-1\"\n  service_name = \"com.amazonaws.us-west-2.${each.key}\"\n}\n",
            ),
        ],
    ));

    // Another region, or the same one by an alias.
    let regions = format!(
        "{}\nprovider \"aws\" {{\n  alias  = \"west\"\n  region = \"us-west-2\"\n}}\n",
        PROVIDER.replace("us-west-2", "us-east-1")
    );
    let aliased = SERVICE
        .replace("  vpc_connector_name", "  provider           = aws.west\n  vpc_connector_name")
        .replace("  service_name = ", "  provider     = aws.west\n  service_name = ");
    add(tree(
        "provider-by-alias",
        World::new(),
        &[S3],
        &[S3Gateway],
        &[("provider.tf", &regions), ("sg.tf", GROUP), ("apprunner.tf", &aliased)],
    ));
    add(tree(
        "service-of-another-region",
        World::new(),
        &[S3],
        &[S3Gateway],
        &[("provider.tf", &regions), ("sg.tf", GROUP)],
    ));

    // Overridden.
    add(tree(
        "service-overridden",
        World::new(),
        &[OKTA],
        &[DefaultEgress],
        &[
            ("sg.tf", GROUP),
            (
                "apprunner_override.tf",
                "resource \"aws_apprunner_service\" \"app\" {\n  network_configuration {\n    egress_configuration {\n      egress_type = \"VPC\"\n    }\n  }\n}\n",
            ),
        ],
    ));
    add(tree(
        "name-overridden",
        World::new(),
        &[OKTA],
        &[DefaultEgress],
        &[
            ("sg.tf", GROUP),
            ("apprunner.tf", &SERVICE.replace("\"bond-ai-dev-backend\"", "local.name")),
            ("locals.tf", "locals {\n  name = \"bond-ai-dev-backend\"\n}\n"),
            ("locals_override.tf", "locals {\n  name = \"another\"\n}\n"),
        ],
    ));

    // In the code and not applied.
    let table = |routes: &str| {
        format!(
            "resource \"aws_route_table\" \"private\" {{\n  vpc_id = \"vpc-1\"\n  tags   = {{ Name = \"bond-private\" }}\n{routes}}}\n"
        )
    };
    let gateway = "resource \"aws_nat_gateway\" \"main\" {\n  allocation_id = \"eipalloc-1\"\n  subnet_id     = \"subnet-public\"\n}\n";
    let tagged = || {
        World::new().with(|network| {
            let table = network.route_tables.get_mut(&RouteTableId::from("rtb-private")).unwrap();
            table.tags = tag("bond-private");
        })
    };
    add(tree(
        "nat-in-code",
        tagged(),
        &[OKTA],
        &[Nat],
        &[
            ("sg.tf", GROUP),
            (
                "routes.tf",
                &format!(
                    "{}\n{gateway}\nresource \"aws_route\" \"out\" {{\n  route_table_id         = aws_route_table.private.id\n  destination_cidr_block = \"0.0.0.0/0\"\n  nat_gateway_id         = aws_nat_gateway.main.id\n}}\n",
                    table("")
                ),
            ),
        ],
    ));
    add(tree(
        "nat-in-code-inline",
        tagged(),
        &[OKTA],
        &[Nat],
        &[
            ("sg.tf", GROUP),
            (
                "routes.tf",
                &format!(
                    "{}\n{gateway}",
                    table(
                        "\n  route {\n    cidr_block     = \"0.0.0.0/0\"\n    nat_gateway_id = aws_nat_gateway.main.id\n  }\n"
                    )
                ),
            ),
        ],
    ));
    add(tree(
        "nat-inline-beside",
        tagged(),
        &[OKTA],
        &[Nat],
        &[
            ("sg.tf", GROUP),
            (
                "routes.tf",
                &table(
                    "\n  route {\n    cidr_block                = \"10.9.0.0/16\"\n    vpc_peering_connection_id = \"pcx-1\"\n  }\n",
                ),
            ),
        ],
    ));

    // The NAT gateway's own table lacks the way out: a route that the code has is not doubled, one that it lacks is added.
    let lost = || {
        World::new().behind_nat().with(|network| {
            let table = network.route_tables.get_mut(&RouteTableId::from("rtb-public")).unwrap();
            table.routes.retain(|route| !matches!(route.target, RouteTarget::InternetGateway(_)));
            table.tags = tag("bond-public");
        })
    };
    let public = |routes: &str| {
        table(routes).replace("\"private\"", "\"public\"").replace("bond-private", "bond-public")
    };
    let way = "resource \"aws_route\" \"internet\" {\n  route_table_id         = aws_route_table.public.id\n  destination_cidr_block = \"0.0.0.0/0\"\n  gateway_id             = \"igw-1\"\n}\n";
    let inline = "\n  route {\n    cidr_block = \"0.0.0.0/0\"\n    gateway_id = \"igw-1\"\n  }\n";
    for (name, code) in [
        ("internet-route-lacking", public("")),
        ("internet-route-in-code", format!("{}\n{way}", public(""))),
        ("internet-route-in-code-inline", public(inline)),
    ] {
        add(tree(name, lost(), &[OKTA], &[NatRepair], &[("sg.tf", GROUP), ("routes.tf", code.as_str())]));
    }

    // Shared with others, in ways that are hard to see.
    let outer = "module \"inner\" {\n  source     = \"../app\"\n  name       = \"bond-ai-dev\"\n  vpc_id     = \"vpc-1\"\n  subnet_ids = [\"subnet-a\", \"subnet-b\", \"subnet-c\"]\n}\n";
    let call = "module \"platform\" {\n  source = \"../../modules/platform\"\n}\n";
    add(modules(
        "nested-module-of-others",
        &[OKTA],
        &[DefaultEgress],
        "envs/dev",
        &[
            ("envs/dev/provider.tf", PROVIDER),
            ("envs/dev/main.tf", call),
            ("envs/prod/main.tf", call),
            ("modules/platform/main.tf", outer),
            ("modules/app/main.tf", MODULE),
        ],
    ));
    add(modules(
        "module-of-others-in-json",
        &[OKTA],
        &[DefaultEgress],
        "envs/dev",
        &[
            ("envs/dev/provider.tf", PROVIDER),
            ("envs/dev/main.tf", &CALL.replace("./modules", "../../modules")),
            ("envs/prod/main.tf.json", "{\"module\": {\"app\": {\"source\": \"../../modules/app\"}}}"),
            ("modules/app/main.tf", MODULE),
        ],
    ));
    trees
}

/// NAT gateways that are in the code and do nothing.
fn asleep() -> Vec<Tree> {
    let world = || {
        World::new().with(|network| {
            network.route_tables.get_mut(&RouteTableId::from("rtb-private")).unwrap().tags =
                tag("bond-private");
            network.subnets.get_mut(&SubnetId::from("subnet-public")).unwrap().tags = tag("bond-public");
        })
    };
    let base = "resource \"aws_subnet\" \"public\" {\n  vpc_id     = \"vpc-1\"\n  cidr_block = \"10.40.250.0/24\"\n\n  tags = {\n    Name = \"bond-public\"\n  }\n}\n\nresource \"aws_route_table\" \"private\" {\n  vpc_id = \"vpc-1\"\n\n  tags = {\n    Name = \"bond-private\"\n  }\n}\n";
    let network = |world: &World| {
        let public = world.0.network.subnets.get(&SubnetId::from("subnet-public")).unwrap();
        base.replace("10.40.250.0/24", &public.cidr.unwrap().to_string())
    };
    let nat = |count: &str, index: &str, table: &str| {
        let count = if count.is_empty() { String::new() } else { format!("  count = {count}\n\n") };
        format!(
            "resource \"aws_eip\" \"nat\" {{\n{count}  domain = \"vpc\"\n}}\n\nresource \"aws_nat_gateway\" \"main\" {{\n{count}  allocation_id = aws_eip.nat{index}.id\n  subnet_id     = aws_subnet.public.id\n}}\n\nresource \"aws_route\" \"out\" {{\n{count}  route_table_id         = {table}\n  destination_cidr_block = \"0.0.0.0/0\"\n  nat_gateway_id         = aws_nat_gateway.main{index}.id\n}}\n"
        )
    };
    let commented = |text: &str| -> String {
        text.lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n").collect()
    };
    let table = "aws_route_table.private.id";
    let variable = "variable \"nat\" {\n  type    = bool\n  default = false\n}\n";
    let by_variable = nat("var.nat ? 1 : 0", "[0]", table);
    let mut trees = Vec::new();
    for (name, code) in [
        ("nat-switched-off", by_variable.clone()),
        ("nat-count-zero", nat("0", "[0]", table)),
        (
            "nat-switched-off-with-others",
            format!("{by_variable}\nresource \"aws_sqs_queue\" \"jobs\" {{\n  count = var.nat ? 1 : 0\n}}\n"),
        ),
        ("nat-switched-off-for-others-too", nat("var.nat ? 1 : 0", "[0]", "aws_route_table.batch.id")),
        ("nat-switched-off-in-another-subnet", by_variable.replace("aws_subnet.public.id", "\"subnet-b\"")),
        (
            "nat-switched-off-in-a-subnet-unknown",
            by_variable.replace("aws_subnet.public.id", "local.public[0]"),
        ),
        ("nat-commented-out", commented(&nat("", "", table))),
        (
            "nat-commented-out-but-for-its-address",
            commented(&nat("", "", table)).replacen("# ", "", 3).replacen("#\n", "\n", 1),
        ),
        (
            "nat-commented-out-without-its-address",
            commented(nat("", "", table).split_once("\n\n").unwrap().1),
        ),
    ] {
        let world = world();
        let network = network(&world);
        let batch = "\nresource \"aws_route_table\" \"batch\" {\n  vpc_id = \"vpc-1\"\n\n  tags = {\n    Name = \"bond-batch\"\n  }\n}\n";
        let network = if code.contains("batch") { format!("{network}{batch}") } else { network };
        let locals = if code.contains("local.public") {
            "locals {\n  public = var.public\n}\n\nvariable \"public\" {\n  type = list(string)\n}\n\n"
        } else {
            ""
        };
        let files = [
            ("sg.tf", GROUP),
            ("network.tf", network.as_str()),
            ("nat.tf", code.as_str()),
            ("vars.tf", &format!("{locals}{variable}")),
        ];
        trees.push(tree(name, world, &[OKTA], &[RemedyId::Nat], &files));
    }
    trees
}

/// Code that says less, or other things, than it seems to.
fn misleading() -> Vec<Tree> {
    use RemedyId::*;
    let mut trees = Vec::new();
    let mut add = |one: Tree| trees.push(one);
    let with_group = |files: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
        let own = files.iter().map(|(path, text)| (*path, (*text).to_owned()));
        own.chain([("sg.tf", GROUP.to_owned())]).collect()
    };
    let mut put = |name, world: World, hosts, remedies, files: &[(&'static str, &str)]| {
        let files = with_group(files);
        let files: Vec<(&'static str, &str)> =
            files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        add(tree(name, world, hosts, remedies, &files));
    };

    // A block that makes none did not make what AWS has.
    let refuses = || {
        World::new().interface_endpoint("10.99.0.0/16").with(|network| {
            network.security_groups.get_mut(&SecurityGroupId::from("sg-endpoint")).unwrap().name =
                "bond-endpoints".to_owned();
        })
    };
    let guarded = "resource \"aws_security_group\" \"endpoints\" {\n  name   = \"bond-endpoints\"\n  vpc_id = \"vpc-1\"\n\n  ingress {\n    from_port   = 443\n    to_port     = 443\n    protocol    = \"tcp\"\n    cidr_blocks = [\"10.99.0.0/16\"]\n  }\n}\n";
    let off = guarded.replace("  name ", "  count  = var.on ? 1 : 0\n  name ");
    let variable = "variable \"on\" {\n  type    = bool\n  default = false\n}\n";
    put(
        "misled-by-a-group-that-is-off",
        refuses(),
        &[SECRETS],
        &[EndpointIngress],
        &[("e.tf", &off), ("v.tf", variable)],
    );
    put(
        "misled-by-an-override",
        refuses(),
        &[SECRETS],
        &[EndpointIngress],
        &[
            ("e.tf", &guarded.replace("bond-endpoints", "old")),
            (
                "x_override.tf",
                "resource \"aws_security_group\" \"endpoints\" {\n  name = \"bond-endpoints\"\n}\n",
            ),
        ],
    );

    // Names that the defaults of variables do not tell.
    let tagged = || {
        World::new().with(|network| {
            network.route_tables.get_mut(&RouteTableId::from("rtb-private")).unwrap().tags =
                tag("bond-private");
        })
    };
    let table = |tags: &str| {
        format!(
            "resource \"aws_route_table\" \"private\" {{\n  vpc_id = \"vpc-1\"\n\n  route {{\n    cidr_block = \"172.16.0.0/12\"\n    gateway_id = \"vgw-1\"\n  }}\n{tags}}}\n"
        )
    };
    let named = table("\n  tags = {\n    Name = \"${var.prefix}-private\"\n  }\n");
    let prefix = "variable \"prefix\" {\n  default = \"sandbox\"\n}\n";
    put(
        "name-by-settings-in-json",
        tagged(),
        &[OKTA],
        &[Nat],
        &[("n.tf", &named), ("v.tf", prefix), ("terraform.tfvars.json", "{\"prefix\": \"bond\"}")],
    );
    put(
        "name-by-settings-given-by-hand",
        tagged(),
        &[OKTA],
        &[Nat],
        &[("n.tf", &named), ("v.tf", prefix), ("environments/prod.tfvars", "prefix = \"bond\"\n")],
    );
    let by_workspace = table("\n  tags = {\n    Name = \"${terraform.workspace}-private\"\n  }\n");
    let cloud = "terraform {\n  cloud {\n    organization = \"acme\"\n\n    workspaces {\n      name = \"bond\"\n    }\n  }\n}\n";
    put(
        "name-by-the-workspace-of-the-cloud",
        tagged(),
        &[OKTA],
        &[Nat],
        &[("n.tf", &by_workspace), ("cloud.tf", cloud)],
    );
    put(
        "name-by-variables-of-the-cloud",
        tagged(),
        &[OKTA],
        &[Nat],
        &[("n.tf", &named), ("v.tf", prefix), ("cloud.tf", cloud)],
    );
    let default_tags = PROVIDER.replace(
        "us-west-2\"\n",
        "us-west-2\"\n\n  default_tags {\n    tags = {\n      Name = \"bond-private\"\n    }\n  }\n",
    );
    put(
        "name-by-the-provider",
        tagged(),
        &[OKTA],
        &[Nat],
        &[("n.tf", &table("")), ("provider.tf", &default_tags)],
    );
    let keyed = table("\n  tags = {\n    (\"Name\") = \"bond-private\"\n    Team     = var.prefix\n  }\n");
    put(
        "name-by-a-key-in-parentheses",
        tagged(),
        &[OKTA],
        &[Nat],
        &[("n.tf", &keyed), ("v.tf", "variable \"prefix\" {}\n")],
    );

    // Endpoints of another kind, and endpoints that are there in another way.
    let endpoint = |more: &str, service: &str| {
        format!(
            "resource \"aws_vpc_endpoint\" \"s3\" {{\n{more}  vpc_id       = \"vpc-1\"\n  service_name = {service}\n}}\n"
        )
    };
    let s3 = "\"com.amazonaws.us-west-2.s3\"";
    let commented = |text: &str| -> String { text.lines().map(|line| format!("# {line}\n")).collect() };
    let interface = "  vpc_endpoint_type = \"Interface\"\n\n";
    let conditional = "  for_each = var.on ? toset([\"s3\"]) : toset([])\n\n";
    for (name, code) in [
        ("s3-commented-out-of-another-kind", commented(&endpoint(interface, s3))),
        ("s3-in-code-of-another-kind", endpoint(interface, s3)),
        (
            "s3-off-by-a-local-name",
            format!("locals {{\n  s3 = {s3}\n}}\n\n{}", endpoint("  count = 0\n\n", "local.s3")),
        ),
        (
            "s3-off-by-its-data-source",
            format!(
                "data \"aws_vpc_endpoint_service\" \"s3\" {{\n  service      = \"s3\"\n  service_type = \"Gateway\"\n}}\n\n{}",
                endpoint("  count = 0\n\n", "data.aws_vpc_endpoint_service.s3.service_name")
            ),
        ),
        (
            "s3-among-several-of-a-local",
            format!(
                "locals {{\n  all = [\"s3\", \"dynamodb\"]\n}}\n\n{}",
                endpoint("  for_each = toset(local.all)\n\n", "\"com.amazonaws.us-west-2.${each.value}\"")
            ),
        ),
        ("s3-off-by-for-each", endpoint(conditional, "\"com.amazonaws.us-west-2.${each.value}\"")),
        ("s3-off-by-who-knows", endpoint("  count = tobool(var.on) ? 1 : 0\n\n", s3)),
        ("s3-of-a-service-unknown", endpoint("", "var.service")),
        ("s3-in-a-long-comment", format!("/*\n{}*/\n", endpoint("", s3))),
        (
            "s3-in-a-long-comment-with-others",
            format!("/* {} {} */\n", endpoint("", s3), endpoint("", s3).replace("\"s3\"", "\"x\"")),
        ),
        (
            "s3-commented-out-and-indented",
            endpoint("", s3).lines().map(|line| format!("  //   {line}\n")).collect(),
        ),
        ("s3-commented-out-twice", format!("/*\n{}*/\n", commented(&endpoint("", s3)))),
        ("s3-commented-out-with-a-text", commented(&endpoint("  policy = <<-EOT\n    {}  \n  EOT\n\n", s3))),
        ("s3-commented-out-with-a-provider", commented(&endpoint("  provider = aws.west\n\n", s3))),
        ("s3-commented-out-with-a-switch", commented(&endpoint("  count = var.on ? 1 : 0\n\n", s3))),
        (
            "s3-commented-out-with-a-loop",
            commented(&endpoint(
                "  route_table_ids = [for table_id in data.aws_route_tables.all : table_id.id]\n\n",
                s3,
            )) + "\ndata \"aws_route_tables\" \"all\" {\n  for_each = toset([\"a\"])\n}\n",
        ),
    ] {
        let more = if code.contains("var.service") { "\nvariable \"service\" {}\n" } else { "" };
        put(
            name,
            World::new(),
            &[S3],
            &[S3Gateway],
            &[("e.tf", &code), ("v.tf", &format!("{variable}{more}"))],
        );
    }

    // NAT gateways that are no way out, or for others too.
    let private = "resource \"aws_route_table\" \"private\" {\n  vpc_id = \"vpc-1\"\n\n  tags = {\n    Name = \"bond-private\"\n  }\n}\n";
    let gateway = |more: &str| {
        format!(
            "resource \"aws_nat_gateway\" \"main\" {{\n{more}  allocation_id = \"eipalloc-1\"\n  subnet_id     = \"subnet-public\"\n}}\n"
        )
    };
    let route = |name: &str, more: &str, gateway: &str| {
        format!(
            "resource \"aws_route\" \"{name}\" {{\n{more}  route_table_id         = aws_route_table.private.id\n  destination_cidr_block = \"0.0.0.0/0\"\n  nat_gateway_id         = {gateway}\n}}\n"
        )
    };
    let count = "  count = var.on ? 1 : 0\n\n";
    let switched = format!("{}\n{}", gateway(count), route("out", count, "aws_nat_gateway.main[0].id"));
    let main = "aws_nat_gateway.main.id";
    for (name, code) in [
        ("nat-commented-out-and-private", commented(&gateway("  connectivity_type = \"private\"\n\n"))),
        (
            "nat-commented-out-beside-a-route",
            format!("{}\n{}", commented(&gateway("")), route("out", "", "\"nat-9\"")),
        ),
        (
            "nat-commented-out-with-two-routes",
            format!(
                "{}\n{}\n{}",
                commented(&gateway("")),
                commented(&route("one", "", main)),
                commented(&route("two", "", main))
            ),
        ),
        (
            "nat-off-for-a-partner-too",
            format!(
                "{switched}\n{}",
                route("partner", count, "aws_nat_gateway.main[0].id").replace("0.0.0.0/0", "192.0.2.0/24")
            ),
        ),
        (
            "nat-off-with-another-route",
            format!("{switched}\n{}", route("partner", count, "null").replace("0.0.0.0/0", "192.0.2.0/24")),
        ),
        (
            "nat-off-with-an-address-off-otherwise",
            format!(
                "resource \"aws_eip\" \"nat\" {{\n  count = var.address ? 1 : 0\n}}\n\n{}",
                gateway("  count = 0\n\n").replace("\"eipalloc-1\"", "aws_eip.nat[0].id")
            ),
        ),
        (
            "nat-commented-out-right-below-a-route",
            format!(
                "{}{}",
                route("partner", "", "\"nat-9\"").replace("0.0.0.0/0", "192.0.2.0/24"),
                commented(&gateway(""))
            ),
        ),
    ] {
        let more = if code.contains("var.address") {
            "\nvariable \"address\" {\n  default = false\n}\n"
        } else {
            ""
        };
        put(
            name,
            tagged(),
            &[OKTA],
            &[Nat],
            &[("n.tf", private), ("nat.tf", &code), ("v.tf", &format!("{variable}{more}"))],
        );
    }
    trees
}

/// What a second look found to mislead.
fn misleading_further() -> Vec<Tree> {
    use RemedyId::*;
    type Files = Vec<(&'static str, String)>;
    let mut trees = Vec::new();
    let refuses = || {
        World::new().interface_endpoint("10.99.0.0/16").with(|network| {
            network.security_groups.get_mut(&SecurityGroupId::from("sg-endpoint")).unwrap().name =
                "bond-endpoints".to_owned();
        })
    };
    let group = |more: &str, name: &str| {
        format!(
            "resource \"aws_security_group\" \"endpoints\" {{\n{more}  name   = {name}\n  vpc_id = \"vpc-1\"\n\n  ingress {{\n    from_port   = 443\n    to_port     = 443\n    protocol    = \"tcp\"\n    cidr_blocks = [\"10.99.0.0/16\"]\n  }}\n}}\n"
        )
    };
    let named = group("", "\"${var.prefix}-endpoints\"");
    let prefix = "variable \"prefix\" {\n  default = \"acme\"\n}\n";
    let cloud = "terraform {\n  cloud {\n    organization = \"acme\"\n\n    workspaces {\n      name = \"x\"\n    }\n  }\n}\n";
    let backend = "terraform {\n  backend \"s3\" {}\n}\n";
    let typed = |kind: &str, default: &str| {
        format!("variable \"on\" {{\n  type    = {kind}\n  default = {default}\n}}\n")
    };
    let certain = "\"bond-endpoints\"";
    let cases: Vec<(&'static str, String, Files)> = vec![
        ("group-by-variables-over-auto-settings", named.clone(), vec![("v.tf", prefix.to_owned()), ("cloud.tf", cloud.to_owned()), ("x.auto.tfvars", "prefix = \"acme\"\n".to_owned())]),
        ("group-by-settings-in-json-by-hand", named.clone(), vec![("v.tf", prefix.to_owned()), ("prod.tfvars.json", "{\"prefix\": \"bond\"}".to_owned())]),
        ("group-by-settings-that-agree", named.clone(), vec![("v.tf", "variable \"prefix\" {}\n".to_owned()), ("a.tfvars", "prefix = \"bond\"\n".to_owned()), ("b.tfvars", "prefix = \"bond\"\n".to_owned())]),
        ("group-by-a-workspace-unknown", group("", "\"${terraform.workspace}-endpoints\""), vec![("b.tf", backend.to_owned())]),
        ("group-by-a-number-in-words", group("  count  = var.on == 1 ? 1 : 0\n", certain), vec![("v.tf", typed("number", "\"1\""))]),
        ("group-whose-name-is-ignored", group("  lifecycle {\n    ignore_changes = [name]\n  }\n\n", "\"old\""), vec![]),
        (
            "group-of-another-region",
            group("  provider = aws.eu\n\n", certain),
            vec![("eu.tf", "provider \"aws\" {\n  alias  = \"eu\"\n  region = \"eu-west-1\"\n}\n".to_owned())],
        ),
        ("group-that-is-imported", group("", "var.name"), vec![("v.tf", "variable \"name\" {}\n".to_owned()), ("i.tf", "import {\n  to = aws_security_group.endpoints\n  id = \"sg-endpoint\"\n}\n".to_owned())]),
        ("group-imported-as-another", group("", certain), vec![("i.tf", "import {\n  to = aws_security_group.endpoints\n  id = \"sg-9\"\n}\n".to_owned())]),
        ("group-in-a-local-vpc", group("", certain).replace("\"vpc-1\"", "local.vpc"), vec![("l.tf", "locals {\n  vpc = data.aws_vpc.main.id\n}\n\ndata \"aws_vpc\" \"main\" {\n  id = \"vpc-1\"\n}\n".to_owned())]),
        ("group-of-a-vpc-by-a-tag", group("", certain).replace("\"vpc-1\"", "data.aws_vpc.main.id"), vec![("l.tf", "data \"aws_vpc\" \"main\" {\n  tags = {\n    Name = \"bon?\"\n  }\n}\n".to_owned())]),
    ];
    for (name, code, more) in cases {
        let mut files = vec![("sg.tf", GROUP.to_owned()), ("e.tf", code)];
        files.extend(more);
        let files: Vec<(&'static str, &str)> =
            files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        trees.push(tree(name, refuses(), &[SECRETS], &[EndpointIngress], &files));
    }

    // What the connector and the service name.
    let https = &["secretsmanager.us-west-2.amazonaws.com"];
    let other = GROUP.replace("bond-app", "other");
    trees.push(tree("egress-of-another-group", shut(), https, &[SecurityGroupEgress], &[("sg.tf", &other)]));
    trees.push(
        tree("egress-said-to-be-elsewhere", shut(), https, &[SecurityGroupEgress], &[("sg.tf", GROUP)])
            .said(&["sg-app=none"]),
    );

    // Routes that sleep, of a table that lists its own.
    let tagged = || {
        World::new().with(|network| {
            network.route_tables.get_mut(&RouteTableId::from("rtb-private")).unwrap().tags =
                tag("bond-private");
        })
    };
    let table = "resource \"aws_route_table\" \"private\" {\n  vpc_id = \"vpc-1\"\n\n  route {\n    cidr_block = \"172.16.0.0/12\"\n    gateway_id = \"vgw-1\"\n  }\n\n  tags = {\n    Name = \"bond-private\"\n  }\n}\n";
    let nat = "resource \"aws_nat_gateway\" \"main\" {\n  allocation_id = \"eipalloc-1\"\n\n  subnet_id = \"subnet-public\"\n}\n";
    let route = "resource \"aws_route\" \"out\" {\n  route_table_id         = aws_route_table.private.id\n  destination_cidr_block = \"0.0.0.0/0\"\n  nat_gateway_id         = aws_nat_gateway.main.id\n}\n";
    // As editors do it: empty lines stay as they are.
    let commented = |text: &str| -> String {
        text.lines()
            .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("# {line}\n") })
            .collect()
    };
    let code = commented(&format!("{nat}\n{route}"));
    trees.push(tree(
        "nat-commented-out-of-an-inline-table",
        tagged(),
        &[OKTA],
        &[Nat],
        &[("sg.tf", GROUP), ("n.tf", table), ("nat.tf", &code)],
    ));
    let comma = "resource \"aws_vpc_endpoint\" \"s3\" {\n  vpc_id          = \"vpc-1\"\n  service_name    = \"com.amazonaws.us-west-2.s3\"\n  route_table_ids = [\"rtb-public\", /* public */]\n}\n";
    trees.push(tree(
        "tables-with-a-comment-in-the-list",
        World::new().gateway_endpoint(&["rtb-public"]),
        &[S3],
        &[GatewayRouteTables],
        &[("sg.tf", GROUP), ("e.tf", comma)],
    ));
    trees
}

/// Code that does not tell which block it is, or only nearly: what is asked, and what comes of the answers.
fn asked() -> Vec<Tree> {
    use RemedyId::*;
    let mut trees = Vec::new();
    let mut add = |one: Tree| trees.push(one);
    let refuses = || {
        World::new().interface_endpoint("10.99.0.0/16").with(|network| {
            network.security_groups.get_mut(&SecurityGroupId::from("sg-endpoint")).unwrap().name =
                "bond-ai-endpoints".to_owned();
        })
    };
    let group = |label: &str, name: &str| {
        format!(
            "resource \"aws_security_group\" \"{label}\" {{\n  name   = {name}\n  vpc_id = \"vpc-1\"\n\n  ingress {{\n    from_port   = 443\n    to_port     = 443\n    protocol    = \"tcp\"\n    cidr_blocks = [\"192.168.0.0/16\"]\n  }}\n}}\n"
        )
    };
    let two = || group("one", "\"bond-${var.team}-endpoints\"") + "\n" + &group("two", "var.name");
    let variables = "variable \"team\" {}\n\nvariable \"name\" {}\n";
    let ingress = |name, two: &str| {
        let files = [("sg.tf", GROUP), ("endpoints.tf", two), ("variables.tf", variables)];
        tree(name, refuses(), &[SECRETS], &[EndpointIngress], &files)
    };
    add(ingress("asked-which-group", &two()));
    add(ingress("asked-and-said", &two()).said(&["sg-endpoint=aws_security_group.two"]));
    add(ingress("asked-and-elsewhere", &two()).said(&["sg-endpoint=none"]));
    add(ingress("asked-and-said-another", &two()).said(&["sg-endpoint=aws_security_group.app"]));
    add(ingress("asked-of-one", &group("one", "\"bond-${var.team}\"")));
    add(ingress("asked-of-one-that-cannot-be", &group("one", "\"${var.team}-staging\"")));
    let each =
        group("each", "each.value").replace("  name ", "  for_each = toset([\"a\", \"b\"])\n\n  name ");
    add(ingress("asked-of-several", &each).said(&["sg-endpoint=aws_security_group.each[\"a\"]"]));
    let plain = each.replace("\n  ingress {\n    from_port   = 443\n    to_port     = 443\n    protocol    = \"tcp\"\n    cidr_blocks = [\"192.168.0.0/16\"]\n  }\n", "");
    add(ingress("asked-of-several-without-rules", &plain)
        .said(&["sg-endpoint=aws_security_group.each[\"a\"]"]));
    let switched = group("endpoints", "\"bond-ai-endpoints\"")
        .replace("  name ", "  count  = var.private ? 1 : 0\n  name ");
    add(tree(
        "group-behind-a-switch",
        refuses(),
        &[SECRETS],
        &[EndpointIngress],
        &[
            ("sg.tf", GROUP),
            ("endpoints.tf", &switched),
            ("variables.tf", "variable \"private\" {\n  default = true\n}\n"),
        ],
    ));

    // What AWS has and no code makes.
    let mute = || {
        World::new().vpc(|vpc| {
            vpc.dns.support = Some(false);
            vpc.tags = [
                ("Name", "bond \"main\""),
                ("Team", "${ai}"),
                ("cost centre", "7"),
                ("aws:cloudformation:stack-name", "x"),
            ]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
        })
    };
    let dns = |name| tree(name, mute().behind_nat(), &[OKTA], &[VpcDns], &[("sg.tf", GROUP)]);
    add(dns("import-vpc-asked"));
    add(dns("import-vpc").said(&["vpc-1=import"]));
    add(dns("import-vpc-made-elsewhere").said(&["vpc-1=none"]));
    let silent = || {
        World::new().interface_endpoint("10.40.0.0/16").with(|network| {
            let endpoint = network.endpoints.get_mut(&EndpointId::from("vpce-secrets")).unwrap();
            let EndpointKind::Interface { private_dns, .. } = &mut endpoint.kind else { panic!() };
            *private_dns = false;
        })
    };
    add(tree("import-endpoint", silent(), &[SECRETS], &[InterfaceEndpoints], &[("sg.tf", GROUP)])
        .said(&["vpce-secrets=import"]));

    // The service and its connector.
    let called = |name: &str| SERVICE.replace("\"bond-ai-dev-backend\"", name);
    let worker = |name: &str| {
        called(name)
            .replace("\"aws_apprunner_service\" \"app\"", "\"aws_apprunner_service\" \"worker\"")
            .split_once("resource \"aws_apprunner_service\"")
            .map(|(_, rest)| format!("resource \"aws_apprunner_service\"{rest}"))
            .unwrap()
    };
    let s3 = |name, services: &str| {
        let files = [("sg.tf", GROUP), ("apprunner.tf", services), ("variables.tf", variables)];
        tree(name, World::new(), &[S3], &[S3Gateway], &files)
    };
    let both = |one: &str, other: &str| format!("{}\n{}", called(one), worker(other));
    add(s3("service-of-one-name-unknown", &called("var.name")));
    add(s3("service-by-its-pattern", &both("\"${var.team}-backend\"", "\"${var.team}-worker\"")));
    add(s3("service-asked", &both("\"${var.team}-backend\"", "var.name")));
    add(s3("service-said", &both("\"${var.team}-backend\"", "var.name"))
        .said(&["bond-ai-dev-backend=aws_apprunner_service.app"]));

    // An endpoint of the region that the provider has.
    let tables = |name, provider: &str| {
        let endpoint = "resource \"aws_vpc_endpoint\" \"s3\" {\n  vpc_id          = \"vpc-1\"\n  service_name    = \"com.amazonaws.${data.aws_region.current.name}.s3\"\n  route_table_ids = [\"rtb-public\"]\n}\n\ndata \"aws_region\" \"current\" {}\n";
        let world = World::new().gateway_endpoint(&["rtb-public"]);
        tree(
            name,
            world,
            &[S3],
            &[GatewayRouteTables],
            &[("sg.tf", GROUP), ("endpoints.tf", endpoint), ("provider.tf", provider)],
        )
    };
    add(tables("endpoint-of-the-providers-region", PROVIDER));
    add(tables("endpoint-of-a-region-from-elsewhere", &PROVIDER.replace("  region = \"us-west-2\"\n", "")));

    // DEFAULT egress by a variable.
    let egress = |name, kind: &str, arn: &str, default: &str| {
        let service =
            SERVICE.replace("egress_type       = \"VPC\"", &format!("egress_type       = {kind}")).replace(
                "vpc_connector_arn = aws_apprunner_vpc_connector.app.arn",
                &format!("vpc_connector_arn = {arn}"),
            );
        let variable = format!("variable \"private\" {{\n  type    = bool\n  default = {default}\n}}\n");
        tree(
            name,
            World::new(),
            &[S3],
            &[DefaultEgress],
            &[("sg.tf", GROUP), ("apprunner.tf", &service), ("variables.tf", &variable)],
        )
    };
    let arn = "aws_apprunner_vpc_connector.app.arn";
    add(egress(
        "default-by-a-variable",
        "var.private ? \"VPC\" : \"DEFAULT\"",
        &format!("var.private ? {arn} : null"),
        "true",
    ));
    add(egress(
        "default-by-a-variable-with-the-connector-kept",
        "var.private ? \"VPC\" : \"DEFAULT\"",
        arn,
        "true",
    ));
    add(egress(
        "default-by-a-variable-the-other-way",
        "var.private ? \"DEFAULT\" : \"VPC\"",
        &format!("var.private ? null : {arn}"),
        "false",
    ));
    trees
}

fn put(tree: &Tree, folder: &std::path::Path) {
    for (path, text) in &tree.files {
        fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
        fs::write(folder.join(path), text).unwrap();
    }
}

/// The edit as a person reads it, made.
fn edit(tree: &Tree, folder: &std::path::Path) -> String {
    let workload = tree.world.0.workloads.iter().next().unwrap().clone();
    let wanted: Vec<Destination> = tree.hosts.iter().map(|host| destination(host).unwrap()).collect();
    let case = Case::open(Arc::new(tree.world.0.clone()), workload, &Inquiry::only(wanted));
    let made = case.compose(tree.remedies).unwrap_or_else(|| panic!("{} does not fit", tree.name));
    assert!(made.is_possible() && made.leaves.is_empty(), "{}: {made:#?}", tree.name);
    let workspace = Workspace::read(folder, &Surroundings::default()).unwrap();
    let answers = tree.said.iter().map(|said| said.parse::<MadeBy>().unwrap());
    let answers = answers.map(|said| (said.id, said.answer)).collect();
    match plan_edit(&workspace, (&case.snapshot, &case.workload), &made, &answers) {
        Ok(changes) => {
            let mut out = changes.tally();
            for note in &changes.notes {
                write!(out, "\nnote: {note}").unwrap();
            }
            write!(out, "\n\n{}", diff::patch(&changes)).unwrap();
            for file in &changes.files {
                fs::write(folder.join(&file.path), &file.after).unwrap();
            }
            out
        }
        Err(refused) => format!("refused: {refused}\n"),
    }
}

#[test]
fn every_tree_is_edited_as_its_team_would() {
    let validates = support::terraform_is_here("every_tree_is_edited_as_its_team_would");
    let mut names = Vec::new();
    for tree in trees()
        .into_iter()
        .chain(module_trees())
        .chain(lookalikes())
        .chain(asked())
        .chain(asleep())
        .chain(misleading())
        .chain(misleading_further())
    {
        let folder = tempfile::tempdir().unwrap();
        put(&tree, folder.path());
        let root = folder.path().join(tree.root);
        let before = validates.then(|| support::unformatted(folder.path()));
        let shown = edit(&tree, &root);
        insta::assert_snapshot!(format!("tree-{}", tree.name), shown.replace('\r', "\u{240d}"));
        if validates && !shown.starts_with("refused") {
            let (now, before) = (support::unformatted(folder.path()), before.unwrap());
            let worse: Vec<&str> =
                now.lines().filter(|file| !before.lines().any(|old| old == *file)).collect();
            assert!(worse.is_empty(), "{}: formatted where it was: {worse:?}", tree.name);
            // Only what the finder reads of it is in the state, and modules of the registry cannot be had here.
            let _ = fs::remove_file(root.join("terraform.tfstate"));
            if !root.join(".terraform").exists() {
                support::assert_valid(tree.name, &root);
            }
        }
        names.push(tree.name);
    }
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
}
