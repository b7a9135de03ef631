# resource "aws_vpc_endpoint" "secrets" {
#   vpc_id            = "vpc-1"
#   service_name      = "com.amazonaws.us-west-2.secretsmanager"
#   vpc_endpoint_type = "Interface"
# }
