# switched off in 2023
dns = false
