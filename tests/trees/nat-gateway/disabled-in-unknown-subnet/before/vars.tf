locals {
  public = var.public
}

variable "public" {
  type = list(string)
}

variable "nat" {
  type    = bool
  default = false
}
