variable "stage" {
  type = string
}

variable "cidr" {
  type    = string
  default = "10.40.0.0/16"
}

variable "nat" {
  type    = bool
  default = false
}
