variable "name" {
  type = string
}

resource "aws_vpc" "this" {
  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true

  tags = {
    Name = var.name
  }
}

resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.40.0.0/20"
}

resource "aws_subnet" "b" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.40.16.0/20"
}

resource "aws_subnet" "c" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.40.32.0/20"
}

resource "aws_subnet" "nat" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.40.200.0/24"
}

locals {
  egress = {
    nat = aws_subnet.nat.id
  }
}
