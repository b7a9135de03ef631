variable "acl_rules" {
  type = list(object({
    name      = string
    direction = string
    action    = string
    number    = number
    cidr      = string
    from      = number
    to        = number
  }))
}

resource "aws_network_acl" "private" {
  vpc_id = "vpc-1"

  tags = {
    Name = "bond-private"
  }
}

resource "aws_network_acl_rule" "private" {
  for_each = { for rule in var.acl_rules : rule.name => rule }

  network_acl_id = aws_network_acl.private.id
  egress         = each.value.direction == "egress"
  rule_number    = each.value.number
  protocol       = "tcp"
  rule_action    = each.value.action
  cidr_block     = each.value.cidr
  from_port      = each.value.from
  to_port        = each.value.to
}
