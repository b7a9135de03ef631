variable "name" {
  type = string
}

variable "private_ranges" {
  type = list(string)
}

variable "public_ranges" {
  type    = list(string)
  default = []
}

resource "aws_vpc" "main" {
  cidr_block = "10.40.0.0/16"

  tags = {
    Name = var.name
  }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id

  tags = {
    Name = var.name
  }
}

resource "aws_subnet" "public" {
  count = length(var.public_ranges)

  vpc_id     = aws_vpc.main.id
  cidr_block = var.public_ranges[count.index]
}

resource "aws_subnet" "private" {
  count = length(var.private_ranges)

  vpc_id     = aws_vpc.main.id
  cidr_block = var.private_ranges[count.index]

  tags = {
    Name = "${var.name}-private-${count.index}"
  }
}

resource "aws_route_table" "private" {
  count = length(var.private_ranges)

  vpc_id = aws_vpc.main.id

  tags = {
    Name = "${var.name}-private-${count.index}"
  }
}

resource "aws_route_table_association" "private" {
  count = length(var.private_ranges)

  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private[count.index].id
}

output "vpc_id" {
  value = aws_vpc.main.id
}

output "private_subnet_ids" {
  value = aws_subnet.private[*].id
}
