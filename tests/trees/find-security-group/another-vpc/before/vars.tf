variable "groups" {
  type = list(string)
}
