resource "aws_subnet" "public" {
  vpc_id     = "vpc-1"
  cidr_block = "10.40.96.0/24"

  tags = {
    Name = "bond-public"
  }
}

resource "aws_route_table" "private" {
  vpc_id = "vpc-1"

  // route {
  //   cidr_block     = "0.0.0.0/0"
  //   nat_gateway_id = aws_nat_gateway.main.id
  // }

  tags = {
    Name = "bond-private"
  }
}
