variable "project" {
  type = string
}

variable "env" {
  type = string
}

variable "nat_gateways" {
  type    = number
  default = 0
}
