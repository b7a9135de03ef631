variable "on" {
  type    = bool
  default = false
}

variable "address" {
  default = false
}
