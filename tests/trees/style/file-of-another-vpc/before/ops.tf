resource "aws_vpc" "ops" {
  cidr_block = "10.50.0.0/16"
}

resource "aws_subnet" "ops" {
  vpc_id     = aws_vpc.ops.id
  cidr_block = "10.50.0.0/24"
}

resource "aws_eip" "nat" {
  domain = "vpc"
}

resource "aws_nat_gateway" "main" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.ops.id
}
