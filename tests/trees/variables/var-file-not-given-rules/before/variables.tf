variable "project" {
  type = string
}

variable "env" {
  type = string
}

variable "egress_rules" {
  type = list(object({ port = number, cidr = string }))
}
