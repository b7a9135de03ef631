resource "aws_route_table" "private" {
  vpc_id = "vpc-1"
  tags   = { Name = "bond-private" }

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.main.id
  }
}

resource "aws_nat_gateway" "main" {
  allocation_id = "eipalloc-1"
  subnet_id     = "subnet-public"
}
