# resource "aws_eip" "nat" {
#   domain = "vpc"
# }
#
# resource "aws_nat_gateway" "main" {
#   allocation_id = (aws_eip.nat.id)
#   subnet_id     = /* public */ aws_subnet.public.id
# }
#
# resource "aws_route" "out" {
#   route_table_id         = (aws_route_table.private.id)
#   destination_cidr_block = "0.0.0.0/0"
#   nat_gateway_id         = (aws_nat_gateway.main.id)
# }
