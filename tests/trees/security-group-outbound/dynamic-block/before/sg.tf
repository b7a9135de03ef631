resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"

  dynamic "egress" {
    for_each = [5432]
    content {
      from_port   = egress.value
      to_port     = egress.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"]
    }
  }
}
