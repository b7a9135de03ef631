project            = "bond"
enable_nat_gateway = false
