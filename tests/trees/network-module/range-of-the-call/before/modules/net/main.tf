variable "name" {
  type = string
}

variable "range" {
  type = string
}

variable "private_ranges" {
  type = map(string)
}

variable "public_ranges" {
  type    = map(string)
  default = {}
}

resource "aws_vpc" "main" {
  cidr_block = var.range

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
  for_each = var.public_ranges

  vpc_id     = aws_vpc.main.id
  cidr_block = each.value

  tags = {
    Name = "${var.name}-public-${each.key}"
  }
}

resource "aws_subnet" "private" {
  for_each = var.private_ranges

  vpc_id     = aws_vpc.main.id
  cidr_block = each.value

  tags = {
    Name = "${var.name}-private-${each.key}"
  }
}

resource "aws_route_table" "private" {
  for_each = var.private_ranges

  vpc_id = aws_vpc.main.id

  tags = {
    Name = "${var.name}-private-${each.key}"
  }
}

resource "aws_route_table_association" "private" {
  for_each = var.private_ranges

  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}

output "vpc_id" {
  value = aws_vpc.main.id
}

output "private_subnet_ids" {
  value = values(aws_subnet.private)[*].id
}
