resource "aws_route_table" "private" {
  vpc_id = "vpc-1"

  tags = {
    Name = "bond-private"
  }
}
