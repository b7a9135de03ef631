resource "aws_security_group" "db" {
  name   = "bond-db"
  vpc_id = "vpc-1"
}
