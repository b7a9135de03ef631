resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"
}

# Endpoints, switched off with the old VPC
# resource "aws_vpc_endpoint" "s3" {
#   vpc_id       = "vpc-9"
#   service_name = "com.amazonaws.us-west-2.s3"
#
#   route_table_ids = ["rtb-public"]
# }
# see ticket 9
