variable "endpoints" {
  type = set(string)
}
