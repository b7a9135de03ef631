variable "name" {
  type = string
}

variable "private_ranges" {
  type = map(string)
}

variable "enable_nat_gateway" {
  type    = bool
  default = false
}

variable "public_ranges" {
  type    = map(string)
  default = {}
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

module "nat" {
  source = "./nat"
  count  = var.enable_nat_gateway ? 1 : 0

  subnet_id       = values(aws_subnet.public)[0].id
  route_table_ids = { for key, table in aws_route_table.private : key => table.id }
}

output "vpc_id" {
  value = aws_vpc.main.id
}

output "private_subnet_ids" {
  value = values(aws_subnet.private)[*].id
}
