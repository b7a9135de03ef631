variable "nat" {
  type    = bool
  default = false
}

variable "environment" {
  type    = string
  default = "prod"
}
