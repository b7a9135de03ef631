resource "aws_security_group" "db" {
  name   = "bond-db"
  vpc_id = "vpc-1"

  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["10.9.0.0/16"]
  }
}
