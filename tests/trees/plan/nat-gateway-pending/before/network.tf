resource "aws_vpc" "main" {
  cidr_block = "10.40.0.0/16"
}

resource "aws_subnet" "public" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.40.96.0/24"
}

resource "aws_eip" "egress" {
  domain = "vpc"
}

resource "aws_nat_gateway" "egress" {
  count = var.gateways

  allocation_id = aws_eip.egress.id
  subnet_id     = aws_subnet.public.id
}

variable "gateways" {
  type = number
}
