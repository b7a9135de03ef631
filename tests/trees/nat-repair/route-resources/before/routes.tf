resource "aws_route" "out" {
  for_each               = toset(["rtb-private", "rtb-main"])
  route_table_id         = each.value
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.old.id
}
