variable "environment" {
  type = string
}

variable "cidr" {
  type = string
}
