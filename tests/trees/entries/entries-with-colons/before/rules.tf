locals {
  rules = {
    "db" : { "port" : 5432, "cidr" : "10.9.0.0/16" },
    "cache" : { "port" : 6379, "cidr" : "10.9.0.0/16" },
  }
}

resource "aws_vpc_security_group_egress_rule" "app" {
  for_each = local.rules

  security_group_id = aws_security_group.app.id
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
}
