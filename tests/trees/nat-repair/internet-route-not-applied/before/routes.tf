resource "aws_route_table" "public" {
  vpc_id = "vpc-1"
  tags   = { Name = "bond-public" }
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = "igw-1"
}
