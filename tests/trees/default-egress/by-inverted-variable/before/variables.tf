variable "private" {
  type    = bool
  default = false
}
