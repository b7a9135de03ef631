variable "https_ranges" {
  type    = set(string)
  default = [
    "10.8.0.0/16", # build
    "10.90.0.0/16" # partner
  ]
}

resource "aws_security_group_rule" "https" {
  for_each = var.https_ranges

  security_group_id = aws_security_group.app.id
  type              = "egress"
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_blocks       = [each.value]
}
