nat = false # costs
