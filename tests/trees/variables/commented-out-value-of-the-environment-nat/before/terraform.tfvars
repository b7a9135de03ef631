project = "bond-ai"
env     = "dev"
# nat_gateways = 2 # costs
