variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "egress_rules" {
  type = list(object({
    port        = number
    cidr        = string
    description = string
  }))
  default = []
}

resource "aws_security_group" "this" {
  name   = var.name
  vpc_id = var.vpc_id

  dynamic "egress" {
    for_each = var.egress_rules

    content {
      description = egress.value.description
      from_port   = egress.value.port
      to_port     = egress.value.port
      protocol    = "tcp"
      cidr_blocks = [egress.value.cidr]
    }
  }
}

output "id" {
  value = aws_security_group.this.id
}
