locals {
  nat = "nat-1"
}

resource "aws_route" "out" {
  route_table_id         = "rtb-private"
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = local.nat
}
