vpc = {
  nat_gateway = true
}
