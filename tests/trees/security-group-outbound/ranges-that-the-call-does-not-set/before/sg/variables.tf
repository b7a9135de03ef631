variable "egress_cidrs" {
  type    = list(string)
  default = []
}
