resource "aws_route_table" "public" {
  vpc_id = "vpc-1"
  tags   = { Name = "bond-public" }
}
