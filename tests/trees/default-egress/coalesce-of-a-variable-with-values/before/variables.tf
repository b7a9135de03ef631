variable "egress_type" {
  type    = string
  default = ""
}

variable "stage" {
  type = string
}
