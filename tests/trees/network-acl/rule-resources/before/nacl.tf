resource "aws_network_acl" "private" {
  vpc_id = "vpc-1"

  tags = {
    "Name" = "bond-private"
  }
}
