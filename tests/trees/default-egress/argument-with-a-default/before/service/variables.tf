variable "name" {
  type = string
}

variable "subnet_ids" {
  type    = list(string)
  default = []
}

variable "egress_type" {
  type    = string
  default = null
}
