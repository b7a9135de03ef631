resource "aws_vpc" "main" {
  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "private_a" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.40.0.0/20"
}

resource "aws_subnet" "private_b" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.40.16.0/20"
}

resource "aws_subnet" "public_a" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.40.96.0/24"
}

module "rt_public" {
  source = "./route_table"

  vpc_id     = aws_vpc.main.id
  subnet_ids = [aws_subnet.public_a.id]
  routes = [
    { cidr = "0.0.0.0/0", gateway_id = aws_internet_gateway.main.id },
  ]
}

module "rt_private" {
  source = "./route_table"

  vpc_id     = aws_vpc.main.id
  subnet_ids = [aws_subnet.private_a.id, aws_subnet.private_b.id]
  routes     = []
}
