resource "aws_route" "private" {
  route_table_id         = "rtb-private"
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = (aws_nat_gateway.old.id)
}

resource "aws_route" "main" {
  route_table_id         = "rtb-main"
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = /* all subnets */ aws_nat_gateway.old.id
}
