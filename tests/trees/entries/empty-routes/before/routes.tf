resource "aws_route_table" "private" {
  vpc_id = "vpc-1"
  route  = [] # no way out: by design

  tags = {
    Name = "bond-private"
  }
}
