variable "zones" {
  type = map(object({
    private = string
    public  = string
    name    = string
    nat     = optional(bool, false)
  }))
}

locals {
  nat_zones = [for z, c in var.zones : z if c.nat]
}

resource "aws_vpc" "main" {
  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "public" {
  for_each = var.zones

  vpc_id                  = aws_vpc.main.id
  cidr_block              = each.value.public
  availability_zone       = "us-west-2${each.key}"
  map_public_ip_on_launch = true
}

resource "aws_subnet" "private" {
  for_each = var.zones

  vpc_id            = aws_vpc.main.id
  cidr_block        = each.value.private
  availability_zone = "us-west-2${each.key}"
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table" "private" {
  for_each = var.zones

  vpc_id = aws_vpc.main.id
}

resource "aws_route_table_association" "private" {
  for_each = var.zones

  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}

resource "aws_eip" "nat" {
  for_each = toset(local.nat_zones)
  domain   = "vpc"
}

resource "aws_nat_gateway" "main" {
  for_each = toset(local.nat_zones)

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id

  tags = {
    Name = "bond-${var.zones[each.key].name}"
  }
}

resource "aws_route" "nat" {
  for_each = toset(local.nat_zones)

  route_table_id         = aws_route_table.private[each.value].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main[each.value].id
}
