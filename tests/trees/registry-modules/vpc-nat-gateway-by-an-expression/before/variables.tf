variable "nat" {
  type    = bool
  default = false
}

variable "nat_subnets" {
  type    = list(string)
  default = []
}
