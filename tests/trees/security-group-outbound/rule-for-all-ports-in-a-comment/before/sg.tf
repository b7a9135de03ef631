resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"

  # egress {
  #   from_port   = 0
  #   to_port     = 0
  #   protocol    = "-1"
  #   cidr_blocks = ["0.0.0.0/0"]
  # }
}
