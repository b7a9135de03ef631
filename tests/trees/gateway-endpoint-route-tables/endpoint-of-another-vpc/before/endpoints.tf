resource "aws_vpc_endpoint" "other" {
  vpc_id            = data.aws_vpc.other.id
  service_name      = "com.amazonaws.us-west-2.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = ["rtb-9"]
}
