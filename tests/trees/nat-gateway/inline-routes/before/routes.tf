resource "aws_route_table" "private" {
  vpc_id = "vpc-1"
  tags   = { Name = "bond-private" }

  route {
    cidr_block                = "10.9.0.0/16"
    vpc_peering_connection_id = "pcx-1"
  }
}
