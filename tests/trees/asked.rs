//! Code that does not tell enough.

use super::*;

/// Code that does not tell which block it is, or only nearly: what is asked, and what comes of the answers.
pub fn trees() -> Vec<Tree> {
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
