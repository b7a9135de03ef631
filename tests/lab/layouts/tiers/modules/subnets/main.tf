variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "cidrs" {
  type = map(string)
}

resource "aws_subnet" "this" {
  for_each = var.cidrs

  vpc_id            = var.vpc_id
  cidr_block        = each.value
  availability_zone = each.key
  tags              = { Name = "${var.name}-${each.key}" }
}

resource "aws_route_table" "this" {
  vpc_id = var.vpc_id
  tags   = { Name = var.name }
}

resource "aws_route_table_association" "this" {
  for_each = aws_subnet.this

  subnet_id      = each.value.id
  route_table_id = aws_route_table.this.id
}

output "ids" {
  value = [for zone in sort(keys(aws_subnet.this)) : aws_subnet.this[zone].id]
}

output "route_table_id" {
  value = aws_route_table.this.id
}
