variable "project" {
  type = string
}

variable "env" {
  type = string
}

variable "nat_zones" {
  type    = set(string)
  default = []
}
