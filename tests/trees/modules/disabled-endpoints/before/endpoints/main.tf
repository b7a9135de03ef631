variable "vpc_id" {
  type = string
}

variable "tables" {
  type = list(string)
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = var.vpc_id
  service_name    = "com.amazonaws.us-west-2.s3"
  route_table_ids = var.tables
}
