variable "prefix" {
  default = "sandbox"
}
