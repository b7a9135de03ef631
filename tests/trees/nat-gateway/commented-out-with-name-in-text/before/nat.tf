# resource "aws_eip" "nat" {
#   domain = "vpc"
# }
#
# resource "aws_nat_gateway" "main" {
#   allocation_id = aws_eip.nat.id
#   subnet_id     = aws_subnet.public.id
#
#   tags = {
#     Groups = join(",", aws_security_group.extra[*].id) # not aws_security_group.extra.id
#   }
# }
#
# resource "aws_route" "out" {
#   route_table_id         = aws_route_table.private.id
#   destination_cidr_block = "0.0.0.0/0"
#   nat_gateway_id         = aws_nat_gateway.main.id
# }
