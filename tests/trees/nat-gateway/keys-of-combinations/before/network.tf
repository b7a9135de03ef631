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
  zones = ["a", "b"]
  subnets = {
    for pair in setproduct(["public", "private"], local.zones) : join("-", pair) => {
      tier = pair[0]
      zone = pair[1]
      cidr = pair[0] == "private" ? cidrsubnet("10.40.0.0/16", 4, index(local.zones, pair[1])) : cidrsubnet("10.40.0.0/16", 8, 96 + index(local.zones, pair[1]))
    }
  }
}

resource "aws_subnet" "this" {
  for_each = local.subnets

  vpc_id            = aws_vpc.main.id
  availability_zone = "us-west-2${each.value.zone}"
  cidr_block        = each.value.cidr
}

resource "aws_route_table" "this" {
  for_each = local.subnets

  vpc_id = aws_vpc.main.id
}

resource "aws_route" "internet" {
  for_each = { for key, subnet in local.subnets : key => subnet if subnet.tier == "public" }

  route_table_id         = aws_route_table.this[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_route_table_association" "this" {
  for_each = local.subnets

  subnet_id      = aws_subnet.this[each.key].id
  route_table_id = aws_route_table.this[each.key].id
}
