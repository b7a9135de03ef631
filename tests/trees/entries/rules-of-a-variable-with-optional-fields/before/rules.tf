locals {
  egress_rules = {
    database = {
      port = 5432
      cidr = "10.40.0.0/16"
    }
  }
}

resource "aws_vpc_security_group_egress_rule" "app" {
  for_each = local.egress_rules

  security_group_id = aws_security_group.app.id
  description       = try(each.value.description, null)
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = try(each.value.cidr, null)
  prefix_list_id    = try(each.value.prefix_list, null)
}
