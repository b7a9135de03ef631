variable "private" {
  type    = bool
  default = true
}
