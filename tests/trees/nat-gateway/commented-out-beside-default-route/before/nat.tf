# resource "aws_nat_gateway" "main" {
#   allocation_id = "eipalloc-1"
#   subnet_id     = "subnet-public"
# }

resource "aws_route" "out" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = "nat-9"
}
