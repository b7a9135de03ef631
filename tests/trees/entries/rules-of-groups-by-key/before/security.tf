locals {
  groups = ["app", "db"]

  egress = {
    app_db = { group = "app", port = 5432, cidr = "10.40.0.0/16" }
  }
}

resource "aws_security_group" "this" {
  for_each = toset(local.groups)

  name   = "bond-${each.key}"
  vpc_id = "vpc-1"
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each = local.egress

  security_group_id = aws_security_group.this[each.value.group].id
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
}
