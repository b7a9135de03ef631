environment = "prod"
cidr        = "10.44.0.0/16"
