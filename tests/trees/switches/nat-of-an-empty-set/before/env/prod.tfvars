project = "bond"
env     = "prod"
