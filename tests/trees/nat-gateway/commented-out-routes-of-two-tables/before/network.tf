resource "aws_subnet" "public" {
  vpc_id     = "vpc-1"
  cidr_block = "10.40.96.0/24"

  tags = {
    Name = "bond-public"
  }
}

resource "aws_route_table" "private_a" {
  vpc_id = "vpc-1"

  tags = {
    Name = "bond-private-a"
  }
}

resource "aws_route_table" "private_b" {
  vpc_id = "vpc-1"

  tags = {
    Name = "bond-private-b"
  }
}

# NAT is off to save cost
#resource "aws_eip" "nat" {
#  domain = "vpc"
#}
#
#resource "aws_nat_gateway" "main" {
#  allocation_id = aws_eip.nat.id
#  subnet_id     = aws_subnet.public.id
#}
#
#resource "aws_route" "private_a" {
#  route_table_id         = aws_route_table.private_a.id
#  destination_cidr_block = "0.0.0.0/0"
#  nat_gateway_id         = aws_nat_gateway.main.id
#}
#
#resource "aws_route" "private_b" {
#  route_table_id         = aws_route_table.private_b.id
#  destination_cidr_block = "0.0.0.0/0"
#  nat_gateway_id         = aws_nat_gateway.main.id
#}
