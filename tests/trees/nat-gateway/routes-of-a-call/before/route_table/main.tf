variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "routes" {
  type = list(object({
    cidr           = string
    gateway_id     = optional(string)
    nat_gateway_id = optional(string)
  }))
  default = []
}

resource "aws_route_table" "this" {
  vpc_id = var.vpc_id

  dynamic "route" {
    for_each = var.routes

    content {
      cidr_block     = route.value.cidr
      gateway_id     = route.value.gateway_id
      nat_gateway_id = route.value.nat_gateway_id
    }
  }
}

resource "aws_route_table_association" "this" {
  count = length(var.subnet_ids)

  subnet_id      = var.subnet_ids[count.index]
  route_table_id = aws_route_table.this.id
}
