variable "has_nat" {
  type = bool
}
