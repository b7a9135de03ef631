resource "aws_route_table" "private" {
  route {
    cidr_block = "172.16.0.0/12"
    gateway_id = aws_internet_gateway.this.id
  }
}
