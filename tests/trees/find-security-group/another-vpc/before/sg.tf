resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = data.aws_vpc.other.id
  egress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
