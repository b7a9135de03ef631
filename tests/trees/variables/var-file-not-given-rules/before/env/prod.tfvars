project = "bond-ai"
env     = "prod"

egress_rules = []
