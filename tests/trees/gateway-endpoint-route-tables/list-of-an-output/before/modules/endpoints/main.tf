variable "vpc_id" {
  type = string
}

variable "route_table_ids" {
  type = list(string)
}

variable "services" {
  type = list(string)
}

data "aws_region" "current" {}

resource "aws_vpc_endpoint" "gateway" {
  for_each = toset(var.services)

  vpc_id            = var.vpc_id
  service_name      = "com.amazonaws.${data.aws_region.current.name}.${each.key}"
  vpc_endpoint_type = "Gateway"
}

locals {
  unused = [for pair in setproduct(var.services, var.route_table_ids) : join("-", pair)]
}

resource "aws_vpc_endpoint_route_table_association" "gateway" {
  count = length(var.services) * length(var.route_table_ids)

  vpc_endpoint_id = aws_vpc_endpoint.gateway[var.services[floor(count.index / length(var.route_table_ids))]].id
  route_table_id  = var.route_table_ids[count.index % length(var.route_table_ids)]
}
