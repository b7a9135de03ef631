environment = "dev"
cidr        = "10.40.0.0/16"
