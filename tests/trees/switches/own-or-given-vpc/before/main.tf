variable "create_vpc" {
  type    = bool
  default = true
}

variable "vpc_id" {
  type    = string
  default = null
}

variable "subnet_ids" {
  type    = list(string)
  default = []
}

locals {
  count      = var.create_vpc ? 1 : 0
  vpc_id     = var.create_vpc ? one(aws_vpc.own[*].id) : var.vpc_id
  subnet_ids = var.create_vpc ? [for subnet in aws_subnet.app : subnet.id] : var.subnet_ids
}

resource "aws_vpc" "own" {
  count = local.count

  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true
  enable_dns_support   = true
}

resource "aws_subnet" "app" {
  for_each = var.create_vpc ? { a = "10.40.0.0/20", b = "10.40.16.0/20" } : {}

  vpc_id     = aws_vpc.own[0].id
  cidr_block = each.value
}

resource "aws_route_table" "app" {
  count = local.count

  vpc_id = aws_vpc.own[0].id
}

resource "aws_route_table_association" "app" {
  for_each = aws_subnet.app

  subnet_id      = each.value.id
  route_table_id = aws_route_table.app[0].id
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = local.vpc_id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = local.subnet_ids
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
