locals {
  vpc = data.aws_vpc.main.id
}

data "aws_vpc" "main" {
  id = "vpc-1"
}
