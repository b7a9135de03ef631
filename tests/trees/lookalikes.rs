//! Code that looks like what is meant.

use super::modules::{CALL, MODULE};
use super::*;

/// Code that looks like what is meant and is not: of another VPC, another region, another environment.
pub fn trees() -> Vec<Tree> {
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
    add(of_modules(
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
    add(of_modules(
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
