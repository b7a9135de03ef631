locals {
  routes = [
    { cidr = "10.9.0.0/16", peering = "pcx-0a1b2c3d4e5f60718" },
  ]
}

resource "aws_route_table" "private" {
  vpc_id = "vpc-1"

  dynamic "route" {
    for_each = local.routes

    content {
      cidr_block                = route.value.cidr
      nat_gateway_id            = lookup(route.value, "nat", null)
      vpc_peering_connection_id = lookup(route.value, "peering", null)
    }
  }

  tags = {
    Name = "bond-private"
  }
}
