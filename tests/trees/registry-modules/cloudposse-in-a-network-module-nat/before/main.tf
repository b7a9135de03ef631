module "network" {
  source = "./network"
}

module "app_group" {
  source  = "cloudposse/security-group/aws"
  version = "2.2.0"

  vpc_id           = module.network.vpc_id
  attributes       = ["app"]
  allow_all_egress = false

  rules = [
    {
      key         = "postgres"
      type        = "egress"
      from_port   = 5432
      to_port     = 5432
      protocol    = "tcp"
      cidr_blocks = [module.network.vpc_cidr_block]
      description = "Database"
    },
  ]

  name = "bond"
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = module.network.private_subnet_ids
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
