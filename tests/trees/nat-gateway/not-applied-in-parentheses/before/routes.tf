resource "aws_route_table" "private" {
  vpc_id = "vpc-1"
  tags   = { Name = "bond-private" }
}

resource "aws_nat_gateway" "main" {
  allocation_id = "eipalloc-1"
  subnet_id     = "subnet-public"
}

resource "aws_route" "out" {
  route_table_id         = ( # the private subnets
    aws_route_table /* private */ .private
    .id
  )
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main.id
}
