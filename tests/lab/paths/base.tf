# Services whose path to a destination is broken. This file has what they share; each other file has one reason.
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "us-west-2"
}

locals {
  paths = ["database", "instance", "unused-nat", "public"]
}

resource "aws_vpc" "path" {
  for_each             = toset(local.paths)
  cidr_block           = "10.42.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = each.key }
}

resource "aws_internet_gateway" "path" {
  for_each = aws_vpc.path
  vpc_id   = each.value.id
}

# The subnet of the connector.
resource "aws_subnet" "app" {
  for_each          = aws_vpc.path
  vpc_id            = each.value.id
  cidr_block        = "10.42.1.0/24"
  availability_zone = "us-west-2a"
  tags              = { Name = "${each.key}-app" }
}

# The subnet of NAT gateways, NAT instances and databases.
resource "aws_subnet" "public" {
  for_each          = aws_vpc.path
  vpc_id            = each.value.id
  cidr_block        = "10.42.8.0/24"
  availability_zone = "us-west-2b"
  tags              = { Name = "${each.key}-public" }
}

resource "aws_route_table" "public" {
  for_each = aws_vpc.path
  vpc_id   = each.value.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.path[each.key].id
  }
}

resource "aws_route_table_association" "public" {
  for_each       = aws_subnet.public
  subnet_id      = each.value.id
  route_table_id = aws_route_table.public[each.key].id
}

resource "aws_security_group" "app" {
  for_each = aws_vpc.path
  name     = "${each.key}-app"
  vpc_id   = each.value.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
