environment = "dev"
nat         = false
