nat_mode = "none" # to save money
