variable "private_network" {
  type    = bool
  default = true
}

locals {
  private = var.private_network ? 1 : 0
}

resource "aws_vpc" "main" {
  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "private" {
  count = local.private * 2

  vpc_id     = aws_vpc.main.id
  cidr_block = ["10.40.0.0/20", "10.40.16.0/20"][count.index]
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = aws_vpc.main.id
}

resource "aws_apprunner_vpc_connector" "app" {
  count = local.private

  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = aws_subnet.private[*].id
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
      egress_type       = var.private_network ? "VPC" : "DEFAULT"
      vpc_connector_arn = one(aws_apprunner_vpc_connector.app[*].arn)
    }
  }
}
