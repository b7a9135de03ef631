# resource "aws_vpc_endpoint" "s3" {
#   route_table_ids = [for table_id in data.aws_route_tables.all : table_id.id]
# 
#   vpc_id       = "vpc-1"
#   service_name = "com.amazonaws.us-west-2.s3"
# }

data "aws_route_tables" "all" {
  for_each = toset(["a"])
}
