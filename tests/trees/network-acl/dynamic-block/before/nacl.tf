resource "aws_network_acl" "private" {
  vpc_id = "vpc-1"

  dynamic "ingress" {
    for_each = [80]
    content {
      rule_no    = ingress.value
      action     = "allow"
      protocol   = "tcp"
      cidr_block = "0.0.0.0/0"
      from_port  = ingress.value
      to_port    = ingress.value
    }
  }

  tags = { Name = "bond-private" }
}
