locals {
  nat_gateways = var.nat ? 1 : 0
}

variable "nat" {
  type    = bool
  default = false
}
