module "label" {
  source  = "cloudposse/label/null"
  version = "0.25.0"

  namespace = "bond"
  stage     = "dev"
}

module "vpc" {
  source  = "cloudposse/vpc/aws"
  version = "2.1.1"

  ipv4_primary_cidr_block = "10.40.0.0/16"

  context = module.label.context
}

module "subnets" {
  source  = "cloudposse/dynamic-subnets/aws"
  version = "2.4.2"

  vpc_id              = module.vpc.vpc_id
  igw_id              = [module.vpc.igw_id]
  availability_zones  = ["us-west-2a", "us-west-2b"]
  ipv4_cidrs          = [{ private = ["10.40.0.0/20", "10.40.16.0/20"], public = ["10.40.96.0/24", "10.40.97.0/24"] }]
  nat_gateway_enabled = false

  context = module.label.context
}

module "endpoints" {
  source  = "cloudposse/vpc/aws//modules/vpc-endpoints"
  version = "2.1.1"

  vpc_id = module.vpc.vpc_id

  gateway_vpc_endpoints = {
    "dynamodb" = {
      name            = "dynamodb"
      policy          = null
      route_table_ids = module.subnets.private_route_table_ids
    }
  }

  interface_vpc_endpoints = {}

  context = module.label.context
}

module "app_group" {
  source  = "cloudposse/security-group/aws"
  version = "2.2.0"

  vpc_id           = module.vpc.vpc_id
  attributes       = ["app"]
  allow_all_egress = false

  rules = [
    {
      key         = "postgres"
      type        = "egress"
      from_port   = 5432
      to_port     = 5432
      protocol    = "tcp"
      cidr_blocks = [module.vpc.vpc_cidr_block]
      description = "Database"
    },
  ]

  context = module.label.context
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = module.subnets.private_subnet_ids
  security_groups    = [module.app_group.id]
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
