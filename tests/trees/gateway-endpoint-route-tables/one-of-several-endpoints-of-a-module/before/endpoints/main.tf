variable "vpc_id" {
  type = string
}

variable "services" {
  type = set(string)
}

data "aws_region" "current" {}

resource "aws_vpc_endpoint" "gateway" {
  for_each = var.services

  vpc_id       = var.vpc_id
  service_name = "com.amazonaws.${data.aws_region.current.name}.${each.key}"
}
