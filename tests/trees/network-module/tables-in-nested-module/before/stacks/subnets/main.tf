variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

locals {
  ranges = {
    a = "10.40.0.0/20"
    b = "10.40.16.0/20"
  }
}

resource "aws_subnet" "private" {
  for_each = local.ranges

  vpc_id     = var.vpc_id
  cidr_block = each.value

  tags = {
    Name = "${var.name}-private-${each.key}"
  }
}

resource "aws_route_table" "private" {
  vpc_id = var.vpc_id

  tags = {
    Name = "${var.name}-private"
  }
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private.id
}

output "ids" {
  value = [for subnet in aws_subnet.private : subnet.id]
}
