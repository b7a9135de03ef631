variable "egress_type" {
  type    = string
  default = null
}
