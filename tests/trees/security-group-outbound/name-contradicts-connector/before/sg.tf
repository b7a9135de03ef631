resource "aws_security_group" "app" {
  name   = "other"
  vpc_id = "vpc-1"
}
