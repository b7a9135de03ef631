# resource "aws_vpc_endpoint" "secrets" {
#   vpc_id            = "vpc-1"
#   service_name      = "com.amazonaws.us-west-2.secretsmanager"
#   vpc_endpoint_type = "Interface"
#   subnet_ids        = ["subnet-a"]
# 
#   security_group_ids  = [aws_security_group.app.id]
#   private_dns_enabled = false
# }
