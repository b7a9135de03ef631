variable "on" {
  type    = bool
  default = false
}

variable "service" {}
