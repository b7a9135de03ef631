prefix = "bond"
