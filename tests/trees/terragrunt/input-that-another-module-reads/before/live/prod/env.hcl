locals {
  name        = "bond-prod"
  nat_gateway = false
}
