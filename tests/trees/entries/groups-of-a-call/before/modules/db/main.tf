variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "allowed_groups" {
  description = "Security groups that may connect"
  type        = list(string)
}

resource "aws_security_group" "db" {
  name   = "${var.name}-db"
  vpc_id = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  count = length(var.allowed_groups)

  security_group_id            = aws_security_group.db.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  referenced_security_group_id = var.allowed_groups[count.index]
}
