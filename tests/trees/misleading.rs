//! Code that says less, or other things, than it seems to.

use super::*;

/// Code that says less, or other things, than it seems to.
pub fn trees() -> Vec<Tree> {
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
pub fn more_trees() -> Vec<Tree> {
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
