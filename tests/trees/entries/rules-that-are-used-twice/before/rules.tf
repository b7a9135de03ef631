locals {
  ranges = ["10.9.0.0/16"]
}

resource "aws_vpc_security_group_egress_rule" "https" {
  for_each = toset(local.ranges)

  security_group_id = aws_security_group.app.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = each.value
}

resource "aws_ec2_managed_prefix_list" "offices" {
  name           = "offices"
  address_family = "IPv4"
  max_entries    = 5

  dynamic "entry" {
    for_each = local.ranges

    content {
      cidr = entry.value
    }
  }
}
