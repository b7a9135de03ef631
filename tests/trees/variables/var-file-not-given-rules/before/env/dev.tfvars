project = "bond-ai"
env     = "dev"

egress_rules = [
  { port = 5432, cidr = "10.0.0.0/8" },
]
