resource "aws_vpc" "main" {
  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true

  tags = {
    Name = "bond"
  }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "public" {
  vpc_id            = aws_vpc.main.id
  availability_zone = "us-west-2a"
  cidr_block        = "10.40.96.0/24"
}

locals {
  tiers = {
    app  = { offset = 8, nat = true }
    data = { offset = 0, nat = false }
  }

  zones = ["a", "b"]

  subnets = merge([
    for tier, t in local.tiers : {
      for i, zone in local.zones : "${tier}-${zone}" => { tier = tier, zone = zone, netnum = t.offset + i }
    }
  ]...)
}

resource "aws_subnet" "this" {
  for_each = local.subnets

  vpc_id            = aws_vpc.main.id
  availability_zone = "us-west-2${each.value.zone}"
  cidr_block        = cidrsubnet("10.40.0.0/16", 4, each.value.netnum)
}

resource "aws_route_table" "this" {
  for_each = local.tiers

  vpc_id = aws_vpc.main.id
}

resource "aws_route_table_association" "this" {
  for_each = local.subnets

  subnet_id      = aws_subnet.this[each.key].id
  route_table_id = aws_route_table.this[each.value.tier].id
}

resource "aws_eip" "nat" {
  domain = "vpc"
}

resource "aws_nat_gateway" "main" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.public.id

  tags = {
    Name = "bond-nat"
  }
}

resource "aws_route" "nat" {
  for_each = { for tier, t in local.tiers : tier => t if t.nat }

  route_table_id         = aws_route_table.this[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main.id
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.us-west-2.s3"
  route_table_ids = [for tier, t in local.tiers : aws_route_table.this[tier].id if t.nat]
}
