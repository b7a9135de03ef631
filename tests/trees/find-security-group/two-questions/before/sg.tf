resource "aws_security_group" "app" {
  name   = "${var.team}-app"
  vpc_id = "vpc-1"

  egress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["10.40.0.0/16"]
  }
}
