variable "dns" {
  type = bool
}
