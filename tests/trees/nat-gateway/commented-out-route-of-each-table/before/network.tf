resource "aws_subnet" "public" {
  vpc_id     = "vpc-1"
  cidr_block = "10.40.96.0/24"

  tags = {
    Name = "bond-public"
  }
}

resource "aws_subnet" "private" {
  count = 2

  vpc_id     = "vpc-1"
  cidr_block = cidrsubnet("10.40.0.0/16", 4, count.index)
}

resource "aws_route_table" "private" {
  count = 2

  vpc_id = "vpc-1"
}

resource "aws_route_table_association" "private" {
  count = 2

  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private[count.index].id
}

# resource "aws_eip" "nat" {
#   domain = "vpc"
# }

# resource "aws_nat_gateway" "main" {
#   allocation_id = aws_eip.nat.id
#   subnet_id     = aws_subnet.public.id
# }

# resource "aws_route" "nat" {
#   count = 2
#
#   route_table_id         = aws_route_table.private[count.index].id
#   destination_cidr_block = "0.0.0.0/0"
#   nat_gateway_id         = aws_nat_gateway.main.id
# }
