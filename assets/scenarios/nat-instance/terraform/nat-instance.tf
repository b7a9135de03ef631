# The default routes of the App Runner subnets go to the NAT instance
resource "aws_route" "nat_private" {
  route_table_id         = "rtb-0d4e5f6a7b8c90123"
  destination_cidr_block = "0.0.0.0/0"
  network_interface_id   = "eni-0c4a8e6f2b1d3c5e7"
}

resource "aws_route" "nat_main" {
  route_table_id         = "rtb-0a9b8c7d6e5f40312"
  destination_cidr_block = "0.0.0.0/0"
  network_interface_id   = "eni-0c4a8e6f2b1d3c5e7"
}
