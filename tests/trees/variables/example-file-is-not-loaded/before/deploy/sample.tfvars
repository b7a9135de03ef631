vpc = "vpc-00000000"
