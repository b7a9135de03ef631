variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "clients" {
  description = "Security groups that may connect"
  type        = map(object({ group = string, port = number }))
}

resource "aws_security_group" "db" {
  name   = "${var.name}-db"
  vpc_id = var.vpc_id

  dynamic "ingress" {
    for_each = var.clients

    content {
      from_port       = ingress.value.port
      to_port         = ingress.value.port
      protocol        = "tcp"
      security_groups = [ingress.value.group]
    }
  }
}
