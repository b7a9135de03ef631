variable "vpc_id" {
  type = string
}

variable "route_tables" {
  type = list(string)
}

variable "enabled" {
  type    = bool
  default = true
}

resource "aws_vpc_endpoint" "objects" {
  count = var.enabled ? 1 : 0

  vpc_id          = var.vpc_id
  service_name    = "com.amazonaws.us-west-2.s3"
  route_table_ids = var.route_tables
}
