variable "dns" {
  type    = bool
  default = false
}
