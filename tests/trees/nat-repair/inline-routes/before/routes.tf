resource "aws_route_table" "private" {
  vpc_id = "vpc-1"

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.old.id
  }

  route {
    cidr_block = "10.9.0.0/16"
    gateway_id = "igw-1"
  }
}
