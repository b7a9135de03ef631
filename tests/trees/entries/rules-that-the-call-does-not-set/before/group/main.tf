variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "egress_ports" {
  type    = map(list(string))
  default = {}
}

resource "aws_security_group" "this" {
  name   = var.name
  vpc_id = var.vpc_id

  dynamic "egress" {
    for_each = var.egress_ports

    content {
      from_port   = egress.key
      to_port     = egress.key
      protocol    = "tcp"
      cidr_blocks = egress.value
    }
  }
}

output "id" {
  value = aws_security_group.this.id
}
