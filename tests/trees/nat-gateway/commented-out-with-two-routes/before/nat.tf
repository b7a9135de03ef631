# resource "aws_nat_gateway" "main" {
#   allocation_id = "eipalloc-1"
#   subnet_id     = "subnet-public"
# }

# resource "aws_route" "one" {
#   route_table_id         = aws_route_table.private.id
#   destination_cidr_block = "0.0.0.0/0"
#   nat_gateway_id         = aws_nat_gateway.main.id
# }

# resource "aws_route" "two" {
#   route_table_id         = aws_route_table.private.id
#   destination_cidr_block = "0.0.0.0/0"
#   nat_gateway_id         = aws_nat_gateway.main.id
# }
