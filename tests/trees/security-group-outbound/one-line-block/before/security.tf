resource "aws_security_group" "app" { vpc_id = "vpc-1" }
