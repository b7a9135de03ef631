variable "nat" {
  type    = bool
  default = false
}
