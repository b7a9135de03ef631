data "aws_region" "this" {}

locals {
  nat_zones = var.nat.enabled ? toset(var.nat.zones) : toset([])
}

resource "aws_vpc" "main" {
  cidr_block = var.cidr
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "edge" {
  for_each = { a = 96 }

  vpc_id            = aws_vpc.main.id
  availability_zone = "${data.aws_region.this.name}${each.key}"
  cidr_block        = cidrsubnet(var.cidr, 8, each.value)
}

resource "aws_subnet" "apps" {
  for_each = var.zones

  vpc_id            = aws_vpc.main.id
  availability_zone = "${data.aws_region.this.name}${each.key}"
  cidr_block        = cidrsubnet(var.cidr, 4, each.value.apps)
}

resource "aws_route_table" "apps" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table_association" "apps" {
  for_each = var.zones

  subnet_id      = aws_subnet.apps[each.key].id
  route_table_id = aws_route_table.apps.id
}

resource "aws_eip" "nat" {
  for_each = local.nat_zones
  domain   = "vpc"
}

resource "aws_nat_gateway" "this" {
  for_each = local.nat_zones

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.edge[each.key].id
}

resource "aws_route" "apps_nat" {
  count = var.nat.enabled ? 1 : 0

  route_table_id         = aws_route_table.apps.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this["a"].id
}

output "vpc_id" {
  value = aws_vpc.main.id
}

output "apps_subnets" {
  value = { for zone, subnet in aws_subnet.apps : zone => subnet.id }
}
