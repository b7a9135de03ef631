variable "vpc_id" {
  type = string
}

variable "gateway" {
  type = list(object({
    service         = string
    route_table_ids = list(string)
  }))
}

resource "aws_vpc_endpoint" "gateway" {
  count = length(var.gateway)

  vpc_id            = var.vpc_id
  service_name      = "com.amazonaws.us-west-2.${var.gateway[count.index].service}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = var.gateway[count.index].route_table_ids
}
