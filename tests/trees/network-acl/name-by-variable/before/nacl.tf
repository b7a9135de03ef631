variable "env" {
  default = "private"
}

resource "aws_network_acl" "private" {
  vpc_id = "vpc-1"

  ingress {
    rule_no    = 200
    action     = "deny"
    protocol   = "tcp"
    cidr_block = "0.0.0.0/0"
    from_port  = 3389
    to_port    = 3389
  }

  tags = merge({ Team = "x" }, { Name = "bond-${var.env}" })
}
