resource "aws_vpc_endpoint" "s3" {
  vpc_id       = "vpc-1"
  service_name = "com.amazonaws.${data.aws_region.current.name}.s3"
  route_table_ids = ["rtb-public"]
}
