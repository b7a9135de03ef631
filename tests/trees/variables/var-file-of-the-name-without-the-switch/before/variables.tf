variable "environment" {
  type = string
}

variable "cidr" {
  type = string
}

variable "nat" {
  type    = bool
  default = false
}
