resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc" "main" {
  cidr_block = "10.40.0.0/16"
  tags = {
    Name = "bond"
  }
}
