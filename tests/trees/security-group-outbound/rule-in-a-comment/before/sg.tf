resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"

  # egress {
  #   description = "HTTPS"
  #   from_port   = 443
  #   to_port     = 443
  #   protocol    = "tcp"
  #   cidr_blocks = ["0.0.0.0/0"]
  # }
}
