resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"
}
