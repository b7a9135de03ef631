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

locals {
  tiers = {
    public  = ["10.40.96.0/24", "10.40.97.0/24"]
    private = ["10.40.0.0/20", "10.40.16.0/20"]
  }

  subnets = merge([
    for tier, ranges in local.tiers : {
      for place, range in ranges : "${tier}-${substr("abc", place, 1)}" => { tier = tier, cidr = range, zone = substr("abc", place, 1) }
    }
  ]...)
}

resource "aws_subnet" "this" {
  for_each = local.subnets

  vpc_id            = aws_vpc.main.id
  availability_zone = "us-west-2${each.value.zone}"
  cidr_block        = each.value.cidr
}

resource "aws_route_table" "this" {
  for_each = local.tiers

  vpc_id = aws_vpc.main.id
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.this["public"].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_route_table_association" "this" {
  for_each = local.subnets

  subnet_id      = aws_subnet.this[each.key].id
  route_table_id = aws_route_table.this[each.value.tier].id
}
