variable "vpc_id" {
  type = string
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = var.vpc_id
}

resource "aws_security_group_rule" "database" {
  security_group_id = aws_security_group.app.id
  type              = "egress"
  protocol          = "tcp"
  from_port         = 5432
  to_port           = 5432
  cidr_blocks       = ["10.40.0.0/16"]
}

output "app_group_id" {
  value = aws_security_group.app.id
}
