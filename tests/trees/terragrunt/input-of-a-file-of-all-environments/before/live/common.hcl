locals {
  nat_gateway = false
}
