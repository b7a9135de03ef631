variable "name" {
  type = string
}

variable "tier" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "cidrs" {
  type = map(string)
}

variable "igw_id" {
  type    = string
  default = null
}

resource "aws_subnet" "this" {
  for_each = var.cidrs

  vpc_id            = var.vpc_id
  cidr_block        = each.value
  availability_zone = each.key
}

resource "aws_route_table" "this" {
  vpc_id = var.vpc_id
}

resource "aws_route" "internet" {
  count = var.igw_id == null ? 0 : 1

  route_table_id         = aws_route_table.this.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = var.igw_id
}

resource "aws_route_table_association" "this" {
  for_each = aws_subnet.this

  subnet_id      = each.value.id
  route_table_id = aws_route_table.this.id
}

output "ids" {
  value = [for k in sort(keys(aws_subnet.this)) : aws_subnet.this[k].id]
}
