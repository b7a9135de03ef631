variable "region" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "interface" {
  type = list(object({
    service_name       = string
    subnet_ids         = list(string)
    security_group_ids = list(string)
  }))
  default = []
}

resource "aws_vpc_endpoint" "interface" {
  count = length(var.interface)

  vpc_id              = var.vpc_id
  service_name        = "com.amazonaws.${var.region}.${var.interface[count.index].service_name}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = var.interface[count.index].subnet_ids
  security_group_ids  = var.interface[count.index].security_group_ids
  private_dns_enabled = true
}
