egress = "VPC"
