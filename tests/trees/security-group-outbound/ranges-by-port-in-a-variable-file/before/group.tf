resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"

  dynamic "egress" {
    for_each = var.app_egress

    content {
      from_port   = egress.key
      to_port     = egress.key
      protocol    = "tcp"
      cidr_blocks = egress.value
    }
  }
}

variable "app_egress" {
  type    = map(list(string))
  default = {}
}
