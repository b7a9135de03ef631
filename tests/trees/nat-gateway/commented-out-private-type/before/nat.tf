# resource "aws_nat_gateway" "main" {
#   connectivity_type = "private"
# 
#   allocation_id = "eipalloc-1"
#   subnet_id     = "subnet-public"
# }
