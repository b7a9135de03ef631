variable "on" {
  type    = number
  default = "1"
}
