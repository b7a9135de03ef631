locals {
  nat_gateways = var.nat ? (var.single_nat ? 1 : length(var.zones)) : 0
}

variable "nat" {
  type    = bool
  default = false
}

variable "single_nat" {
  type    = bool
  default = true
}
