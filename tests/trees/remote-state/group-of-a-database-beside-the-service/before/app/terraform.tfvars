vpc_id     = "vpc-1"
subnet_ids = ["subnet-a", "subnet-b"]
