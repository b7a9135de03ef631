variable "environment" {
  type = string
}

variable "nat" {
  type    = bool
  default = false
}

variable "cidr" {
  type = string
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.8.1"

  name            = "bond-${var.environment}"
  cidr            = var.cidr
  azs             = ["us-west-2a", "us-west-2b"]
  private_subnets = [cidrsubnet(var.cidr, 4, 0), cidrsubnet(var.cidr, 4, 1)]
  public_subnets  = [cidrsubnet(var.cidr, 4, 6)]

  enable_dns_hostnames = true

  enable_nat_gateway = var.nat
  single_nat_gateway = true
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = module.vpc.vpc_id
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = module.vpc.private_subnets
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
