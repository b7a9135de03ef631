variable "extra_routes" {
  type    = list(object({ cidr = string, peering = string }))
  default = []
}

resource "aws_route_table" "private" {
  vpc_id = "vpc-1"

  dynamic "route" {
    for_each = var.extra_routes

    content {
      cidr_block                = route.value.cidr
      vpc_peering_connection_id = route.value.peering
    }
  }

  tags = {
    Name = "bond-private"
  }
}
