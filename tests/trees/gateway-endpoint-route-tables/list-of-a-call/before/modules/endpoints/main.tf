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

resource "aws_vpc_endpoint_route_table_association" "s3" {
  count = length(var.route_table_ids)

  vpc_endpoint_id = aws_vpc_endpoint.gateway["s3"].id
  route_table_id  = var.route_table_ids[count.index]
}
