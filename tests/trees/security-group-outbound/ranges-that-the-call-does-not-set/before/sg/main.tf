resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"

  egress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = var.egress_cidrs
  }
}

output "id" {
  value = aws_security_group.app.id
}
