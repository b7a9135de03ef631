resource "aws_route" "private" {
  route_table_id         = "rtb-private"
  destination_cidr_block = "0.0.0.0/0"
  network_interface_id   = "eni-nat"
}

resource "aws_route" "main" {
  route_table_id         = "rtb-main"
  destination_cidr_block = "0.0.0.0/0"
  network_interface_id   = "eni-nat"
}
