variable "endpoint_route_tables" {
  type = list(string)
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = "vpc-1"
  service_name    = "com.amazonaws.us-west-2.s3"
  route_table_ids = var.endpoint_route_tables
}
