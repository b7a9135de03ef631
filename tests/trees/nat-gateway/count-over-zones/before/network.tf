resource "aws_vpc" "main" {
  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true

  tags = {
    Name = format("%s-vpc", local.name)
  }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

data "aws_availability_zones" "available" {
  state = "available"
}

locals {
  name  = "bond"
  azs   = slice(data.aws_availability_zones.available.names, 0, 2)
  cidrs = cidrsubnets("10.40.0.0/16", 4, 4, 8)
}

resource "aws_subnet" "public" {
  vpc_id            = aws_vpc.main.id
  availability_zone = local.azs[0]
  cidr_block        = cidrsubnet("10.40.0.0/16", 8, 96)

  tags = {
    Name = format("%s-public-%s", local.name, local.azs[0])
  }
}

resource "aws_subnet" "private" {
  count = length(local.azs)

  vpc_id            = aws_vpc.main.id
  availability_zone = local.azs[count.index]
  cidr_block        = local.cidrs[count.index]

  tags = {
    Name = format("%s-private-%s", local.name, local.azs[count.index])
  }
}

resource "aws_route_table" "private" {
  count = length(local.azs)

  vpc_id = aws_vpc.main.id
}

resource "aws_route_table_association" "private" {
  count = length(local.azs)

  subnet_id      = element(aws_subnet.private.*.id, count.index)
  route_table_id = element(aws_route_table.private.*.id, count.index)
}
