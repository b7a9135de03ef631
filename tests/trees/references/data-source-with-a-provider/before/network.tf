data "aws_vpc" "main" {
  provider = aws.network

  tags = {
    Name = "bond-dev"
  }
}

data "aws_subnets" "private" {
  provider = aws.network

  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.main.id]
  }

  tags = {
    Tier = "private"
  }
}
