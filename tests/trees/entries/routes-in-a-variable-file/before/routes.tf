variable "routes" {
  type = list(object({ cidr = string, nat = optional(string), peering = optional(string) }))
}

resource "aws_route_table" "private" {
  vpc_id = "vpc-1"

  dynamic "route" {
    for_each = var.routes

    content {
      cidr_block                = route.value.cidr
      nat_gateway_id            = route.value.nat
      vpc_peering_connection_id = route.value.peering
    }
  }

  tags = {
    Name = "bond-private"
  }
}
