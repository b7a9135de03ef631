variable "environment" {
  type    = string
  default = "dev"
}

variable "cidr" {
  type    = string
  default = "10.40.0.0/16"
}

variable "nat" {
  type    = bool
  default = false
}
