terraform {
  backend "s3" {
    bucket = "bond-state"
    key    = "network.tfstate"
    region = "us-west-2"
  }
}

variable "cidrs" {
  type = map(string)
  default = {
    test = "10.44.0.0/16"
    dev  = "10.40.0.0/16"
  }
}

variable "nat" {
  type = map(bool)
  default = {
    test = false
    dev  = false
  }
}

locals {
  nat = var.nat[terraform.workspace]
}

resource "aws_vpc" "this" {
  cidr_block = var.cidrs[terraform.workspace]
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "public" {
  vpc_id     = aws_vpc.this.id
  cidr_block = cidrsubnet(var.cidrs[terraform.workspace], 8, 96)

  tags = {
    Name = "${terraform.workspace}-public-a"
  }
}

resource "aws_subnet" "private" {
  count = 2

  vpc_id     = aws_vpc.this.id
  cidr_block = cidrsubnet(var.cidrs[terraform.workspace], 4, count.index)
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.this.id

  dynamic "route" {
    for_each = local.nat ? [1] : []

    content {
      cidr_block     = "0.0.0.0/0"
      nat_gateway_id = aws_nat_gateway.this[0].id
    }
  }
}

resource "aws_route_table_association" "private" {
  count = 2

  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private.id
}

resource "aws_eip" "nat" {
  count = local.nat ? 1 : 0

  domain = "vpc"
}

resource "aws_nat_gateway" "this" {
  count = local.nat ? 1 : 0

  allocation_id = aws_eip.nat[0].id
  subnet_id     = aws_subnet.public.id
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = aws_vpc.this.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
