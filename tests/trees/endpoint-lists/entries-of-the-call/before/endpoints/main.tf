variable "vpc_id" {
  type = string
}

variable "interface_endpoints" {
  type = map(object({
    name               = string
    service_name       = string
    subnet_ids         = list(string)
    security_group_ids = list(string)
  }))
}

variable "gateway_endpoints" {
  type = map(object({
    name            = string
    service_name    = string
    route_table_ids = list(string)
  }))
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_endpoints

  vpc_id              = var.vpc_id
  service_name        = each.value.service_name
  vpc_endpoint_type   = "Interface"
  subnet_ids          = each.value.subnet_ids
  security_group_ids  = each.value.security_group_ids
  private_dns_enabled = true

  tags = {
    Name = each.value.name
  }
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = var.gateway_endpoints

  vpc_id            = var.vpc_id
  service_name      = each.value.service_name
  vpc_endpoint_type = "Gateway"
  route_table_ids   = each.value.route_table_ids

  tags = {
    Name = each.value.name
  }
}
