resource "aws_vpc" "main" {
  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "private_a" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.40.0.0/20"
}

resource "aws_subnet" "private_b" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.40.16.0/20"
}

resource "aws_subnet" "public" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.40.96.0/24"
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table_association" "private_a" {
  subnet_id      = aws_subnet.private_a.id
  route_table_id = aws_route_table.private.id
}

resource "aws_route_table_association" "private_b" {
  subnet_id      = aws_subnet.private_b.id
  route_table_id = aws_route_table.private.id
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = aws_vpc.main.id
}

locals {
  network_configuration = {
    egress_configuration = {
      egress_type = "VPC"
    }
  }
}

module "backend" {
  source  = "terraform-aws-modules/app-runner/aws"
  version = "1.2.0"

  service_name = "bond-ai-dev-backend"

  create_vpc_connector          = true
  vpc_connector_name            = "bond-ai-dev-connector"
  vpc_connector_subnets         = [aws_subnet.private_a.id, aws_subnet.private_b.id]
  vpc_connector_security_groups = [aws_security_group.app.id]

  network_configuration = local.network_configuration
}

module "worker" {
  source  = "terraform-aws-modules/app-runner/aws"
  version = "1.2.0"

  service_name = "bond-ai-dev-worker"

  create_vpc_connector          = true
  vpc_connector_name            = "bond-worker"
  vpc_connector_subnets         = [aws_subnet.private_a.id, aws_subnet.private_b.id]
  vpc_connector_security_groups = [aws_security_group.app.id]

  network_configuration = local.network_configuration
}
