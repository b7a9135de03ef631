variable "shared" {
  type = string
}
