variable "on" {
  default = true
}
