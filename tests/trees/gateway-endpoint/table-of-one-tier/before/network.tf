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
  subnets = {
    public = { cidr = "10.40.96.0/24", zone = "us-west-2a", tier = "public" }
    a      = { cidr = "10.40.0.0/20", zone = "us-west-2a", tier = "private" }
    b      = { cidr = "10.40.16.0/20", zone = "us-west-2b", tier = "private" }
  }
}

resource "aws_subnet" "this" {
  for_each = local.subnets

  vpc_id            = aws_vpc.main.id
  availability_zone = each.value.zone
  cidr_block        = each.value.cidr
}

resource "aws_route_table" "this" {
  for_each = toset(distinct([for subnet in local.subnets : subnet.tier]))

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
