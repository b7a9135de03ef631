//! Roots that call modules, their own or the registry's.

use super::*;

pub const CALL: &str = r#"module "app" {
  source     = "./modules/app"
  name       = "bond-ai-dev"
  vpc_id     = "vpc-1"
  subnet_ids = ["subnet-a", "subnet-b", "subnet-c"]
}
"#;

pub const MODULE: &str = r#"variable "name" {
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

pub fn trees() -> Vec<Tree> {
    use RemedyId::*;
    let mut trees = Vec::new();
    let mut add = |one: Tree| trees.push(one);

    // The service in a module that is called once: what is new stands beside it.
    add(of_modules(
        "module-service",
        &[S3],
        &[S3Gateway],
        "",
        &[("provider.tf", PROVIDER), ("main.tf", CALL), ("modules/app/main.tf", MODULE)],
    ));
    add(of_modules(
        "module-default-egress",
        &[OKTA],
        &[DefaultEgress],
        "",
        &[("provider.tf", PROVIDER), ("main.tf", CALL), ("modules/app/main.tf", MODULE)],
    ));
    // The root beside its modules, as environments have it: the patch starts at the folder that holds both.
    add(of_modules(
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
    add(of_modules(
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
    add(of_modules("module-called-twice", &[S3], &[S3Gateway], "", &shared));
    add(of_modules("module-called-twice-default-egress", &[OKTA], &[DefaultEgress], "", &shared));

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
    add(of_modules("module-network", &[S3, SECRETS], &[S3Gateway, InterfaceEndpoints], "", &network));
    let mut shut = of_modules(
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
    add(of_modules("registry-app-runner", &[OKTA], &[DefaultEgress], "", &installed));
    add(of_modules("registry-app-runner-gateway", &[S3], &[S3Gateway], "", &installed));
    add(of_modules("registry-not-installed", &[S3], &[S3Gateway], "", &installed[..3]));

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
        add(of_modules(name, &[OKTA], &[Nat], "", &files));
    }
    trees
}
