resource "aws_vpc" "bond" {
  provider = aws.network

  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_internet_gateway" "bond" {
  provider = aws.network

  vpc_id = aws_vpc.bond.id
}

resource "aws_subnet" "public" {
  provider = aws.network

  vpc_id            = aws_vpc.bond.id
  cidr_block        = "10.40.96.0/24"
  availability_zone = "us-west-2a"
}

resource "aws_subnet" "private_a" {
  provider = aws.network

  vpc_id            = aws_vpc.bond.id
  cidr_block        = "10.40.0.0/20"
  availability_zone = "us-west-2a"
}

resource "aws_subnet" "private_b" {
  provider = aws.network

  vpc_id            = aws_vpc.bond.id
  cidr_block        = "10.40.16.0/20"
  availability_zone = "us-west-2b"
}

resource "aws_default_route_table" "main" {
  provider = aws.network

  default_route_table_id = aws_vpc.bond.default_route_table_id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.bond.id
  }
}

resource "aws_route_table" "private" {
  provider = aws.network

  vpc_id = aws_vpc.bond.id
}

resource "aws_route_table_association" "private" {
  provider = aws.network
  for_each = { a = aws_subnet.private_a.id, b = aws_subnet.private_b.id }

  subnet_id      = each.value
  route_table_id = aws_route_table.private.id
}
