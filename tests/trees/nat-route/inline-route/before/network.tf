resource "aws_route_table" "private" {
  vpc_id = "vpc-1"
  tags   = { Name = "bond-private" }

  route {
    cidr_block           = "0.0.0.0/0"
    network_interface_id = "eni-nat"
  }
}

resource "aws_route" "main" {
  route_table_id         = "rtb-main"
  destination_cidr_block = "0.0.0.0/0"
  network_interface_id   = "eni-nat"
}
