resource "aws_route" "partner" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "192.0.2.0/24"
  nat_gateway_id         = "nat-9"
}
# resource "aws_nat_gateway" "main" {
#   allocation_id = "eipalloc-1"
#   subnet_id     = "subnet-public"
# }
