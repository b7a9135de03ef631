project = "bond-ai"
env     = "dev"
