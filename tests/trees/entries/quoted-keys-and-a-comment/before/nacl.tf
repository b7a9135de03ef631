locals {
  acl_rules = {
    "out-vpc" = { egress = true, number = 90, cidr = "10.40.0.0/16", from = 0, to = 65535 }
    "in-vpc"  = { egress = false, number = 90, cidr = "10.40.0.0/16", from = 0, to = 65535 } # replies
  }
}

resource "aws_network_acl" "private" {
  vpc_id = "vpc-1"

  tags = {
    Name = "bond-private"
  }
}

resource "aws_network_acl_rule" "private" {
  for_each = local.acl_rules

  network_acl_id = aws_network_acl.private.id
  egress         = each.value.egress
  rule_number    = each.value.number
  protocol       = "tcp"
  rule_action    = "allow"
  cidr_block     = each.value.cidr
  from_port      = each.value.from
  to_port        = each.value.to
}
