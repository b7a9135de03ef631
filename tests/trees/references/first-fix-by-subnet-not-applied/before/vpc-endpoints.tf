# S3 is reachable from the private subnets without a NAT gateway, at no charge
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = data.aws_subnet.app_runner.vpc_id
  service_name      = "com.amazonaws.${data.aws_region.current.id}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = concat(data.aws_route_tables.app_runner.ids, [data.aws_vpc.app_runner.main_route_table_id])
}
