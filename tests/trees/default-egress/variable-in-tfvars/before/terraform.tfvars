mode = "VPC"
