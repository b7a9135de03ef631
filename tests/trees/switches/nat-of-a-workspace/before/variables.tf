variable "project" {
  type    = string
  default = "bond-ai"
}

variable "nat_gateways" {
  type = map(number)

  default = {
    staging = 1
  }
}
