resource "aws_route_table" "private" {
  vpc_id = "vpc-1"

  route {
    cidr_block = "172.16.0.0/12"
    gateway_id = "vgw-1"
  }
}
