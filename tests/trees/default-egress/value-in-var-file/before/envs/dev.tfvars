egress_type = "VPC"
