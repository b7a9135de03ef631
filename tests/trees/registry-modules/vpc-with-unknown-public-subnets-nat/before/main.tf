data "aws_availability_zones" "available" {}

locals {
  zones = slice(data.aws_availability_zones.available.names, 0, 2)
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.8.1"

  name           = "bond"
  cidr           = "10.40.0.0/16"
  azs            = local.zones
  intra_subnets  = [for number, zone in local.zones : cidrsubnet("10.40.0.0/16", 4, number)]
  public_subnets = [for number, zone in local.zones : cidrsubnet("10.40.0.0/16", 4, number + 6)]

  enable_dns_hostnames = true
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = module.vpc.vpc_id
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = module.vpc.intra_subnets
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
