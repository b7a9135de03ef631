variable "vpc_id" {
  type = string
}

variable "vpc_cidr" {
  type = string
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = var.vpc_id

  egress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = [var.vpc_cidr]
  }
}

output "app_id" {
  value = aws_security_group.app.id
}
