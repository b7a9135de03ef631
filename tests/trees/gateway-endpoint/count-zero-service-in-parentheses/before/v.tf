variable "on" {
  type    = bool
  default = false
}
