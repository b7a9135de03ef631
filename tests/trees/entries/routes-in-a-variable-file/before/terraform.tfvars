routes = [
  { cidr = "10.9.0.0/16", peering = "pcx-0a1b2c3d4e5f60718" },
]
