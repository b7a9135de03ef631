terraform {
  backend "local" {
    path = "../state/network.tfstate"
  }
}

resource "aws_vpc" "core" {
  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "bond" }
}

resource "aws_internet_gateway" "core" {
  vpc_id = aws_vpc.core.id
}

resource "aws_subnet" "edge" {
  vpc_id     = aws_vpc.core.id
  cidr_block = "10.40.96.0/24"
}

resource "aws_subnet" "app" {
  for_each = toset(["10.40.0.0/20", "10.40.16.0/20"])

  vpc_id     = aws_vpc.core.id
  cidr_block = each.key
}

resource "aws_route_table" "app" {
  vpc_id = aws_vpc.core.id
}

resource "aws_route_table_association" "app" {
  for_each = aws_subnet.app

  subnet_id      = each.value.id
  route_table_id = aws_route_table.app.id
}

output "vpc" {
  value = {
    id         = aws_vpc.core.id
    cidr       = aws_vpc.core.cidr_block
    subnet_ids = values(aws_subnet.app)[*].id
  }
}
