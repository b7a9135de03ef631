locals {
  name        = "bond-dev"
  nat_gateway = false
}
