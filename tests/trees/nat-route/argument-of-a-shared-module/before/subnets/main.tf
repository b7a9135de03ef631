variable "vpc_id" {
  type = string
}

variable "cidrs" {
  type = list(string)
}

variable "nat_gateway_id" {
  type    = string
  default = null
}

resource "aws_subnet" "this" {
  count = length(var.cidrs)

  vpc_id     = var.vpc_id
  cidr_block = var.cidrs[count.index]
}

resource "aws_route_table" "this" {
  vpc_id = var.vpc_id

  dynamic "route" {
    for_each = var.nat_gateway_id[*]

    content {
      cidr_block     = "0.0.0.0/0"
      nat_gateway_id = route.value
    }
  }
}

resource "aws_route_table_association" "this" {
  count = length(var.cidrs)

  subnet_id      = aws_subnet.this[count.index].id
  route_table_id = aws_route_table.this.id
}

output "ids" {
  value = aws_subnet.this[*].id
}
