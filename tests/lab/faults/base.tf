# Services that each fail for one reason. This file has what they share; each other file has one reason.
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
  faults = ["acl", "dynamodb", "egress", "endpoint-group", "missed-table", "moved", "nat-nowhere", "no-nat-route", "private-dns", "zones"]
  places = { for pair in setproduct(local.faults, ["a", "b"]) : join("-", pair) => { fault = pair[0], zone = pair[1] } }
}

resource "aws_vpc" "fault" {
  for_each             = toset(local.faults)
  cidr_block           = "10.41.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = each.key }
}

resource "aws_internet_gateway" "fault" {
  for_each = aws_vpc.fault
  vpc_id   = each.value.id
}

# The subnets of the connectors.
resource "aws_subnet" "private" {
  for_each          = local.places
  vpc_id            = aws_vpc.fault[each.value.fault].id
  cidr_block        = each.value.zone == "a" ? "10.41.1.0/24" : "10.41.2.0/24"
  availability_zone = "us-west-2${each.value.zone}"
  tags              = { Name = "${each.key}-private" }
}

# The subnets of the NAT gateways.
resource "aws_subnet" "public" {
  for_each          = local.places
  vpc_id            = aws_vpc.fault[each.value.fault].id
  cidr_block        = each.value.zone == "a" ? "10.41.8.0/24" : "10.41.9.0/24"
  availability_zone = "us-west-2${each.value.zone}"
  tags              = { Name = "${each.key}-public" }
}

resource "aws_route_table" "public" {
  for_each = aws_vpc.fault
  vpc_id   = each.value.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.fault[each.key].id
  }
}

resource "aws_route_table_association" "public" {
  for_each       = { for key, place in local.places : key => place.fault if !contains(["nat-nowhere"], place.fault) }
  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public[each.value].id
}

# Allows all outbound traffic of most connectors.
resource "aws_security_group" "app" {
  for_each = { for key, vpc in aws_vpc.fault : key => vpc.id if key != "egress" }
  name     = "${each.key}-app"
  vpc_id   = each.value

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
