resource "aws_vpc" "core" {
  cidr_block = "10.40.0.0/16"
}

resource "aws_internet_gateway" "core" {
  vpc_id = aws_vpc.core.id
}

resource "aws_subnet" "edge" {
  vpc_id     = aws_vpc.core.id
  cidr_block = "10.40.96.0/24"
}

resource "aws_subnet" "left" {
  vpc_id     = aws_vpc.core.id
  cidr_block = "10.40.0.0/20"
}

resource "aws_subnet" "right" {
  vpc_id     = aws_vpc.core.id
  cidr_block = "10.40.16.0/20"
}

resource "aws_route_table" "inner" {
  vpc_id = aws_vpc.core.id
}

resource "aws_route_table_association" "inner" {
  for_each = {
    left  = aws_subnet.left.id
    right = aws_subnet.right.id
  }

  subnet_id      = each.value
  route_table_id = aws_route_table.inner.id
}

module "app_group" {
  source  = "terraform-aws-modules/security-group/aws"
  version = "~> 5.0"

  name            = "bond-app"
  use_name_prefix = false
  vpc_id          = aws_vpc.core.id
}

module "app_runner" {
  source  = "terraform-aws-modules/app-runner/aws"
  version = "~> 1.2"

  service_name = "bond-ai-dev-backend"

  create_vpc_connector          = true
  vpc_connector_name            = "bond-ai-dev-connector"
  vpc_connector_subnets         = [aws_subnet.left.id, aws_subnet.right.id]
  vpc_connector_security_groups = [module.app_group.security_group_id]

  network_configuration = {
    egress_configuration = {
      egress_type = "VPC"
    }
  }
}
