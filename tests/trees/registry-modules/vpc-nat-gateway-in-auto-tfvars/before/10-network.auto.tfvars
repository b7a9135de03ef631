vpc = {
  nat_gateway = false # to save money
}
