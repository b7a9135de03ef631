resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"

  dynamic "egress" {
    for_each = var.app_egress

    content {
      from_port   = egress.value.port
      to_port     = egress.value.port
      protocol    = "tcp"
      cidr_blocks = egress.value.ranges
    }
  }
}

variable "app_egress" {
  type    = map(object({ port = number, ranges = list(string) }))
  default = {}
}
