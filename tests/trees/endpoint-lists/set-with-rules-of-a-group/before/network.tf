resource "aws_vpc" "bond" {
  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_internet_gateway" "bond" {
  vpc_id = aws_vpc.bond.id
}

resource "aws_subnet" "public" {
  vpc_id            = aws_vpc.bond.id
  cidr_block        = "10.40.96.0/24"
  availability_zone = "us-west-2a"
}

resource "aws_subnet" "private_a" {
  vpc_id            = aws_vpc.bond.id
  cidr_block        = "10.40.0.0/20"
  availability_zone = "us-west-2a"
}

resource "aws_subnet" "private_b" {
  vpc_id            = aws_vpc.bond.id
  cidr_block        = "10.40.16.0/20"
  availability_zone = "us-west-2b"
}

resource "aws_default_route_table" "main" {
  default_route_table_id = aws_vpc.bond.default_route_table_id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.bond.id
  }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.bond.id
}

resource "aws_route_table_association" "private" {
  for_each = { a = aws_subnet.private_a.id, b = aws_subnet.private_b.id }

  subnet_id      = each.value
  route_table_id = aws_route_table.private.id
}

locals {
  gateway_services = toset(["s3"])
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = local.gateway_services

  vpc_id          = aws_vpc.bond.id
  service_name    = "com.amazonaws.us-west-2.${each.key}"
  route_table_ids = [aws_route_table.private.id]
}

data "aws_prefix_list" "gateway" {
  for_each = local.gateway_services

  name = "com.amazonaws.us-west-2.${each.key}"
}

resource "aws_vpc_security_group_egress_rule" "gateway" {
  for_each = local.gateway_services

  security_group_id = aws_security_group.app.id
  prefix_list_id    = data.aws_prefix_list.gateway[each.key].id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
