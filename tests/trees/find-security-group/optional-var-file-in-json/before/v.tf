variable "prefix" {
  default = "acme"
}
