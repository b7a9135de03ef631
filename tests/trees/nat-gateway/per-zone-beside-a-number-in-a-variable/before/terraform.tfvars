zone_count   = 2
nat_gateways = 1 # one for all AZs
