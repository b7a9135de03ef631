resource "aws_vpc_security_group_egress_rule" "app" {
  count = var.private_network ? 1 : 0

  security_group_id = aws_security_group.app[0].id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}
