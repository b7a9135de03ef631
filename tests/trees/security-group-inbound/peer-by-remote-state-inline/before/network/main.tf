terraform {
  backend "s3" {
    bucket = "b"
    key    = "network.tfstate"
    region = "us-west-2"
  }
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"
}

output "app_security_group_id" {
  value = aws_security_group.app.id
}
