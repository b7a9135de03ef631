resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"

  # egress {
  #   description = "HTTPS"
  #   from_port   = 80
  #   to_port     = 80
  #   protocol    = "tcp"
  #   cidr_blocks = ["0.0.0.0/0"]
  # }
}
