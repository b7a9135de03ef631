variable "private" {
  type = bool
}
