variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "rules" {
  type = list(any)
}

resource "aws_security_group" "this" {
  name   = var.name
  vpc_id = var.vpc_id
}

resource "aws_security_group_rule" "this" {
  count = length(var.rules)

  type              = "ingress"
  security_group_id = aws_security_group.this.id
  from_port         = var.rules[count.index].port
  to_port           = var.rules[count.index].port
  protocol          = "tcp"
  cidr_blocks       = var.rules[count.index].cidr_blocks
}

output "id" {
  value = aws_security_group.this.id
}
